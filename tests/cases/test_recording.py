"""Who sees a case by its number: places by what is bound, applicants by who they are, and nobody is no applicant."""

import pytest

from tests import stories
from tests.world import World
from tongban.accounts.actor import Actor, ActorKind, Channel
from tongban.cases import commands, recording
from tongban.cases.models import Case
from tongban.cases.words import Mode
from tongban.kernel.errors import NotFound


def applicant(code: str) -> Actor:
    return Actor(ActorKind.APPLICANT, Channel.WEB, applicant=code)


def test_an_applicant_sees_their_own_and_whoever_is_nobody_sees_none(world: World) -> None:
    own = world["qingyang"].applicant()
    number = stories.draft(world, "qingyang", "jiashan", stories.PROXY, own)
    with world.on("qingyang"):
        commands.file(number=number, mode=Mode.FULLY_ONLINE, by=own, at=world.at)
        assert recording.visible(number, own).number == number
        for code in ("", "somebody else"):
            with pytest.raises(NotFound):
                recording.visible(number, applicant(code))
    world.settle()
    with world.on("jiashan"):
        # Who applied there has no code here: the empty name must not open it.
        assert Case.objects.get(number=number).applicant == ""
        with pytest.raises(NotFound):
            recording.visible(number, applicant(""))


def test_a_post_without_a_place_sees_none(world: World) -> None:
    number = stories.acknowledged(world)
    with world.on("qingyang"), pytest.raises(NotFound):
        recording.visible(number, Actor(ActorKind.STAFF, Channel.DESK))

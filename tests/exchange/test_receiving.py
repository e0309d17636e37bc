"""What a node keeps of a transfer when it is cut off in the middle of taking it in."""

from contextlib import suppress

import pytest

from tests import stories
from tests.world import World
from tongban.cases.words import Act
from tongban.kernel.models import Event
from tongban.procedures import holding


class PowerCut(BaseException):
    """Nothing catches it, as nothing survives a power cut."""


def test_events_and_the_signature_over_them_are_kept_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = stories.acknowledged(world)
    stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))

    def cut(*_: object) -> None:
        raise PowerCut

    monkeypatch.setattr(holding, "keep_statements", cut)
    with suppress(PowerCut):
        world.round("jiashan")

    with world.on("qingyang"):
        assert not Event.objects.filter(subject=number, kind=Act.ACCEPT).exists()

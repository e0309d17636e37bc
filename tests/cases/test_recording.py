"""Who sees a case by its number: places by what is bound, applicants by who they are, and nobody is no applicant."""

import pytest

from tests import stories
from tests.cases.courses import other
from tests.world import World
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.cases import commands
from tongban.cases.models import Case
from tongban.cases.words import Act, Mode, Role
from tongban.kernel.errors import NotFound
from tongban.kernel.journal.fold import State
from tongban.procedures import recording


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


class TestTheRoleInWhichSomebodyActs:
    """Where one organisation fills both roles, what an act names says for which it is done; else the pen."""

    HERE = {"org": "ORG", "office": "OFFICE", "term": 1, "node": "here"}

    def acting(
        self, act: Act, given: dict[str, object] | None = None, pen: str = "intake", **more: object
    ) -> Role:
        state = State("case", "N", 1, pen=pen, roles={"intake": self.HERE, "handling": self.HERE}, **more)  # type: ignore[arg-type]
        by = Actor(ActorKind.STAFF, Channel.DESK, organisation="ORG")
        return recording.acting_role(state, act, by, "here", given)

    @pytest.mark.parametrize("role", list(Role))
    @pytest.mark.parametrize("naming", ["duties", "duty", "about"])
    def test_is_that_of_the_duty_named(self, role: Role, naming: str) -> None:
        name = f"{role}/1.2.0"
        given: dict[str, object] = {naming: [name] if naming == "duties" else name}
        assert self.acting(Act.LOOK, given, pen=other(role)) == role

    @pytest.mark.parametrize("named", ["", "elsewhere/1.2.0", "2.0", 7, None])
    def test_is_that_of_the_pen_where_nothing_is_named_that_is_a_duty(self, named: object) -> None:
        for pen in Role:
            assert self.acting(Act.LOOK, {"duties": [named]}, pen=pen) == pen
            assert self.acting(Act.LOOK, {}, pen=pen) == pen

    def test_is_the_row_s_whatever_is_named(self) -> None:
        assert self.acting(Act.ACCEPT, {"duties": ["intake/1.2.0"]}) == Role.HANDLING

    def test_that_releases_is_the_one_that_waits(self) -> None:
        for waits in Role:
            assert self.acting(Act.RELEASE, pen=other(waits), facts={waits: {"parked": "fork"}}) == waits

    def test_there_is_none_elsewhere(self) -> None:
        state = State("case", "N", 1, roles={"intake": self.HERE})
        with pytest.raises(NotFound):
            recording.acting_role(state, Act.LOOK, Actor(ActorKind.STAFF, Channel.DESK), "elsewhere")

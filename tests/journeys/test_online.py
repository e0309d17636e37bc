"""Wholly online (全程网办): what a window does face to face, the system does; an answer must say something."""

from typing import Any

import pytest

from tests import stories
from tests.journeys.checks import consistent, kinds, same_on_both
from tests.world import World
from tongban.cases import commands, tasks
from tongban.cases.words import Act, Duty, Mode
from tongban.kernel.errors import InvalidInput
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Event

pytestmark = pytest.mark.slow


@pytest.fixture
def online(world: World) -> str:
    """A case filed from home, which the authority has acknowledged."""
    applicant = world["qingyang"].applicant()
    number = stories.draft(world, "qingyang", "jiashan", stories.PROXY, applicant)
    with world.on("qingyang"):
        commands.file(number=number, mode=Mode.FULLY_ONLINE, by=applicant, at=world.at)
    world.settle()
    stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
    return number


def by(world: World, number: str, act: Act) -> str:
    """Return who did an act."""
    with world.on("qingyang"):
        row = Event.objects.get(subject=number, kind=act)
    return str(journal.read_row(row.raw, row.body).actor["kind"])


class TestWhoFiledOnline:
    def test_is_told_as_soon_as_it_has_come(self, world: World, online: str) -> None:
        texts = {"notice": "请补照片"}
        stories.do(world, "jiashan", online, Act.ASK_CORRECTION, stories.officer(world, online), texts=texts)
        world.settle()
        assert kinds(same_on_both(world, online)) == [Duty.ANSWER]
        assert by(world, online, Act.TELL) == "system"
        consistent(world)

    def test_is_told_of_their_own_case_beside_others(self, world: World, online: str) -> None:
        applicant = world["qingyang"].applicant()
        other = stories.draft(world, "qingyang", "jiashan", stories.PROXY, applicant)
        with world.on("qingyang"):
            commands.file(number=other, mode=Mode.FULLY_ONLINE, by=applicant, at=world.at)
        texts = {"notice": "请补照片"}
        stories.do(world, "jiashan", online, Act.ASK_CORRECTION, stories.officer(world, online), texts=texts)
        world.settle()
        assert kinds(same_on_both(world, online)) == [Duty.ANSWER]
        assert kinds(same_on_both(world, other)) == [Duty.ACKNOWLEDGE]

    def test_gets_what_is_electronic_without_a_window(self, world: World, online: str) -> None:
        self.decide(world, online, way="electronic")
        assert kinds(same_on_both(world, online)) == [Duty.CONFIRM]
        assert by(world, online, Act.HAND_OUT) == "system"

    def test_gets_what_is_on_paper_from_the_window(self, world: World, online: str) -> None:
        self.decide(world, online, way="post")
        assert kinds(same_on_both(world, online)) == [Duty.HAND_OUT]

    def test_is_served_later_if_the_node_died_in_between(
        self, world: World, online: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as cut:
            cut.setattr(tasks, "serve_online", lambda **_: False)
            self.decide(world, online, way="electronic")
        assert kinds(same_on_both(world, online)) == [Duty.HAND_OUT]
        world.watch()
        world.settle()
        assert kinds(same_on_both(world, online)) == [Duty.CONFIRM]

    @staticmethod
    def decide(world: World, number: str, *, way: str) -> None:
        officer, head = stories.officer(world, number), stories.officer(world, number, post="decider")
        stories.do(world, "jiashan", number, Act.ACCEPT, officer)
        stories.review_all(world, number)
        given: dict[str, Any] = {"outcome": "granted"}
        stories.do(world, "jiashan", number, Act.DECIDE, head, given=given, texts={"decision": "准予"})
        stories.do(world, "jiashan", number, Act.CONCLUDE, head)
        stories.do(
            world, "jiashan", number, Act.SEND_RESULT, head, given={"way": way}, texts={"result": "结果"}
        )
        world.settle()


class TestAtTheWindow:
    def test_telling_stays_with_the_clerk(self, world: World) -> None:
        number = stories.acknowledged(world)
        texts = {"notice": "请补照片"}
        stories.do(world, "jiashan", number, Act.ASK_CORRECTION, stories.officer(world, number), texts=texts)
        world.settle()
        world.watch()
        assert kinds(same_on_both(world, number)) == [Duty.TELL]


class TestAnAnswerThatSaysNothing:
    @pytest.mark.parametrize("texts", [{}, {"remark": "  "}])
    def test_is_refused_so_that_the_one_chance_is_kept(self, world: World, texts: dict[str, str]) -> None:
        number, clerk = stories.received(world), world["qingyang"].staff("window")
        stories.do(world, "qingyang", number, Act.GIVE_NOTICE, clerk, texts={"notice": "缺少照片"})
        with pytest.raises(InvalidInput, match="没有带来任何材料或说明"):
            stories.do(world, "qingyang", number, Act.SUPPLEMENT, clerk, texts=texts)
        assert kinds(stories.case_on(world, "qingyang", number).state) == [Duty.SUPPLEMENT]

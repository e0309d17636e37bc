"""What comes after, or late: content destroyed on purpose, and a calendar that is not published yet."""

from typing import Any

import pytest

from tests import stories
from tests.journeys.checks import consistent, same_on_both
from tests.world import World, calendar_document
from tongban.cases.words import Act, Phase
from tongban.kernel import vault
from tongban.kernel.journal import writer as journal
from tongban.kernel.time import calendars
from tongban.kernel.time.clock import official_day

pytestmark = pytest.mark.slow
BASIS = "办件材料保管期限表"


def order(world: World, number: str) -> None:
    """The archivist of intake's service centre orders the content destroyed."""
    archivist = world["qingyang"].staff("archive")
    stories.do(world, "qingyang", number, Act.ORDER_DESTRUCTION, archivist, given={"under": BASIS})
    for _ in range(3):
        world.watch()
        world.settle()


def destroyed(world: World, key: str, number: str) -> bool:
    """Whether nothing of a case can be read on a node."""
    with world.on(key):
        pieces = [piece["digest"] for event in journal.events_of(number) for piece in event.content]
        for digest in pieces:
            with pytest.raises(vault.ContentDestroyed):
                vault.get(number, digest)
        return bool(pieces) and vault.is_destroyed(number)


class TestContent:
    def test_is_destroyed_on_both_nodes_and_the_proof_remains(self, world: World) -> None:
        number = stories.delivered(world)
        order(world, number)

        state = same_on_both(world, number)
        day = f"{official_day(world.at)}"
        assert [state["facts"][role]["destroyed"] for role in ("intake", "handling")] == [day, day]
        assert state["facts"]["intake"]["destruction"] == BASIS
        assert state["duties"] == {}
        assert destroyed(world, "qingyang", number)
        assert destroyed(world, "jiashan", number)
        consistent(world)

    def test_of_a_case_that_never_left_is_destroyed_here(self, world: World) -> None:
        number = stories.received(world)
        clerk = world["qingyang"].staff("window")
        stories.do(world, "qingyang", number, Act.RETURN, clerk, texts={"reason": "材料不属于本事项"})
        order(world, number)

        assert destroyed(world, "qingyang", number)
        state = stories.case_on(world, "qingyang", number).state
        assert (state["phase"], state["duties"]) == (Phase.RETURNED, {})
        consistent(world)

    def test_of_a_case_with_both_roles_here_is_destroyed_once(self, world: World) -> None:
        number = stories.delivered(world, handling="qingyang")
        order(world, number)

        state = stories.case_on(world, "qingyang", number).state
        assert all("destroyed" in state["facts"][role] for role in ("intake", "handling"))
        assert destroyed(world, "qingyang", number)


class TestACalendarNotPublished:
    @pytest.fixture
    def late_in_the_year(self, world: World) -> World:
        world.wait_until("2026-12-21")
        return world

    def test_stops_nobody_and_the_dates_are_computed_once_it_is(self, late_in_the_year: World) -> None:
        world = late_in_the_year
        number = stories.accepted(world)
        world.settle()
        state = same_on_both(world, number)
        assert state["clocks"]["decision"]["due"] is None
        assert [(d["due"], d["limit"]["n"]) for d in state["duties"].values()] == [(None, 10)]
        world.watch()
        assert same_on_both(world, number) == state
        for key in ("qingyang", "jiashan"):
            with world.on(key):
                calendars.load(self.next_year())
        world.watch()
        world.settle()

        state = same_on_both(world, number)
        assert state["clocks"]["decision"]["due"] == "2027-01-05"
        assert [d["due"] for d in state["duties"].values()] == ["2027-01-05"]
        assert stories.case_on(world, "jiashan", number).decide_by is not None
        assert not state["facts"]["intake"].get("parked")
        consistent(world)
        world.watch()
        assert same_on_both(world, number) == state

    @staticmethod
    def next_year() -> dict[str, Any]:
        holiday = {"date": "2027-01-01", "name": "元旦"}
        return {
            **calendar_document(2026), "year": 2027, "version": 1, "holidays": [holiday], "workdays": [],
        }  # fmt: skip

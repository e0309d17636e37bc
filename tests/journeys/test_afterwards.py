"""What comes after, or late: content destroyed on purpose, and a calendar that is not published yet."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests import stories
from tests.journeys.checks import consistent, same_on_both
from tests.world import World, calendar_document
from tongban.cases import commands
from tongban.cases.words import Act, Phase
from tongban.kernel import vault
from tongban.kernel.errors import NotPermitted
from tongban.kernel.journal import writer as journal
from tongban.kernel.time import calendars
from tongban.kernel.time.clock import official_day
from tongban.procedures.deciding import ActNotAllowed

pytestmark = pytest.mark.slow
KEPT = "2037-01-04"  # what ended in 2026 is kept to the end of 2036


def dispose(world: World, key: str, number: str, *, until: str = "2037-01-20") -> None:
    """A county destroys its own file: its archivist proposes, who supervises approves, ten days pass."""
    archivist, supervisor = world[key].staff("archive"), world[key].staff("supervisor")
    stories.do(world, key, number, Act.APPRAISE, archivist, given={"ground": "expired"})
    stories.do(world, key, number, Act.APPROVE_DESTRUCTION, supervisor)
    world.wait_until(until)
    for _ in range(2):
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


def holds_it_all(world: World, key: str, number: str) -> bool:
    """Whether everything that events name can be read on a node."""
    with world.on(key):
        pieces = [piece["digest"] for event in journal.events_of(number) for piece in event.content]
        return all(vault.get(number, digest) is not None for digest in pieces)


@pytest.mark.attack("A2", "E2")
class TestContent:
    @pytest.mark.prove("ten years of a case")
    def test_is_kept_for_ten_years_and_destroyed_by_two_after_a_wait(self, world: World) -> None:
        number = stories.delivered(world)
        world.settle()
        archivist, supervisor = world["qingyang"].staff("archive"), world["qingyang"].staff("supervisor")
        world.wait_until("2036-12-31")
        with pytest.raises(ActNotAllowed, match="须保管到 2036-12-31"):
            stories.do(world, "qingyang", number, Act.APPRAISE, archivist, given={"ground": "expired"})
        world.wait_until("2037-01-01")
        with pytest.raises(NotPermitted):
            stories.do(world, "qingyang", number, Act.APPRAISE, supervisor, given={"ground": "expired"})
        stories.do(world, "qingyang", number, Act.APPRAISE, archivist, given={"ground": "expired"})
        both = replace(archivist, permissions=archivist.permissions | supervisor.permissions)
        with pytest.raises(ActNotAllowed, match="不得由提出销毁的人批准"):
            stories.do(world, "qingyang", number, Act.APPROVE_DESTRUCTION, both)
        stories.do(world, "qingyang", number, Act.APPROVE_DESTRUCTION, supervisor)
        world.wait_until("2037-01-11")
        world.watch()
        assert holds_it_all(world, "qingyang", number)
        world.wait_until("2037-01-12")
        world.watch()
        assert destroyed(world, "qingyang", number)
        consistent(world)

    def test_of_the_other_side_stays_until_its_own_archivist_decides(self, world: World) -> None:
        number = stories.delivered(world)
        world.wait_until(KEPT)
        dispose(world, "qingyang", number)

        state = same_on_both(world, number)
        assert state["facts"]["intake"]["destroyed"] == "2037-01-20"
        assert "destroyed" not in state["facts"]["handling"]
        assert destroyed(world, "qingyang", number)
        assert holds_it_all(world, "jiashan", number)
        with world.on("jiashan"), pytest.raises(NotPermitted):
            commands.act(
                case=number, act=Act.APPRAISE, by=world["qingyang"].staff("archive"), at=world.at, given={"ground": "expired"}
            )  # fmt: skip
        dispose(world, "jiashan", number, until="2037-02-20")
        assert destroyed(world, "jiashan", number)
        assert same_on_both(world, number)["duties"] == {}
        consistent(world)

    def test_can_be_taken_back_while_it_waits(self, world: World) -> None:
        number = stories.delivered(world)
        world.wait_until(KEPT)
        archivist, supervisor = world["qingyang"].staff("archive"), world["qingyang"].staff("supervisor")
        stories.do(world, "qingyang", number, Act.APPRAISE, archivist, given={"ground": "expired"})
        stories.do(world, "qingyang", number, Act.APPROVE_DESTRUCTION, supervisor)
        stories.do(world, "qingyang", number, Act.DECLINE_DESTRUCTION, supervisor, texts={"note": "另案要用"})
        world.wait_until("2037-03-01")
        world.watch()
        assert holds_it_all(world, "qingyang", number)
        with pytest.raises(ActNotAllowed):
            stories.do(world, "qingyang", number, Act.RETRACT_DESTRUCTION, archivist)
        stories.do(world, "qingyang", number, Act.APPRAISE, archivist, given={"ground": "transferred"})
        stories.do(world, "qingyang", number, Act.RETRACT_DESTRUCTION, archivist)
        consistent(world)

    def test_of_a_case_that_was_never_decided_is_kept_for_a_year(self, world: World) -> None:
        number = stories.received(world)
        clerk = world["qingyang"].staff("window")
        stories.do(world, "qingyang", number, Act.RETURN, clerk, texts={"reason": "材料不属于本事项"})
        world.wait_until("2028-01-01")
        dispose(world, "qingyang", number, until="2028-01-20")

        assert destroyed(world, "qingyang", number)
        state = stories.case_on(world, "qingyang", number).state
        assert (state["phase"], state["duties"]) == (Phase.RETURNED, {})
        consistent(world)

    def test_of_a_case_with_both_roles_here_goes_when_the_second_side_gives_it_up(self, world: World) -> None:
        number = stories.delivered(world, handling="qingyang")
        world.wait_until(KEPT)
        dispose(world, "qingyang", number)
        state = stories.case_on(world, "qingyang", number).state
        assert [role for role, said in state["facts"].items() if said.get("destroyed")] == ["intake"]
        assert holds_it_all(world, "qingyang", number)
        consistent(world)
        dispose(world, "qingyang", number, until="2037-02-20")

        state = stories.case_on(world, "qingyang", number).state
        assert all("destroyed" in state["facts"][role] for role in ("intake", "handling"))
        assert destroyed(world, "qingyang", number)
        consistent(world)


@pytest.mark.attack("E4")
class TestWhatAPlaceNoLongerHandles:
    def test_is_deleted_there_when_nobody_can_object_any_more(self, world: World) -> None:
        number = stories.forwarded(world)
        officer = stories.officer(world, number)
        stories.do(world, "jiashan", number, Act.REDIRECT, officer, texts={"reason": "不属于本机关职权"})
        world.settle()
        sent_back = official_day(world.at)
        assert holds_it_all(world, "jiashan", number)
        world.wait_until(f"{sent_back + timedelta(days=60)}")
        world.watch()
        assert holds_it_all(world, "jiashan", number)
        world.wait_until(f"{sent_back + timedelta(days=61)}")
        world.watch()
        assert destroyed(world, "jiashan", number)
        assert holds_it_all(world, "qingyang", number)
        world.settle()
        consistent(world)

    def test_comes_again_where_the_case_comes_back_to_it(self, world: World) -> None:
        number = stories.forwarded(world)
        officer = stories.officer(world, number)
        stories.do(world, "jiashan", number, Act.REDIRECT, officer, texts={"reason": "不属于本机关职权"})
        world.settle()
        world.wait_until("2026-06-20")
        world.watch()
        assert destroyed(world, "jiashan", number)
        clerk = world["qingyang"].staff("window")
        with world.on("qingyang"):
            code = stories.Case.objects.get(number=number).offering
            commands.redirect_to(case=number, offering=code, by=clerk, at=world.at)
        world.settle()
        assert holds_it_all(world, "jiashan", number)
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, officer)
        world.watch()
        assert holds_it_all(world, "jiashan", number)
        consistent(world)

    def test_is_deleted_after_a_withdrawal_too(self, world: World) -> None:
        number = stories.acknowledged(world)
        stories.do(world, "qingyang", number, Act.REQUEST_WITHDRAWAL, world["qingyang"].staff("window"))
        world.settle()
        stories.do(world, "jiashan", number, Act.GRANT_WITHDRAWAL, stories.officer(world, number))
        world.settle()
        world.wait_until("2026-06-20")
        world.watch()
        world.settle()
        assert destroyed(world, "jiashan", number)
        assert holds_it_all(world, "qingyang", number)
        consistent(world)


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

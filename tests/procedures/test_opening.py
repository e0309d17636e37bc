"""Matters that a calendar opens: once each period, by whoever looks; not in doubt, and not of years."""

from datetime import timedelta

import pytest

from tests.procedures import monthly
from tests.procedures.monthly import MONTHLY, MonthlyPractice
from tests.world import World
from tongban.kernel import memo
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.writer import MovedMeanwhile
from tongban.kernel.models import Event, SelfNode
from tongban.kernel.time import timekeeping
from tongban.procedures import opening, practice, tasks
from tongban.procedures.audit import journal_audit
from tongban.procedures.models import Matter, Opened

HERE = "qingyang"


@pytest.fixture(autouse=True)
def practised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(practice._PRACTICES, monthly.NAME, MonthlyPractice())


@pytest.fixture
def reporting(world: World) -> World:
    world[HERE].procedures = (MONTHLY,)
    world.wait_until("2026-02-28")
    world.watch()
    return world


def periods(world: World, node: str = HERE) -> list[str]:
    """Return the periods of which there are matters, in order."""
    with world.on(node):
        found = Matter.objects.filter(procedure=monthly.NAME)
        return sorted(row.state["facts"]["reporter"]["period"] for row in found)


def test_opens_on_the_day_and_not_before(world: World) -> None:
    world[HERE].procedures = (MONTHLY,)
    world.wait_until("2026-02-27")
    world.watch()
    assert periods(world) == []
    world.wait_until("2026-02-28")
    world.watch()
    assert periods(world) == ["2026-02"]


def test_is_begun_by_the_system_for_this_nodes_organisation(reporting: World) -> None:
    with reporting.on(HERE) as here:
        matter = Matter.objects.get(procedure=monthly.NAME)
        [event] = journal.events_of(matter.number)
        assert event.actor["kind"] == "system"
        assert (matter.phase, matter.state["roles"]["reporter"]["org"]) == ("opened", here.centre)
        assert Opened.objects.get().matter == matter.number
        assert journal_audit.verify_journal(deep=True).findings == []


def test_opens_one_a_period_however_often_it_looks(reporting: World) -> None:
    for day in ("2026-02-28", "2026-03-02", "2026-03-30", "2026-03-31", "2026-04-01"):
        reporting.wait_until(day)
        reporting.watch()
    assert periods(reporting) == ["2026-02", "2026-03"]


def test_catches_up_with_the_last_period_alone(reporting: World) -> None:
    reporting.wait_until("2026-07-02")
    reporting.watch()
    assert periods(reporting) == ["2026-02", "2026-06"]


def test_opens_nothing_of_before_the_node_was_there(world: World) -> None:
    world[HERE].procedures = (MONTHLY,)
    world.wait_until("2026-02-02")  # the node is there since the day after January's last working day
    world.watch()
    assert periods(world) == []


def test_waits_for_the_calendar_of_a_year(reporting: World) -> None:
    reporting.wait_until("2027-01-31")
    reporting.watch()
    assert periods(reporting) == ["2026-02", "2026-12"]


def test_opens_nothing_where_the_procedure_is_not_known(reporting: World) -> None:
    assert periods(reporting, "jiashan") == []


def test_of_two_workers_one_is_refused_whole(reporting: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reporting.wait_until("2026-03-31")
    with reporting.on(HERE):
        before = Event.objects.count()
        look = opening._begun_before

        def the_other_is_quicker(*asked: object) -> str | None:
            Opened.objects.create(procedure=monthly.NAME, period="2026-03", matter="OTHER")
            return look(*asked)  # type: ignore[arg-type]

        monkeypatch.setattr(opening, "_begun_before", the_other_is_quicker)
        with pytest.raises(MovedMeanwhile):
            opening.open_if_due(MONTHLY, MonthlyPractice.openings[0], reporting.at)
        assert Event.objects.count() == before
        assert tasks.open_all(reporting.at) == 0


def test_is_not_opened_again_by_a_node_that_was_given_it_back(reporting: World) -> None:
    with reporting.on(HERE):
        number = Opened.objects.get().matter
        Opened.objects.all().delete()
        assert tasks.open_all(reporting.at) == 0
        assert Opened.objects.get().matter == number
    assert periods(reporting) == ["2026-02"]


def test_is_not_opened_while_the_node_recovers_or_its_clock_is_in_doubt(reporting: World) -> None:
    reporting.wait_until("2026-03-31")
    with reporting.on(HERE):
        SelfNode.objects.update(recovering=True)
        memo.forget()
        assert tasks.open_all(reporting.at) == 0
        SelfNode.objects.update(recovering=False)
        memo.forget()
        timekeeping.witness(f"sm3:{1:064x}", reporting.at - timedelta(days=3), reporting.at)
        memo.forget()
        assert timekeeping.disagreement(reporting.at)
        assert tasks.open_all(reporting.at) == 0
        assert not Opened.objects.filter(period="2026-03").exists()
    reporting.at += timedelta(hours=4)  # what was said of the clock is stale by now
    with reporting.on(HERE):
        memo.forget()
        assert tasks.open_all(reporting.at) == 1

"""Unusual looking: figures of a day, one alarm a person, day and kind, closed by a supervisor with a word."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests import stories
from tests.world import World
from tongban.accounts.access import noting
from tongban.accounts.access.actor import Actor
from tongban.accounts.demo import uscc_of
from tongban.accounts.models import Organisation
from tongban.cases import finding
from tongban.exchange import worker
from tongban.kernel import accesses
from tongban.kernel.errors import InvalidInput, NotFound, NotPermitted
from tongban.kernel.models import Access
from tongban.supervision import unusual
from tongban.supervision.models import LookAlarm, LookDay

DAY = date(2026, 3, 2)
MORNING = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
NUMBER = "330421199903020000000000{:03}"


@pytest.fixture
def node(world: World) -> Iterator[World]:
    with world.on("jiashan"):
        Organisation.objects.create(
            uscc=uscc_of("jiashan", "human_resources"), name="人社局", short_name="人社局", division_code="330421",
            kind=Organisation.Kind.COMPETENT,
        )  # fmt: skip
        yield world


def officer(world: World) -> Actor:
    return world["jiashan"].staff("officer", "human_resources")


def watcher(world: World) -> Actor:
    return replace(world["jiashan"].staff("supervisor"), supervises="330421")


def looked(by: Actor, times: int, *, at: datetime = MORNING, result: str = "ok", first: int = 0) -> None:
    for turn in range(first, first + times):
        accesses.note(
            noting.row(by, at=at, otherwise="officer-case", result=result, matter=NUMBER.format(turn))
        )


def alarms() -> list[tuple[str, int, int]]:
    return list(LookAlarm.objects.order_by("pk").values_list("kind", "count", "usual"))


class TestStrange:
    def test_is_raised_from_twenty_matters_without_a_duty_and_not_before(self, node: World) -> None:
        looked(officer(node), 19)
        assert unusual.count(DAY) == 0
        looked(officer(node), 19)
        assert unusual.count(DAY) == 0, "the same matters again"
        looked(officer(node), 1, first=19)
        assert unusual.count(DAY) == 1
        assert alarms() == [("strange", 20, 20)]
        looked(officer(node), 2, first=20)
        assert unusual.count(DAY) == 0, "one a day and kind"
        assert alarms() == [("strange", 22, 20)]

    def test_does_not_count_what_the_organisation_owes(self, world: World) -> None:
        number = stories.acknowledged(world)
        with world.on("jiashan"):
            by = replace(officer(world), organisation=uscc_of("jiashan", "human_resources"))
            for one in (number, NUMBER.format(1)):
                accesses.note(noting.row(by, at=world.at, otherwise="officer-case", matter=one))
            unusual.count(world.at.date())
            assert LookDay.objects.get().strange == 1

    def test_is_five_times_what_is_usual_on_the_post(self, node: World) -> None:
        by = officer(node)
        for days, strange in ((1, 6), (2, 7), (3, 90), (31, 500)):
            LookDay.objects.create(
                day=DAY - timedelta(days=days), who=f"OTHER{days}", organisation=by.organisation, post=by.post,
                strange=strange, off_hours=0, refused=0,
            )  # fmt: skip
        assert unusual.usual(by.organisation, by.post, DAY) == 35
        assert unusual.usual(by.organisation, "decider", DAY) == 20
        looked(by, 34)
        assert unusual.count(DAY) == 0
        looked(by, 1, first=34)
        assert unusual.count(DAY) == 1


class TestOffHours:
    @pytest.mark.parametrize(
        ("moment", "raised"),
        [
            ("2026-03-02T07:29:59+08:00", 1), ("2026-03-02T07:30:00+08:00", 0), ("2026-03-02T18:59:59+08:00", 0),
            ("2026-03-02T19:00:00+08:00", 1), ("2026-03-01T10:00:00+08:00", 1), ("2026-02-28T10:00:00+08:00", 0),
        ],
        ids=["early", "begins", "ends", "late", "sunday", "made up"],
    )  # fmt: skip
    def test_goes_by_the_working_calendar(self, node: World, moment: str, raised: int) -> None:
        at = datetime.fromisoformat(moment)
        looked(officer(node), 5, at=at)
        assert unusual.count(at.date()) == raised

    def test_machines_keep_no_hours(self, node: World) -> None:
        looked(officer(node), 9, at=MORNING.replace(hour=23))
        Access.objects.update(kind=accesses.Kind.MACHINE)
        assert unusual.count(DAY) == 0


class TestRefused:
    def test_many_refusals_are_one_alarm(self, node: World) -> None:
        looked(officer(node), 19, result="not_permitted")
        assert unusual.count(DAY) == 0
        looked(officer(node), 1, result="not_found")
        assert unusual.count(DAY) == 1
        assert alarms() == [("refused", 20, 20)]


class TestSearched:
    def test_looking_for_many_people_is_one_alarm(self, node: World) -> None:
        for turn in range(81):
            why = list(finding.Why)[turn % 4]
            accesses.note(noting.row(officer(node), at=MORNING, otherwise=f"find-person-{why}"))
            accesses.note(noting.row(officer(node), at=MORNING, otherwise=f"find-number-{why}"))
            assert unusual.count(DAY) == int(turn == 79)
        assert alarms() == [("searched", 81, 80)]


class TestTheWorker:
    def test_counts_yesterday_once_more_and_today(self, node: World) -> None:
        assert unusual.watch in worker.watches()
        unusual._looked_at.clear()
        looked(officer(node), 20)
        assert unusual.watch(MORNING + timedelta(days=1)) == 1
        assert unusual.watch(MORNING + timedelta(days=1, minutes=9)) == 0


class TestClose:
    def test_takes_a_word_of_another_once(self, node: World) -> None:
        looked(officer(node), 20)
        unusual.count(DAY)
        alarm = LookAlarm.objects.get().pk
        with pytest.raises(InvalidInput):
            unusual.close(alarm=alarm, word=" ", by=watcher(node), at=MORNING)
        with pytest.raises(NotFound):
            unusual.close(alarm=alarm, word="x", by=officer(node), at=MORNING)
        elsewhere = replace(watcher(node), supervises="500152", organisation="X" * 18)
        with pytest.raises(NotFound):
            unusual.close(alarm=alarm, word="x", by=elsewhere, at=MORNING)
        with pytest.raises(NotPermitted, match="本人"):
            unusual.close(
                alarm=alarm, word="x", by=replace(watcher(node), staff=officer(node).staff), at=MORNING
            )
        done = unusual.close(alarm=alarm, word="张三 核查旧档", by=watcher(node), at=MORNING)
        assert (done.word, done.closed_by) == ("张三 核查旧档", watcher(node).staff)
        assert "张三".encode() not in bytes(done.word_sealed)
        with pytest.raises(unusual.AlarmClosed):
            unusual.close(alarm=alarm, word="x", by=watcher(node), at=MORNING)
        looked(officer(node), 5, first=20)
        unusual.count(DAY)
        assert alarms() == [("strange", 20, 20)], "as it was judged"

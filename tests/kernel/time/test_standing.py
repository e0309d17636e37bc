"""Late since when and by how much, or how much is left: one function, asked at every boundary."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.time import calendar
from tongban.kernel.time.calendar import WorkingCalendar
from tongban.kernel.time.standing import is_late, last_worked_before, standing

CALENDAR = WorkingCalendar(calendar.shipped_years())
DAY = timedelta(days=1)
DAYS = st.dates(date(2020, 2, 1), date(2026, 6, 30))
SPANS = st.integers(0, 90)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


class TestOnTheEdge:
    @pytest.mark.parametrize(
        ("due_on", "on", "late_since", "days"),
        [
            ("03-06", "03-05", None, 1),
            ("03-06", "03-06", None, 0),  # a Friday, its whole day long
            ("03-06", "03-07", "03-07", 1),  # Saturday: late, and by the least there is
            ("03-06", "03-08", "03-07", 1),
            ("03-06", "03-09", "03-07", 1),
            ("03-06", "03-10", "03-07", 2),
            ("02-13", "02-14", "02-14", 1),  # a Saturday that is made up for the festival is worked
            ("02-14", "02-24", "02-15", 1),  # the whole festival counts for nothing
            ("02-14", "02-25", "02-15", 2),
            ("02-13", "02-24", "02-14", 2),
        ],
    )
    def test_of_weekends_and_festivals(self, due_on: str, on: str, late_since: str | None, days: int) -> None:
        found = standing(day(due_on), day(on), CALENDAR)
        assert (found.late_since, found.days) == (day(late_since) if late_since else None, days)

    def test_each_holder_answers_for_their_own_days(self) -> None:
        first = standing(day("03-16"), day("03-18"), CALENDAR, since=day("03-02"))
        then = standing(day("03-16"), day("03-20"), CALENDAR, since=day("03-18"))
        whole = standing(day("03-16"), day("03-20"), CALENDAR)
        assert (first.days, then.days, whole.days) == (2, 2, 4)
        assert then.late_since == day("03-19")
        assert standing(day("03-16"), day("03-18"), CALENDAR, since=day("03-18")).late_since == day("03-18")

    def test_what_no_calendar_says_is_not_guessed(self) -> None:
        assert standing(None, day("03-02"), CALENDAR).days is None
        beyond = standing(day("12-30"), date(2027, 1, 5), CALENDAR)
        assert (beyond.is_late, beyond.late_since, beyond.days_late) == (True, day("12-31"), None)
        assert standing(date(2027, 1, 5), day("12-30"), CALENDAR).days is None


class TestAlways:
    @given(DAYS, st.integers(-90, 90), st.none() | st.integers(-90, 90))
    def test_late_is_one_thing(self, due_on: date, after: int, held: int | None) -> None:
        on = due_on + DAY * after
        since = None if held is None else min(due_on + DAY * held, on)
        found = standing(due_on, on, CALENDAR, since=since)
        assert found.is_late == is_late(due_on, on) == (after > 0) == bool(found.days_late)
        if found.late_since is not None:
            assert due_on < found.late_since <= on
            assert found.days is not None
            assert 1 <= found.days <= (on - due_on).days

    @given(DAYS, st.integers(1, 60), SPANS)
    def test_left_and_late_count_as_the_limit_did(self, start: date, n: int, more: int) -> None:
        due_on = CALENDAR.due(start, n, "working_day").due_on
        assert due_on
        assert standing(due_on, start, CALENDAR).days == n
        worked = CALENDAR.working_days_between(due_on, due_on + DAY * more)
        assert standing(due_on, due_on + DAY * more, CALENDAR).days == (max(worked, 1) if more else 0)

    @given(DAYS, SPANS)
    def test_no_day_makes_it_less_late(self, due_on: date, after: int) -> None:
        today, tomorrow = (standing(due_on, due_on + DAY * n, CALENDAR) for n in (after, after + 1))
        assert today.days_late is not None
        assert tomorrow.days_late is not None
        assert 0 <= tomorrow.days_late - today.days_late <= 1

    @given(DAYS, SPANS, SPANS)
    def test_holders_share_the_days_between_them(self, due_on: date, held: int, more: int) -> None:
        handed, on = due_on + DAY * held, due_on + DAY * (held + more)
        parts = [standing(due_on, handed, CALENDAR), standing(due_on, on, CALENDAR, since=handed)]
        whole = standing(due_on, on, CALENDAR)
        told = sum(one.days_late or 0 for one in parts)
        assert (whole.days_late or 0) <= told <= (whole.days_late or 0) + 2  # each late part by one at least

    @given(DAYS)
    def test_the_day_worked_before_is_worked_and_none_is_between(self, on: date) -> None:
        before = last_worked_before(on, CALENDAR)
        assert before < on
        assert CALENDAR.is_working(before)
        assert not any(CALENDAR.is_working(before + DAY * n) for n in range(1, (on - before).days))

    def test_before_a_year_that_is_not_published_weekends_are_left_out(self) -> None:
        assert last_worked_before(date(2027, 1, 5), CALENDAR) == date(2027, 1, 4)
        assert last_worked_before(date(2027, 1, 4), CALENDAR) == date(2027, 1, 1)

"""Which period's day has come: the dates of a month, a quarter, a year, and what is not known yet."""

from datetime import date

import pytest

from tongban.kernel.time.calendar import CalendarUnpublished, WorkingCalendar, shipped_years
from tongban.procedures import periods
from tongban.procedures.periods import Opening, Period

KNOWN = WorkingCalendar(shipped_years())
MONTH_END = Opening("open", periods.month, periods.last_working_day)
QUARTER = Opening("open", periods.quarter, periods.first_working_day)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("every", "of", "name", "first", "last"),
    [
        (periods.month, "2026-02-14", "2026-02", "2026-02-01", "2026-02-28"),
        (periods.month, "2024-02-29", "2024-02", "2024-02-01", "2024-02-29"),
        (periods.month, "2026-12-01", "2026-12", "2026-12-01", "2026-12-31"),
        (periods.quarter, "2026-01-01", "2026Q1", "2026-01-01", "2026-03-31"),
        (periods.quarter, "2026-03-31", "2026Q1", "2026-01-01", "2026-03-31"),
        (periods.quarter, "2026-04-01", "2026Q2", "2026-04-01", "2026-06-30"),
        (periods.quarter, "2026-11-30", "2026Q4", "2026-10-01", "2026-12-31"),
        (periods.year, "2026-07-01", "2026", "2026-01-01", "2026-12-31"),
    ],
)
def test_a_day_is_in_one_period(every: periods.Every, of: str, name: str, first: str, last: str) -> None:
    assert every(day(of)) == Period(name, day(first), day(last))


@pytest.mark.parametrize(
    ("on", "every", "of", "expected"),
    [
        (
            periods.last_working_day,
            periods.month,
            "2026-02-01",
            "2026-02-28",
        ),  # a Saturday that is worked (调休)
        (periods.last_working_day, periods.month, "2026-05-01", "2026-05-29"),
        (periods.first_working_day, periods.month, "2026-05-01", "2026-05-06"),
        (periods.first_working_day, periods.quarter, "2026-01-01", "2026-01-04"),  # a Sunday that is worked
        (periods.first_working_day, periods.quarter, "2026-10-01", "2026-10-08"),
        (periods.last_working_day, periods.quarter, "2026-10-01", "2026-12-31"),
        (periods.first_working_day, periods.year, "2026-10-01", "2026-01-04"),
    ],
)
def test_its_day_is_a_working_day(on: periods.On, every: periods.Every, of: str, expected: str) -> None:
    assert on(every(day(of)), KNOWN) == day(expected)


def test_its_day_is_not_guessed_where_the_calendar_is_not_published() -> None:
    with pytest.raises(CalendarUnpublished):
        periods.last_working_day(periods.month(day("2027-01-01")), KNOWN)


@pytest.mark.parametrize(
    ("opening", "today", "expected"),
    [
        (MONTH_END, "2026-02-27", "2026-01"),
        (MONTH_END, "2026-02-28", "2026-02"),
        (MONTH_END, "2026-03-01", "2026-02"),
        (MONTH_END, "2026-03-31", "2026-03"),
        (QUARTER, "2026-01-03", "2025Q4"),
        (QUARTER, "2026-01-04", "2026Q1"),
        (QUARTER, "2026-10-07", "2026Q3"),
        (QUARTER, "2026-10-08", "2026Q4"),
        (MONTH_END, "2027-01-31", "2026-12"),  # of 2027 nothing is known yet
        (QUARTER, "2027-02-01", "2026Q4"),
    ],
)
def test_the_period_whose_day_came_last_is_due(opening: Opening, today: str, expected: str) -> None:
    found = periods.due(opening, day(today), KNOWN)
    assert found is not None
    assert found[0].name == expected


def test_nothing_is_due_where_nothing_is_known() -> None:
    assert periods.due(MONTH_END, day("2027-02-28"), KNOWN) is None
    assert periods.due(MONTH_END, day("2026-03-02"), WorkingCalendar(())) is None

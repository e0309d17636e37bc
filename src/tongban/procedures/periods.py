"""
When a calendar opens matters: periods (a month, a quarter, a year) and the working day of each on which its matter is begun. Pure.

What the year's calendar has not published yet is never guessed: such a day has not come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tongban.kernel.time.calendar import ONE_DAY, CalendarUnpublished, WorkingCalendar

type Every = Callable[[date], Period]
type On = Callable[[Period, WorkingCalendar], date]


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days with a name: `2026-03`, `2026Q1`, `2026`."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Opening:
    """That the system begins a matter once each period by a founding act, which carries and records the `period`'s name."""

    act: str
    every: Every
    on: On


def month(day: date) -> Period:
    """Return the month of a day."""
    return _months(day.replace(day=1), 1, f"{day:%Y-%m}")


def quarter(day: date) -> Period:
    """Return the quarter of a day."""
    index = (day.month - 1) // 3
    return _months(date(day.year, index * 3 + 1, 1), 3, f"{day.year}Q{index + 1}")


def year(day: date) -> Period:
    """Return the year of a day."""
    return _months(date(day.year, 1, 1), 12, f"{day.year}")


def first_working_day(period: Period, calendar: WorkingCalendar) -> date:
    """Return the first working day of a period; raises CalendarUnpublished."""
    return _working_day(period.first, ONE_DAY, calendar)


def last_working_day(period: Period, calendar: WorkingCalendar) -> date:
    """Return the last working day of a period; raises CalendarUnpublished."""
    return _working_day(period.last, -ONE_DAY, calendar)


def due(opening: Opening, today: date, calendar: WorkingCalendar) -> tuple[Period, date] | None:
    """
    Return the period whose day came last, with that day: the present one, or else the one before; older ones are past.

    So whoever stood still opens what is due now, and not what was due for years.
    """
    present = opening.every(today)
    for period in (present, opening.every(present.first - ONE_DAY)):
        try:
            day = opening.on(period, calendar)
        except CalendarUnpublished:
            continue
        if day <= today:
            return period, day
    return None


def _months(first: date, count: int, name: str) -> Period:
    index = first.year * 12 + first.month - 1 + count
    return Period(name, first, date(index // 12, index % 12 + 1, 1) - ONE_DAY)


def _working_day(day: date, step: timedelta, calendar: WorkingCalendar) -> date:
    while not calendar.is_working(day):
        day += step
    return day

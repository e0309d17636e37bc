"""
Where a duty stands on a day: late since when and by how much, or how much is left. Pure, and the one place that says so.

Every page, list, export, answer and letter asks here, so that one duty is never late by two figures.
"""

from dataclasses import dataclass
from datetime import date

from tongban.kernel.time.calendar import ONE_DAY, SATURDAY, CalendarUnpublished, WorkingCalendar


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where a duty stands on the day `on`; `due_on` is None while no last day can be said.

    `late_since`: the first day on which it was late in these hands; None: it is not late. `days`: the working days it is late by,
    one at least, or those that are left until `due_on`; None: there is no last day, or a calendar between is not published.
    """

    due_on: date | None
    on: date
    late_since: date | None = None
    days: int | None = None

    @property
    def is_late(self) -> bool:
        """Whether the last day has passed."""
        return self.late_since is not None

    @property
    def days_late(self) -> int | None:
        """By how many working days it is late: 0 in time, None where the calendar does not say."""
        return self.days if self.is_late else 0


def standing(
    due_on: date | None, on: date, calendar: WorkingCalendar, *, since: date | None = None
) -> Standing:
    """
    Return where a duty stands on a day, which was due on `due_on` and came into these hands on the day `since`.

    Each holder answers for their own days: what was late already when a duty came to them counts for who had it before, and
    from the day after. On a day off right after the last day it is late by one, the least there is.
    """
    if due_on is None:
        return Standing(None, on)
    if not is_late(due_on, on):
        return Standing(due_on, on, None, _working_days(on, due_on, calendar))
    begun = max(due_on, since or due_on)
    days = _working_days(begun, on, calendar)
    return Standing(due_on, on, min(begun + ONE_DAY, on), None if days is None else max(days, 1))


def is_late(due_on: date | None, on: date) -> bool:
    """Return whether what was due on a day is late on another; without a last day nothing is."""
    return due_on is not None and due_on < on


def last_worked_before(day: date, calendar: WorkingCalendar) -> date:
    """Return the last working day before a day; where a calendar is not published, the last that is no weekend."""
    before = day - ONE_DAY
    while not _is_worked(before, calendar):
        before -= ONE_DAY
    return before


def _is_worked(day: date, calendar: WorkingCalendar) -> bool:
    try:
        return calendar.is_working(day)
    except CalendarUnpublished:
        return day.weekday() < SATURDAY


def _working_days(first: date, last: date, calendar: WorkingCalendar) -> int | None:
    try:
        return calendar.working_days_between(first, last)
    except CalendarUnpublished:
        return None

"""From a clock or duty, as events record it, to its last day. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tongban.kernel.time.calendar import Deadline, WorkingCalendar


def deadline_of(thing: Mapping[str, Any], calendar: WorkingCalendar) -> Deadline:
    """Return the time limit of a clock or duty that has one, with every day that made it."""
    pauses = [
        (date.fromisoformat(first), date.fromisoformat(last) if last else None, basis)
        for first, last, basis in thing.get("pauses", ())
    ]
    return calendar.due(
        date.fromisoformat(thing["from"]), thing["limit"]["n"], thing["limit"]["unit"], pauses
    )


def recorded(deadline: Deadline, calendar: WorkingCalendar) -> dict[str, str | None]:
    """Return what events record of a deadline: the day, and the version of the calendar that gave it."""
    if deadline.due_on is None:
        return {"due": None, "calendar": None}
    year = deadline.due_on.year
    return {"due": f"{deadline.due_on}", "calendar": f"{year}.{calendar.version(year)}"}

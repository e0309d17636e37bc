"""Where a page of a list of matters ended, as addresses and forms say it: a day and a number."""

from datetime import date

from tongban.kernel.journal import numbers
from tongban.procedures.newest import Place


def written(place: Place | None) -> str:
    """Return a place as text; nothing at the end of a list."""
    return f"{place.day.isoformat()}-{place.number}" if place else ""


def read(typed: str) -> Place | None:
    """Return the place that a text says; of one that somebody changed, the beginning of the list."""
    day, _, number = typed.rpartition("-")
    try:
        return Place(date.fromisoformat(day), str(numbers.parse(number)))
    except (ValueError, numbers.BadNumber):
        return None

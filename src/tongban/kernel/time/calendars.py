"""The working-day calendar as this node has loaded it: rows in, `WorkingCalendar` out."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Max

from tongban.kernel import db, memo
from tongban.kernel.errors import DomainError, InvalidInput, NotFound
from tongban.kernel.journal import nodechain
from tongban.kernel.models import CalendarYear
from tongban.kernel.prepared import Prepared
from tongban.kernel.time import calendar, clock
from tongban.kernel.time.calendar import BadCalendar, WorkingCalendar, Year

SHIPPED = Path(calendar.__file__).parent / "data" / "calendar"


class CalendarInvalid(InvalidInput):
    """The data of a year cannot be a calendar."""

    code = "calendar_invalid"


class CalendarNotNewer(DomainError):
    """This version of the year, or a later one, is loaded already; nothing was changed."""

    code = "calendar_not_newer"


@memo.for_a_moment
def current() -> WorkingCalendar:
    """Return the calendar of all years that are loaded, each in its latest version."""
    return _calendar(tuple(number for (number,) in _loaded.rows()))


# Rows are only ever added, so their numbers say whether anything is new.
_loaded = Prepared(lambda: CalendarYear.objects.order_by("id").values_list("id", flat=True))


def load(
    document: Mapping[str, Any], *, by: Mapping[str, Any] = nodechain.SYSTEM, at: datetime | None = None
) -> Year:
    """
    Load one year (导入工作日历), by whom (as events name an actor) and when, now if not said.

    Cases counted under an earlier version keep what they recorded.

    Raises:
        CalendarInvalid: the data contradict themselves.
        CalendarNotNewer: this version of the year, or a later one, is here.
    """
    try:
        year = calendar.load_year(document)
    except BadCalendar as error:
        raise CalendarInvalid(f"日历未导入：{error}请改正后重试。") from None
    with db.write():
        held = CalendarYear.objects.filter(year=year.year).aggregate(version=Max("version"))["version"]
        if held is not None and held >= year.version:
            raise CalendarNotNewer(
                f"{year.year} 年日历未导入：已有第 {held} 版。更正时请给出更高的版本号（version）。"
            )
        row = CalendarYear.objects.create(year=year.year, version=year.version, data=dict(document))
        nodechain.tell(
            "calendar_loaded", row, by=by, at=at or clock.now(), year=year.year, version=year.version
        )
    memo.forget()
    return year


def load_shipped() -> int:
    """Load the years that come with the program, where nothing as new is here; return how many were."""
    done = 0
    for path in sorted(SHIPPED.glob("*.json")):
        try:
            load(json.loads(path.read_text(encoding="utf-8")))
            done += 1
        except CalendarNotNewer:
            continue
    return done


def document_of(year: int) -> dict[str, Any]:
    """
    Return the data of a year in the version in use.

    Raises:
        NotFound: the year is not loaded.
    """
    row = CalendarYear.objects.filter(year=year).order_by("-version").first()
    if row is None:
        raise NotFound(
            f"{year} 年日历未发布或未导入。请在国务院办公厅通知发布后用 tongban calendar load 导入。"
        )
    data: dict[str, Any] = row.data
    return data


@lru_cache(maxsize=4)
def _calendar(loaded: tuple[int, ...]) -> WorkingCalendar:  # what is loaded is the key of the cache
    return WorkingCalendar(calendar.load_year(row.data) for row in CalendarYear.objects.order_by("id"))

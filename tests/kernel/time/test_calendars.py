"""The calendar in the database: later versions count, nothing else is taken."""

from datetime import date
from typing import Any

import pytest

from tongban.kernel.errors import NotFound
from tongban.kernel.time import calendars
from tongban.kernel.time.calendar import CalendarUnpublished
from tongban.kernel.time.calendars import CalendarInvalid, CalendarNotNewer

pytestmark = pytest.mark.django_db


def year(version: int, *holidays: str, **changes: Any) -> dict[str, Any]:
    return {
        "format": "tongban-calendar/1",
        "year": 2031,
        "version": version,
        "source": "测试",
        "notice": "",
        "certainty": "测试",
        "holidays": [{"date": day, "name": "元旦"} for day in holidays or ("2031-01-01",)],
        "workdays": [],
    } | changes


class TestLoad:
    def test_makes_a_year_known(self) -> None:
        with pytest.raises(CalendarUnpublished):
            calendars.current().is_working(date(2031, 1, 2))
        calendars.load(year(1))

        assert calendars.current().is_working(date(2031, 1, 2))
        assert calendars.document_of(2031) == year(1)

    def test_replaces_by_a_higher_version_only(self) -> None:
        calendars.load(year(2))
        for version in (1, 2):
            with pytest.raises(CalendarNotNewer, match="已有第 2 版"):
                calendars.load(year(version, "2031-01-02"))
        calendars.load(year(3, "2031-01-02"))

        assert calendars.current().version(2031) == 3
        assert not calendars.current().is_working(date(2031, 1, 2))

    def test_refuses_what_contradicts_itself(self) -> None:
        with pytest.raises(CalendarInvalid, match="不在 2031 年内"):
            calendars.load(year(1, "2030-01-01"))
        with pytest.raises(NotFound):
            calendars.document_of(2031)


class TestLoadShipped:
    def test_loads_what_is_not_here_yet(self) -> None:
        assert calendars.load_shipped() > 3
        assert calendars.load_shipped() == 0
        assert calendars.current().version(2026) == 1

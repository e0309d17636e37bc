"""
Working days (工作日), and time limits that explain themselves.

Which days are worked is what the State Council's yearly notice says, kept as data and loaded by version; a
year without data is never guessed. 行政许可法 第八十二条: limits run in working days, without
statutory holidays. 民法典 第二百零一条、第二百零三条: the first day is not counted, and a period in plain
days that ends on a holiday ends on the next working day.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

FORMAT = "tongban-calendar/1"
ONE_DAY = timedelta(days=1)
SATURDAY = 5
LONGEST = 3660  # days; a limit beyond ten years is a slip of the pen

type Unit = Literal["working_day", "day"]
type Pause = tuple[date, date | None, str]  # from, to, legal basis

UNIT_NAMES: dict[Unit, str] = {"working_day": "工作日", "day": "日"}


class CalendarUnpublished(ValueError):
    """The working days of `year` are not published, or not loaded here yet (日历未发布)."""

    def __init__(self, year: int) -> None:
        """Remember the year that is missing."""
        super().__init__(f"{year} 年工作日历尚未发布或未导入，请在国务院办公厅通知发布后导入。")
        self.year = year


class BadCalendar(ValueError):
    """The data of a year contradict themselves."""


@dataclass(frozen=True, slots=True)
class Year:
    """One version of one year: the exceptions from “Monday to Friday”."""

    year: int
    version: int
    source: str
    notice: str  # number of the State Council's notice, "" if not known
    certainty: str
    holidays: Mapping[date, str]  # days off, with the name of the holiday
    workdays: Mapping[date, str]  # weekend days worked in exchange (调休上班), with the holiday


def load_year(document: Mapping[str, Any]) -> Year:
    """
    Return the year that a document of data/calendar, or of the `calendar` command, describes.

    Raises:
        BadCalendar: another format; a date outside the year, given twice, or no exception at all; no version.
    """
    try:
        if document["format"] != FORMAT:
            raise BadCalendar(f"日历数据格式应为 {FORMAT}。")
        year = Year(
            year=int(document["year"]),
            version=int(document["version"]),
            source=str(document["source"]),
            notice=str(document["notice"]),
            certainty=str(document["certainty"]),
            holidays=_days(document["holidays"]),
            workdays=_days(document["workdays"]),
        )
    except BadCalendar:
        raise
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadCalendar("日历数据缺项，或日期写法有误（应为 2026-01-01）。") from None
    for day in (*year.holidays, *year.workdays):
        if day.year != year.year:
            raise BadCalendar(f"{day} 不在 {year.year} 年内。")
    for day in year.workdays:
        if day in year.holidays:
            raise BadCalendar(f"{day} 既是放假日又是上班日。")
        if day.weekday() < SATURDAY:
            raise BadCalendar(f"{day} 本来就是工作日，不能列为调休上班日。")
    if year.version < 1 or not year.holidays:
        raise BadCalendar("日历数据没有版本号，或没有放假日期。")
    return year


@cache
def shipped_years() -> tuple[Year, ...]:
    """Return the years that come with the program, oldest first."""
    folder = Path(__file__).parent / "data" / "calendar"
    return tuple(load_year(json.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.json")))


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day that a time limit did not count, and why."""

    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """
    A time limit, computed as far as it can be.

    `due_on` is None while it cannot be said: the calendar of `unpublished_year` is missing, or the clock
    stands still (`paused_for`, the basis of a pause without end). The rule stays, to be computed later.
    """

    start: date
    length: int
    unit: Unit
    due_on: date | None
    skipped: tuple[Skipped, ...]
    unpublished_year: int | None = None
    paused_for: str = ""

    @property
    def rule(self) -> str:
        """The limit in words: 20 工作日."""
        return f"{self.length} {UNIT_NAMES[self.unit]}"

    def explain(self) -> list[str]:
        """Return one line for each fact that made the due date, in the order of the days."""
        lines = [f"{self.start} 起，期限 {self.rule}，当日不计，次日起算"]
        lines += [f"{skipped.day} 不计：{skipped.reason}" for skipped in self.skipped]
        if self.unpublished_year:
            lines.append(f"{self.unpublished_year} 年日历未发布，到期日待定")
        elif self.paused_for:
            lines.append(f"期限暂停中（{self.paused_for}），到期日待定")
        else:
            lines.append(f"{self.due_on} 到期")
        return lines


class WorkingCalendar:
    """The years that are known. A later version of a year replaces an earlier one."""

    def __init__(self, years: Iterable[Year]) -> None:
        self._by_year = {year.year: year for year in sorted(years, key=lambda y: y.version)}

    def version(self, year: int) -> int:
        """Return the version in use for a year; raise CalendarUnpublished if there is none."""
        return self._year(year).version

    def is_working(self, day: date) -> bool:
        """
        Return whether offices work on `day`.

        Raises:
            CalendarUnpublished: the year is not known.
        """
        return self._why_off(day) is None

    def due(self, start: date, n: int, unit: Unit, pauses: Sequence[Pause] = ()) -> Deadline:
        """
        Return the last day of a limit of `n` days that begins with an event on `start`.

        The first day is not counted. A pause keeps out the days from its first to before its last, on which
        the clock runs again; without a last day it goes on. A limit of 0 ends on `start` if that is worked.

        Raises:
            ValueError: `n` is negative or beyond ten years, or the unit unknown.
        """
        if not 0 <= n <= LONGEST or unit not in UNIT_NAMES:
            raise ValueError("a limit is a number of days or working days")
        skipped: list[Skipped] = []
        missing, paused_for = None, ""
        day, left = (start + ONE_DAY if n else start), n
        try:
            while True:
                pause = _pause_on(day, pauses)
                if pause and pause[1] is None:
                    paused_for = pause[2]
                    break
                reason = f"暂停（{pause[2]}）" if pause else self._reason(day, unit, left)
                if reason:
                    skipped.append(Skipped(day, reason))
                elif left <= 1:
                    break
                else:
                    left -= 1
                day += ONE_DAY
        except CalendarUnpublished as unpublished:
            missing = unpublished.year
        due_on = None if missing or paused_for else day
        return Deadline(start, n, unit, due_on, tuple(skipped), missing, paused_for)

    def working_days_between(self, a: date, b: date) -> int:
        """
        Return how many working days follow `a`, up to and with `b`: the n for which `due(a, n)` is `b`.

        Raises:
            CalendarUnpublished: a year between is not known.
        """
        return sum(self.is_working(a + ONE_DAY * i) for i in range(1, (b - a).days + 1))

    def _reason(self, day: date, unit: Unit, left: int) -> str | None:
        """Return why `day` does not count; plain days count holidays too, except as the last day."""
        if unit == "working_day":
            return self._why_off(day)
        off = self._why_off(day) if left <= 1 else None
        return f"期限末日遇{off}，顺延" if off else None

    def _why_off(self, day: date) -> str | None:
        year = self._year(day.year)
        if day in year.holidays:
            return f"法定节假日（{year.holidays[day]}）"
        if day.weekday() >= SATURDAY and day not in year.workdays:
            return "周末"
        return None

    def _year(self, year: int) -> Year:
        if year not in self._by_year:
            raise CalendarUnpublished(year)
        return self._by_year[year]


def _pause_on(day: date, pauses: Sequence[Pause]) -> Pause | None:
    """Return the pause that covers `day`, an endless one first."""
    covering = [p for p in pauses if p[0] <= day and (p[1] is None or day < p[1])]
    return min(covering, key=lambda p: p[1] is not None, default=None)


def _days(rows: Sequence[Mapping[str, str]]) -> dict[date, str]:
    days = {date.fromisoformat(row["date"]): row["name"] for row in rows}
    if len(days) != len(rows):
        raise BadCalendar("同一日期在日历数据中出现两次。")
    return days

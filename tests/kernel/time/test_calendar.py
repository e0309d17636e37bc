"""Working days as the notices say, and time limits as 行政许可法 and 民法典 count them."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import vectors
from tongban.kernel.time import calendar
from tongban.kernel.time.calendar import BadCalendar, CalendarUnpublished, WorkingCalendar

VECTORS = vectors.load("working_days")
CALENDAR = WorkingCalendar(calendar.shipped_years())
DAY = timedelta(days=1)

DAYS = st.dates(date(2020, 1, 1), date(2026, 6, 30))
LIMITS = st.integers(1, 60)


def year_document(**changes: Any) -> dict[str, Any]:
    return {
        "format": calendar.FORMAT,
        "year": 2027,
        "version": 1,
        "source": "made up",
        "notice": "",
        "certainty": "",
        "holidays": [{"date": "2027-01-01", "name": "元旦"}],
        "workdays": [{"date": "2027-01-03", "name": "元旦"}],
    } | changes


class TestWorkingDays:
    def test_2026_has_as_many_as_the_notice_leaves(self) -> None:
        days = [date(2026, 1, 1) + DAY * i for i in range(365)]
        assert sum(map(CALENDAR.is_working, days)) == VECTORS["year_2026"]["working_days"]

    def test_2026_is_made_up_for_on_these_weekend_days(self) -> None:
        days = [date(2026, 1, 1) + DAY * i for i in range(365)]
        worked = [d.isoformat() for d in days if d.weekday() >= 5 and CALENDAR.is_working(d)]
        assert worked == VECTORS["year_2026"]["make_up_days"]

    def test_an_unpublished_year_is_never_guessed(self) -> None:
        with pytest.raises(CalendarUnpublished, match="2027 年") as refusal:
            CALENDAR.is_working(date(2027, 1, 4))
        assert refusal.value.year == 2027

    def test_a_later_version_replaces_an_earlier_one(self) -> None:
        first = calendar.load_year(year_document())
        second = calendar.load_year(year_document(version=2, workdays=[]))
        for years in ([first, second], [second, first]):
            assert not WorkingCalendar(years).is_working(date(2027, 1, 3))
            assert WorkingCalendar(years).version(2027) == 2

    @given(DAYS, LIMITS)
    def test_between_counts_what_due_counted(self, start: date, n: int) -> None:
        due_on = CALENDAR.due(start, n, "working_day").due_on
        assert due_on
        assert CALENDAR.working_days_between(start, due_on) == n


class TestDue:
    @pytest.mark.parametrize(
        "case", VECTORS["due"], ids=lambda case: f"{case['start']}+{case['working_days']}"
    )
    def test_ends_on_the_day_the_notices_lead_to(self, case: dict[str, Any]) -> None:
        deadline = CALENDAR.due(date.fromisoformat(case["start"]), case["working_days"], "working_day")
        assert deadline.due_on == date.fromisoformat(case["due"])

    def test_explains_each_day_it_did_not_count(self) -> None:
        pauses = [(date(2026, 2, 25), date(2026, 2, 26), "行政许可法 第四十五条 听证")]
        assert CALENDAR.due(date(2026, 2, 13), 3, "working_day", pauses).explain() == [
            "2026-02-13 起，期限 3 工作日，当日不计，次日起算",
            *[f"2026-02-{day} 不计：法定节假日（春节）" for day in range(15, 24)],
            "2026-02-25 不计：暂停（行政许可法 第四十五条 听证）",
            "2026-02-26 到期",
        ]

    def test_plain_days_count_holidays_but_do_not_end_on_one(self) -> None:
        # 1 October is the sixth day; the holiday ends on the 7th (民法典 第二百零三条).
        deadline = CALENDAR.due(date(2026, 9, 25), 6, "day")
        assert deadline.due_on == date(2026, 10, 8)
        assert "2026-10-01 不计：期限末日遇法定节假日（国庆节），顺延" in deadline.explain()
        assert CALENDAR.due(date(2026, 9, 25), 5, "day").due_on == date(2026, 9, 30)

    def test_a_limit_of_nothing_ends_today_or_when_work_begins_again(self) -> None:
        assert CALENDAR.due(date(2026, 9, 30), 0, "working_day").due_on == date(2026, 9, 30)
        assert CALENDAR.due(date(2026, 10, 1), 0, "day").due_on == date(2026, 10, 8)

    def test_waits_for_the_calendar_and_keeps_the_rule(self) -> None:
        deadline = CALENDAR.due(date(2026, 12, 20), 20, "working_day")
        assert (deadline.due_on, deadline.unpublished_year, deadline.rule) == (None, 2027, "20 工作日")
        assert deadline.explain()[-1] == "2027 年日历未发布，到期日待定"

    def test_plain_days_need_the_calendar_of_the_last_day_only(self) -> None:
        assert CALENDAR.due(date(2019, 12, 1), 90, "day").due_on == date(2020, 3, 2)  # 29 February: Saturday
        assert CALENDAR.due(date(2026, 12, 1), 60, "day").unpublished_year == 2027

    def test_stands_still_while_a_pause_has_no_end(self) -> None:
        deadline = CALENDAR.due(date(2026, 3, 2), 5, "working_day", [(date(2026, 3, 4), None, "检验")])
        assert deadline.due_on is None
        assert deadline.explain()[-1] == "期限暂停中（检验），到期日待定"
        late = [(date(2026, 3, 10), None, "检验")]
        assert CALENDAR.due(date(2026, 3, 2), 5, "working_day", late).due_on == date(2026, 3, 9)

    @pytest.mark.parametrize(("n", "unit"), [(-1, "day"), (5, "month"), (4000, "day")])
    def test_refuses_what_is_no_limit(self, n: int, unit: Any) -> None:
        with pytest.raises(ValueError):
            CALENDAR.due(date(2026, 3, 2), n, unit)

    @given(DAYS, LIMITS, st.sampled_from(["working_day", "day"]))
    def test_never_ends_on_a_day_off(self, start: date, n: int, unit: calendar.Unit) -> None:
        due_on = CALENDAR.due(start, n, unit).due_on
        assert due_on
        assert CALENDAR.is_working(due_on)

    @given(DAYS, LIMITS, LIMITS, st.sampled_from(["working_day", "day"]))
    def test_a_longer_limit_never_ends_earlier(
        self, start: date, a: int, b: int, unit: calendar.Unit
    ) -> None:
        short, long = (CALENDAR.due(start, n, unit).due_on for n in sorted((a, b)))
        assert short
        assert long
        assert short <= long

    @given(DAYS, LIMITS, st.integers(0, 40), st.integers(0, 30))
    def test_a_pause_moves_the_end_by_the_working_days_it_covered(
        self, start: date, n: int, after: int, length: int
    ) -> None:
        begin = start + DAY * (after + 1)
        plain = CALENDAR.due(start, n, "working_day").due_on
        paused = CALENDAR.due(start, n, "working_day", [(begin, begin + DAY * length, "听证")]).due_on
        assert plain
        assert paused
        covered = CALENDAR.working_days_between(begin - DAY, begin + DAY * (length - 1))
        shift = CALENDAR.working_days_between(plain, paused)
        assert shift == (covered if begin <= plain else 0)


class TestYearData:
    def test_ships_2020_to_2026_each_with_the_number_of_its_notice(self) -> None:
        years = calendar.shipped_years()
        assert [year.year for year in years] == list(range(2020, 2027))
        assert all(year.notice.startswith("国办发明电") for year in years)

    @pytest.mark.parametrize(
        ("changes", "what"),
        [
            ({"format": "tongban-calendar/2"}, "格式"),
            ({"version": 0}, "版本"),
            ({"holidays": []}, "放假日期"),
            ({"holidays": [{"date": "2026-01-01", "name": "元旦"}]}, "不在 2027 年内"),
            ({"holidays": [{"date": "2027-01-03", "name": "元旦"}]}, "既是放假日"),
            ({"holidays": [{"date": "2027-01-01", "name": "元旦"}] * 2}, "两次"),
            ({"holidays": [{"date": "1月1日", "name": "元旦"}]}, "写法"),
            ({"holidays": [{"date": "2027-01-01"}]}, "缺项"),
            ({"holidays": None}, "缺项"),
            ({"workdays": [{"date": "2027-01-04", "name": "元旦"}]}, "本来就是工作日"),
        ],
    )
    def test_refuses_a_year_that_contradicts_itself(self, changes: dict[str, Any], what: str) -> None:
        with pytest.raises(BadCalendar, match=what):
            calendar.load_year(year_document(**changes))

    def test_refuses_a_year_with_something_missing(self) -> None:
        for name in year_document():
            document = year_document()
            del document[name]
            with pytest.raises(BadCalendar):
                calendar.load_year(document)

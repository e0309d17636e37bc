"""The rows of the work queue: what each says, that nothing in it becomes mark-up, and how little is asked for them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from tests import stories
from tests.web.browser import Browser
from tests.web.test_officer import number, officer, staff
from tests.world import World
from tongban.catalogue.models import Offering
from tongban.kernel import memo
from tongban.kernel.models import Duty
from tongban.kernel.time.calendar import WorkingCalendar, shipped_years
from tongban.kernel.time.standing import Standing, standing
from tongban.web import chips

__all__ = ["number", "officer"]
pytestmark = pytest.mark.slow
TODAY = date(2026, 3, 2)


def row_of(page: Browser, number: str) -> str:
    """Return the words of a case's row."""
    row = next(one for one in page.text.split("<tr id=")[1:] if f"/{number}/" in one)
    return row.partition("</tr>")[0]


class TestARow:
    def test_says_who_has_to_do_what_until_when(self, number: str, officer: Browser) -> None:
        row = row_of(officer.open("/desk/"), number)
        assert f'href="/desk/{number}/"' in row
        for said in ("安徽省池州市青阳县", "签收", "未查看", "—"):
            assert said in row

    def test_says_who_has_claimed_it(self, counties: World, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/").send(to="/claim/")
        assert "<strong>我</strong>" in row_of(officer.open("/desk/"), number)
        assert "未查看" not in officer.words
        with counties.on("jiashan"):
            Duty.objects.filter(subject=number, closed_at=None).update(claimed_by="SOMEBODYELSE")
        assert "对方工作人员" in row_of(officer.open("/desk/"), number)

    def test_says_when_it_was_opened_by_the_clock_on_the_wall(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        with counties.on("jiashan"):
            at = datetime(2026, 3, 2, 23, 5, tzinfo=UTC)
            Duty.objects.filter(subject=number, closed_at=None).update(first_opened_at=at)
        assert "3月3日 07:05" in row_of(officer.open("/desk/"), number)

    def test_of_a_review_says_which_step(self, counties: World, officer: Browser) -> None:
        number = stories.accepted(counties)
        row = row_of(officer.open("/desk/"), number)
        assert "审查" in row
        head = staff(counties, "jiashan", "js-hrss-head")
        assert "由其他岗位办理" in row_of(head.open("/desk/"), number)

    def test_lets_nothing_become_markup(self, counties: World, number: str, officer: Browser) -> None:
        with counties.on("jiashan"):
            Offering.objects.update(name="<b>社保卡</b>")
            Duty.objects.filter(subject=number, closed_at=None).update(due_on=None, limit="<i>5 日</i>")
            memo.forget()
        row = row_of(officer.open("/desk/"), number)
        assert "&lt;b&gt;社保卡&lt;/b&gt;" in row
        assert "&lt;i&gt;5 日&lt;/i&gt;（日历未发布）" in row

    def test_without_a_post_for_the_procedure_there_is_none(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        with counties.on("jiashan"):
            Duty.objects.filter(subject=number, closed_at=None).update(procedure="agreement", kind="sign")
        assert number not in officer.open("/desk/").text


class TestWhatIsAsked:
    def test_thirty_rows_take_three_statements(
        self, counties: World, officer: Browser, settings: Settings
    ) -> None:
        settings.MEMO_SECONDS = 60.0  # names of items and calendars, as on a node that is looked at
        memo.forget()
        first = stories.forwarded(counties)
        with counties.on("jiashan"):
            duty = Duty.objects.get(subject=first, closed_at=None, kind="acknowledge")
            for count in range(40):
                duty.pk, duty.name = None, f"handling/9.{count}.0"
                duty.save(force_insert=True)
        officer.open("/desk/")  # what is compiled and remembered
        with CaptureQueriesContext(counties.nodes["jiashan"].connection) as asked:
            officer.open("/desk/")
        assert officer.text.count("<tr id=") == 30
        reads = [one["sql"] for one in asked if one["sql"].startswith("SELECT")]
        assert len(reads) == 3, "\n".join(reads)  # who is calling, the page, the newest
        memo.forget()

    def test_a_page_that_shows_it_already_gets_nothing(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        officer.open("/desk/")
        mark = officer.text.partition('"If-None-Match": "\\"')[2].partition('\\"')[0]
        headers = {"Tongban-Polling": "1", "If-None-Match": f'"{mark}"'}
        with counties.on("jiashan"):
            assert officer.client.get("/desk/", headers=headers).status_code == 304
            Duty.objects.filter(subject=number, closed_at=None).update(claimed_by="SOMEBODYELSE")
            assert officer.client.get("/desk/", headers=headers).status_code == 200


class TestAChip:
    @pytest.mark.parametrize(
        ("days", "known", "said"),
        [
            (-4, True, '<span class="tag late">已逾期 3 个工作日（自2月27日）</span>'),
            (-4, False, '<span class="tag late">已逾期（自2月27日，日历未发布）</span>'),
            (0, True, '<span class="tag warn">今天到期</span>'),
            (1, True, '<span class="tag ok">还剩 1 个工作日，3月3日前</span>'),
            (1, False, '<span class="tag ok">3月3日前</span>'),
        ],
    )
    def test_tells_late_from_today_and_later(self, days: int, known: bool, said: str) -> None:
        calendar = WorkingCalendar(shipped_years() if known else ())
        assert chips.of_due(standing(TODAY + timedelta(days), TODAY, calendar)) == said

    def test_without_a_date_says_the_limit_or_none(self) -> None:
        undated = Standing(None, TODAY)
        assert chips.of_due(undated, "5 工作日") == '<span class="tag">5 工作日（日历未发布）</span>'
        assert chips.of_due(undated) == '<span class="tag">无期限</span>'


def test_a_post_without_cases_is_told_what_it_has_and_led_there(counties: World) -> None:
    signer = staff(counties, "jiashan", "js-lead").open("/desk/")
    assert "您的岗位能做什么" in signer.words
    assert "您管理事项和协议" in signer.words
    assert '<a class="btn main" href="/matters/agreement/">' in signer.text

"""Parts of pages, as htmx asks for them: the same as in the page, for the same people, and refusals beside what is shown."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from tests import stories
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.signin.actor import POLLING
from tongban.web.officer import queue
from tongban.web.supervisor import overview

pytestmark = pytest.mark.slow


def text(answer: Any) -> str:
    return str(answer.content.decode())


def part(answer: Any) -> str:
    """Return the part without the sentence that comes with it, and without what is new in every answer."""
    return tidy(text(answer).partition('<div id="said"')[0])


def tidy(html: str) -> str:
    html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html.replace(" autofocus", ""))
    return re.sub(r"\s+", " ", html).strip()


def said(answer: Any) -> str:
    told = text(answer).partition('<div id="said"')[2].partition(">")[2]
    return re.sub(r"<[^>]+>", "", told).strip()


def poll(browser: Browser, url: str, page: str) -> Any:
    """Ask as the list of a page asks by itself."""
    headers = re.search(r"hx-headers='([^']+)'", page)
    assert headers, page
    return browser.ask(url, **json.loads(unescape(headers[1])))


@pytest.fixture
def number(counties: World) -> str:
    return stories.forwarded(counties)


@pytest.fixture
def officer(counties: World, number: str) -> Browser:
    return staff(counties, "jiashan", "js-hrss")


class TestAPart:
    PAGES = ("/desk/", "/desk/?late=1", "/desk/?kind=case:accept_or_correct")

    @pytest.mark.parametrize("url", PAGES)
    def test_of_the_queue_is_what_the_page_has(self, officer: Browser, url: str) -> None:
        assert part(officer.ask(url)) in tidy(officer.open(url).text)

    @pytest.mark.parametrize("url", ["/supervision/", "/supervision/?where=there", "/supervision/?late=1"])
    def test_of_the_overview_is_what_the_page_has(self, counties: World, number: str, url: str) -> None:
        watcher = staff(counties, "jiashan", "js-supervisor")
        assert part(watcher.ask(url)) in tidy(watcher.open(url).text)

    def test_comes_with_a_sentence_for_who_cannot_see_it(self, officer: Browser) -> None:
        assert said(officer.ask("/desk/")) == "共 1 项。"
        assert said(officer.ask("/desk/?late=1")) == "共 0 项。"


class TestTheNextPage:
    @pytest.fixture(autouse=True)
    def short_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queue, "PAGE", 1)
        monkeypatch.setattr(overview, "PAGE", 1)

    def test_has_the_focus_when_it_was_asked_for(self, officer: Browser, counties: World) -> None:
        stories.forwarded(counties)
        first = officer.open("/desk/")
        after = unescape(first.text.partition('hx-get="?after=')[2].partition('"')[0])
        second = officer.ask(f"/desk/?after={after}")
        assert json.loads(second.headers["HX-Trigger"]) == {"tongban:focus": {"target": "#list"}}
        # By itself it takes the focus from nobody.
        again = poll(officer, f"/desk/?after={after}", first.text)
        assert "HX-Trigger" not in again.headers


class TestTheQueueByItself:
    def test_costs_nothing_while_nothing_has_changed(self, officer: Browser) -> None:
        answer = poll(officer, "/desk/", officer.open("/desk/").text)
        assert (answer.status_code, answer.content) == (304, b"")

    def test_says_how_many_have_come(self, officer: Browser, counties: World) -> None:
        page = officer.open("/desk/").text
        another = stories.forwarded(counties)
        answer = poll(officer, "/desk/", page)
        assert said(answer) == "新到 1 项待办。"
        assert f"/desk/{another}/" in text(answer)
        # Told once.
        assert poll(officer, "/desk/", text(answer)).status_code == 304

    def test_says_so_too_where_the_new_one_is_not_shown(self, officer: Browser, counties: World) -> None:
        page = officer.open("/desk/?mine=1").text
        stories.forwarded(counties)
        answer = poll(officer, "/desk/?mine=1", page)
        assert said(answer) == "新到 1 项待办。"
        assert "没有符合筛选条件的待办" in text(answer)

    def test_shows_who_has_looked_and_says_nothing_of_it(
        self, officer: Browser, counties: World, number: str
    ) -> None:
        page = officer.open("/desk/").text
        assert "未查看" in page
        staff(counties, "jiashan", "js-hrss-head").open(f"/desk/{number}/")
        answer = poll(officer, "/desk/", page)
        assert "未查看" not in text(answer)
        assert said(answer) == ""

    @pytest.mark.parametrize("seen", ["x", "-1", "9" * 30, "²"])
    def test_takes_nonsense_for_nothing(self, officer: Browser, seen: str) -> None:
        assert said(officer.ask("/desk/", **{POLLING: seen})) == ""

    def test_does_not_keep_its_reader_signed_in(self, officer: Browser, counties: World) -> None:
        page = officer.open("/desk/").text
        for _ in range(4):
            counties.at += timedelta(minutes=10)
            last = poll(officer, "/desk/", page)
        assert last.status_code == 401

    def test_but_whoever_acts_stays_signed_in(self, officer: Browser, counties: World) -> None:
        for _ in range(4):
            counties.at += timedelta(minutes=10)
            last = officer.ask("/desk/")
        assert last.status_code == 200


class TestARefusal:
    def test_stands_in_the_live_region(self, officer: Browser) -> None:
        answer = officer.ask("/desk/?after=x")
        assert answer.status_code == 422
        assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#said", "innerHTML")
        assert "翻页位置无效" in text(answer)
        assert "<html" not in text(answer)

    def test_is_a_sentence_when_the_session_has_ended(self, officer: Browser, counties: World) -> None:
        counties.at += timedelta(hours=2)
        answer = officer.ask("/desk/?late=1")
        assert answer.status_code == 401
        assert answer.headers["HX-Retarget"] == "#said"
        assert "登录已失效" in text(answer)
        assert 'href="/sign-in/?next=/desk/"' in text(answer)
        assert "password" not in text(answer)

    def test_of_another_post_tells_nothing_more(self, counties: World, number: str) -> None:
        answer = staff(counties, "jiashan", "js-hrss").ask("/supervision/")
        assert answer.status_code == 403
        assert number not in text(answer)


def test_a_page_with_parts_names_a_live_region_and_its_script(officer: Browser) -> None:
    page = officer.open("/desk/")
    assert page.text.count('id="said"') == 1
    assert "vendor/htmx.min.js" in page.text


@pytest.mark.parametrize("url", ["/sign-in/", "/lookup/", "/components/"])
def test_a_page_that_does_not_use_htmx_does_not_load_it(counties: World, url: str) -> None:
    assert "htmx.min.js" not in Browser(counties).open(url).text

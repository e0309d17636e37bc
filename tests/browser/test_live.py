"""What htmx makes pleasant, in a real browser: lists, searches and forms that change without the page being loaded anew."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import Somebody, chromium
from tests.browser.seen import Seen
from tests.browser.window import CARD
from tests.crash.nodes import Node, copied, ended
from tests.crash.people import Place
from tongban.demonstration.errand import Errand

pytestmark = [pytest.mark.slow, pytest.mark.prove("watches pages change in a browser")]

HTMX = "**/vendor/htmx.min.js"
SAID = "#said"


@pytest.fixture(scope="module")
def place(original: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Serve a pair of nodes of the module's own, with a case that waits for the second."""
    with ended(copied(original, tmp_path_factory.mktemp("live"))) as nodes:
        for node in nodes.values():
            node.start()
        place = Place.of(nodes)
        arrived(place)
        yield place
        place.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Run one browser for the module."""
    with chromium() as running:
        yield running


@pytest.fixture
def seen() -> Iterator[Seen]:
    """Note what the pages have against them: after each test there must be nothing, of axe or of the console."""
    seen = Seen()
    yield seen
    assert not seen.findings, seen.findings


@pytest.fixture
def here(place: Place) -> Node:
    return place.processes["qingyang"]


@pytest.fixture
def officer(browser: Any, place: Place, seen: Seen) -> Somebody:
    """Give an officer at their queue."""
    me = Somebody(browser, place.processes["jiashan"], seen, scripts=True)
    return stays(me.open("/desk/").sign_in("hrss", staff=True))


@pytest.fixture
def anybody(browser: Any, here: Node, seen: Seen) -> Somebody:
    return Somebody(browser, here, seen, scripts=True)


def arrived(place: Place) -> str:
    """Let a case arrive at the department of the second county; return its number."""
    errand = Errand(place)
    errand.push(CARD)
    return errand.number


def stays(me: Somebody) -> Somebody:
    """Mark the page, so that it can be told whether it was loaded anew."""
    me.page.evaluate("window.stays = true")
    return me


def is_the_same_page(me: Somebody) -> bool:
    return bool(me.page.evaluate("window.stays === true"))


def comes_back(page: Page) -> None:
    """Let the page do what it does when its tab is looked at again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def inspect(me: Somebody, what: str) -> None:
    """Have axe look at the page as it has become, and see that nothing is wider than a telephone."""
    me.examiner._axe(me.page, what)
    assert me.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


class TestTheQueue:
    def test_is_filtered_in_place(self, officer: Somebody) -> None:
        page = officer.page
        rows = page.locator("#list tbody tr")
        before = rows.count()
        page.locator("#kind").focus()
        page.locator("#kind").select_option("case:review")
        expect(page.locator("#list .empty")).to_contain_text("没有符合筛选条件的待办")
        expect(page).to_have_url(re.compile(r"/desk/\?kind=case(:|%3A)review"))
        expect(page.locator("#kind")).to_be_focused()
        expect(page.locator(SAID)).to_have_text("共 0 项。")
        inspect(officer, "filtered queue")
        page.locator("#kind").select_option("")
        expect(rows).to_have_count(before)
        page.locator("#mine").check()
        expect(rows).to_have_count(0)
        assert is_the_same_page(officer)
        # The address says what is shown.
        page.reload()
        expect(page.locator("#mine")).to_be_checked()
        expect(rows).to_have_count(0)

    def test_tells_of_new_ones_and_takes_neither_focus_nor_place(
        self, officer: Somebody, place: Place
    ) -> None:
        page = officer.page
        page.set_viewport_size({"width": 390, "height": 400})
        link = page.locator("#list tbody a").first
        link.focus()
        row, top = link.inner_text(), link.bounding_box()
        number = arrived(place)
        assert not page.locator(f"a[href='/desk/{number}/']").count()
        comes_back(page)
        expect(page.locator(f"a[href='/desk/{number}/']")).to_have_count(1)
        expect(page.locator(SAID)).to_have_text("新到 1 项待办。")
        expect(page.locator("#list a:focus")).to_have_text(row)
        moved = (link.bounding_box() or {})["y"] - (top or {})["y"]
        assert abs(moved) < 120, moved  # by the line that tells of it, and no further
        assert is_the_same_page(officer)
        inspect(officer, "queue with news")

    def test_asks_for_nothing_while_nobody_looks(self, officer: Somebody) -> None:
        page, asked = officer.page, []
        page.on("request", lambda request: asked.append(request.url))
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        comes_back(page)
        page.evaluate("delete document.hidden")
        with page.expect_response("**/desk/") as answer:
            comes_back(page)
        assert answer.value.status == 304
        assert len(asked) == 1

    def test_leads_to_its_next_page_and_back(self, officer: Somebody) -> None:
        page = officer.page
        there = page.locator("#list tbody tr").count()
        # A queue of more than thirty takes long to make; its last page does not.
        page.evaluate(
            """() => {
              document.querySelector('#list').insertAdjacentHTML('beforeend', `<p><a class="btn" id="next" href="?after=2026-03-02.1"
                hx-get="?after=.999999" hx-target="#list" hx-swap="outerMorph" hx-push-url="true" hx-sync="#list:replace">下一页</a></p>`);
              htmx.process(document.querySelector('#list'));
            }"""
        )
        page.locator("#next").click()
        expect(page.locator("#list")).to_be_focused()
        expect(page.locator("#list tbody tr")).to_have_count(0)
        assert page.url.endswith("?after=.999999")
        assert is_the_same_page(officer)
        page.go_back()
        expect(page.locator("#list tbody tr")).to_have_count(there)
        assert page.url.endswith("/desk/")


class TestWhenItFails:
    """Whatever comes instead of a part, what is shown stays."""

    @pytest.fixture
    def rows(self, officer: Somebody) -> int:
        return officer.page.locator("#list tbody tr").count()

    def test_an_ended_session_is_a_sentence(self, officer: Somebody, rows: int) -> None:
        page = officer.page
        officer.context.clear_cookies()
        page.locator("#late").check()
        expect(page.locator(SAID)).to_contain_text("登录已失效")
        expect(page.locator("#list tbody tr")).to_have_count(rows)
        assert not page.locator("[type=password]").count()
        inspect(officer, "queue after the session")
        # It does not go on asking.
        asked: list[str] = []
        page.on("request", lambda request: asked.append(urlsplit(request.url).path))
        comes_back(page)
        page.locator(f"{SAID} a").click()
        expect(page.locator("h1")).to_have_text("登录")
        assert "/desk/" not in asked

    @pytest.mark.parametrize("status", [500, 502, 404])
    def test_a_page_of_a_proxy_or_a_bug_never_comes_in(
        self, officer: Somebody, rows: int, status: int
    ) -> None:
        page = officer.page
        page.route("**/desk/?*", lambda route: route.fulfill(status=status, body="<h1>Bad Gateway</h1>"))
        page.locator("#late").check()
        expect(page.locator(SAID)).to_contain_text("没有连上")
        expect(page.locator("#list tbody tr")).to_have_count(rows)
        expect(page.locator("h1")).to_have_count(1)
        page.unroute("**/desk/?*")
        page.locator("#late").uncheck()
        expect(page.locator(SAID)).not_to_contain_text("没有连上")

    def test_a_cut_line_is_told(self, officer: Somebody, rows: int, seen: Seen) -> None:
        page = officer.page
        page.route("**/desk/?*", lambda route: route.abort("internetdisconnected"))
        page.locator("#late").check()
        expect(page.locator(SAID)).to_contain_text("没有连上")
        expect(page.locator("#list tbody tr")).to_have_count(rows)
        # That is what htmx says of it in the console, and rightly.
        assert [said for _, said in seen.findings if "Failed to fetch" not in said] == []
        seen.findings.clear()

    def test_a_refusal_is_told_beside_the_list(self, officer: Somebody, rows: int) -> None:
        page = officer.page
        page.route("**/desk/?*", lambda route: route.continue_(url=route.request.url + "&after=x"))
        page.locator("#late").check()
        expect(page.locator(f"{SAID} [role=alert]")).to_contain_text("翻页位置无效")
        expect(page.locator("#list tbody tr")).to_have_count(rows)
        inspect(officer, "queue with a refusal")


class TestAnEngineThatCannotReadIt:
    @pytest.fixture(autouse=True)
    def old_engine(self, officer: Somebody, seen: Seen) -> Iterator[None]:
        """Give the browser a script that it cannot parse, as htmx is to one of 2019."""
        officer.page.route(HTMX, spoiled)
        officer.page.reload()
        yield
        assert [said for _, said in seen.findings if "Unexpected end of input" not in said] == []
        seen.findings.clear()

    def test_filters_by_the_button(self, officer: Somebody) -> None:
        assert officer.page.evaluate("typeof htmx") == "undefined"
        officer.page.locator("#kind").select_option("case:review")
        officer.click("筛选")
        assert "kind=case%3Areview" in officer.page.url
        assert "没有符合筛选条件的待办" in officer.words()


def spoiled(route: Route) -> None:
    route.fulfill(content_type="text/javascript", body="var htmx = (")


class TestASearch:
    def test_finds_while_one_types(self, anybody: Somebody) -> None:
        page = stays(anybody.open("/items/")).page
        field = page.get_by_label("要办什么事")
        field.press_sequentially("驾照到期")
        expect(page.locator("#found a").first).to_contain_text("机动车驾驶证期满换证")
        expect(field).to_be_focused()
        expect(page.locator(SAID)).to_have_text(re.compile(r"查到 \d+ 项。"))
        page.get_by_label("要办到哪里").select_option("330421")
        expect(page).to_have_url(re.compile(r"division=330421"))
        assert is_the_same_page(anybody)
        found = page.locator("#found a").all_inner_texts()
        inspect(anybody, "search")
        page.reload()
        assert page.locator("#found a").all_inner_texts() == found
        expect(field).to_have_value("驾照到期")

    def test_on_the_first_page_stays_there(self, anybody: Somebody) -> None:
        page = stays(anybody.open("/")).page
        page.get_by_label("要办什么事").press_sequentially("社保卡")
        expect(page.locator("#found a").first).to_contain_text("社会保障卡")
        assert is_the_same_page(anybody)
        inspect(anybody, "search on the first page")
        anybody.click("社会保障卡", within="#found")
        page.go_back()
        expect(page.locator("#found a").first).to_contain_text("社会保障卡")

    def test_that_is_overtaken_is_forgotten(self, anybody: Somebody) -> None:
        page = anybody.open("/items/").page
        waiting: list[Route] = []
        page.route(
            re.compile(r"q=%E7%A4%BE"), lambda route: waiting.append(route)
        )  # the first answer is late
        field = page.get_by_label("要办什么事")
        with page.expect_request(re.compile(r"q=%E7%A4%BE")):
            field.fill("社保卡")
        field.fill("驾照到期")
        expect(page.locator("#found a").first).to_contain_text("机动车驾驶证期满换证")
        for route in waiting:
            route.abort()
        expect(page.locator("#found a").first).to_contain_text("机动车驾驶证期满换证")

    def test_at_the_window_is_one_press_from_taking_in(self, browser: Any, here: Node, seen: Seen) -> None:
        clerk = Somebody(browser, here, seen, scripts=True)
        clerk.open("/counter/shift/").sign_in("window", staff=True)
        clerk.page.locator("input[name=window]").first.check()
        clerk.click("上岗")
        page = stays(clerk.open("/counter/")).page
        field = page.locator("#q")
        field.press_sequentially("社保卡 嘉善")
        expect(page.locator("#found button").first).to_contain_text("开始收件")
        expect(field).to_be_focused()
        inspect(clerk, "search at the window")
        with page.expect_navigation():
            page.keyboard.press("Alt+n")
        clerk.look()
        assert "/counter/drafts/" in page.url

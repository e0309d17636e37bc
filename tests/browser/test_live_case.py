"""The page of a case in a real browser, while the other side acts and somebody types."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Somebody
from tests.browser.seen import Seen
from tests.browser.test_live import browser, comes_back, inspect, is_the_same_page, place, seen, stays
from tests.browser.window import CARD
from tests.crash.people import Place
from tongban.demonstration.errand import Errand

__all__ = ["browser", "place", "seen"]

pytestmark = [pytest.mark.slow, pytest.mark.prove("watches a case change in a browser")]
NEWS = "#news"


@pytest.fixture
def errand(place: Place) -> Errand:
    """Give a case that waits at the department."""
    errand = Errand(place)
    errand.push(CARD)
    return errand


@pytest.fixture
def clerk(browser: Any, place: Place, seen: Seen, errand: Errand) -> Somebody:
    """Give the clerk who pushed it, at its page."""
    me = Somebody(browser, place.processes["qingyang"], seen, scripts=True)
    me.open("/counter/shift/").sign_in("window", staff=True)
    me.page.locator("input[name=window]").first.check()
    me.click("上岗")
    return stays(me.open(f"/counter/cases/{errand.number}/"))


def test_news_come_and_take_nothing_from_who_types(clerk: Somebody, errand: Errand) -> None:
    page = clerk.page
    page.locator("summary", has_text="催办").click()
    field = page.locator("#act-urge textarea")
    field.press_sequentially("请尽快")
    with page.expect_response("**/counter/cases/*/") as answer:
        comes_back(page)
    assert answer.value.status == 304
    expect(page.locator(NEWS)).to_be_empty()
    errand.officer.act(errand.number, "acknowledge")
    errand.clerk.wait(errand.number, lambda case: case["phase"] == "acknowledged")
    comes_back(page)
    expect(page.locator(NEWS)).to_contain_text("签收")
    field.press_sequentially("办理")
    expect(field).to_have_value("请尽快办理")
    expect(field).to_be_focused()
    inspect(clerk, "case with news")
    # Told already, it is not told again.
    with page.expect_response("**/counter/cases/*/") as answer:
        comes_back(page)
    assert answer.value.status == 304
    assert is_the_same_page(clerk)
    clerk.click("查看最新情况", within=NEWS)
    expect(page.locator("main")).to_contain_text("已签收")


def test_an_ended_session_is_told_once(clerk: Somebody, errand: Errand) -> None:
    page = clerk.page
    clerk.context.clear_cookies()
    comes_back(page)
    expect(page.locator(NEWS)).to_contain_text("登录已失效")
    expect(page.locator("h1")).to_have_count(1)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    comes_back(page)
    assert page.evaluate("1 + 1") == 2  # what the page would have sent is under way by now
    assert asked == []

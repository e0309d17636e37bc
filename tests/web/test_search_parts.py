"""Searches, as htmx asks for them while somebody types."""

import re

import pytest

from tests import stories
from tests.web.browser import Browser
from tests.web.desks import window
from tests.web.test_parts import part, said, text, tidy
from tests.world import World
from tongban.web.applicant import items

pytestmark = pytest.mark.slow


class TestWhatIsFound:
    @pytest.mark.parametrize("url", ["/items/", "/items/?q=社保卡", "/items/?q=没有这种事"])
    def test_is_what_the_page_has(self, counties: World, url: str) -> None:
        anybody = Browser(counties)
        assert part(anybody.ask(url)) in tidy(anybody.open(url).text)

    def test_at_the_window_is_what_the_page_has(self, counties: World) -> None:
        clerk = window(counties)
        found = clerk.ask("/counter/?q=社会保障卡 嘉善")
        assert "autofocus" not in text(found)  # whoever types goes on typing
        assert part(found) in tidy(clerk.open("/counter/?q=社会保障卡 嘉善").text)
        assert "开始收件" in text(found)

    def test_is_counted_for_who_cannot_see_it(self, counties: World) -> None:
        assert re.fullmatch(r"查到 [1-9]\d* 项。", said(Browser(counties).ask("/items/?q=社保卡")))

    def test_is_no_longer_than_anybody_reads(self, counties: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(items, "MOST", 2)
        anybody = Browser(counties).open("/items/")
        assert "只列出前 2 项" in anybody.words
        assert anybody.text.partition('id="found"')[2].count('<a href="/items/') == 2

    def test_leads_to_a_case_by_the_browsers_own_hand(self, counties: World) -> None:
        number = stories.received(counties)
        answer = window(counties).ask(f"/counter/?q={number}")
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/counter/cases/{number}/")
        assert not answer.content


@pytest.mark.parametrize("url", ["/", "/items/", "/counter/"])
def test_a_page_with_a_search_names_a_live_region_and_its_script(counties: World, url: str) -> None:
    page = window(counties).open(url)
    assert page.text.count('id="said"') == 1
    assert page.text.count('id="found"') == 1
    assert "vendor/htmx.min.js" in page.text

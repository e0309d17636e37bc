"""长辈版: a mode of its own for the public: few large tiles, help at hand on every page; staff keep their desks."""

import pytest

from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World

pytestmark = pytest.mark.database


def elder(browser: Browser) -> Browser:
    return browser.open("/display/?elder=1&next=/")


def test_begins_with_few_tiles(counties: World) -> None:
    page = elder(Browser(counties))
    for tile in ("办事", "查进度", "请人帮办"):
        assert tile in page.words
    assert 'href="tel:12345"' in page.text
    assert '<nav class="nav' not in page.text
    assert 'id="division"' not in page.text


def test_has_help_at_hand_on_every_page(counties: World) -> None:
    elder(page := Browser(counties)).open("/items/")
    assert 'href="/helpers/"' in page.text
    assert "data-listen hidden" in page.text
    page.open("/helpers/")
    assert "0566-0000001" in page.words
    assert "代理人" in page.words
    assert "listen.js" not in Browser(counties).open("/items/").text


def test_is_no_mode_of_staff(counties: World) -> None:
    officer = elder(staff(counties, "jiashan", "js-hrss")).open("/desk/")
    assert '<nav class="nav' in officer.text
    assert "data-listen" not in officer.text

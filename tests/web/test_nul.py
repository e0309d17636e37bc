"""What no database can hold is refused in words, in an address as in a form, and on either database alike."""

import pytest

from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World

pytestmark = [pytest.mark.database, pytest.mark.attack("C2")]

ADDRESSES = (
    "/items/%00/", "/items/?q=%00", "/items/?division=a%00b", "/lookup/?number=%00", "/desk/%00/", "/desk/?q=%00", "/numbers/%00/",
    "/matters/complaint/?q=%00", "/my-cases/%00/receipt/", "/supervision/?division=%00", "/sign-in/?next=/%00",
)  # fmt: skip


def is_told(browser: Browser) -> None:
    assert (browser.status, "不能识别的字符" in browser.words) == (422, True), browser.url


def test_in_an_address(counties: World) -> None:
    for browser in (Browser(counties), staff(counties, "qingyang", "qy-supervisor")):
        for address in ADDRESSES:
            is_told(browser.open(address))


def test_in_a_form(counties: World) -> None:
    browser = Browser(counties).open("/sign-in/")
    is_told(browser.send({"who": "staff", "name": "qy-window\0", "password": "x"}))

"""Many who sign in at once: they are told to wait, and pages go on."""

import pytest

from tests.api.conftest import counties, settled
from tests.api.front import Caller, is_problem
from tests.crowds import crowd, others
from tests.web.browser import Browser
from tests.world import World
from tongban.accounts import demo
from tongban.accounts.access import hashing

__all__ = ["counties", "settled"]


@pytest.mark.attack("D3")
def test_who_comes_now_is_told_to_come_again(counties: World) -> None:
    browser, caller = Browser(counties).open("/sign-in/"), Caller(counties, "qingyang")
    body = {"username": "qy-window", "password": demo.PASSWORD}
    with others(hashing.GATE, crowd(hashing.GATE)):
        answer = caller.post("/sessions", body)
        assert "几秒" in is_problem(answer, 503, "busy")
        assert answer["Retry-After"] == "2"
        browser.send({"who": "staff", "name": "qy-window", "password": demo.PASSWORD})
        assert (browser.status, "几秒" in browser.words) == (503, True)
        assert browser.open("/items/").status == 200
    assert caller.post("/sessions", body).status_code == 200

"""The page of a case asks whether the case has moved on, and looks at nothing by asking."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests import stories
from tests.stories import case_on, do
from tests.web.browser import Browser
from tests.web.desks import window
from tests.web.test_applicant import filed
from tests.web.test_officer import staff
from tests.web.test_parts import text
from tests.world import World
from tongban.cases.words import Act
from tongban.signin.actor import POLLING

pytestmark = pytest.mark.slow


def asked(browser: Browser, **more: str) -> Any:
    """Ask as the page that is shown asks."""
    found = re.search(r'id="news" role="status" data-from="([^"]+)" data-seen="(\d+)"', browser.text)
    assert found, browser.text
    return browser._call("get", found[1], None, {POLLING: found[2], **more})


@pytest.fixture
def number(counties: World) -> str:
    number = stories.forwarded(counties)
    counties.settle()
    return number


@pytest.fixture
def clerk(counties: World, number: str) -> Browser:
    return window(counties).open(f"/counter/cases/{number}/")


def acknowledged(world: World, number: str) -> None:
    do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
    world.settle()


class TestNews:
    def test_costs_nothing_while_there_is_none(self, clerk: Browser) -> None:
        answer = asked(clerk)
        assert (answer.status_code, answer.content) == (304, b"")

    def test_names_who_did_what_and_how_it_stands(self, clerk: Browser, counties: World, number: str) -> None:
        acknowledged(counties, number)
        answer = asked(clerk)
        assert answer.status_code == 200
        assert "签收" in text(answer)
        assert "嘉善县人力资源和社会保障局" in text(answer)
        assert f'href="/counter/cases/{number}/"' in text(answer)
        assert "<form" not in text(answer)

    def test_is_told_once(self, clerk: Browser, counties: World, number: str) -> None:
        acknowledged(counties, number)
        mark = asked(clerk).headers["ETag"]
        assert asked(clerk, **{"If-None-Match": mark}).status_code == 304

    def test_is_not_that_somebody_looked(self, clerk: Browser, counties: World, number: str) -> None:
        staff(counties, "jiashan", "js-hrss").open(f"/desk/{number}/")
        counties.settle()
        assert asked(clerk).status_code == 304

    def test_comes_to_the_applicant_without_names_of_staff(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen")
        number = filed(chen)
        chen.open(f"/my-cases/{number}/")
        counties.settle()
        do(counties, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(counties, number))
        counties.settle()
        answer = text(asked(chen))
        assert "签收" in answer
        assert stories.officer(counties, number).staff not in answer

    def test_comes_to_whoever_fills_in_an_act(self, counties: World, number: str) -> None:
        acknowledged(counties, number)
        one = staff(counties, "jiashan", "js-hrss").open(f"/desk/{number}/acts/{Act.REFUSE}/")
        do(counties, "jiashan", number, Act.ACCEPT, stories.officer(counties, number))
        assert "受理" in text(asked(one))


class TestAsking:
    def test_opens_nothing(self, counties: World, number: str) -> None:
        officer = staff(counties, "jiashan", "js-hrss")
        before = case_on(counties, "jiashan", number).version
        for seen in ("0", "1", "x", "9" * 30):
            assert officer._call("get", f"/desk/{number}/", None, {POLLING: seen}).status_code in (200, 304)
        assert case_on(counties, "jiashan", number).version == before

    def test_finds_no_case_of_others(self, counties: World, number: str) -> None:
        for login, page in (("tn-window", "counter/cases"), ("tn-hrss", "desk")):
            stranger = staff(counties, "third", login)
            answer = stranger._call("get", f"/{page}/{number}/", None, {POLLING: "1"})
            assert answer.status_code == 404

    def test_does_not_keep_its_reader_signed_in(self, clerk: Browser, counties: World) -> None:
        for _ in range(4):
            counties.at += timedelta(minutes=10)
            last = asked(clerk)
        assert last.status_code == 401
        assert "登录已失效" in text(last)
        assert "password" not in text(last)

"""Every desk with something half typed on it."""

from collections.abc import Callable

import pytest

from tests import stories
from tests.web.browser import Browser
from tests.web.test_applicant import DRIVING, begin, filed
from tests.web.test_officer import staff
from tests.world import World
from tongban.cases.words import Act
from tongban.kernel.journal import writer as journal

TYPED = "手写的一段说明，不能丢"


def again(browser: Browser, login: str, who: str = "staff") -> Browser:
    """Sign in on the page that the browser was led to."""
    assert browser.url.startswith("/sign-in/"), browser.url
    return browser.sign_in(login, who=who)


def events(world: World, node: str, number: str) -> list[str]:
    with world.on(node):
        return [event.kind for event in journal.events_of(number)]


def window(world: World) -> Browser:
    """Give a clerk who has signed in and sits at a window."""
    clerk = staff(world, "qingyang", "qy-window")
    return clerk.send() if clerk.url == "/counter/shift/" else clerk


# ------------------------------------------------------------------ a desk with something half typed on it
type Desk = tuple[Browser, str, str]  # browser, login, the address of the page that is filled in


def counter_draft(world: World) -> Desk:
    clerk = window(world).open("/counter/?q=社会保障卡 嘉善")
    clerk.send(to=f"/{world['jiashan'].offering(stories.PROXY)}/")
    return clerk, "qy-window", clerk.url


def counter_case(world: World) -> Desk:
    clerk = window(world)
    return clerk, "qy-window", clerk.open(f"/counter/cases/{stories.received(world)}/").url


def officer_act(world: World) -> Desk:
    number = stories.acknowledged(world)
    officer = staff(world, "jiashan", "js-hrss").open(f"/desk/{number}/acts/{Act.REFUSE}/")
    return officer, "js-hrss", officer.url


def supervised(world: World) -> Desk:
    number = stories.forwarded(world)
    world.wait_until("2026-03-20")
    watcher = staff(world, "jiashan", "js-supervisor").open(f"/supervision/cases/{number}/")
    return watcher, "js-supervisor", watcher.url


def my_case(world: World) -> Desk:
    chen = Browser(world).sign_in("qy-chen")
    return chen, "qy-chen", chen.open(f"/my-cases/{filed(chen)}/").url


def draft_step(world: World) -> Desk:
    chen = Browser(world).sign_in("qy-chen")
    begin(chen, DRIVING)
    return chen, "qy-chen", chen.url


# desk → the form that is sent, the field with the text
DESKS: dict[Callable[[World], Desk], tuple[str, str]] = {
    counter_draft: ("", "applicant_address"),
    counter_case: (f"/acts/{Act.RETURN}/", "reason"),
    officer_act: ("", "reason"),
    supervised: ("/press/", "note"),
    my_case: (f"/acts/{Act.URGE}/", "remark"),
    draft_step: ("", "applicant_address"),
}
EVERY_DESK = pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.__name__)


def typed_into(browser: Browser, desk: Callable[[World], Desk]) -> list[str]:
    form, name = DESKS[desk]
    return browser.form(form).values[name]

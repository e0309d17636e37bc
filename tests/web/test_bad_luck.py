"""What bad input and bad luck get at each desk: a sentence, nothing typed is lost, a way on."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import stories
from tests.web.browser import Browser
from tests.web.test_applicant import DRIVING, begin, filed
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import demo
from tongban.cases.words import Act
from tongban.kernel import journal
from tongban.web import unfinished

pytestmark = pytest.mark.slow
TYPED = "手写的一段说明，不能丢"
SESSION = timedelta(hours=2)  # longer than any session lasts idle


def again(browser: Browser, login: str, who: str = "staff") -> Browser:
    """Sign in on the page that the browser was led to."""
    assert browser.url.startswith("/sign-in/"), browser.url
    return browser.send({"who": who, "name": login, "password": demo.PASSWORD})


def events(world: World, node: str, number: str) -> list[str]:
    with world.on(node):
        return [event.kind for event in journal.events_of(number)]


# ------------------------------------------------------------------ a desk with something half typed on it
type Desk = tuple[Browser, str, str]  # browser, login, the address of the page that is filled in


def counter_draft(world: World) -> Desk:
    clerk = staff(world, "qingyang", "qy-window").open("/counter/?q=社会保障卡 嘉善")
    clerk.send(to=f"/{world['jiashan'].offering(stories.PROXY)}/")
    return clerk, "qy-window", clerk.url


def counter_case(world: World) -> Desk:
    clerk = staff(world, "qingyang", "qy-window")
    return clerk, "qy-window", clerk.open(f"/counter/cases/{stories.received(world)}/").url


def officer_act(world: World) -> Desk:
    number = stories.acknowledged(world)
    officer = staff(world, "jiashan", "js-hrss").open(f"/desk/{number}/acts/{Act.REFUSE}/")
    return officer, "js-hrss", officer.url


def supervised(world: World) -> Desk:
    number = stories.forwarded(world)
    world.wait_until("2026-03-20")
    world.watch()
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
    supervised: ("/answer/", "note"),
    my_case: (f"/acts/{Act.URGE}/", "remark"),
    draft_step: ("", "applicant_address"),
}
EVERY_DESK = pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.__name__)


def typed_into(browser: Browser, desk: Callable[[World], Desk]) -> list[str]:
    form, name = DESKS[desk]
    return browser.form(form).values[name]


class TestSessionEndedWhileTyping:
    @EVERY_DESK
    def test_the_same_person_finds_the_form_filled_in(
        self, counties: World, desk: Callable[[World], Desk]
    ) -> None:
        browser, login, page = desk(counties)
        before = {node: _all_events(counties, node) for node in counties.nodes}
        counties.at += SESSION
        form, name = DESKS[desk]
        browser.send({name: TYPED}, to=form)
        assert "没有丢" in browser.words
        assert TYPED not in browser.text
        again(browser, login, "applicant" if login == "qy-chen" else "staff")
        assert browser.url == page
        assert "已经找回" in browser.words
        assert typed_into(browser, desk) == [TYPED]
        assert {node: _all_events(counties, node) for node in counties.nodes} == before
        # Once: whoever opens the page again begins anew.
        browser.open(page)
        assert TYPED not in browser.text

    @EVERY_DESK
    def test_nobody_else_is_given_it(self, counties: World, desk: Callable[[World], Desk]) -> None:
        browser, login, page = desk(counties)
        counties.at += SESSION
        form, name = DESKS[desk]
        browser.send({name: TYPED}, to=form)
        county, applicant = login[:2], login == "qy-chen"
        other = {"qy-chen": "qy-lin", "qy-window": "qy-window2", "js-hrss": "js-hrss-head"}.get(
            login, f"{county}-office"
        )
        again(browser, other, "applicant" if applicant else "staff")
        assert TYPED not in browser.text
        browser.open(page)
        assert TYPED not in browser.text
        # It is gone for good, not only hidden.
        with counties.on(browser.node):
            assert not browser.client.session.get(unfinished.KEY)

    @EVERY_DESK
    def test_signed_in_again_in_another_tab(self, counties: World, desk: Callable[[World], Desk]) -> None:
        browser, login, page = desk(counties)
        form, name = DESKS[desk]
        url, text = browser.url, browser.text
        browser.open("/sign-in/")
        browser.send(
            {"who": "applicant" if login == "qy-chen" else "staff", "name": login, "password": demo.PASSWORD}
        )
        browser.url, browser.text = url, text
        browser.send({name: TYPED}, to=form)
        assert browser.url == page
        assert "已经找回" in browser.words
        assert typed_into(browser, desk) == [TYPED]

    @EVERY_DESK
    def test_signed_out_in_another_tab(self, counties: World, desk: Callable[[World], Desk]) -> None:
        browser, login, page = desk(counties)
        form, name = DESKS[desk]
        url, text = browser.url, browser.text
        browser.open("/lookup/")
        leave = next(form for form in browser.page.forms if "sign-out" in form.action)
        browser._done(browser._call("post", leave.action, leave.values))
        browser.url, browser.text = url, text
        browser.send({name: TYPED}, to=form)
        again(browser, login, "applicant" if login == "qy-chen" else "staff")
        assert (browser.url, typed_into(browser, desk)) == (page, [TYPED])

    def test_a_page_of_somebody_elses_is_not_sent_under_another_name(self, counties: World) -> None:
        clerk, _, page = counter_case(counties)
        url, text = clerk.url, clerk.text
        clerk.open("/sign-in/").send({"who": "staff", "name": "qy-window2", "password": demo.PASSWORD})
        clerk.url, clerk.text = url, text
        clerk.send({"reason": TYPED}, to=f"/acts/{Act.RETURN}/")
        assert clerk.status == 403
        assert "另一个账号" in clerk.words
        assert TYPED not in clerk.open(page).text

    def test_it_is_sealed_and_lasts_half_an_hour(self, counties: World) -> None:
        clerk, login, page = counter_case(counties)
        counties.at += SESSION
        clerk.send({"reason": TYPED}, to=f"/acts/{Act.RETURN}/")
        with counties.on("qingyang"):
            stored = str(dict(clerk.client.session))
        assert "until" in stored
        assert TYPED not in stored
        assert "qy-window" not in stored
        counties.at += unfinished.KEPT + timedelta(seconds=1)
        again(clerk, login)
        assert clerk.url == page
        assert TYPED not in clerk.text

    def test_from_another_site_nothing_is_filled_in(self, counties: World) -> None:
        clerk, _, page = counter_case(counties)
        form = clerk.form(f"/acts/{Act.RETURN}/")
        with counties.on("qingyang"):
            answer = clerk.client.post(
                form.action, {"reason": TYPED, "csrfmiddlewaretoken": form.values["csrfmiddlewaretoken"]},
                headers={"origin": "https://elsewhere.example"},
            )  # fmt: skip
        assert answer.status_code == 403
        assert TYPED not in clerk.open(page).text

    def test_files_are_asked_for_again(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen")
        number = begin(chen, DRIVING)
        chen.open(f"/drafts/{number}/materials/")
        code = next(f.values["code"][0] for f in chen.page.forms if "code" in f.values)
        counties.at += SESSION
        chen.send(to=code, file=("x.png", stories.PNG))
        again(chen, "qy-chen", "applicant")
        assert chen.url == f"/drafts/{number}/materials/"
        assert "请重新选择" in chen.words


def _all_events(world: World, node: str) -> int:
    from tongban.kernel.models import Event

    with world.on(node):
        return Event.objects.count()

"""The session ends while somebody types: they find it again, and nobody else does."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import stories
from tests.web.browser import Browser
from tests.web.desks import DESKS, EVERY_DESK, TYPED, Desk, again, counter_case, typed_into
from tests.web.test_applicant import DRIVING, begin
from tests.world import World
from tongban.cases.words import Act
from tongban.kernel.models import Event
from tongban.web import unfinished

pytestmark = pytest.mark.slow
SESSION = timedelta(hours=2)  # longer than any session lasts idle


class TestSessionEndedWhileTyping:
    @EVERY_DESK
    def test_the_same_person_finds_the_form_filled_in(
        self, counties: World, desk: Callable[[World], Desk]
    ) -> None:
        browser, login, page = desk(counties)
        before = {node: how_many_events(counties, node) for node in counties.nodes}
        counties.at += SESSION
        form, name = DESKS[desk]
        browser.send({name: TYPED}, to=form)
        assert "没有丢" in browser.words
        assert TYPED not in browser.text
        again(browser, login, "applicant" if login == "qy-chen" else "staff")
        assert browser.url == page
        assert "已经找回" in browser.words
        assert typed_into(browser, desk) == [TYPED]
        assert {node: how_many_events(counties, node) for node in counties.nodes} == before
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
        browser.open("/sign-in/").sign_in(login, who="applicant" if login == "qy-chen" else "staff")
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
        clerk.open("/sign-in/").sign_in("qy-window2", who="staff")
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


def how_many_events(world: World, node: str) -> int:
    with world.on(node):
        return Event.objects.count()

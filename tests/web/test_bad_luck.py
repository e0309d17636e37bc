"""What bad input and bad luck get at each desk: a sentence, nothing typed is lost, a way on."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db.models import F

from tests import stories
from tests.stories import case_on, do
from tests.web.browser import Browser
from tests.web.test_applicant import DRIVING, begin, filed
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import demo
from tongban.agreements.models import Agreement
from tongban.cases.words import Act, Phase
from tongban.catalogue.models import Offering
from tongban.kernel import journal, vault
from tongban.materials.models import Draft
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


class TestPressedTwice:
    """A double click, or the back button and once more: done once, and told as done."""

    def test_at_the_window(self, counties: World) -> None:
        clerk, _, page = counter_case(counties)
        number, text = page.split("/")[3], clerk.text
        for _ in range(2):
            clerk.url, clerk.text = page, text
            clerk.send({"method": "id_card"}, to=f"/acts/{Act.CHECK_IDENTITY}/")
            assert (clerk.status, "已完成" in clerk.words) == (200, True)
        assert events(counties, "qingyang", number).count(Act.CHECK_IDENTITY) == 1

    def test_at_the_department(self, counties: World) -> None:
        number = stories.forwarded(counties)
        officer = staff(counties, "jiashan", "js-hrss").open(f"/desk/{number}/")
        text = officer.text
        for _ in range(2):
            officer.url, officer.text = f"/desk/{number}/", text
            officer.send(to=f"/acts/{Act.ACKNOWLEDGE}/")
            assert (officer.status, officer.url.endswith(f"?done={Act.ACKNOWLEDGE}")) == (200, True)
        assert events(counties, "jiashan", number).count(Act.ACKNOWLEDGE) == 1

    def test_with_other_words_is_told_and_keeps_them(self, counties: World) -> None:
        watcher, _, page = supervised(counties)
        text = watcher.text
        watcher.send({"note": "已电话督促"}, to="/answer/")
        assert "已记录" in watcher.words
        watcher.url, watcher.text = page, text
        watcher.send({"note": TYPED}, to="/answer/")
        assert watcher.status == 409
        assert TYPED in watcher.words

    def test_at_the_supervisors_desk(self, counties: World) -> None:
        watcher, _, page = supervised(counties)
        number, text = page.split("/")[3], watcher.text
        for _ in range(2):
            watcher.url, watcher.text = page, text
            watcher.send({"note": "已电话督促"}, to="/answer/")
            assert (watcher.status, "已记录" in watcher.words) == (200, True)
        assert events(counties, "jiashan", number).count(Act.SUPERVISE) == 1


class TestStalePage:
    def test_a_window_is_told_what_was_typed_in_vain(self, counties: World) -> None:
        clerk, _, page = counter_case(counties)
        number = page.split("/")[3]
        counties.at += timedelta(minutes=1)
        do(counties, "qingyang", number, Act.WITHDRAW, counties["qingyang"].staff("window"))
        clerk.send({"reason": TYPED}, to=f"/acts/{Act.RETURN}/")
        assert clerk.status == 409
        assert TYPED in clerk.words

    def test_an_applicant_is_told_what_was_typed_in_vain(self, counties: World) -> None:
        chen, _, page = my_case(counties)
        number = page.split("/")[2]
        counties.settle()
        do(counties, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(counties, number))
        do(
            counties,
            "jiashan",
            number,
            Act.REFUSE,
            stories.officer(counties, number),
            texts={"reason": "不属于", "remedies": "复议"},
        )
        counties.settle()
        chen.send({"remark": TYPED}, to=f"/acts/{Act.URGE}/")
        assert chen.status == 409
        assert TYPED in chen.words


class TestReloading:
    def test_the_address_of_an_act_leads_to_its_page(self, counties: World) -> None:
        clerk, _, page = counter_case(counties)
        assert clerk.open(f"{page}acts/{Act.RETURN}/").url == page
        watcher, _, page = supervised(counties)
        assert watcher.open(f"{page}answer/").url == page

    def test_an_address_that_leads_nowhere_has_a_way_on(self, counties: World) -> None:
        visitor = Browser(counties).open("/no-such-page/")
        assert (visitor.status, "没有这个页面" in visitor.words) == (404, True)
        assert 'href="/"' in visitor.text


class TestWithdrawnMeanwhile:
    def test_a_window_keeps_the_draft_and_is_told(self, counties: World) -> None:
        clerk, _, page = counter_draft(counties)
        clerk.send({"applicant_address": TYPED}, button="do=save")
        with counties.on("qingyang"):
            code = counties["jiashan"].offering(stories.PROXY)
            Offering.objects.filter(code=code).update(state=Offering.State.PAUSED)
        clerk.send({"applicant_name": "张三"}, button="do=take")
        assert clerk.status in (409, 422)
        assert clerk.open(page).form().values["applicant_address"] == [TYPED]

    def test_nothing_is_begun_for_it(self, counties: World) -> None:
        code = counties["jiashan"].offering(stories.PROXY)
        clerk = window(counties).open("/counter/?q=社会保障卡 嘉善")
        with counties.on("qingyang"):
            Offering.objects.filter(code=code).update(state=Offering.State.PAUSED)
        clerk.send(to=f"/{code}/")
        assert clerk.status in (404, 409)
        assert "返回上一页" in clerk.words


class TestWrongPlace:
    def test_without_an_agreement_it_says_so_and_where_to_go(self, counties: World) -> None:
        code = counties["jiashan"].offering(DRIVING)
        with counties.on("qingyang"):
            Agreement.objects.exclude(party_a=F("party_b")).delete()
        chen = Browser(counties).sign_in("qy-chen").open(f"/items/{code}/start/")
        assert chen.status == 200
        assert "协议" in chen.words
        assert "开始填写" not in chen.words
        assert f'href="/items/{code}/"' in chen.text

    def test_a_window_cannot_take_in_what_is_only_online(self, counties: World) -> None:
        code = counties["jiashan"].offering("food-business-licence")
        clerk = window(counties)
        clerk.open("/counter/?q=嘉善 食品经营许可证")
        clerk.send(to=f"/{code}/")
        assert "不能代收" in clerk.words
        assert ("do", "take") not in clerk.form().buttons


class TestOtherSideUnreachable:
    def test_pushing_waits_and_arrives(self, counties: World) -> None:
        number = stories.reviewed(counties)
        clerk = window(counties).open(f"/counter/cases/{number}/")
        counties["jiashan"].reachable = False
        clerk.send(to=f"/acts/{Act.FORWARD}/")
        assert (clerk.status, "已推送" in clerk.words) == (200, True)
        counties.round()
        watcher = staff(counties, "qingyang", "qy-supervisor").open("/supervision/peers/")
        assert "嘉善" in watcher.words
        counties["jiashan"].reachable = True
        counties.at += timedelta(hours=1)
        counties.settle()
        assert case_on(counties, "jiashan", number).phase == Phase.FORWARDED

    def test_an_officer_sends_the_result_all_the_same(self, counties: World) -> None:
        number = stories.decided(counties)
        head = staff(counties, "jiashan", "js-hrss-head").open(f"/desk/{number}/")
        counties["qingyang"].reachable = False
        head.send(to=f"/acts/{Act.CONCLUDE}/")
        head.open(f"/desk/{number}/acts/{Act.SEND_RESULT}/")
        head.send({"way": "electronic", "result": "已寄"})
        assert (head.status, "已记录" in head.words) == (200, True)
        counties.round()
        counties["qingyang"].reachable = True
        counties.at += timedelta(hours=1)
        counties.settle()
        assert "result" in {p["label"] for e in _events(counties, "qingyang", number) for p in e.content}


class TestGivingADraftUp:
    @pytest.mark.parametrize(
        ("desk", "leave"), [(draft_step, "/my-cases/"), (counter_draft, "/counter/")], ids=["own", "window"]
    )
    def test_asks_once_and_destroys_it(
        self, counties: World, desk: Callable[[World], Desk], leave: str
    ) -> None:
        browser, _, page = desk(counties)
        number = re.findall(r"/drafts/(\w+)/", page)[0]
        browser.send({"applicant_address": TYPED}, **({"button": "do=save"} if desk is counter_draft else {}))
        browser.open(leave)
        where = f"{page.partition(number)[0]}{number}/discard/"
        assert where in browser.text
        browser.open(where)
        assert "不能恢复" in browser.words
        asked = browser.text
        browser.send()
        assert browser.url.startswith(leave)
        assert "已经销毁" in browser.words
        assert number not in browser.text
        # Pressed twice, or back and once more.
        browser.url, browser.text = where, asked
        assert browser.send().status == 200
        with counties.on("qingyang"):
            assert vault.is_destroyed(number)
            assert not Draft.objects.filter(number=number).exists()
            assert not list((settings.VAULT_FOLDER / number[-9:-7] / number).glob("*"))
        assert browser.open(page).status == 404

    def test_a_case_is_not_given_up(self, counties: World) -> None:
        chen, _, page = my_case(counties)
        number = page.split("/")[2]
        assert chen.open(f"/drafts/{number}/discard/").url == page


def test_the_entry_of_the_desk_stays_marked_on_its_pages(counties: World) -> None:
    clerk, _, _page = counter_case(counties)
    assert '<a href="/counter/" aria-current="true">' in clerk.text
    assert '<a href="/counter/" aria-current="page">' in clerk.open("/counter/").text
    chen = Browser(counties).sign_in("qy-chen")
    begin(chen, DRIVING)
    assert '<a href="/my-cases/" aria-current="true">' in chen.text
    assert chen.text.count('aria-current="true"') == 1


def _events(world: World, node: str, number: str) -> list[Any]:
    with world.on(node):
        return journal.events_of(number)

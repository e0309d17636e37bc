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
from tests.web import test_counter
from tests.web.browser import Browser
from tests.web.desks import (
    TYPED,
    Desk,
    counter_case,
    counter_draft,
    draft_step,
    events,
    my_case,
    supervised,
    window,
)
from tests.web.test_applicant import DRIVING, begin
from tests.web.test_officer import staff
from tests.world import World
from tongban.agreements.models import Agreement
from tongban.cases.words import Act, Phase
from tongban.catalogue.models import Offering
from tongban.kernel import vault
from tongban.kernel.journal import writer as journal
from tongban.materials.models import Draft

pytestmark = pytest.mark.slow


class TestPressedTwice:
    """A double click, or the back button and once more: done once, and told as done."""

    def test_at_the_window(self, counties: World) -> None:
        clerk, _, page = counter_case(counties)
        number, text = page.split("/")[3], clerk.text
        for _ in range(2):
            clerk.url, clerk.text = page, text
            clerk.send(test_counter.SEEN, to=f"/acts/{Act.CHECK_IDENTITY}/")
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
        watcher.send({"note": "已电话督促"}, to="/press/")
        assert "已记录" in watcher.words
        watcher.url, watcher.text = page, text
        watcher.send({"note": TYPED}, to="/press/")
        assert watcher.status == 409
        assert TYPED in watcher.words

    def test_at_the_supervisors_desk(self, counties: World) -> None:
        watcher, _, page = supervised(counties)
        number, text = page.split("/")[3], watcher.text
        for _ in range(2):
            watcher.url, watcher.text = page, text
            watcher.send({"note": "已电话督促"}, to="/press/")
            assert (watcher.status, "已记录" in watcher.words) == (200, True)
        assert events(counties, "jiashan", number).count(Act.PRESS) == 1


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
            texts={"reason": "不属于"},
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
        assert watcher.open(f"{page}press/").url == page

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

    def test_a_window_cannot_take_in_what_is_only_online_where_no_code_can_be_sent(
        self, counties: World
    ) -> None:
        code = counties["jiashan"].offering("food-business-licence")
        clerk = window(counties)
        clerk.open("/counter/?q=嘉善 食品经营许可证")
        assert (
            "只能网上办，本地没有接通短信，不能凭确认码帮办：请帮助申请人用本人账号网上申报。" in clerk.words
        )
        assert f"/counter/take/{code}/" not in clerk.text


class TestOtherSideUnreachable:
    def test_pushing_waits_and_arrives(self, counties: World) -> None:
        number = stories.reviewed(counties)
        clerk = window(counties).open(f"/counter/cases/{number}/")
        counties["jiashan"].reachable = False
        clerk.send(to=f"/acts/{Act.FORWARD}/").send(button="sure=1")
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
        head.open(f"/desk/{number}/acts/{Act.CONCLUDE}/").send().send(button="sure=1")
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

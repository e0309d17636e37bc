"""Looking at a case without an account, by a code that goes to its telephone: what it opens, for how long, and that nobody can probe."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests import stories
from tests.notices.gateways import Gateway, with_gateway
from tests.stories import do
from tests.web.browser import Browser
from tests.web.test_applicant import chen, filed
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.cases import commands, queries
from tongban.cases.words import Act
from tongban.catalogue import seed
from tongban.kernel import vault
from tongban.kernel.errors import DomainError, NotFound, NotPermitted
from tongban.kernel.journal import numbers
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Access
from tongban.letters import queries as letters
from tongban.notices import codes
from tongban.notices import commands as notices
from tongban.notices.models import Dispatch, SmsCode
from tongban.procedures import queries as matters
from tongban.seals import demo as demo_seals

__all__ = ["chen"]
pytestmark = [pytest.mark.slow, pytest.mark.attack("E6")]

MINUTE = timedelta(minutes=1)
SAID = "如果编号有效，并且办件登记了手机，验证码已发到那个手机，10 分钟内有效。"


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def town(counties: World, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> World:
    return with_gateway(counties, gateway, monkeypatch)


def ask(world: World, number: str, browser: Browser | None = None) -> Browser:
    """Ask for a code on the page, and let the worker send it."""
    browser = (browser or Browser(world)).open("/lookup/")
    form = browser.form()
    values = {"number": number, "proof": "", "csrfmiddlewaretoken": form.values["csrfmiddlewaretoken"][0]}
    browser._done(browser._call("post", "/lookup/send/", values))
    with world.on("qingyang"):
        codes.run(world.at)
    return browser


def code_of(gateway: Gateway) -> str:
    found = re.search(r"验证码([0-9]{6})", gateway.sent[-1][2])
    assert found, gateway.sent
    return found[1]


def visit(world: World, gateway: Gateway, number: str) -> Browser:
    browser = ask(world, number)
    return browser.send({"code": code_of(gateway)}, to="/lookup/code/")


def refused_with(refusal: type[DomainError], world: World, number: str, typed: str) -> None:
    with world.on("qingyang"), pytest.raises(refusal) as told:
        codes.use(number=number, purpose=SmsCode.Purpose.LOOK, typed=typed, at=world.at)
    assert told.value.code == refusal.code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def nobodys(world: World) -> str:
    return str(numbers.issue("500152", "x" * 64, 1, world.at.date()))


class TestTheCase:
    def test_shows_its_state_and_story_and_nothing_of_the_person(self, town: World, gateway: Gateway) -> None:
        number = stories.acknowledged(town)
        town.settle()
        page = visit(town, gateway, number)
        assert (page.status, page.url) == (200, "/lookup/case/")
        assert gateway.sent[-1][1] == seed.example(stories.PROXY)["applicant_mobile"]
        for said in ("已签收", "办理经过", "窗口审查通过", "看完了，退出"):
            assert said in page.words, said
        form = seed.example(stories.PROXY)
        for personal in (form["applicant_name"], form["applicant_idno"], form["applicant_mobile"]):
            assert personal not in page.text
        assert not re.search(r"materials/|sm3:", page.text)

    def test_each_look_is_written_down_and_told_to_who_watches(self, town: World, gateway: Gateway) -> None:
        number = stories.received(town)
        page = visit(town, gateway, number)
        page.open("/lookup/case/")
        with town.on("qingyang"):
            looks = list(Access.objects.filter(kind="visitor").values_list("matter", "doing", "result"))
        assert looks == [(number, "lookup-case", "ok")] * 2
        watcher = staff(town, "qingyang", "qy-supervisor").open(f"/numbers/{number}/looks/")
        assert "凭短信验证码的人" in watcher.words

    def test_ends_when_its_reader_says_so_and_after_a_quarter_of_an_hour(
        self, town: World, gateway: Gateway
    ) -> None:
        number = stories.received(town)
        page = visit(town, gateway, number)
        assert page.send(to="/lookup/leave/").url == "/lookup/"
        assert page.open("/lookup/case/").status == 401

        page = visit(town, gateway, number)
        town.at += 14 * MINUTE
        assert page.open("/lookup/case/").status == 200
        town.at += MINUTE
        assert page.open("/lookup/case/").status == 401
        assert "查看时间已到" in page.words

    def test_is_gone_for_whoever_signs_in_next(self, town: World, gateway: Gateway) -> None:
        page = visit(town, gateway, stories.received(town))
        page.sign_in("qy-chen")
        assert page.open("/lookup/case/").status == 401

    def test_one_that_was_withdrawn_still_says_so(self, town: World, gateway: Gateway) -> None:
        number = stories.received(town)
        clerk = town["qingyang"].staff("window")
        do(town, "qingyang", number, Act.RETURN, clerk, texts={"reason": "材料不符"})
        assert "窗口退件" in visit(town, gateway, number).words

    def test_one_whose_content_is_destroyed_has_no_telephone_and_no_letters(
        self, town: World, gateway: Gateway
    ) -> None:
        number = stories.received(town)
        page = visit(town, gateway, number)
        with town.on("qingyang"):
            vault.destroy(number, "测试", town.at)
            notices.forget(number)
            assert not SmsCode.objects.exists()
        assert "内容已依规定销毁" in page.open("/lookup/case/").words
        ask(town, number)
        assert len(gateway.sent) == 1


@pytest.mark.sealed
class TestLetters:
    @pytest.mark.prove("seals letters in earnest")
    def test_are_those_of_this_case_as_they_were_sealed_and_of_no_other(
        self, town: World, gateway: Gateway
    ) -> None:
        with town.on("jiashan"):
            demo_seals.seal_county(town.at)
        number, other = stories.acknowledged(town), stories.acknowledged(town)
        for one in (number, other):
            reason = {"reason": "不属于本机关职权范围。"}
            do(town, "jiashan", one, Act.REFUSE, stories.officer(town, one), texts=reason)
        town.settle()
        page = visit(town, gateway, number)
        assert "不予受理" in page.words
        answer = page.fetch("/lookup/case/letters/refusal.pdf")
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF")
        # The slips of the window are drawn from the form.
        assert page.fetch("/lookup/case/letters/receipt.pdf").status_code == 404
        assert Browser(town).fetch("/lookup/case/letters/refusal.pdf").status_code == 401
        with town.on("qingyang"):
            row = Access.objects.get(kind="visitor", doing="lookup-letter")
            assert (row.matter, row.content.startswith("sm3:")) == (number, True)

        me = Actor(kind=ActorKind.VISITOR, channel=Channel.WEB, matter=number)
        with town.on("qingyang"):
            mine = queries.case(number, me)
            with pytest.raises(NotFound):
                queries.case(other, me)
            theirs = stories.case_on(town, "qingyang", other)
            assert letters.due(theirs, by=me) == {}
            with pytest.raises(NotPermitted):
                letters.printed("refusal", theirs, by=me, at=town.at)
            with pytest.raises(NotPermitted):
                matters.contents(theirs, me)
            assert {one.label for one in matters.contents(mine, me)} == {"letter"}
            form = str(journal.events_of(number)[0].content[0]["digest"])
            with pytest.raises(NotFound):
                matters.open_content(mine, form, me)
            with pytest.raises(NotPermitted):
                commands.act(case=mine, act=Act.URGE, by=me, at=town.at, texts={})


class TestNobodyCanProbe:
    def test_number_telephone_and_gateway_make_no_difference_to_the_answer(
        self, town: World, gateway: Gateway, chen: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number, own, lost = stories.received(town), filed(chen), stories.received(town)
        with town.on("qingyang"):
            vault.destroy(lost, "测试", town.at)

        def answer(one: str) -> tuple[int, str, int]:
            page = ask(town, one)
            assert SAID in page.words
            with town.on("qingyang"):
                row = SmsCode.objects.get(matter=one)
            typed = page.send({"code": "12 34"}, to="/lookup/code/")
            return typed.status, typed.words.replace(one, "…"), (row.ends_at - row.asked_at).seconds

        expected = answer(number)
        assert expected[0] == 422
        assert len(gateway.sent) == 1
        for one in (nobodys(town), own, lost):
            assert answer(one) == expected
        town.at += 15 * MINUTE  # five wrong codes from one address are enough for a while
        gateway.down = True
        assert answer(number) == expected
        gateway.down, gateway.refuses = False, "blacklisted"
        assert answer(number) == expected
        assert len(gateway.sent) == 1

    def test_a_slip_of_the_finger_is_told_at_once(self, town: World) -> None:
        page = ask(town, "123")
        assert page.status == 422

    def test_whoever_has_the_number_by_mistake_is_sent_nothing(self, town: World, gateway: Gateway) -> None:
        town.settle()
        number = stories.received(town)
        town.settle()
        with town.on("qingyang"):
            Dispatch.objects.filter(matter=number).update(reason="wrong_subscriber")
        ask(town, number)
        assert gateway.sent == []

    def test_only_so_many_of_a_number_and_from_an_address(self, town: World, gateway: Gateway) -> None:
        number, unknown = stories.received(town), nobodys(town)
        for one in (number, unknown):
            assert [ask(town, one).status for _ in range(4)] == [200, 200, 200, 429]
        assert len(gateway.sent) == 3
        town.at += 60 * MINUTE
        assert ask(town, number).status == 200
        answers = [ask(town, stories.received(town)).status for _ in range(10)]
        assert answers == [200] * 9 + [429]


class TestTheCode:
    def sent(self, town: World, gateway: Gateway) -> tuple[str, str]:
        number = stories.received(town)
        ask(town, number)
        return number, code_of(gateway)

    def test_opens_once_its_own_case_and_stands_nowhere(self, town: World, gateway: Gateway) -> None:
        number, code = self.sent(town, gateway)
        other, theirs = self.sent(town, gateway)
        with town.on("qingyang"):
            rows: list[dict[str, Any]] = list(SmsCode.objects.values())
        assert all(code not in str(row) and theirs not in str(row) for row in rows)
        refused_with(codes.SmsCodeWrong, town, other, code if code != theirs else wrong(theirs))
        wide = code.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
        page = Browser(town).open(f"/lookup/code/?number={number}")
        assert page.send({"code": f" {wide} "}, to="/lookup/code/").url == "/lookup/case/"
        refused_with(codes.SmsCodeUsed, town, number, code)

    def test_is_good_for_ten_minutes(self, town: World, gateway: Gateway) -> None:
        number, code = self.sent(town, gateway)
        town.at += 10 * MINUTE
        refused_with(codes.SmsCodeExpired, town, number, code)
        ask(town, number)
        assert code_of(gateway) != code or len(gateway.sent) == 2
        with town.on("qingyang"):
            codes.use(
                number=number, purpose=SmsCode.Purpose.LOOK, typed=code_of(gateway), at=town.at + 9 * MINUTE
            )

    def test_is_spent_after_five_wrong_tries(self, town: World, gateway: Gateway) -> None:
        number, code = self.sent(town, gateway)
        for _ in range(codes.TRIES):
            refused_with(codes.SmsCodeWrong, town, number, wrong(code))
        refused_with(codes.SmsCodeSpent, town, number, code)

    def test_the_newest_counts(self, town: World, gateway: Gateway) -> None:
        number, code = self.sent(town, gateway)
        ask(town, number)
        fresh = code_of(gateway)
        if fresh != code:
            refused_with(codes.SmsCodeWrong, town, number, code)

    def test_an_address_that_guesses_has_to_wait(self, town: World, gateway: Gateway) -> None:
        page = Browser(town).open(f"/lookup/code/?number={nobodys(town)}")
        answers = [page.send({"code": "000000"}, to="/lookup/code/").status for _ in range(6)]
        assert answers == [422] * 5 + [429]


class TestSending:
    def test_at_night_too(self, town: World, gateway: Gateway) -> None:
        number = stories.received(town)
        town.wait_until("2026-03-02", 23)
        ask(town, number)
        assert len(gateway.sent) == 1

    def test_again_while_it_counts_and_never_after(self, town: World, gateway: Gateway) -> None:
        number, late = stories.received(town), stories.received(town)
        gateway.down = True
        ask(town, number)
        ask(town, late)
        gateway.down = False
        with town.on("qingyang"):
            SmsCode.objects.filter(matter=late).update(next_at=town.at + 10 * MINUTE)
            town.at += MINUTE
            assert codes.run(town.at) == 1
            assert codes.run(town.at) == 0
            town.at += 9 * MINUTE
            assert codes.run(town.at) == 0
            assert len(gateway.sent) == 1
            town.at += timedelta(days=2)
            assert codes.run(town.at) == 2
            assert not SmsCode.objects.exists()

"""Assisted filing at the window (帮办): what only goes online, confirmed by a code to the applicant's telephone."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests import stories
from tests.notices.gateways import Gateway, with_gateway
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_counter import Clerk, begin, everything
from tests.world import World
from tongban.cases import commands
from tongban.cases.words import Act, Duty, Mode, Phase
from tongban.kernel import vault
from tongban.kernel.journal import writer as journal
from tongban.notices import codes, ports
from tongban.procedures.deciding import ActNotAllowed
from tongban.signin import helping

pytestmark = pytest.mark.slow

SOON = timedelta(seconds=1)  # the page has a clock of its own
STRANGER = "341723198805120025"  # who has no account
FOOD = "food-business-licence"
ONLINE = [Act.FILE, Act.RECEIVE, Act.PASS_ONLINE, Act.FORWARD]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def clerk(counties: World, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    """Give a clerk of a node that sends messages."""
    return Clerk(with_gateway(counties, gateway, monkeypatch)).arrive()


def sheet(clerk: Clerk) -> tuple[str, dict[str, Any], list[tuple[str, bytes]]]:
    number = begin(clerk, FOOD, "食品经营许可 嘉善")
    values, files = everything(clerk, FOOD)
    return number, {**values, "seen-method": "licence", "seen-same": "1"}, files


def asked(clerk: Clerk, gateway: Gateway, values: dict[str, Any], files: list[tuple[str, bytes]]) -> str:
    """Send the code from the page; return what arrived."""
    clerk.press(values, files=files, button="do=code")
    assert clerk.status == 200, clerk.words
    assert "确认码已发到 1" in clerk.words
    with clerk.world.on("qingyang"):
        codes.run(clerk.world.at + SOON)
    found = re.search(r"验证码(\d{6})", gateway.sent[-1][2])
    assert found, gateway.sent[-1]
    return found[1]


def acts(clerk: Clerk, number: str) -> list[str]:
    with clerk.world.on("qingyang"):
        return [event.kind for event in journal.events_of(number)]


def confirm(clerk: Clerk, code: str) -> None:
    clerk.press({"help-code": code, "seen-method": "licence", "seen-same": "1"}, button="do=help")


class TestHelping:
    def test_files_online_once_the_applicant_has_said_the_code(self, clerk: Clerk, gateway: Gateway) -> None:
        number, values, files = sheet(clerk)
        assert "这个事项只能网上办" in clerk.words
        confirm(clerk, asked(clerk, gateway, values, files))

        assert acts(clerk, number) == ONLINE, clerk.words
        case = case_on(clerk.world, "qingyang", number)
        assert (case.phase, case.mode) == (Phase.FORWARDED, Mode.FULLY_ONLINE)
        assert "窗口帮办，核对其他有效身份证件原件" in clerk.words
        with clerk.world.on("qingyang"):
            filed = journal.events_of(number)[0]
            told = {one["label"]: vault.get(number, one["digest"]).decode() for one in filed.content[-3:]}
        assert filed.given["presence"] == "other_paper"
        assert filed.given["assurance"] == 3
        assert re.fullmatch(r"确认码发至 1\d\d\*{6}\d\d，申请人当面告知窗口，.*核对一致。", told["consent"])
        assert set(told) == {"checks", "evidence", "consent"}

    def test_is_found_in_the_account_of_whoever_the_form_names(self, clerk: Clerk, gateway: Gateway) -> None:
        number, values, files = sheet(clerk)
        confirm(clerk, asked(clerk, gateway, values, files))
        chen = Browser(clerk.world).sign_in("qy-chen").open(f"/my-cases/{number}/")
        assert (chen.status, "窗口帮办" in chen.words) == (200, True)
        lin = Browser(clerk.world).sign_in("qy-lin").open(f"/my-cases/{number}/")
        assert lin.status == 404

    def test_without_an_account_the_window_hands_out(self, clerk: Clerk, gateway: Gateway) -> None:
        world = clerk.world
        number, values, files = sheet(clerk)
        values = {**values, "legal_idno": STRANGER}
        confirm(clerk, asked(clerk, gateway, values, files))
        assert case_on(world, "qingyang", number).facts["applicant"] == ""
        world.settle()
        for act in (Act.ACKNOWLEDGE, Act.ACCEPT):
            stories.do(world, "jiashan", number, act, stories.officer(world, number))
        stories.review_all(world, number)
        stories.decide(world, number)
        stories.conclude(world, number)
        owed = case_on(world, "qingyang", number).state["duties"].values()
        assert [one["kind"] for one in owed if one["kind"] == Duty.HAND_OUT] == [Duty.HAND_OUT]

    def test_another_word_on_the_form_asks_for_another_code(self, clerk: Clerk, gateway: Gateway) -> None:
        number, values, files = sheet(clerk)
        code = asked(clerk, gateway, values, files)
        clerk.press({"enterprise_name": "演示县李四食品有限公司"}, button="do=save")
        confirm(clerk, code)
        assert clerk.status == 422
        assert "验证码不对，没有提交（发送后改过申请表的，须重新发送）" in clerk.words
        assert acts(clerk, number) == []

    def test_nothing_is_filed_without_a_code_that_fits(self, clerk: Clerk, gateway: Gateway) -> None:
        number, values, files = sheet(clerk)
        code = asked(clerk, gateway, values, files)
        confirm(clerk, f"{(int(code) + 1) % 10**6:06}")
        assert (clerk.status, acts(clerk, number)) == (422, [])
        confirm(clerk, code)
        assert acts(clerk, number) == ONLINE, clerk.words

    def test_a_code_needs_a_telephone_and_a_gateway(
        self, clerk: Clerk, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number, values, files = sheet(clerk)
        by = clerk.world["qingyang"].staff("window")
        with clerk.world.on("qingyang"), pytest.raises(helping.NoTelephone):
            helping.send_code(number=number, by=by, at=clerk.world.at)
        clerk.press(values, files=files, button="do=save")
        monkeypatch.setattr(ports, "sms", lambda: None)
        clerk.press(button="do=code")
        assert clerk.status == 422
        assert "本地没有接通短信" in clerk.words
        with clerk.world.on("qingyang"), pytest.raises(helping.NoSmsGateway):
            helping.send_code(number=number, by=by, at=clerk.world.at)

    def test_a_clerk_cannot_file_online_for_nobody(self, clerk: Clerk) -> None:
        number, values, files = sheet(clerk)
        clerk.press(values, files=files, button="do=save")
        by = clerk.world["qingyang"].staff("window")
        with clerk.world.on("qingyang"), pytest.raises(ActNotAllowed) as refusal:
            commands.file(number=number, mode=Mode.FULLY_ONLINE, by=by, at=clerk.world.at)
        assert "请先核对到场申请人" in str(refusal.value)

    def test_codes_for_one_draft_run_out(self, clerk: Clerk, gateway: Gateway) -> None:
        _number, values, files = sheet(clerk)
        for _ in range(5):
            asked(clerk, gateway, values, files)
        clerk.press(button="do=code")
        assert (clerk.status, "获取确认码过于频繁" in clerk.words) == (422, True)

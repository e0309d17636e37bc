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
from tongban.cases.checklist import Checked
from tongban.cases.sitting import Seen
from tongban.cases.words import Act, Duty, Mode, Phase
from tongban.catalogue import filers
from tongban.kernel import vault
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import writer as journal
from tongban.notices import codes, drafted, ports
from tongban.notices.models import SmsCode
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
    assert "确认码正发往 1" in clerk.words
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
        clerk.press({**values, "contact_mobile": ""}, files=files, button="do=code")
        assert (clerk.status, 'href="#f-contact_mobile"' in clerk.text) == (422, True)
        by = clerk.world["qingyang"].staff("window")
        with clerk.world.on("qingyang"), pytest.raises(helping.NoTelephone):
            helping.send_code(number=number, by=by, at=clerk.world.at)
        monkeypatch.setattr(ports, "sms", lambda: None)
        with clerk.world.on("qingyang"), pytest.raises(helping.NotToBeHelped):
            helping.send_code(number=number, by=by, at=clerk.world.at)
        clerk.open("/counter/?q=食品经营许可 嘉善")
        assert "本地没有接通短信，不能凭确认码帮办" in clerk.words
        assert gateway.sent == []

    def test_an_item_whose_form_asks_for_no_telephone_says_so_at_once(self, clerk: Clerk) -> None:
        clerk.open("/counter/?q=不动产抵押 嘉善")
        assert "申请表没有申请人的手机号码，不能凭确认码帮办" in clerk.words
        assert "/counter/take/" not in clerk.text

    def test_nobody_agrees_to_half_a_form(self, clerk: Clerk, gateway: Gateway) -> None:
        _number, values, files = sheet(clerk)
        clerk.press({**values, "enterprise_uscc": "1"}, files=files, button="do=code")
        assert (clerk.status, gateway.sent) == (422, [])

    def test_is_not_for_what_the_window_takes_in(self, clerk: Clerk) -> None:
        number = begin(clerk)
        by = clerk.world["qingyang"].staff("window")
        with clerk.world.on("qingyang"), pytest.raises(helping.NotToBeHelped):
            helping.send_code(number=number, by=by, at=clerk.world.at)
        seen = Seen("id_card", "0016")
        with clerk.world.on("qingyang"), pytest.raises(helping.NotToBeHelped):
            helping.file(number=number, checked=Checked({}), seen=seen, code="1", by=by, at=clerk.world.at)

    def test_what_changes_before_the_code_is_sent_is_not_confirmed(
        self, clerk: Clerk, gateway: Gateway
    ) -> None:
        _number, values, files = sheet(clerk)
        clerk.press(values, files=files, button="do=code")
        clerk.press({"contact_mobile": "13911112222"}, button="do=save")
        with clerk.world.on("qingyang"):
            codes.run(clerk.world.at + SOON)
        assert gateway.sent == []

    def test_a_draft_whose_guide_is_gone_keeps_nobody_waiting(
        self, clerk: Clerk, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number, values, files = sheet(clerk)
        clerk.press(values, files=files, button="do=code")

        def gone(*_said: object) -> str:
            raise NotFound("没有指南。")

        with clerk.world.on("qingyang"):
            codes.ask(number="other", purpose=SmsCode.Purpose.LOOK, at=clerk.world.at + SOON)
            monkeypatch.setattr(drafted, "telephone", gone)
            codes.run(clerk.world.at + 2 * SOON)
            assert not SmsCode.objects.exclude(next_at=None).exists()
        assert (gateway.sent, number) == ([], number)

    def test_files_what_was_confirmed_and_nothing_else(self, clerk: Clerk, gateway: Gateway) -> None:
        number, values, files = sheet(clerk)
        asked(clerk, gateway, values, files)
        by = clerk.world["qingyang"].staff("window")
        helped = commands.Helped("id_card", "", "sm3:another", {})
        with clerk.world.on("qingyang"), pytest.raises(journal.MovedMeanwhile):
            commands.file(number=number, mode=Mode.FULLY_ONLINE, by=by, at=clerk.world.at, helped=helped)
        assert acts(clerk, number) == []

    def test_the_form_says_whose_account_it_is_and_not_whom_it_only_mentions(self) -> None:
        form = {
            "properties": {
                name: {"format": "cn-idno"} for name in ("applicant_idno", "to_employer_uscc", "agent")
            }
        }
        filled = {"applicant_idno": "A", "to_employer_uscc": "B", "agent": {"idno": "C"}}
        assert filers.numbers_of_applicant(form, filled) == ["A"]
        assert filers.numbers_of_applicant(form, {**filled, "handled_by": "agent"}) == ["C"]
        bank = {"properties": {"mortgagee_uscc": {"format": "uscc"}}}
        assert filers.numbers_of_applicant(bank, {"mortgagee_uscc": "B"}) == []
        shop = {"properties": {name: {} for name in ("enterprise_uscc", "legal_idno")}}
        assert filers.numbers_of_applicant(shop, {"legal_idno": "L", "enterprise_uscc": "E"}) == ["E", "L"]

    def test_the_code_goes_to_whoever_files_and_not_where_the_parcel_goes(self) -> None:
        mobile = {"format": "cn-mobile"}
        parcel = {"delivery_address": {"type": "object", "properties": {"mobile": mobile}}}
        form = {"properties": {**parcel, "fax": mobile, "contact_mobile": mobile}}
        assert filers.mobile_of_filer(form, {"contact_mobile": "1"}) == (("contact_mobile",), "1")
        assert filers.mobile_of_filer({"properties": parcel}, {"delivery_address": {"mobile": "2"}}) == (
            (),
            "",
        )
        form["properties"]["agent"] = {"properties": {"mobile": mobile}}
        agent = {"handled_by": "agent", "agent": {"mobile": "3"}}
        assert filers.mobile_of_filer(form, agent) == (("agent", "mobile"), "3")

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

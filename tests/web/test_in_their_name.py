"""A window asks in the name of somebody who applied online: only when it made sure, and the applicant sees it and may take it back."""

from dataclasses import replace

import pytest

from tests import stories
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_claims import window
from tests.world import World
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Channel
from tongban.accounts.models import Applicant
from tongban.cases import answer_code, commands
from tongban.cases.words import Act, Mode
from tongban.kernel.errors import NotPermitted
from tongban.procedures.deciding import ActNotAllowed

pytestmark = pytest.mark.slow


@pytest.fixture
def number(counties: World) -> str:
    """A case of 青阳's first applicant, filed online, that 嘉善 has taken over."""
    with counties.on("qingyang"):
        applicant = Applicant.objects.order_by("pk")[0]
        owner = accounts.actor_for_applicant(applicant=applicant, channel=Channel.WEB)
    number = stories.draft(counties, "qingyang", "jiashan", stories.PROXY, owner)
    with counties.on("qingyang"):
        commands.file(number=number, mode=Mode.FULLY_ONLINE, by=owner, at=counties.at)
    counties.settle()
    stories.do(counties, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(counties, number))
    counties.settle()
    return number


@pytest.fixture
def clerk(counties: World) -> Browser:
    return window(counties, "qy-window")


def asked(world: World, number: str) -> int:
    said = case_on(world, "qingyang", number).state["facts"]["intake"]
    return int(said.get("withdrawal_requested", 0))


def ask(clerk: Browser, number: str, **typed: str) -> Browser:
    page = clerk.open(f"/counter/cases/{number}/").send(typed, to="/acts/request_withdrawal/")
    return page if page.status >= 400 else page.send(button="sure=1")


@pytest.mark.attack("A5")
class TestAWindow:
    @pytest.mark.prove("a sitting at the window for each way")
    def test_has_to_say_how_it_made_sure(self, counties: World, number: str, clerk: Browser) -> None:
        ask(clerk, number)
        assert (clerk.status, "怎样确认是申请人本人的意思：请选择一项" in clerk.words) == (422, True)
        ask(clerk, number, presence="code")
        assert (clerk.status, "答复码：请申请人出示" in clerk.words) == (422, True)
        ask(clerk, number, presence="id_card")
        assert (clerk.status, "人证一致：请核对本人与证件照片后勾选" in clerk.words) == (422, True)
        ask(clerk, number, presence="id_card", same="1", evidence="341723199003070024")
        assert (clerk.status, "与申请表登记的不一致" in clerk.words) == (422, True)
        ask(clerk, number, presence="code", code="0000-000-000")
        assert (clerk.status, "答复码不对" in clerk.words) == (403, True)
        assert asked(counties, number) == 0
        with counties.on("qingyang"):
            right = answer_code.of(number)
        ask(clerk, number, presence="code", code=right)
        assert asked(counties, number) == 1
        assert "窗口代为提出，核对申请人出示的答复码" in clerk.words
        assert right not in clerk.text

    def test_need_not_where_the_case_was_filed_at_the_window(self, counties: World, clerk: Browser) -> None:
        number = stories.forwarded(counties)
        clerk.open(f"/counter/cases/{number}/")
        assert "怎样确认是申请人本人的意思" not in clerk.words

    def test_takes_it_back_for_who_filed_there(self, counties: World, clerk: Browser) -> None:
        number = stories.forwarded(counties)
        clerk.open(f"/counter/cases/{number}/").send(to="/acts/request_withdrawal/").send(button="sure=1")
        clerk.open(f"/counter/cases/{number}/").send(to="/acts/keep/").send(button="sure=1")
        assert "“收回撤回请求，继续办理”已完成" in clerk.words

    def test_of_a_machine_has_seen_nobody(self, counties: World, number: str) -> None:
        machine = replace(counties["qingyang"].staff("window"), machine=True)
        with pytest.raises(NotPermitted, match="接口密钥不能核对证件"):
            stories.do(counties, "qingyang", number, Act.URGE, machine, given={"presence": "id_card"})
        with counties.on("qingyang"):
            texts = {"code": answer_code.of(number)}
        stories.do(counties, "qingyang", number, Act.URGE, machine, given={"presence": "code"}, texts=texts)


class TestTheApplicant:
    def test_says_nothing_of_a_window(self, counties: World, number: str) -> None:
        with counties.on("qingyang"):
            owner = accounts.actor_for_applicant(
                applicant=Applicant.objects.order_by("pk")[0], channel=Channel.WEB
            )
        with pytest.raises(ActNotAllowed, match="须由窗口人员从目录中选择"):
            stories.do(counties, "qingyang", number, Act.URGE, owner, given={"presence": "id_card"})

    @pytest.mark.prove("walks a case through the pages of two nodes")
    def test_sees_it_and_takes_it_back_and_the_authority_owes_no_answer(
        self, counties: World, number: str, clerk: Browser
    ) -> None:
        ask(clerk, number, presence="id_card", same="1", evidence="341723199003070016")
        assert clerk.status == 200, clerk.words
        counties.settle()
        applicant = Browser(counties, "qingyang").open("/sign-in/").sign_in("qy-chen")
        applicant.open(f"/my-cases/{number}/")
        assert "窗口代为提出，核对居民身份证原件" in applicant.words
        applicant.send(to="/acts/keep/")
        assert "撤回请求已收回，继续办理" in applicant.words
        counties.settle()
        counties.watch()
        counties.settle()
        state = case_on(counties, "jiashan", number).state
        assert "answer_withdrawal" not in {duty["kind"] for duty in state["duties"].values()}
        stories.do(counties, "jiashan", number, Act.ACCEPT, stories.officer(counties, number))

"""The account manager's desk at its pages: people, posts by two, closing, leave, windows, keys."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from tests import stories
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import commands
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import SYSTEM, Channel
from tongban.accounts.demo import PASSWORD, secret_of
from tongban.accounts.models import (
    ApiKey,
    Appointment,
    Authenticator,
    Grant,
    Leave,
    Organisation,
    Person,
    Post,
    Window,
)
from tongban.accounts.people import second
from tongban.kernel.models import Duty
from tongban.kernel.time.clock import official_day
from tongban.procedures.words import Standard

pytestmark = pytest.mark.slow
HOME = "/accounts/"


def another_manager(world: World, username: str = "js-wei") -> None:
    with world.on("jiashan"):
        post = Post.objects.get(code="accounts")
        person = commands.add_person(
            username=username, password=PASSWORD, name="卫某", post=post, by=SYSTEM, at=world.at
        )
        second.add(
            person=person, kind=Authenticator.Kind.TOTP, label="演示验证码", secret=secret_of(username), by=SYSTEM, at=world.at
        )  # fmt: skip


def page_of(world: World, username: str, node: str = "jiashan") -> str:
    with world.on(node):
        return f"{HOME}people/{Person.objects.get(username=username).pseudonym}/"


def post_of(world: World, code: str, role: str = "human_resources", node: str = "jiashan") -> str:
    with world.on(node):
        return str(Post.objects.get(code=code, organisation__role=role, organisation__node="").pk)


def do(browser: Browser, what: str, url: str = "", **values: Any) -> Browser:
    """Press the button of a form on the present page, or on another."""
    if url:
        browser.open(url)
    form = next(f for f in browser.page.forms if ("do", what) in f.buttons)
    target = browser.url.partition("?")[0]
    return browser._done(browser._call("post", target, {**form.values, **values, "do": what}))


def password_on(browser: Browser) -> str:
    found = re.search(r'<span class="num">([a-z2-9-]{19})</span>', browser.text)
    assert found, browser.words
    return found[1]


@pytest.fixture
def manager(counties: World) -> Browser:
    return staff(counties, "jiashan", "js-accounts")


class TestPeople:
    def test_begins_at_the_desk_with_the_people_of_the_county(self, manager: Browser) -> None:
        assert manager.url == HOME
        assert "js-hrss" in manager.words
        assert "qy-" not in manager.words

    def test_who_comes_to_the_queue_is_sent_to_the_desk(self, manager: Browser) -> None:
        assert "见“账号管理”" in manager.open("/desk/").words

    def test_are_found_by_bureau_name_and_post_and_no_address_holds_a_name(
        self, counties: World, manager: Browser
    ) -> None:
        with counties.on("jiashan"):
            name = Person.objects.get(username="js-hrss").name
            bureau = Organisation.objects.get(role="health", node="").uscc
        assert "js-hrss" in manager.send({"words": name}, to=HOME).words
        assert manager.url == HOME
        assert "js-health" not in manager.words
        assert "js-hrss" not in manager.open(f"{HOME}?org={bureau}").words
        assert "js-health" in manager.words
        assert "没有找到" in manager.send({"words": "查无此人"}, to=HOME).words

    def test_more_than_a_page_goes_on_by_key(self, counties: World, manager: Browser) -> None:
        with counties.on("jiashan"):
            post = Post.objects.get(code="officer", organisation__role="health")
            for n in range(50):
                person = Person.objects.create(
                    username=f"zz-{n:02}", password="", name_sealed=Person.objects.first().name_sealed, pseudonym=f"Z{n:011}"
                )  # fmt: skip
                Appointment.objects.create(person=person, post=post, starts_at=counties.at)
        manager.open(HOME)
        assert manager.words.count("zz-") < 50
        following = re.search(r'href="(\?after=[0-9A-Z]{12})"', manager.text)
        assert following
        assert "zz-49" in manager.open(HOME + following[1]).words

    def test_a_new_one_signs_in_with_the_password_that_is_shown_once(
        self, counties: World, manager: Browser
    ) -> None:
        new = {
            "name": "冯某",
            "username": "js-feng",
            "post": post_of(counties, "officer"),
            "telephone": "13900000001",
        }
        do(manager, "add", f"{HOME}new/", **new)
        person = Browser(counties, "jiashan").open("/sign-in/")
        person.send({"who": "staff", "name": "js-feng", "password": password_on(manager)})
        assert person.url.startswith("/password/")
        assert "13900000001" in manager.open(page_of(counties, "js-feng")).words
        assert do(manager, "add", f"{HOME}new/", **new).status == 409
        assert "已被使用" in manager.words

    def test_nobody_of_elsewhere_is_there(self, counties: World, manager: Browser) -> None:
        assert manager.open(page_of(counties, "qy-hrss", "qingyang")).status == 404

    def test_an_empty_bureau_says_what_to_do(self, counties: World, manager: Browser) -> None:
        with counties.on("jiashan"):
            uscc = Organisation.objects.get(role="health", node="").uscc
            Appointment.objects.filter(post__organisation__uscc=uscc).update(ends_at=counties.at)
        assert "这个单位还没有人员" in manager.open(f"{HOME}?org={uscc}").words


@pytest.mark.attack("A9")
class TestByTwo:
    def test_a_deciding_post_waits_for_another_manager(self, counties: World, manager: Browser) -> None:
        do(manager, "give", page_of(counties, "js-hrss"), post=post_of(counties, "decider"))
        assert "待复核" in manager.words
        assert "没有另一位能复核" in manager.open(f"{HOME}grants/").words
        another_manager(counties)
        assert "由另一位账号管理员复核" in manager.open(f"{HOME}grants/").words
        do(manager, "decline")
        with counties.on("jiashan"):
            assert Grant.objects.get().outcome == Grant.Outcome.WITHDRAWN

    def test_who_proposed_is_refused_and_another_countersigns(
        self, counties: World, manager: Browser
    ) -> None:
        another_manager(counties)
        do(manager, "give", page_of(counties, "js-hrss"), post=post_of(counties, "decider"))
        form = do_form(manager.open(f"{HOME}grants/"), "decline")
        manager._done(manager._call("post", f"{HOME}grants/", {**form, "do": "countersign"}))
        assert (manager.status, "提出人不能复核" in manager.words) == (403, True)
        other = staff(counties, "jiashan", "js-wei")
        assert "要您处理的" in other.words
        do(other, "countersign", f"{HOME}grants/")
        assert other.url == f"{HOME}grants/?done=countersign"
        words = other.open(page_of(counties, "js-hrss")).words
        assert "卫某（账号管理员） 复核" in words
        assert "复核并授予岗位" in words


def do_form(browser: Browser, what: str) -> dict[str, Any]:
    return dict(next(f for f in browser.page.forms if ("do", what) in f.buttons).values)


class TestLeaving:
    def test_the_last_manager_is_told_to_appoint_another(self, counties: World, manager: Browser) -> None:
        own = page_of(counties, "js-accounts")
        for what, given in (("close", {}), ("take", {}), ("move", {"post": post_of(counties, "officer")})):
            assert do(manager, what, own, **given).status == 409
            assert "请先任命另一位账号管理员" in manager.words
        assert manager.open(HOME).url == HOME

    def test_closing_says_what_is_in_hand_and_gives_it_back(self, counties: World) -> None:
        number = stories.filed(counties)
        with counties.on("qingyang"):
            clerk = Person.objects.get(username="qy-window")
            by = accounts.actor_for_appointment(
                accounts.appointments_of(person=clerk, at=counties.at).get(), channel=Channel.COUNTER
            )
        (name,) = case_on(counties, "qingyang", number).state["duties"]
        stories.do(counties, "qingyang", number, Standard.CLAIM, by, given={"duties": [name]})
        manager, there = (
            staff(counties, "qingyang", "qy-accounts"),
            page_of(counties, "qy-window", "qingyang"),
        )
        assert do(manager, "close", there).status == 409
        assert "还认领着 1 项" in manager.words
        assert do(manager, "close", frees="1").url == f"{there}?done=close"
        with counties.on("qingyang"):
            assert not Person.objects.get(username="qy-window").is_active
            assert not Duty.objects.filter(
                subject=number, claimed_by=clerk.pseudonym, closed_at=None
            ).exists()
        do(manager, "reopen", there, post=post_of(counties, "window", "service_centre", "qingyang"))
        assert password_on(manager)

    def test_a_password_is_given_once_and_ends_sessions(self, counties: World, manager: Browser) -> None:
        officer = staff(counties, "jiashan", "js-hrss")
        assert password_on(do(manager, "password", page_of(counties, "js-hrss")))
        assert officer.open("/desk/").url.startswith("/sign-in/")
        assert "交付密码" in manager.open(page_of(counties, "js-hrss")).words


class TestLeave:
    def test_is_entered_named_and_cancelled(self, counties: World, manager: Browser) -> None:
        with counties.on("jiashan"):
            post = Post.objects.get(code="officer", organisation__role="human_resources")
            made = commands.add_person(
                username="js-b", password=PASSWORD, name="钱某", post=post, by=SYSTEM, at=counties.at
            )
        person = page_of(counties, "js-hrss").split("/")[-2]
        today = official_day(counties.at)
        days = {"first": f"{today}", "last": f"{today + timedelta(days=2)}", "note": "看病"}
        do(manager, "enter", f"{HOME}leaves/?person={person}", **days)
        assert "休假没有人替" in manager.open(HOME).words
        assert do(manager, "enter", f"{HOME}leaves/?person={person}", **days).status == 409
        assert "已有请假" in manager.words
        do(manager, "name", f"{HOME}leaves/", substitute=made.pseudonym)
        assert "钱某替" in manager.open(HOME).words
        assert "看病" not in manager.text
        do(manager, "cancel", f"{HOME}leaves/")
        with counties.on("jiashan"):
            assert Leave.objects.get().cancelled_at
        unfit = page_of(counties, "js-hrss-head").split("/")[-2]
        assert do(manager, "enter", f"{HOME}leaves/?person={person}", **days, substitute=unfit).status == 409
        assert "权限不少于本人" in manager.words


class TestPlacesAndKeys:
    def test_windows_are_added_renamed_and_closed(self, counties: World, manager: Browser) -> None:
        page = f"{HOME}windows/"
        do(manager, "window", page, label="综合窗口 9")
        assert "综合窗口 9" in manager.words
        with counties.on("jiashan"):
            number = str(Window.objects.get(label="综合窗口 9").pk)
        do(manager, "rename", window=number, name="综合窗口 10")
        assert "综合窗口 10" in manager.words
        do(manager, "close", window=number)
        assert "综合窗口 10" not in manager.words
        assert do(manager, "window", page, label="综合窗口 10").status == 409
        with counties.on("jiashan"):
            hall = str(Window.objects.get(pk=number).hall_id)
        sent = {**do_form(manager.open(page), "hall"), "hall": hall, "do": "close"}
        manager._done(manager._call("post", page, sent))
        assert (manager.status, "还有在用的窗口" in manager.words) == (409, True)

    def test_a_key_about_to_end_is_on_top_and_is_revoked(self, counties: World, manager: Browser) -> None:
        with counties.on("jiashan"):
            post = Post.objects.get(code="officer", organisation__role="human_resources")
            until = official_day(counties.at) + timedelta(days=9)
            commands.issue_api_key(post=post, label="业务系统对接", until=until, by=SYSTEM, at=counties.at)
        assert "业务系统对接" in manager.open(HOME).words
        do(manager, "revoke", f"{HOME}keys/")
        with counties.on("jiashan"):
            assert ApiKey.objects.get().revoked_at
        assert "没有在用的密钥" in manager.words


def test_who_lacks_a_second_factor_is_on_top(counties: World, manager: Browser) -> None:
    with counties.on("jiashan"):
        Authenticator.objects.filter(person__username="js-hrss-head").update(removed_at=counties.at)
        name = Person.objects.get(username="js-hrss-head").name
    assert re.search(f"还没有第二道验证，登录后须先登记：.*{name}", manager.open(HOME).words)


class TestImport:
    def test_shows_first_saves_after(self, counties: World, manager: Browser) -> None:
        with counties.on("jiashan"):
            bureau = Organisation.objects.get(role="human_resources", node="").name
        template = manager.fetch(f"{HOME}import/template.xlsx")
        assert template.status_code == 200
        book = load_workbook(io.BytesIO(template.content))
        assert bureau in {row[0].value for row in book.worksheets[1].iter_rows()}
        book.worksheets[0].append(["冯某", "js-feng", bureau, "审批人员", "13900000001"])
        book.worksheets[0].append(["冯某", "js-feng2", "没有的局", "审批人员", ""])
        filled = io.BytesIO()
        book.save(filled)
        manager.open(f"{HOME}import/")
        manager.send(file=("名单.xlsx", filled.getvalue()), button="do=send", to="")
        assert "还没有保存" in manager.words
        assert "没有这个机构" in manager.words
        with counties.on("jiashan"):
            assert not Person.objects.filter(username="js-feng").exists()
        do(manager, "confirm")
        assert password_on(manager)
        with counties.on("jiashan"):
            assert Person.objects.filter(username__startswith="js-feng").count() == 1

    def test_refuses_what_is_no_spreadsheet(self, manager: Browser) -> None:
        manager.open(f"{HOME}import/").send(file=("名单.xlsx", b"PK no zip"), button="do=send")
        assert manager.status == 422
        assert "不是 xlsx 文件" in manager.words

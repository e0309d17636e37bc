"""Two steps of signing in, by pages only: enrolling, the second step, what one has."""

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import commands, demo
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Authenticator, Person, Post, RecoveryCode
from tongban.kernel.journal import nodechain
from tongban.signin import second

pytestmark = pytest.mark.slow
STEP, OWN = "/sign-in/second/", "/account/second/"
LOGIN, PASSWORD = "js-new-head", "long enough, and odd"


@pytest.fixture
def newcomer(counties: World) -> Browser:
    """Give somebody who was put on a post that decides, has nothing enrolled, and has just given the password."""
    with counties.on("jiashan"):
        post = Post.objects.get(code="decider", organisation__role="human_resources", organisation__node="")
        commands.add_person(
            username=LOGIN, password=PASSWORD, name="王五", post=post, by=SYSTEM, at=counties.at
        )
    return give_password(Browser(counties, "jiashan"))


def give_password(browser: Browser) -> Browser:
    return browser.open("/sign-in/").send({"who": "staff", "name": LOGIN, "password": PASSWORD})


def secret(browser: Browser) -> str:
    return re.search(r'<span class="num">([A-Z2-7 ]{30,})</span>', browser.text)[1].replace(" ", "")  # type: ignore[index]


def code(browser: Browser, of: str) -> str:
    """Return the code of the next moment, in which the browser asks."""
    return pyotp.TOTP(of).at(browser.world.at + timedelta(seconds=10))


def later(browser: Browser, **more: int) -> Browser:
    browser.world.at += timedelta(**(more or {"minutes": 2}))
    return browser


def enrol(browser: Browser) -> tuple[str, list[str]]:
    """Enrol a telephone; return its secret and the recovery codes."""
    found = secret(browser)
    browser.send({"code": code(browser, found), "label": "我的手机"}, button="do=totp", to=OWN)
    return found, re.findall(r'<span class="num">((?:[a-z2-9]{4}-){5}[a-z2-9]{4})</span>', browser.text)


def press(browser: Browser, do: str, **values: str) -> Browser:
    """Press a button of the list of what one has."""
    form = next(f for f in browser.page.forms if ("do", do) in f.buttons)
    return browser._done(browser._call("post", OWN, {**form.values, "do": do, **values}))


def held(world: World, login: str = LOGIN) -> list[str]:
    with world.on("jiashan"):
        rows = Authenticator.objects.of(Person.objects.get(username=login))
        return list(rows.values_list("label", flat=True))


class TestEnrolling:
    def test_comes_before_anything_else(self, newcomer: Browser) -> None:
        assert newcomer.url == OWN
        assert "您的岗位要求两步登录" in newcomer.words
        assert newcomer.open("/desk/").url == f"{OWN}?next=/desk/"
        assert newcomer.open(STEP).url == OWN

    def test_by_the_telephone_without_scripts_and_then_both_steps(self, newcomer: Browser) -> None:
        newcomer.open("/matters/guide_filing/")  # where they want to go is not forgotten
        assert "<svg" in newcomer.text
        found, codes = enrol(newcomer)
        assert (newcomer.status, len(codes), held(newcomer.world)) == (200, 10, ["我的手机"])
        assert 'href="/matters/guide_filing/"' in newcomer.text
        assert newcomer.open("/desk/").url == "/desk/"

        again = give_password(later(Browser(newcomer.world, "jiashan")))
        assert again.url == STEP
        assert again.send({"code": code(again, found)}).url == "/desk/"
        other = give_password(Browser(newcomer.world, "jiashan"))
        assert other.send({"code": codes[3]}).url == "/desk/"

    def test_wants_a_code_that_the_telephone_shows(self, newcomer: Browser) -> None:
        newcomer.send({"code": "000000"}, button="do=totp", to=OWN)
        assert (newcomer.status, held(newcomer.world)) == (401, [])
        assert "核对手机时间" in newcomer.words
        newcomer.send({"code": ""}, button="do=totp", to=OWN)
        assert (newcomer.status, held(newcomer.world)) == (422, [])
        assert newcomer.open("/desk/").url.startswith(OWN)

    def test_the_code_it_was_proved_by_is_used_up(self, newcomer: Browser) -> None:
        found, _ = enrol(newcomer)
        used = pyotp.TOTP(found).at(newcomer.world.at)
        other = give_password(Browser(newcomer.world, "jiashan")).send({"code": used})
        assert (other.status, other.url) == (401, STEP)
        assert "已经用过" in other.words

    def test_who_knows_the_password_only_cannot_enrol_beside_the_owner(self, newcomer: Browser) -> None:
        thief = give_password(Browser(newcomer.world, "jiashan"))
        theirs = secret(thief)
        enrol(newcomer)
        thief.send({"code": code(thief, theirs)}, button="do=totp", to=OWN)
        assert (thief.url, held(newcomer.world)) == (f"{STEP}?next={OWN}", ["我的手机"])
        assert thief.open("/desk/").url.startswith(STEP)

    def test_a_secret_that_somebody_saw_is_not_the_next_ones(self, newcomer: Browser) -> None:
        seen = secret(newcomer)
        assert secret(newcomer.open(OWN)) == seen
        assert secret(give_password(newcomer)) != seen

    def test_a_handed_out_password_is_changed_after_it(self, newcomer: Browser) -> None:
        with newcomer.world.on("jiashan"):
            person = Person.objects.get(username=LOGIN)
            commands.reset_password(person=person, new=PASSWORD, by=SYSTEM, at=newcomer.world.at)
        enrol(give_password(newcomer))
        assert newcomer.open("/desk/").url == "/password/?next=/desk/"


class TestTheSecondStep:
    def test_shows_the_code_on_a_demo_node_only(self, counties: World) -> None:
        browser = Browser(counties, "jiashan").open("/sign-in/")
        values = {"who": "staff", "name": "js-hrss-head", "password": demo.PASSWORD}
        shown = re.compile(r"<strong>[0-9]{6}</strong>")
        assert shown.search(browser.send(values).text)
        node = counties["jiashan"]
        node.config = replace(node.config, demo=False)
        hidden = browser.open("/sign-in/").send(values)
        assert hidden.url == STEP
        assert not shown.search(hidden.text)
        assert "演示" not in hidden.words

    def test_a_wrong_code_says_what_to_do_and_five_lock(self, newcomer: Browser) -> None:
        found, _ = enrol(newcomer)
        browser = give_password(Browser(newcomer.world, "jiashan"))
        for _ in range(5):
            assert browser.send({"code": "000000"}).status == 401
            assert "请输入手机现在显示的 6 位数字" in browser.words
        later(browser, seconds=40)
        assert browser.send({"code": code(browser, found)}).status == 429
        assert "分钟后再试" in browser.words

    def test_nothing_typed_is_no_failure(self, newcomer: Browser) -> None:
        found, _ = enrol(newcomer)
        browser = give_password(Browser(later(newcomer).world, "jiashan"))
        for _ in range(6):
            assert browser.send({"code": " "}).status == 422
        assert browser.send({"code": code(browser, found)}).url == "/desk/"

    def test_goes_on_to_where_somebody_wanted_to_go_and_nowhere_else(self, counties: World) -> None:
        for wanted, there in (("/account/second/", OWN), ("//elsewhere.example/", "/desk/")):
            browser = Browser(counties, "jiashan").open(f"/sign-in/?next={wanted}")
            assert browser.sign_in("js-hrss-head", who="staff").url == there

    def test_is_not_for_applicants_nor_for_nobody(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen")
        for page in (STEP, OWN):
            assert chen.open(page).status == 403
            assert Browser(counties).open(page).url == f"/sign-in/?next={page}"


class TestWhatOneHas:
    @pytest.fixture
    def head(self, newcomer: Browser) -> Browser:
        self.secret, _ = enrol(newcomer)
        return later(newcomer)

    def proved(self, browser: Browser) -> Browser:
        """Prove oneself again, by the page."""
        browser.open(f"{STEP}?next={OWN}")
        assert "再验证一次" in browser.words
        browser.send({"code": code(browser, self.secret)})
        assert browser.url == OWN
        return browser

    @pytest.mark.parametrize("do", ["remove", "codes"])
    def test_nothing_is_changed_without_a_fresh_proof(self, head: Browser, do: str) -> None:
        with head.world.on("jiashan"):
            before = set(RecoveryCode.objects.values_list("code_hash", flat=True))
        head.open(OWN)
        assert 'class="qr"' not in head.text
        assert press(head, do).url == f"{STEP}?next={OWN}"
        enrolled = head._call("post", OWN, {**head.form().values, "do": "totp", "code": "123456"})
        assert enrolled["Location"] == f"{STEP}?next={OWN}"
        with head.world.on("jiashan"):
            assert set(RecoveryCode.objects.values_list("code_hash", flat=True)) == before
        assert held(head.world) == ["我的手机"]

    def test_a_proof_lasts_five_minutes(self, head: Browser) -> None:
        self.proved(head)
        later(head, seconds=int(second.AGAIN.total_seconds()) - 25)  # two pages of ten seconds each
        assert 'class="qr"' in head.open(OWN).text
        assert 'class="qr"' not in head.open(OWN).text

    def test_the_last_one_stays_and_another_can_be_added_and_removed(self, head: Browser) -> None:
        press(self.proved(head), "remove")
        assert (head.status, held(head.world)) == (403, ["我的手机"])
        assert "最后一个不能删除" in head.words
        other = secret(head.open(OWN))
        assert other != self.secret
        press(head, "totp", code=code(head, other), label="另一部")
        assert held(head.world) == ["我的手机", "另一部"]
        press(head, "remove")  # the first
        assert held(head.world) == ["另一部"]
        browser = give_password(later(Browser(head.world, "jiashan")))
        assert browser.send({"code": code(browser, self.secret)}).status == 401
        assert browser.send({"code": code(browser, other)}).url == "/desk/"
        with head.world.on("jiashan"):
            gone = Authenticator.objects.get(label="我的手机")
            assert (gone.secret, gone.removed_at is None) == ("", False)
            kinds = [entry.kind for entry in nodechain.entries()]
        assert kinds[-2:] == ["second_added", "second_removed"]

    def test_each_change_ends_what_is_open_elsewhere_and_not_this_one(self, head: Browser) -> None:
        of, other = self.secret, ""
        for do in ("totp", "codes", "remove"):
            elsewhere = give_password(later(Browser(head.world, "jiashan")))
            elsewhere.send({"code": code(elsewhere, of)})
            assert elsewhere.open("/desk/").url == "/desk/"
            later(head).open(f"{STEP}?next={OWN}").send({"code": code(head, of)})
            other = other or secret(head.open(OWN))
            press(
                head.open(OWN), do, **({"code": code(head, other), "label": "另一部"} if do == "totp" else {})
            )
            assert elsewhere.open("/desk/").url.startswith("/sign-in/"), do
            assert head.open("/desk/").url == "/desk/"
        assert held(head.world) == ["另一部"]

    def test_nobody_removes_what_is_anothers(self, head: Browser) -> None:
        with head.world.on("jiashan"):
            other = Authenticator.objects.get(person__username="js-hrss-head")
        press(self.proved(head), "remove", number=str(other.pk))
        assert (head.status, held(head.world, "js-hrss-head")) == (404, ["演示验证码"])

    def test_new_recovery_codes_are_shown_once(self, head: Browser) -> None:
        press(self.proved(head), "codes")
        shown = re.findall(r"(?:[a-z2-9]{4}-){5}[a-z2-9]{4}", head.text)
        assert len(shown) == 10
        assert shown[0] not in head.open(OWN).text

    def test_a_post_that_demands_none_may_go_without_again(self, counties: World) -> None:
        clerk = staff(counties, "jiashan", "js-hrss").open(OWN)
        self.secret, codes = enrol(clerk)
        assert len(codes) == 10
        again = later(Browser(counties, "jiashan")).open("/sign-in/")
        again.send({"who": "staff", "name": "js-hrss", "password": demo.PASSWORD})
        assert again.url == STEP  # who has one is asked for it
        again.send({"code": code(again, self.secret)})
        press(self.proved(later(again)), "remove")
        assert held(counties, "js-hrss") == []
        assert staff(counties, "jiashan", "js-hrss").url == "/desk/"

"""Staff change their own password through the page; a handed-out one has to be changed first."""

import pytest

from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import commands, demo
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Person

NEW = "quite another one, 7"


@pytest.fixture
def officer(counties: World) -> Browser:
    return staff(counties, "jiashan", "js-hrss")


def change(browser: Browser, old: str = demo.PASSWORD, new: str = NEW, again: str | None = None) -> Browser:
    if not browser.url.startswith("/password/"):
        browser.open("/password/")
    return browser.send({"old": old, "new": new, "again": new if again is None else again})


def sign_in(world: World, password: str) -> Browser:
    browser = Browser(world, "jiashan").open("/sign-in/")
    return browser.send({"who": "staff", "name": "js-hrss", "password": password})


class TestChange:
    def test_ends_the_other_sessions_and_keeps_this_one(self, counties: World, officer: Browser) -> None:
        elsewhere = staff(counties, "jiashan", "js-hrss")
        assert "密码已修改" in change(officer).text
        assert officer.open("/desk/").status == 200
        assert elsewhere.open("/desk/").url.startswith("/sign-in/")
        assert sign_in(counties, demo.PASSWORD).status == 401
        assert sign_in(counties, NEW).url == "/desk/"

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"old": "wrong"}, "原密码不正确"),
            ({"old": ""}, "请填写"),
            ({"again": "something else"}, "不一致"),
            ({"new": "short"}, "长度"),
            ({"new": "js-hrss-2026-x"}, "账号"),
            ({"new": demo.PASSWORD}, "与原密码相同"),
        ],
        ids=["wrong", "empty", "not twice", "short", "login", "same"],
    )
    def test_says_what_is_wrong_and_changes_nothing(
        self, counties: World, officer: Browser, given: dict[str, str], said: str
    ) -> None:
        change(officer, **given)
        assert officer.status == 422
        assert said in officer.words
        assert officer.form().values["new"] == [""]  # no password comes back in a page
        assert sign_in(counties, demo.PASSWORD).url == "/desk/"

    def test_guessing_the_old_one_is_slowed_down(self, officer: Browser) -> None:
        for _ in range(5):
            change(officer, old="not it at all")
        change(officer)
        assert officer.status == 422
        assert "分钟后再试" in officer.words

    def test_is_for_staff_who_have_signed_in(self, counties: World) -> None:
        assert Browser(counties).open("/password/").url.startswith("/sign-in/")
        assert Browser(counties).sign_in("qy-chen").open("/password/").status == 403


class TestHandedOut:
    @pytest.fixture
    def handed_out(self, counties: World) -> str:
        """Give the password that an administrator has made for somebody."""
        with counties.on("jiashan"):
            person = Person.objects.get(username="js-hrss")
            commands.reset_password(person=person, new="made by somebody", by=SYSTEM, at=counties.at)
        return "made by somebody"

    def test_has_to_be_changed_before_anything_else(self, counties: World, handed_out: str) -> None:
        new = sign_in(counties, handed_out)
        assert new.url.startswith("/password/")
        assert "改成只有自己知道的密码" in new.words
        assert new.open("/desk/").url.startswith("/password/")
        answer = new._call("get", "/api/v1/duties")
        assert (answer.status_code, answer.json()["code"]) == (403, "password_change_needed")
        change(new, old=handed_out)
        assert new.url == "/desk/"
        assert sign_in(counties, NEW).url == "/desk/"

    def test_demo_accounts_keep_theirs(self, officer: Browser) -> None:
        assert officer.url == "/desk/"

"""Passwords that grow old, and ones that somebody has had before."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from tests.accounts import county
from tests.accounts.county import MONDAY, PASSWORD
from tests.api import front
from tests.api.conftest import counties, settled
from tests.api.front import is_problem
from tests.signin.test_sessions import SECOND, a_request, sign_in
from tests.web.browser import Browser
from tests.world import World
from tongban.accounts import commands, demo
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Channel
from tongban.accounts.models import Applicant, Device, ExternalIdentity, PastPassword, Person
from tongban.accounts.people import applicants
from tongban.accounts.people.past_passwords import PasswordUsedBefore, announced
from tongban.configuration import config
from tongban.kernel.errors import NotPermitted
from tongban.kernel.time import clock
from tongban.signin import changing, sessions
from tongban.signin.actor import actor_of

__all__ = ["counties", "settled"]

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NEW = [f"quite another one, {number}" for number in range(5)]


@pytest.fixture
def strict(settings: Settings) -> None:
    """On a node that is served, not shown."""
    settings.NODE = replace(settings.NODE, demo=False)


def change(place: SimpleNamespace, old: str, new: str, at: datetime = MONDAY) -> None:
    commands.change_password(person=place.person, old=old, new=new, by=place.actor, at=at)


@pytest.mark.attack("G")
class TestHistory:
    def test_the_last_three_are_refused_and_the_fourth_is_not(self) -> None:
        place = county.settle()
        for old, new in zip([PASSWORD, *NEW], NEW[:3], strict=False):
            change(place, old, new)
        for used in (NEW[2], NEW[1], NEW[0]):
            with pytest.raises(PasswordUsedBefore):
                change(place, NEW[2], used)
        change(place, NEW[2], PASSWORD)
        assert PastPassword.objects.count() == 2

    def test_one_that_was_replaced_by_an_administrator_counts(self) -> None:
        place = county.settle()
        commands.reset_password(person=place.person, new=NEW[0], by=SYSTEM, at=MONDAY)
        with pytest.raises(PasswordUsedBefore):
            change(place, NEW[0], PASSWORD)

    def test_each_has_a_history_of_their_own(self) -> None:
        place = county.settle()
        other = SimpleNamespace(person=county.a_person(place.post, "li"))
        other.actor = county.acting(other.person, place.post)
        change(place, PASSWORD, NEW[0])
        change(other, PASSWORD, NEW[1])
        change(other, NEW[1], NEW[0])

    def test_that_of_applicants_counts_too(self) -> None:
        applicant = commands.register_applicant(login="chen", password=PASSWORD, at=MONDAY)
        by = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant=applicant.pseudonym)
        applicants.change_password(applicant=applicant, old=PASSWORD, new=NEW[0], by=by, at=MONDAY)
        with pytest.raises(PasswordUsedBefore):
            applicants.change_password(applicant=applicant, old=NEW[0], new=PASSWORD, by=by, at=MONDAY)
        with pytest.raises(NotPermitted):
            applicants.change_password(applicant=applicant, old=NEW[0], new=NEW[1], by=SYSTEM, at=MONDAY)


@pytest.mark.attack("G")
@pytest.mark.usefixtures("strict")
class TestAge:
    def test_ends_after_ninety_days_for_open_sessions_too(self) -> None:
        place = county.settle()
        end = MONDAY + 90 * DAY
        request = a_request()
        sign_in(request, at=end - SECOND)
        assert actor_of(request, at=end - SECOND)
        with pytest.raises(sessions.PasswordChangeNeeded):
            actor_of(request, at=end)
        changing.change_password(request, old=PASSWORD, new=NEW[0], address="10.0.0.1", at=end)
        assert actor_of(request, at=end)
        assert Person.objects.get().password_changed_at == end
        assert place.person.pseudonym

    def test_as_the_node_is_told(self, settings: Settings) -> None:
        settings.NODE = replace(settings.NODE, password_days=30)
        county.settle()
        request = a_request()
        sign_in(request, at=MONDAY + 30 * DAY)
        with pytest.raises(sessions.PasswordChangeNeeded):
            actor_of(request, at=MONDAY + 30 * DAY)

    def test_is_announced_a_week_before(self) -> None:
        assert announced(MONDAY, MONDAY + 83 * DAY - SECOND) is None
        assert announced(MONDAY, MONDAY + 83 * DAY) == clock.official_day(MONDAY + 90 * DAY)
        assert announced(None, MONDAY) is None
        county.settle()
        for at, told in ((MONDAY + 83 * DAY - SECOND, None), (MONDAY + 83 * DAY, "2026-05-31")):
            request = a_request()
            sign_in(request, at=at)
            assert request.session.get(sessions.RENEW) == told

    def test_of_one_whose_age_nobody_knows_begins_with_the_next_sign_in(self) -> None:
        county.settle()
        Person.objects.update(password_changed_at=None)
        late = MONDAY + 400 * DAY
        request = a_request()
        sign_in(request, at=late)
        assert actor_of(request, at=late)
        assert Person.objects.get().password_changed_at == late

    def test_does_not_end_on_a_demo_node(self, settings: Settings) -> None:
        settings.NODE = replace(settings.NODE, demo=True)
        county.settle()
        request = a_request()
        sign_in(request, at=MONDAY + 400 * DAY)
        assert actor_of(request, at=MONDAY + 400 * DAY)

    @pytest.mark.parametrize(("told", "days"), [("", 90), ("password_days = 30", 30)])
    def test_is_read_from_the_configuration(self, tmp_path: Path, told: str, days: int) -> None:
        node = Path(__file__).parents[1] / "fixtures/node/config.toml"
        text = node.read_text(encoding="utf-8") + f"\n[staff]\n{told}\n"
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        assert config.load(tmp_path).password_days == days
        for wrong in ("0", "366", "true", '"90"'):
            (tmp_path / "config.toml").write_text(
                node.read_text(encoding="utf-8") + f"\n[staff]\npassword_days = {wrong}\n", encoding="utf-8"
            )
            with pytest.raises(config.ConfigError):
                config.load(tmp_path)


class TestPages:
    def test_one_that_is_too_old_is_changed_first(self, counties: World) -> None:
        node = counties["jiashan"]
        node.config = replace(node.config, demo=False)
        with counties.on("jiashan"):
            Person.objects.filter(username="js-hrss").update(password_changed_at=clock.now() - 90 * DAY)
            Person.objects.filter(username="js-traffic").update(password_changed_at=clock.now() - 83 * DAY)
        browser = Browser(counties, "jiashan").open("/sign-in/")
        browser.send({"who": "staff", "name": "js-hrss", "password": demo.PASSWORD})
        assert browser.url.startswith("/password/")
        assert "已用满规定的天数" in browser.words
        browser.send({"old": demo.PASSWORD, "new": NEW[0], "again": NEW[0]})
        assert browser.url == "/desk/"
        head = Browser(counties, "jiashan").open("/sign-in/")
        head.send({"who": "staff", "name": "js-traffic", "password": demo.PASSWORD})
        assert "就须更换" in head.words
        assert "就须更换" not in head.open("/desk/").words

    @pytest.mark.attack("E5")
    def test_applicants_change_theirs_and_the_others_end(self, counties: World) -> None:
        mine, other = (Browser(counties).sign_in("qy-chen") for _ in range(2))
        mine.open("/account/password/")
        mine.send({"old": "wrong", "new": NEW[0], "again": NEW[0]})
        assert mine.status == 422
        assert "原密码不正确" in mine.words
        mine.send({"old": demo.PASSWORD, "new": demo.PASSWORD, "again": demo.PASSWORD})
        assert "最近 3 个密码" in mine.words
        mine.send({"old": demo.PASSWORD, "new": NEW[0], "again": NEW[0]})
        assert "密码已修改" in mine.words
        assert other.open("/my-cases/").url.startswith("/sign-in/")
        assert mine.open("/my-cases/").status == 200
        again = Browser(counties).open("/sign-in/")
        assert again.send({"name": "qy-chen", "password": demo.PASSWORD}).status == 401
        assert again.send({"name": "qy-chen", "password": NEW[0]}).url == "/my-cases/"

    def test_changing_it_forgets_other_browsers(self, counties: World) -> None:
        browsers = [Browser(counties).sign_in("qy-chen") for _ in range(3)]
        with counties.on("qingyang"):
            assert Device.objects.count() == 3
        browsers[0].open("/account/password/").send({"old": demo.PASSWORD, "new": NEW[0], "again": NEW[0]})
        with counties.on("qingyang"):
            assert Device.objects.count() == 1

    def test_who_has_none_is_told_where_to_go(self) -> None:
        applicant = commands.register_applicant(login="chen", password=PASSWORD, at=MONDAY)
        Applicant.objects.update(password="")
        applicant.password = ""
        by = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant=applicant.pseudonym)
        with pytest.raises(NotPermitted, match="统一身份认证"):
            applicants.change_password(applicant=applicant, old="", new=NEW[0], by=by, at=MONDAY)
        assert not ExternalIdentity.objects.exists()

    def test_the_api_says_when_it_has_to_be_changed(self, counties: World) -> None:
        caller = front.staff(counties, "qingyang", "window")
        assert caller.get("/sessions").json()["password_renew_by"] is None
        with counties.on("qingyang"):
            Person.objects.filter(username="qy-window").update(must_change_password=True)
        is_problem(caller.get("/duties"), 403, "password_change_needed")

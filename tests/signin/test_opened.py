"""The sessions of one person: how long they last, that nobody can read them out, and that their owner can end them."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import RequestFactory
from django.utils import timezone

from tests.accounts import county
from tests.accounts.county import MONDAY, PASSWORD
from tests.api import front
from tests.api.conftest import counties, settled
from tests.api.front import Caller, is_problem
from tests.signin.test_sessions import MINUTE, SECOND, a_request, sign_in
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import commands, demo
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.people import opened as rows
from tongban.accounts.people.models import Person
from tongban.accounts.people.opened import Session
from tongban.kernel.errors import NotFound
from tongban.signin import changing, opened, sessions
from tongban.signin.actor import actor_of

__all__ = ["counties", "settled"]

pytestmark = pytest.mark.django_db
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.attack("G")
class TestLength:
    """Kept busy by a request every 29 minutes."""

    @pytest.mark.parametrize(("who", "hours"), [("staff", 10), ("applicant", 12)])
    def test_however_busy_it_ends(self, who: str, hours: int) -> None:
        request = a_request()
        if who == "staff":
            county.settle()
            sign_in(request)
        else:
            commands.register_applicant(login="chen", password=PASSWORD, at=MONDAY)
            sessions.sign_in_applicant(
                request, login="chen", password=PASSWORD, address="10.0.0.1", at=MONDAY
            )
        last = MONDAY + timedelta(hours=hours) - SECOND
        at = MONDAY
        while at < last:
            assert actor_of(request, at=at)
            at += 29 * MINUTE
        assert actor_of(request, at=last)
        with pytest.raises(sessions.SessionEnded):
            actor_of(request, at=last + SECOND)

    def test_changing_the_password_does_not_begin_it_anew(self) -> None:
        county.settle()
        request = a_request()
        sign_in(request)
        late = MONDAY + timedelta(hours=10) - SECOND
        request.session[sessions.KEY] = {**request.session[sessions.KEY], "seen": int(late.timestamp())}
        changing.change_password(request, old=PASSWORD, new="another, quite odd", address="10.0.0.1", at=late)
        assert actor_of(request, at=late)
        with pytest.raises(sessions.SessionEnded):
            actor_of(request, at=late + SECOND)

    def test_of_one_person_ten_at_once(self) -> None:
        county.settle()
        requests = []
        for number in range(11):
            requests.append(a_request())
            sign_in(requests[-1], at=MONDAY + number * SECOND)
            requests[-1].session.save()
        assert Session.objects.count() == 10
        keys = [opened.key_of(one) for one in requests]
        assert not Session.objects.filter(pk=keys[0]).exists()
        assert Session.objects.filter(pk__in=keys[1:]).count() == 10

    def test_what_has_expired_is_swept_away(self) -> None:
        county.settle()
        for number in range(2):
            request = a_request()
            sign_in(request, at=MONDAY + number * SECOND)
            request.session.save()
        assert rows.sweep() == 0
        Session.objects.filter(pk=opened.key_of(request)).update(ends_at=timezone.now() - SECOND)
        assert rows.sweep() == 1
        assert Session.objects.count() == 1


class TestFamily:
    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            (CHROME, "Chrome · Windows"),
            (CHROME + " Edg/140.0", "Edge · Windows"),
            (FIREFOX, "Firefox · Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari · iOS",
            ),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/130 Safari/537.36 MicroMessenger/8.0", "微信 · Android"),
            ("curl/8.0", ""),
            ("", ""),
        ],
    )
    def test_says_the_kind_and_no_more(self, told: str, expected: str) -> None:
        assert opened.family(RequestFactory().get("/", headers={"User-Agent": told})) == expected

    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("10.1.2.3", "10.1.2.0/24"),
            ("2001:db8:1:2::3", "2001:db8:1::/48"),
            ("2001:db8:1:2::/64", "2001:db8:1::/48"),
            ("", ""),
            ("unix:", ""),
        ],
    )
    def test_an_address_is_shortened_to_its_network(self, address: str, network: str) -> None:
        assert opened.shortened(address) == network


def everything_stored() -> str:
    """Return all that the present node's database holds, in one text."""
    found: list[Any] = []
    for model in apps.get_models():
        found += model._base_manager.values_list()
    return str(found)


class TestServed:
    @pytest.mark.attack("E1")
    def test_what_the_cookie_holds_is_nowhere_in_the_database(self, counties: World) -> None:
        caller = front.staff(counties, "qingyang", "window")
        caller.get("/duties")
        cookie = caller.client.cookies[settings.SESSION_COOKIE_NAME].value
        with counties.on("qingyang"):
            stored = everything_stored()
            assert opened.session_store.stored(cookie) in stored
            assert cookie not in stored
            # And what is stored signs nobody in.
            thief = Caller(counties, "qingyang")
            for key in Session.objects.values_list("key", flat=True):
                thief.client.cookies[settings.SESSION_COOKIE_NAME] = key
                is_problem(thief.get("/duties"), 401, "not_signed_in")

    def test_one_looks_and_ends_what_is_not_ones_own(self, counties: World) -> None:
        mine, other = (front.staff(counties, "qingyang", "window") for _ in range(2))
        stranger = front.staff(counties, "qingyang", "supervisor")
        listed = mine.get("/sessions/all").json()
        assert [one["is_this"] for one in listed] == [False, True]
        assert {one["address"] for one in listed} == {"10.1.0.0/24"}
        theirs = next(one["session"] for one in listed if not one["is_this"])
        is_problem(stranger.delete(f"/sessions/all/{theirs}"), 404, "not_found")
        is_problem(mine.delete("/sessions/all/%"), 404, "not_found")
        assert other.get("/duties").status_code == 200
        assert mine.delete(f"/sessions/all/{theirs}").status_code == 204
        is_problem(other.get("/duties"), 401, "not_signed_in")
        is_problem(mine.delete(f"/sessions/all/{theirs}"), 404, "not_found")
        assert [one["is_this"] for one in mine.get("/sessions/all").json()] == [True]

    def test_all_others_end_at_once(self, counties: World) -> None:
        others = [front.staff(counties, "qingyang", "window") for _ in range(2)]
        stranger = front.staff(counties, "qingyang", "supervisor")
        mine = front.staff(counties, "qingyang", "window")
        assert mine.delete("/sessions/all").json() == {"ended": 2}
        for other in others:
            assert other.get("/duties").status_code == 401
        assert mine.get("/duties").status_code == stranger.get("/duties").status_code == 200

    def test_a_machine_has_none(self, counties: World) -> None:
        machine = front.machine(counties, "qingyang")
        assert machine.get("/sessions/all").json() == []
        assert machine.delete("/sessions/all").json() == {"ended": 0}

    def test_what_has_ended_is_not_listed(self, counties: World) -> None:
        first = front.staff(counties, "qingyang", "window")
        left = front.staff(counties, "qingyang", "window")
        assert left.delete("/sessions").status_code == 204
        with counties.on("qingyang"):
            assert Session.objects.count() == 1
        counties.at += timedelta(minutes=31)
        second = front.staff(counties, "qingyang", "window")
        assert len(second.get("/sessions/all").json()) == 1
        assert first.get("/duties").status_code == 401

    def test_a_password_handed_out_ends_all(self, counties: World) -> None:
        front.staff(counties, "qingyang", "window")
        with counties.on("qingyang"):
            person = Person.objects.get(username="qy-window")
            assert rows.of(person.pseudonym).count() == 1
            commands.reset_password(person=person, new="made by somebody", by=SYSTEM, at=counties.at)
            assert rows.of(person.pseudonym).count() == 0
            assert rows.sweep() == 0

    def test_signing_in_tells_what_was_before(self, counties: World) -> None:
        first = front.staff(counties, "qingyang", "window")
        told = first.get("/sessions").json()
        assert (told["last_sign_in"], told["last_device"], told["failures_since"]) == (None, "", 0)
        with counties.on("qingyang"):
            at = Session.objects.get().begun_at
        for _ in range(3):
            first.post("/sessions", {"username": "qy-window", "password": "wrong"})
        again = Caller(counties, "qingyang", headers={"User-Agent": CHROME})
        told = again.post("/sessions", {"username": "qy-window", "password": demo.PASSWORD}).json()
        assert told["last_sign_in"].startswith(at.isoformat()[:19])
        assert told["failures_since"] == 3
        told = first.post("/sessions", {"username": "qy-window", "password": demo.PASSWORD}).json()
        assert (told["last_device"], told["failures_since"]) == ("Chrome · Windows", 0)

    def test_being_refused_while_signed_in_is_no_failure_of_ones_own(self, counties: World) -> None:
        clerk = front.staff(counties, "qingyang", "window")
        body = {"username": "qy-town", "password": demo.PASSWORD, "post": 2**31}
        is_problem(clerk.post("/sessions", body), 403, "no_post")
        told = Caller(counties, "qingyang").post(
            "/sessions", {"username": "qy-window", "password": demo.PASSWORD}
        )
        assert told.json()["failures_since"] == 0


class TestPage:
    def test_shows_and_ends(self, counties: World) -> None:
        other, mine = (staff(counties, "jiashan", "js-hrss") for _ in range(2))
        mine.open("/account/sessions/")
        assert mine.words.count("结束登录") == 1
        (end,) = [value for name, value in mine.form().buttons if name == "end"]
        mine.send(button=f"end={end}")
        assert "已结束" in mine.words
        assert "结束登录" not in mine.words
        assert other.open("/desk/").url.startswith("/sign-in/")

    def test_is_for_applicants_too(self, counties: World) -> None:
        browsers = [Browser(counties).sign_in("qy-chen") for _ in range(3)]
        browsers[0].open("/account/sessions/").send(button="others=1")
        assert browsers[0].words.count("网页") == 1
        assert [browser.open("/my-cases/").url for browser in browsers][1:] == [
            "/sign-in/?next=/my-cases/"
        ] * 2

    def test_the_first_page_tells_what_was_before_and_no_other(self, counties: World) -> None:
        first = staff(counties, "jiashan", "js-hrss")
        assert "上次登录" not in first.words
        first.open("/sign-in/").send({"who": "staff", "name": "js-hrss", "password": "wrong"})
        second = staff(counties, "jiashan", "js-hrss")
        assert "上次登录" in second.words
        assert "此后登录失败 1 次" in second.words
        assert "上次登录" not in second.open("/desk/").words

    def test_one_that_is_not_there(self) -> None:
        place = county.settle()
        with pytest.raises(NotFound):
            opened.end_one(mark="0" * 16, by=place.actor)

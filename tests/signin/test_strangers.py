"""What somebody else fails at must not keep the owner out, and must not go on for ever."""

from datetime import datetime, timedelta

import pytest
from django.core import signing
from django.http import HttpRequest, HttpResponse

from tests.accounts import county
from tests.accounts.county import MONDAY
from tests.api import front
from tests.api.conftest import counties, settled
from tests.signin.test_sessions import MINUTE, SECOND, a_request, fail, sign_in
from tests.world import World
from tongban.accounts.models import Device, FailedAttempt
from tongban.accounts.people import sweeping
from tongban.accounts.people.devices import KEPT, known
from tongban.kernel import accesses
from tongban.kernel.models import Access
from tongban.signin import devices, sessions, throttle

__all__ = ["counties", "settled"]

pytestmark = [pytest.mark.django_db, pytest.mark.once("tries are counted in memory and by one row")]


class TestStrangers:
    def signed_in_before(self, at: datetime = MONDAY, **more: str) -> HttpRequest:
        """Return a request of a browser in which somebody has signed in before, as it comes back."""
        request = a_request()
        sign_in(request, at=at, **more)
        response = HttpResponse()
        devices.keep(request, response)
        again = a_request()
        again.COOKIES[devices.COOKIE] = response.cookies[devices.COOKIE].value
        return again

    def locked_from_everywhere(self, at: datetime = MONDAY) -> None:
        for last in range(4):
            fail(5, address=f"10.0.1.{last}", at=at)
        with pytest.raises(throttle.Throttled):
            sign_in(address="10.0.0.9", at=at)

    @pytest.mark.attack("D4")
    def test_a_browser_that_was_here_before_gets_in(self) -> None:
        county.settle()
        browser = self.signed_in_before()
        self.locked_from_everywhere()
        assert sign_in(browser, address="10.0.1.1").post == "officer"
        with pytest.raises(throttle.Throttled):  # the lock of the others stands
            sign_in(address="10.0.0.9")

    def test_it_is_counted_by_itself(self) -> None:
        county.settle()
        browser = self.signed_in_before()
        for _ in range(5):
            with pytest.raises(sessions.BadCredentials):
                sign_in(browser, password="not the password")
        with pytest.raises(throttle.Throttled):
            sign_in(browser)
        with pytest.raises(throttle.Throttled):
            sign_in(browser, at=MONDAY + 15 * MINUTE - SECOND)
        assert sign_in(browser, at=MONDAY + 15 * MINUTE).post == "officer"
        assert sign_in(a_request()).post == "officer"

    def test_it_is_known_for_half_a_year(self) -> None:
        county.settle()
        browser = self.signed_in_before()
        for at, expected in ((MONDAY + KEPT - SECOND, ""), (MONDAY + KEPT, "throttled")):
            FailedAttempt.objects.all().delete()
            Device.objects.update(last_at=MONDAY)
            self.locked_from_everywhere(at)
            try:
                sign_in(browser, address="10.0.0.9", at=at)
                told = ""
            except throttle.Throttled as refusal:
                told = refusal.code
            assert told == expected

    def test_it_is_of_no_use_with_another_account(self) -> None:
        place = county.settle()
        county.a_person(place.post, "li")
        browser = self.signed_in_before(username="li")
        self.locked_from_everywhere()
        with pytest.raises(throttle.Throttled):
            sign_in(browser, address="10.0.0.9")

    def test_two_who_share_it_cannot_be_told_to_share_it(self) -> None:
        place = county.settle()
        county.a_person(place.post, "li")
        sign_in(self.signed_in_before(), username="li")
        owners, marks = zip(*Device.objects.values_list("owner", "mark"), strict=True)
        assert len(set(owners)) == len(set(marks)) == 2

    def test_nobody_makes_one_up(self) -> None:
        county.settle()
        self.signed_in_before()
        self.locked_from_everywhere()
        browser = a_request()
        browser.COOKIES[devices.COOKIE] = signing.dumps("0" * 32, salt="another")
        with pytest.raises(throttle.Throttled):
            sign_in(browser, address="10.0.0.9")

    def test_the_table_keeps_no_id_and_not_more_than_ten(self) -> None:
        county.settle()
        first = self.signed_in_before()
        token = devices.token_of(first)
        assert token
        assert token not in str(list(Device.objects.values()))
        for number in range(1, 10):
            self.signed_in_before(at=MONDAY + number * MINUTE)
        assert Device.objects.count() == 10
        assert sign_in(first, at=MONDAY + 10 * MINUTE)
        self.signed_in_before(at=MONDAY + 11 * MINUTE)
        assert Device.objects.count() == 10
        owner = Device.objects.values_list("owner", flat=True)[0]
        assert known(owner=owner, token=token, at=MONDAY + 12 * MINUTE)

    @pytest.mark.attack("B2")
    @pytest.mark.parametrize(
        ("addresses", "other"),
        [(["10.9.0.1"], "10.9.0.2"), (["2001:db8:0:1::1", "2001:db8:0:1:ff::9"], "2001:db8:0:2::1")],
        ids=["IPv4", "IPv6"],
    )
    def test_one_password_for_all_names_is_slowed_down(self, addresses: list[str], other: str) -> None:
        county.settle()
        for number in range(30):
            fail(1, username=f"name{number}", address=addresses[number % len(addresses)])
        for address in addresses:
            with pytest.raises(throttle.Throttled):
                sign_in(address=address, at=MONDAY + 15 * MINUTE - SECOND)
        assert sign_in(address=other).post == "officer"
        assert sign_in(address=addresses[0], at=MONDAY + 15 * MINUTE).post == "officer"

    def test_what_failed_at_the_same_address_a_quarter_of_an_hour_ago_counts_no_more(self) -> None:
        county.settle()
        for number in range(29):
            fail(1, username=f"name{number}")
        fail(1, username="one more", at=MONDAY + 15 * MINUTE)
        assert sign_in(at=MONDAY + 15 * MINUTE).post == "officer"

    @pytest.mark.parametrize(("late", "locked"), [(15 * MINUTE - SECOND, True), (15 * MINUTE, False)])
    def test_five_count_within_fifteen_minutes_of_the_first(self, late: timedelta, locked: bool) -> None:
        county.settle()
        fail(4)
        fail(1, at=MONDAY + late)
        if locked:
            with pytest.raises(throttle.Throttled):
                sign_in(at=MONDAY + late)
        else:
            assert sign_in(at=MONDAY + late)

    def test_signing_in_does_not_forget_what_the_address_has_done(self) -> None:
        place = county.settle()
        county.a_person(place.post, "li")
        for number in range(29):
            fail(1, username=f"name{number}")
        sign_in()
        fail(1, username="li")
        with pytest.raises(throttle.Throttled):
            sign_in()

    def test_names_that_nobody_has_fill_no_table(self, monkeypatch: pytest.MonkeyPatch) -> None:
        gathered = accesses.Gathered()
        gathered.gathers = True
        monkeypatch.setattr(accesses, "_gathered", gathered)
        for number in range(200):
            fail(1, username=f"made up {number}", address=f"10.{number}.0.1")
        accesses.flush()
        assert list(Access.objects.values_list("who", "doing", "count")) == [("", "sign_in", 200)]
        keys = set(throttle._of_nobody("staff:x", "a")) | set(throttle._of_nobody("staff:y", "b"))
        assert len(keys) == 4
        every = {
            count.key
            for number in range(20_000)
            for count in throttle._of_nobody(f"staff:{number}", "10.0.0.1")
        }
        assert len(every) <= 2 * 16**3

    def test_five_hundred_in_an_hour_are_told_once(self, caplog: pytest.LogCaptureFixture) -> None:
        county.settle()

        def so_many(times: int, at: datetime) -> None:
            for number in range(times):
                throttle.note_failure(
                    account=f"staff:{number}", address=f"10.0.{number}.1", known=False, at=at
                )

        so_many(499, MONDAY)
        assert "have failed" not in caplog.text
        so_many(3, MONDAY + 60 * MINUTE - SECOND)
        assert caplog.text.count("500 sign-ins have failed") == 1
        assert throttle.failures_of_this_hour(MONDAY + 60 * MINUTE - SECOND) == 502
        assert throttle.failures_of_this_hour(MONDAY + 60 * MINUTE) == 0
        so_many(1, MONDAY + 60 * MINUTE)
        assert throttle.failures_of_this_hour(MONDAY + 60 * MINUTE) == 1
        assert sign_in().post == "officer"  # an alarm locks nobody out

    def test_what_is_old_is_swept_away(self) -> None:
        county.settle()
        fail(1)
        self.signed_in_before()
        fail(1)
        assert sweeping.sweep(MONDAY + timedelta(days=1)) == 0
        assert sweeping.sweep(MONDAY + timedelta(days=1, seconds=1)) == FailedAttempt.objects.count() + 4
        assert sweeping.sweep(MONDAY + KEPT - SECOND) == 0
        assert sweeping.sweep(MONDAY + KEPT) == 1


def test_the_cookie_is_for_the_server_alone(counties: World) -> None:
    caller = front.staff(counties, "qingyang", "window")
    (cookie,) = [one for name, one in caller.client.cookies.items() if name == devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 180 * 86400)
    lines = caller.call("GET", "/metrics", REMOTE_ADDR="127.0.0.1").content.decode().splitlines()
    assert "tongban_sign_in_failures 0" in lines
    caller.post("/sessions", {"username": "qy-window", "password": "wrong"})
    lines = caller.call("GET", "/metrics", REMOTE_ADDR="127.0.0.1").content.decode().splitlines()
    assert "tongban_sign_in_failures 1" in lines

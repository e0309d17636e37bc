"""Machines that sign in with a key, and the middleware."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tests import stories
from tests.accounts import county
from tests.accounts.county import MONDAY
from tests.api import front
from tests.api.conftest import counties, settled
from tests.api.front import Caller, is_problem
from tests.signin.test_sessions import SECOND, a_request
from tests.world import World
from tongban.accounts import commands
from tongban.accounts.access.actor import SYSTEM, Channel
from tongban.accounts.models import ApiKey, Organisation, Post
from tongban.accounts.people import sweeping
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.kernel.journal import kept
from tongban.signin import keys
from tongban.signin.actor import ActorMiddleware, actor_of

__all__ = ["counties", "settled"]

pytestmark = pytest.mark.django_db


def issue() -> tuple[ApiKey, str]:
    return commands.issue_api_key(post=county.settle().post, label="排队叫号", by=SYSTEM, at=MONDAY)


class TestApiKey:
    def test_acts_as_its_post(self) -> None:
        key, token = issue()
        actor = keys.actor_for_token(token, at=MONDAY)

        assert actor.permissions == key.post.powers()
        assert (actor.staff, actor.channel) == (key.prefix, Channel.API)

    def test_the_secret_is_not_in_the_database(self) -> None:
        _, token = issue()
        secret = token.rsplit("_", 1)[1]
        assert secret not in str(ApiKey.objects.values().get())

    def test_refuses_a_wrong_secret(self) -> None:
        _, token = issue()
        for wrong in (token[:-1] + ("0" if token[-1] != "0" else "1"), token[:-1], "tb_", "", "tb_" + token):
            with pytest.raises(keys.BadApiKey):
                keys.actor_for_token(wrong, at=MONDAY)

    def test_refuses_a_revoked_key(self) -> None:
        key, token = issue()
        commands.revoke_api_key(key=key, by=SYSTEM, at=MONDAY)
        with pytest.raises(keys.BadApiKey):
            keys.actor_for_token(token, at=MONDAY)

    def test_refuses_a_key_of_a_closed_organisation(self) -> None:
        _, token = issue()
        Organisation.objects.update(is_active=False)
        with pytest.raises(keys.BadApiKey):
            keys.actor_for_token(token, at=MONDAY)

    def test_notes_when_it_was_used(self) -> None:
        _, token = issue()
        keys.actor_for_token(token, at=MONDAY)
        assert ApiKey.objects.get().last_used_at == MONDAY

    def test_only_account_managers_issue_and_see_keys(self) -> None:
        place = county.settle()
        with pytest.raises(NotPermitted):
            commands.issue_api_key(post=place.post, label="自动化", by=place.actor, at=MONDAY)
        assert not ApiKey.objects.visible_to(place.actor).exists()


@pytest.mark.attack("G")
class TestBounds:
    def bounded(self, **bounds: Any) -> tuple[ApiKey, str]:
        return commands.issue_api_key(
            post=county.settle().post, label="排队叫号", by=SYSTEM, at=MONDAY, **bounds
        )

    @pytest.mark.parametrize(
        ("until", "end"),
        [
            (None, "2027-03-03T00:00:00+08:00"),
            (date(2027, 3, 2), "2027-03-03T00:00:00+08:00"),
            (date(2026, 3, 2), "2026-03-03T00:00:00+08:00"),
        ],
    )
    def test_ends_with_its_last_day_and_after_a_year_at_most(self, until: date | None, end: str) -> None:
        key, token = self.bounded(until=until)
        over = datetime.fromisoformat(end)
        assert key.expires_at == over
        assert keys.actor_for_token(token, at=over - SECOND)
        with pytest.raises(keys.ApiKeyExpired) as refusal:
            keys.actor_for_token(token, at=over)
        assert (refusal.value.code, refusal.value.status) == ("api_key_expired", 401)

    @pytest.mark.parametrize("until", [date(2026, 3, 1), date(2027, 3, 3)])
    def test_cannot_end_before_today_or_later_than_in_a_year(self, until: date) -> None:
        with pytest.raises(InvalidInput):
            self.bounded(until=until)

    def test_one_of_the_first_version_ends_after_a_year(self) -> None:
        key, token = issue()
        mark = kept.tables()["ApiKey"].mark(key)
        ApiKey.objects.update(expires_at=None)
        with pytest.raises(keys.ApiKeyExpired):
            keys.actor_for_token(token, at=MONDAY + timedelta(days=365))
        assert keys.actor_for_token(token, at=MONDAY + timedelta(days=365) - SECOND)
        assert kept.tables()["ApiKey"].mark(ApiKey.objects.get()) != mark

    @pytest.mark.parametrize(
        ("address", "good"),
        [
            ("10.1.2.0", True), ("10.1.2.255", True), ("10.1.3.0", False), ("2001:db8:0:1::9", True),
            ("2001:db8:0:1::/64", True), ("2001:db8:0:2::1", False), ("", False), ("unknown", False),
        ],
    )  # fmt: skip
    def test_is_good_from_its_networks_only(self, address: str, good: bool) -> None:
        _, token = self.bounded(addresses=["10.1.2.7/24", "2001:db8:0:1::/64"])
        if good:
            assert keys.actor_for_token(token, address=address, at=MONDAY)
            return
        with pytest.raises(keys.ApiKeyElsewhere) as refusal:
            keys.actor_for_token(token, address=address, at=MONDAY)
        assert (refusal.value.code, refusal.value.status) == ("api_key_elsewhere", 401)

    @pytest.mark.parametrize("network", ["10.1.2.0/33", "somewhere", "2001:db8::/65", ""])
    def test_what_is_no_network_is_refused(self, network: str) -> None:
        with pytest.raises(InvalidInput):
            self.bounded(addresses=[network])

    def test_is_kept_to_permissions_of_its_post(self) -> None:
        _, token = self.bounded(only=["case.accept"])
        actor = keys.actor_for_token(token, at=MONDAY)
        assert actor.permissions == {"case.accept"}
        assert actor.may("case.accept")
        assert not actor.missed
        assert not actor.may("case.review")
        assert actor.missed == {"case.review"}
        assert not actor.may("peers.manage")  # that is the post's lack and not the key's
        assert actor.missed == {"case.review"}

    def test_cannot_have_what_the_post_has_not(self) -> None:
        with pytest.raises(InvalidInput):
            self.bounded(only=["case.accept", "peers.manage"])

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("expires_at", MONDAY + timedelta(days=9)),
            ("addresses", ["0.0.0.0/0"]),
            ("scopes", ["case.review"]),
        ],
    )
    def test_its_bounds_stand_in_the_record_of_the_node(self, column: str, value: Any) -> None:
        key, _ = self.bounded(addresses=["10.1.2.0/24"], only=["case.accept"])
        table = kept.tables()["ApiKey"]
        mark = table.mark(ApiKey.objects.get())
        assert mark == table.mark(key)
        ApiKey.objects.update(**{column: value})
        assert table.mark(ApiKey.objects.get()) != mark

    def test_its_end_is_told_a_month_before_and_once_a_week(self, caplog: pytest.LogCaptureFixture) -> None:
        key, _ = issue()
        assert key.expires_at
        month = key.expires_at - timedelta(days=30)
        told = [
            sweeping.sweep(at)
            for at in (
                month - SECOND, month, month + SECOND, month + timedelta(days=7) - SECOND,
                month + timedelta(days=7), key.expires_at,
            )
        ]  # fmt: skip
        assert told == [0, 1, 0, 0, 1, 0]
        assert caplog.text.count(f"machine key {key.prefix} ends at") == 2

    @pytest.mark.prove("every page and operation, by a key")
    def test_opens_the_interface_and_no_page(self, counties: World) -> None:
        machine = front.machine(counties, "qingyang")
        assert machine.get("/duties").status_code == 200
        page = machine.call("GET", "/desk/")
        assert page.status_code == 401
        assert "不能打开网页" in page.content.decode()
        assert machine.call("GET", "/metrics").status_code == 403  # that of a window may not

    def test_is_refused_at_the_door_by_its_code(self, counties: World) -> None:
        front.show_time(counties)
        with counties.on("qingyang"):
            post = Post.objects.get(code="window", organisation__uscc=counties["qingyang"].centre)
            _, token = commands.issue_api_key(
                post=post, label="测试", addresses=["10.1.0.0/24"], only=["case.content"], by=SYSTEM,
                at=counties.at,
            )  # fmt: skip
        caller = Caller(counties, "qingyang", headers={"Authorization": f"Bearer {token}"})
        body = {"offering": counties["jiashan"].offering(stories.PROXY)}
        assert "case.file" in is_problem(caller.post("/drafts", body), 403, "beyond_api_key")
        assert caller.get("/duties").status_code == 200
        is_problem(caller.get("/peers"), 403, "not_permitted")
        caller.address = "10.1.1.1"
        is_problem(caller.get("/duties"), 401, "api_key_elsewhere")
        caller.address = "10.1.0.9"
        counties.at += timedelta(days=366)
        is_problem(caller.get("/duties"), 401, "api_key_expired")


class TestMiddleware:
    def through(self, request: HttpRequest) -> HttpRequest:
        ActorMiddleware(lambda request: HttpResponse())(request)
        return request

    def test_nobody_is_nobody(self) -> None:
        request = self.through(a_request())
        assert request.actor is None
        assert request.refusal is None

    def test_a_bad_key_is_no_crash_but_a_refusal(self) -> None:
        request = RequestFactory().get("/api/v1/x", headers={"Authorization": "Bearer tb_nonsense"})
        assert self.through(request).refusal.code == "bad_api_key"
        with pytest.raises(keys.BadApiKey):
            actor_of(request, at=MONDAY)

    def test_a_good_key_makes_an_actor(self) -> None:
        _, token = issue()
        request = self.through(RequestFactory().get("/metrics", headers={"Authorization": f"Bearer {token}"}))
        assert request.actor.post == "officer"

"""Accounts without a password: their owners come from the identity provider once more, and that alone counts."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.signin.issuer import CHEN, Issuer
from tests.signin.test_oidc import clock_at, come_back, issuer, sign_in
from tongban.accounts.models import Applicant, ExternalIdentity
from tongban.signin import proving

__all__ = ["clock_at", "issuer"]

pytestmark = pytest.mark.django_db
NEW = "13905661234"
SECOND = timedelta(seconds=1)


def changed(client: Client) -> int:
    page = client.post("/account/telephone/", {"telephone": NEW, "password": ""})
    if page.status_code != 302:
        assert "重新登录" in page.content.decode()
        assert not Applicant.objects.get().telephone_sealed
    return page.status_code


def test_may_change_something_right_after_signing_in(client: Client, issuer: Issuer, clock_at: Any) -> None:
    sign_in(client, issuer)
    clock_at(proving.FRESH - 5 * SECOND)
    assert "十分钟内可以直接办" in client.get("/account/telephone/").content.decode()
    assert changed(client) == 302
    assert Applicant.objects.get().telephone == NEW


def test_have_to_come_once_more_later(client: Client, issuer: Issuer, clock_at: Any) -> None:
    sign_in(client, issuer)
    clock_at(proving.FRESH + SECOND)
    assert changed(client) == 422
    answer = client.post("/api/v1/account/close", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_needed")


def test_are_led_there_and_have_to_prove_it_anew(client: Client, issuer: Issuer, clock_at: Any) -> None:
    sign_in(client, issuer)
    clock_at(proving.FRESH + SECOND)
    page = client.get("/account/telephone/").content.decode()
    assert 'href="/sign-in/with/province/?anew=1&amp;next=/account/telephone/"' in page
    away = client.get("/sign-in/with/province/?anew=1&next=/account/telephone/")["Location"]
    asked = parse_qs(urlsplit(away).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    clock_at(0 * SECOND)
    assert come_back(client, issuer.authorize(away))["Location"] == "/account/telephone/"
    assert changed(client) == 302


@pytest.mark.parametrize("told", ["long ago", "not"])
def test_that_the_provider_let_through_without_looking_have_proved_nothing(
    client: Client, issuer: Issuer, told: str
) -> None:
    if told == "not":
        issuer.without = frozenset({"auth_time"})
    else:
        issuer.claims = {"auth_time": 1_700_000_000}
    sign_in(client, issuer)
    assert changed(client) == 422


def test_have_no_login_name_to_change(client: Client, issuer: Issuer) -> None:
    sign_in(client, issuer)
    answer = client.post("/api/v1/account/login", {"login": "chen"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_that_are_closed_are_others_when_their_owners_come_again(client: Client, issuer: Issuer) -> None:
    sign_in(client, issuer)
    before = Applicant.objects.get()
    assert client.post("/api/v1/account/close", {}, content_type="application/json").status_code == 204
    before.refresh_from_db()
    assert not before.is_active
    assert not ExternalIdentity.objects.exists()

    assert sign_in(Client(), issuer).status_code == 302
    after = Applicant.objects.get(is_active=True)
    assert after.identity_number == CHEN["id_number"]
    assert after.pseudonym != before.pseudonym

"""Signing in with a password, and what becomes of the session."""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import RequestFactory

from tests.accounts import county
from tests.accounts.county import MONDAY, PASSWORD
from tongban.accounts import commands
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind
from tongban.accounts.models import Applicant
from tongban.kernel.models import Access
from tongban.signin import sessions, throttle
from tongban.signin.actor import actor_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def a_request() -> HttpRequest:
    request = RequestFactory().get("/")
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    return request


def sign_in(
    request: HttpRequest | None = None,
    *,
    username: str = "wang",
    password: str = PASSWORD,
    post: int | None = None,
    address: str = "10.0.0.1",
    at: datetime = MONDAY,
) -> Actor:
    return sessions.sign_in(
        request or a_request(), username=username, password=password, post=post, address=address, at=at
    )


def fail(times: int, *, username: str = "wang", address: str = "10.0.0.1", at: datetime = MONDAY) -> None:
    for _ in range(times):
        with pytest.raises(sessions.BadCredentials):
            sign_in(username=username, password="not the password", address=address, at=at)


class TestSignIn:
    def test_makes_the_actor_of_the_post(self) -> None:
        place = county.settle()
        request = a_request()
        actor = sign_in(request)

        assert actor == place.actor
        assert actor_of(request, at=MONDAY) == actor

    def test_is_recorded_for_the_organisation(self) -> None:
        place = county.settle()
        fail(1)
        sign_in()

        rows = Access.objects.filter(organisation=place.organisation.uscc).order_by("pk")
        assert [(row.doing, row.result, row.post) for row in rows] == [
            ("sign_in", "bad_credentials", ""),
            ("sign_in", "ok", "officer"),
        ]

    def test_an_unknown_name_is_refused_like_a_wrong_password(self) -> None:
        county.settle()
        sentences = set()
        for username in ("wang", "nobody"):
            with pytest.raises(sessions.BadCredentials) as refusal:
                sign_in(username=username, password="not the password")
            sentences.add(str(refusal.value))
        assert len(sentences) == 1

    def test_changes_the_key_of_the_session(self) -> None:
        county.settle()
        request = a_request()
        request.session.save()
        before = request.session.session_key
        sign_in(request)
        assert request.session.session_key != before

    def test_keeps_no_personal_data_in_the_session(self) -> None:
        county.settle()
        request = a_request()
        sign_in(request)
        assert set(request.session[sessions.KEY]) == {"who", "id", "post", "channel", "mark", "seen"}


class TestPosts:
    def test_who_holds_two_posts_is_asked_which(self) -> None:
        place = county.settle()
        second = county.a_post(place.organisation, "decider")
        commands.appoint(person=place.person, post=second, by=SYSTEM, at=MONDAY)

        with pytest.raises(sessions.PostChoiceNeeded) as question:
            sign_in()
        assert [choice[0] for choice in question.value.choices] == [place.post.pk, second.pk]
        assert sign_in(post=second.pk).post == "decider"

    def test_refuses_a_post_of_somebody_else(self) -> None:
        place = county.settle()
        with pytest.raises(sessions.NoPost):
            sign_in(post=county.a_post(place.organisation, "decider").pk)


class TestThrottle:
    def test_five_failures_from_one_address_lock_for_fifteen_minutes(self) -> None:
        county.settle()
        fail(5)

        with pytest.raises(throttle.Throttled) as refusal:
            sign_in(at=MONDAY + 14 * MINUTE)
        assert 0 < refusal.value.retry_after <= 61
        assert sign_in(at=MONDAY + 16 * MINUTE).post == "officer"

    def test_leaves_the_owner_at_another_address_alone(self) -> None:
        county.settle()
        fail(5)
        assert sign_in(address="10.0.0.2").post == "officer"

    def test_many_addresses_together_lock_the_account(self) -> None:
        county.settle()
        for last in range(5):
            fail(4, address=f"10.0.1.{last}")
        with pytest.raises(throttle.Throttled):
            sign_in(address="10.0.0.9")

    def test_counts_unknown_names_too(self) -> None:
        fail(5, username="nobody")
        with pytest.raises(throttle.Throttled):
            sign_in(username="nobody")

    def test_success_forgets_earlier_failures(self) -> None:
        county.settle()
        fail(4)
        sign_in()
        fail(4)
        assert sign_in().post == "officer"

    def test_old_failures_do_not_add_up(self) -> None:
        county.settle()
        for day in range(3):
            fail(4, at=MONDAY + timedelta(days=day))
        assert sign_in(at=MONDAY + timedelta(days=2)).post == "officer"


class TestSession:
    def signed_in(self) -> HttpRequest:
        request = a_request()
        sign_in(request)
        return request

    def test_ends_after_thirty_idle_minutes(self) -> None:
        county.settle()
        request = self.signed_in()
        assert actor_of(request, at=MONDAY + 29 * MINUTE)
        assert actor_of(request, at=MONDAY + 58 * MINUTE)

        with pytest.raises(sessions.SessionEnded):
            actor_of(request, at=MONDAY + 89 * MINUTE)
        assert actor_of(request, at=MONDAY + 89 * MINUTE) is None

    def test_ends_when_the_appointment_ends(self) -> None:
        place = county.settle()
        request = self.signed_in()
        commands.deactivate_person(person=place.person, by=SYSTEM, at=MONDAY)
        with pytest.raises(sessions.SessionEnded):
            actor_of(request, at=MONDAY)

    def test_ends_when_the_password_changes(self) -> None:
        place = county.settle()
        request = self.signed_in()
        commands.change_password(
            person=place.person, old=PASSWORD, new="another, quite odd", by=place.actor, at=MONDAY
        )
        with pytest.raises(sessions.SessionEnded):
            actor_of(request, at=MONDAY)

    def test_ends_with_signing_out(self) -> None:
        county.settle()
        request = self.signed_in()
        sessions.sign_out(request)
        assert actor_of(request, at=MONDAY) is None


class TestApplicants:
    def test_sign_in_by_login_with_the_level_they_have(self) -> None:
        commands.register_applicant(login="13900000001", password=PASSWORD, at=MONDAY)
        request = a_request()
        actor = sessions.sign_in_applicant(
            request, login=" 13900000001", password=PASSWORD, address="10.0.0.1", at=MONDAY
        )

        assert actor.kind is ActorKind.APPLICANT
        assert actor.assurance == Applicant.Assurance.ACCOUNT
        assert actor_of(request, at=MONDAY) == actor

    def test_wrong_passwords_are_counted(self) -> None:
        commands.register_applicant(login="chen", password=PASSWORD, at=MONDAY)
        for expected in [sessions.BadCredentials] * 5 + [throttle.Throttled]:
            with pytest.raises(expected):
                sessions.sign_in_applicant(
                    a_request(), login="chen", password="wrong", address="10.0.0.1", at=MONDAY
                )

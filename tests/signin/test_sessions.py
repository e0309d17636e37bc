"""Signing in with a password, and what becomes of the session."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from tests.accounts import county
from tests.accounts.county import MONDAY, PASSWORD
from tongban.accounts import commands
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind
from tongban.accounts.models import Applicant, Person
from tongban.accounts.people.logins import LoginTooLong
from tongban.kernel.errors import DomainError
from tongban.kernel.models import Access
from tongban.signin import sessions, throttle
from tongban.signin.actor import actor_of

pytestmark = pytest.mark.django_db
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
BLANKS = " \t\n\u3000\u00a0\u2003\u200b\ufeff\u2060\u00ad\u202e"
DISGUISES: list[Callable[[str], str]] = [
    lambda name: "  " + name,
    lambda name: name + "\u3000",
    lambda name: "\u2003\u00a0" + name + "\t\n",
    lambda name: "".join(chr(ord(sign) + 0xFEE0) for sign in name),
    lambda name: "\u200b".join(name) + "\ufeff",
    lambda name: "\u200b \u2060 " + name,
    str.upper,
]


class Former(MD5PasswordHasher):
    """As passwords were hashed before: in another way than now."""

    algorithm = "former"


@pytest.fixture(autouse=True)
def former(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, f"{__name__}.Former"]


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

    def test_hashes_the_password_anew_where_that_was_cheaper(self) -> None:
        person = county.settle().person
        former = make_password(PASSWORD, hasher=Former())
        Person.objects.filter(pk=person.pk).update(password=former)
        with pytest.raises(sessions.BadCredentials):
            sign_in(password="not the password")
        assert Person.objects.get().password == former
        request = a_request()
        sign_in(request)
        assert not passwords.is_outdated(Person.objects.get().password)
        assert actor_of(request, at=MONDAY)
        assert sign_in()

    @pytest.mark.attack("C6")
    def test_a_name_longer_than_any_is_not_looked_up(self) -> None:
        with pytest.raises(LoginTooLong):
            sign_in(username="w" * 201)
        with pytest.raises(sessions.BadCredentials):
            sign_in(username="w" * 200)

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
        assert set(request.session[sessions.KEY]) == {"who", "id", "post", "channel", "mark", "begun", "seen"}


class TestPosts:
    def test_who_holds_two_posts_is_asked_which(self) -> None:
        place = county.settle()
        second = county.a_post(place.organisation, "window")
        commands.appoint(person=place.person, post=second, by=SYSTEM, at=MONDAY)

        with pytest.raises(sessions.PostChoiceNeeded) as question:
            sign_in()
        assert [choice[0] for choice in question.value.choices] == [place.post.pk, second.pk]
        assert sign_in(post=second.pk).post == "window"

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

    @pytest.mark.attack("B1")
    @pytest.mark.parametrize("disguise", DISGUISES, ids=lambda one: ascii(one("wang")))
    def test_a_name_typed_otherwise_is_the_same_name(self, disguise: Callable[[str], str]) -> None:
        county.settle()
        fail(4)
        fail(1, username=disguise("wang"))
        for username in ("wang", disguise("wang")):
            with pytest.raises(throttle.Throttled):
                sign_in(username=username)
        assert sign_in(username=disguise("wang"), at=MONDAY + 16 * MINUTE).post == "officer"

    @pytest.mark.attack("B1")
    def test_sixty_wrong_ones_lock_however_the_name_is_typed(self) -> None:
        county.settle()
        refused = Counter[str]()
        for number in range(60):
            blanks = "".join(BLANKS[(number + place) % len(BLANKS)] for place in range(1 + number // 4))
            with pytest.raises(DomainError) as refusal:
                sign_in(username=f"{blanks}wang", password="not the password")
            refused[refusal.value.code] += 1
        assert refused == {"bad_credentials": 5, "throttled": 55}

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
    def test_hashes_the_password_anew_where_that_was_cheaper(self) -> None:
        commands.register_applicant(login="chen", password=PASSWORD, at=MONDAY)
        Applicant.objects.update(password=make_password(PASSWORD, hasher=Former()))
        sessions.sign_in_applicant(
            a_request(), login="chen", password=PASSWORD, address="10.0.0.1", at=MONDAY
        )
        assert not passwords.is_outdated(Applicant.objects.get().password)

    def test_sign_in_by_login_with_the_level_they_have(self) -> None:
        commands.register_applicant(login="13900000001", password=PASSWORD, at=MONDAY)
        request = a_request()
        actor = sessions.sign_in_applicant(
            request, login=" 13900000001", password=PASSWORD, address="10.0.0.1", at=MONDAY
        )

        assert actor.kind is ActorKind.APPLICANT
        assert actor.assurance == Applicant.Assurance.ACCOUNT
        assert actor_of(request, at=MONDAY) == actor

    @pytest.mark.attack("B1")
    @pytest.mark.parametrize("disguise", DISGUISES, ids=lambda one: ascii(one("chen")))
    def test_a_login_typed_otherwise_is_the_same(self, disguise: Callable[[str], str]) -> None:
        """Registered one way, signed in the other, and counted as one."""
        commands.register_applicant(login=disguise("Chen"), password=PASSWORD, at=MONDAY)

        def attempt(login: str, password: str) -> Actor:
            return sessions.sign_in_applicant(
                a_request(), login=login, password=password, address="10.0.0.1", at=MONDAY
            )

        assert attempt("chen", PASSWORD).applicant == Applicant.objects.get().pseudonym
        for number in range(5):
            with pytest.raises(sessions.BadCredentials):
                attempt(disguise("chen") if number % 2 else "chen", "wrong")
        with pytest.raises(throttle.Throttled):
            attempt(disguise("chen"), PASSWORD)

    def test_wrong_passwords_are_counted(self) -> None:
        commands.register_applicant(login="chen", password=PASSWORD, at=MONDAY)
        for expected in [sessions.BadCredentials] * 5 + [throttle.Throttled]:
            with pytest.raises(expected):
                sessions.sign_in_applicant(
                    a_request(), login="chen", password="wrong", address="10.0.0.1", at=MONDAY
                )

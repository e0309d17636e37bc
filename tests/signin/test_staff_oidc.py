"""Staff who sign in by their administration's identity provider, through the pages; the provider is a real server that may lie."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from django.http import HttpResponse
from django.test import Client
from joserfc.jwk import ECKey, OctKey
from pytest_django.fixtures import Settings

from tests.accounts import county
from tests.accounts.county import PASSWORD
from tests.nodes import Node, node
from tests.signin.issuer import CHEN, CLIENT, SECRET, Issuer
from tests.signin.test_oidc import clock_at, come_back
from tongban.accounts import commands
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Applicant, Authenticator, Person, Session, StaffIdentity
from tongban.accounts.people import external, second, staff_identities
from tongban.configuration.config import UNBOUND
from tongban.configuration.providers import IdentityProviderConfig
from tongban.configuration.staff_providers import StaffProviderConfig
from tongban.kernel import accesses
from tongban.kernel.journal import nodechain
from tongban.kernel.models import Access
from tongban.kernel.time import clock
from tongban.signin import devices, halfopen, sessions

__all__ = ["clock_at", "node"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once("what a provider says is judged before anything is stored"),
]
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
OTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WITH, BACK, POST, STEP, ENROL = (
    "/sign-in/with/office/", "/sign-in/back/office/", "/sign-in/post/", "/sign-in/second/", "/account/second/",
)  # fmt: skip


def trust(settings: Settings, issuer: Issuer, **more: Any) -> None:
    """Let this node's staff sign in with a provider."""
    config = StaffProviderConfig(
        key="office", name="县政务认证平台", issuer=issuer.url, client_id=CLIENT,
        secret_file=settings.NODE.home / "secret", **more,
    )  # fmt: skip
    settings.NODE = replace(settings.NODE, staff_providers=(config,))


@pytest.fixture
def issuer(settings: Settings, node: Node) -> Iterator[Issuer]:
    made = Issuer()
    (node.home / "secret").write_text(SECRET + "\n")
    trust(settings, made, two_factors_acr=("mfa",), two_factors_amr=("otp", "hwk"))
    made.acr = ""
    yield made
    made.close()


@pytest.fixture
def place(issuer: Issuer) -> SimpleNamespace:
    """An office whose officer is bound; the post demands no second factor."""
    found = county.settle()
    bind(found.person, issuer)
    return found


def bind(person: Person, issuer: Issuer, subject: str = CHEN["sub"]) -> StaffIdentity:
    return staff_identities.bind(
        person=person, issuer=issuer.url, subject=subject, by=SYSTEM, at=clock.now() - MINUTE
    )


def a_head(issuer: Issuer) -> Person:
    """Somebody whose post demands a second factor, bound, with nothing enrolled."""
    person: Person = county.settle(post="decider").person
    bind(person, issuer)
    return person


def enrol(person: Person) -> None:
    kind = Authenticator.Kind.TOTP
    second.add(person=person, kind=kind, label="手机", secret=OTP, by=SYSTEM, at=clock.now())


def begin(client: Client, **query: str) -> str:
    answer = client.get(WITH, query)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def sign_in(client: Client, issuer: Issuer, **query: str) -> Any:
    return come_back(client, issuer.authorize(begin(client, **query)))


def is_refused(answer: HttpResponse, status: int, code: str) -> None:
    """Check for the code and a sentence on the sign-in page."""
    page = answer.content.decode()
    assert (answer.status_code, getattr(answer, "refused_as", "")) == (status, code), page
    assert "未登录：" in page


def is_in(client: Client) -> bool:
    return client.get("/desk/").status_code == 200


def give_code(client: Client, code: str = "") -> Any:
    return client.post(STEP, {"code": code or pyotp.TOTP(OTP).at(clock.now())})


def kinds() -> list[str]:
    return [entry.kind for entry in nodechain.entries()]


class TestSignIn:
    def test_lets_in_whose_account_is_bound(
        self, client: Client, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        assert 'href="/sign-in/with/office/"' in client.get("/sign-in/").content.decode()
        answer = sign_in(client, issuer)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/")
        assert is_in(client)
        row = Access.objects.get(doing=accesses.SIGN_IN)
        assert (row.who, row.result, row.post) == (place.person.pseudonym, accesses.OK, "officer")
        assert row.device.endswith("office")

    def test_is_a_session_like_any_other(
        self, client: Client, issuer: Issuer, place: SimpleNamespace, clock_at: Any
    ) -> None:
        sign_in(client, issuer)
        assert Session.objects.get().owner == place.person.pseudonym
        assert devices.COOKIE in client.cookies
        other = Client()
        sign_in(other, issuer)
        assert "上次登录：" in other.get("/desk/").content.decode()
        assert other.post("/account/sessions/", {}).status_code == 302
        assert not is_in(client)
        for minutes in range(29, 600, 29):
            clock_at(minutes * MINUTE)
            assert is_in(other)
        clock_at(600 * MINUTE + 2 * SECOND)
        assert not is_in(other)

    def test_keeps_no_personal_data_in_the_session(
        self, client: Client, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        sign_in(client, issuer)
        held = json.dumps(dict(client.session))
        assert not [told for told in (*CHEN.values(), "wang") if told in held]
        assert set(sessions.PROOF) < set(client.session[sessions.KEY])

    def test_goes_on_where_somebody_wanted_to_be_and_nowhere_else(
        self, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        for wanted, there in (("/account/second/", "/account/second/"), ("//elsewhere.example/", "/desk/")):
            assert sign_in(Client(), issuer, next=wanted).headers["Location"] == there

    def test_asks_how_long_ago_and_by_how_many_factors(self, client: Client, issuer: Issuer) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(begin(client)).query).items()}
        assert (asked["max_age"], asked["acr_values"], asked["scope"]) == ("900", "mfa", "openid")
        assert {"state", "nonce", "code_challenge"} <= set(asked)
        assert json.loads(asked["claims"])["id_token"] == {
            "acr": {"values": ["mfa"]}, "auth_time": {"essential": True},
        }  # fmt: skip

    def test_by_another_claim_where_the_node_says_so(
        self, client: Client, issuer: Issuer, place: SimpleNamespace, settings: Settings
    ) -> None:
        trust(settings, issuer, subject_claim="employee")
        is_refused(sign_in(client, issuer), 502, "provider_answer_faulty")
        issuer.claims = {"employee": "u-1001", "sub": "pairwise"}
        assert sign_in(client, issuer).headers["Location"] == "/desk/"

    @pytest.mark.parametrize("days", [0, 85, 91])
    def test_a_password_that_was_handed_out_or_is_old_stops_nobody_who_needs_none(
        self, client: Client, issuer: Issuer, place: SimpleNamespace, settings: Settings, days: int
    ) -> None:
        settings.NODE = replace(settings.NODE, demo=False)
        changed_at = clock.now() - timedelta(days=days)
        Person.objects.update(password_changed_at=changed_at, must_change_password=not days)
        sign_in(client, issuer)
        answer = client.get("/desk/")
        assert answer.status_code == 200
        assert "密码用到" not in answer.content.decode()


class TestPosts:
    @pytest.fixture
    def two(self, place: SimpleNamespace) -> SimpleNamespace:
        place.window = county.a_post(place.organisation, "window")
        commands.appoint(person=place.person, post=place.window, by=SYSTEM, at=clock.now())
        return place

    def test_of_several_one_is_chosen(self, client: Client, issuer: Issuer, two: SimpleNamespace) -> None:
        answer = sign_in(client, issuer, next="/account/sessions/")
        assert answer.headers["Location"] == f"{POST}?next=/account/sessions/"
        assert not is_in(client)  # nobody has signed in yet
        page = client.get(answer.headers["Location"]).content.decode()
        assert f'value="{two.window.pk}"' in page
        assert client.post(POST, {"post": "", "next": "/x/"}).headers["Location"] == f"{POST}?next=/x/"
        chosen = client.post(POST, {"post": str(two.window.pk), "next": "/account/sessions/"})
        assert chosen.headers["Location"] == "/account/sessions/"
        assert client.get("/api/v1/sessions").json()["actor"]["post"] == "window"
        is_refused(client.post(POST, {"post": str(two.post.pk)}), 404, "no_post_to_choose")

    def test_nobody_chooses_what_they_do_not_hold(
        self, client: Client, issuer: Issuer, two: SimpleNamespace
    ) -> None:
        sign_in(client, issuer)
        other = county.a_post(two.organisation, "archive")
        is_refused(client.post(POST, {"post": str(other.pk)}), 403, "no_post")
        assert not is_in(client)

    def test_the_choice_lasts_ten_minutes(self, issuer: Issuer, two: SimpleNamespace, clock_at: Any) -> None:
        for late, status in ((halfopen.LASTS - 2 * SECOND, 302), (halfopen.LASTS + 2 * SECOND, 404)):
            client = Client()
            clock_at(0 * MINUTE)
            sign_in(client, issuer)
            clock_at(late)
            assert client.post(POST, {"post": str(two.post.pk)}).status_code == status

    def test_and_no_longer_than_the_binding(
        self, client: Client, issuer: Issuer, two: SimpleNamespace
    ) -> None:
        sign_in(client, issuer)
        staff_identities.unbind(person=two.person, issuer=issuer.url, by=SYSTEM, at=clock.now())
        is_refused(client.get(POST), 404, "no_post_to_choose")

    def test_leads_to_the_second_step_of_the_post_that_was_chosen(
        self, client: Client, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        head = county.a_post(place.organisation, "decider")
        commands.appoint(person=place.person, post=head, by=SYSTEM, at=clock.now())
        sign_in(client, issuer)
        assert client.post(POST, {"post": str(head.pk)}).headers["Location"] == STEP
        assert not is_in(client)
        sign_in(client, issuer)
        assert client.post(POST, {"post": str(place.post.pk)}).headers["Location"] == "/desk/"

    def test_nobody_who_came_from_nowhere_is_asked(self, client: Client, issuer: Issuer) -> None:
        is_refused(client.get(POST), 404, "no_post_to_choose")


@pytest.mark.attack("G")
class TestTwoFactors:
    @pytest.mark.parametrize(
        ("acr", "claims"),
        [("mfa", {}), ("", {"amr": ["pwd", "otp"]}), ("other", {"amr": ["hwk"]})],
        ids=str,
    )
    def test_at_the_provider_are_enough(
        self, client: Client, issuer: Issuer, acr: str, claims: dict[str, Any]
    ) -> None:
        a_head(issuer)
        issuer.acr, issuer.claims = acr, claims
        assert sign_in(client, issuer).headers["Location"] == "/desk/"
        assert is_in(client)

    @pytest.mark.parametrize(
        ("acr", "claims"),
        [
            ("", {}),
            ("pwd", {}),
            ("MFA", {}),
            ("", {"amr": ["pwd"]}),
            ("", {"amr": []}),
            ("", {"acr": ["mfa"]}),
        ],
        ids=str,
    )
    def test_what_does_not_say_so_is_one_and_ours_follows(
        self, client: Client, issuer: Issuer, acr: str, claims: dict[str, Any]
    ) -> None:
        enrol(a_head(issuer))
        issuer.acr, issuer.claims = acr, claims
        assert sign_in(client, issuer, next="/account/sessions/").headers["Location"] == (
            f"{STEP}?next=/account/sessions/"
        )
        assert not is_in(client)
        assert give_code(client, "000000").status_code == 401
        assert give_code(client).status_code == 302
        assert is_in(client)
        assert set(sessions.PROOF) < set(client.session[sessions.KEY])

    def test_nothing_is_said_where_acr_is_missing(self, client: Client, issuer: Issuer) -> None:
        enrol(a_head(issuer))
        issuer.without = frozenset({"acr"})
        assert sign_in(client, issuer).headers["Location"] == STEP

    def test_who_has_none_yet_enrols(self, client: Client, issuer: Issuer) -> None:
        a_head(issuer)
        answer = sign_in(client, issuer)
        assert client.get(answer.headers["Location"]).headers["Location"] == ENROL
        assert not is_in(client)

    def test_a_list_that_is_none_is_faulty(self, client: Client, issuer: Issuer) -> None:
        a_head(issuer)
        issuer.claims = {"amr": "otp"}
        is_refused(sign_in(client, issuer), 502, "provider_answer_faulty")

    def test_count_only_once_the_owner_has_shown_their_own(self, client: Client, issuer: Issuer) -> None:
        """Else whoever binds accounts could bind one to themselves, and so come in with neither of its factors."""
        enrol(a_head(issuer))
        issuer.acr = "mfa"
        assert sign_in(client, issuer).headers["Location"] == STEP
        assert StaffIdentity.objects.get().confirmed_at is None
        assert give_code(client).status_code == 302
        assert StaffIdentity.objects.get().confirmed_at is not None
        assert kinds()[-1] == "identity_confirmed"
        again = Client()
        assert sign_in(again, issuer).headers["Location"] == "/desk/"
        assert is_in(again)
        assert kinds().count("identity_confirmed") == 1

    def test_the_half_open_session_ends_with_the_binding(self, client: Client, issuer: Issuer) -> None:
        person = a_head(issuer)
        enrol(person)
        sign_in(client, issuer)
        staff_identities.unbind(person=person, issuer=issuer.url, by=SYSTEM, at=clock.now())
        assert give_code(client).headers["Location"].startswith("/sign-in/")
        assert not is_in(client)


class TestRefusals:
    def test_nobody_is_enrolled_or_taken_over_by_name_or_mail(
        self, client: Client, issuer: Issuer, node: Node
    ) -> None:
        found = county.settle(username="wang@office.example")
        issuer.person |= {
            "name": found.person.name, "email": "wang@office.example", "preferred_username": "wang@office.example",
        }  # fmt: skip
        is_refused(sign_in(client, issuer), 403, "staff_unknown_to_node")
        assert (Person.objects.count(), StaffIdentity.objects.count(), Applicant.objects.count()) == (1, 0, 0)
        assert Access.objects.get(doing="sign-in-back").result == "staff_unknown_to_node"

    def test_who_has_left(self, client: Client, issuer: Issuer, place: SimpleNamespace) -> None:
        commands.deactivate_person(person=place.person, by=SYSTEM, at=clock.now())
        is_refused(sign_in(client, issuer), 403, "staff_account_closed")
        row = Access.objects.get(doing=accesses.SIGN_IN)
        assert (row.who, row.result) == (place.person.pseudonym, "staff_account_closed")

    def test_who_holds_no_post_now(self, client: Client, issuer: Issuer, place: SimpleNamespace) -> None:
        commands.end_appointment(appointment=place.person.appointments.get(), by=SYSTEM, at=clock.now())
        is_refused(sign_in(client, issuer), 403, "no_post")
        assert Access.objects.get(doing=accesses.SIGN_IN).result == "no_post"

    @pytest.mark.parametrize(
        ("early", "refused"), [(900 + 60, False), (900 + 61, True)], ids=["just", "over"]
    )
    def test_who_proved_themselves_too_long_ago(
        self, client: Client, issuer: Issuer, place: SimpleNamespace, early: int, refused: bool
    ) -> None:
        address = begin(client)
        issuer.claims = {"auth_time": client.session["signing_in"]["at"] - early}
        answer = come_back(client, issuer.authorize(address))
        if refused:
            is_refused(answer, 403, "proved_too_long_ago")
        else:
            assert answer.headers["Location"] == "/desk/"

    @pytest.mark.parametrize(
        "auth_time", [None, True, "now", 4_000_000_000, float("inf"), float("nan")], ids=str
    )
    def test_a_moment_that_is_none(
        self, client: Client, issuer: Issuer, place: SimpleNamespace, auth_time: Any
    ) -> None:
        issuer.claims = {"auth_time": auth_time}
        is_refused(sign_in(client, issuer), 502, "provider_answer_faulty")

    @pytest.mark.parametrize("claim", ["nonce", "aud", "iss", "sub", "exp", "iat", "auth_time"])
    def test_a_token_that_leaves_something_out(
        self, client: Client, issuer: Issuer, place: SimpleNamespace, claim: str
    ) -> None:
        issuer.without = frozenset({claim})
        is_refused(sign_in(client, issuer), 502, "provider_answer_faulty")

    @pytest.mark.parametrize(
        "claims",
        [{"nonce": "another"}, {"aud": "another"}, {"iss": "https://another.example"}, {"exp": 1_700_000_000}, {"sub": " "}],
        ids=str,
    )  # fmt: skip
    def test_a_token_for_something_else(
        self, client: Client, issuer: Issuer, place: SimpleNamespace, claims: dict[str, Any]
    ) -> None:
        issuer.claims = claims
        is_refused(sign_in(client, issuer), 502, "provider_answer_faulty")

    @pytest.mark.parametrize("how", ["another key", "the shared secret"])
    def test_a_signature_by(self, client: Client, issuer: Issuer, place: SimpleNamespace, how: str) -> None:
        if how == "another key":
            issuer.signing_key = ECKey.generate_key("P-256")
        else:
            issuer.algorithm, issuer.signing_key = "HS256", OctKey.import_key(SECRET)
        is_refused(sign_in(client, issuer), 502, "provider_answer_faulty")

    def test_an_answer_that_names_another_issuer(
        self, client: Client, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        back = issuer.authorize(begin(client)) + "&iss=https://another.example"
        is_refused(come_back(client, back), 502, "provider_answer_faulty")

    def test_a_provider_that_is_down_before_and_meanwhile(
        self, client: Client, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        back = issuer.authorize(begin(client))
        issuer.is_broken = True
        is_refused(come_back(client, back), 503, "provider_away")
        is_refused(client.get(WITH), 503, "provider_away")

    def test_an_answer_that_was_used_or_begun_elsewhere(
        self, client: Client, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        back = issuer.authorize(begin(client))
        come_back(client, back)
        is_refused(come_back(Client(), back), 409, "sign_in_not_begun")
        is_refused(come_back(client, back), 409, "sign_in_not_begun")
        assert is_in(client)  # the first one still holds

    def test_who_says_no_there(self, client: Client, issuer: Issuer) -> None:
        state = parse_qs(urlsplit(begin(client)).query)["state"][0]
        is_refused(client.get(BACK, {"error": "access_denied", "state": state}), 403, "provider_refused")

    def test_a_provider_that_there_is_not(self, client: Client, issuer: Issuer, settings: Settings) -> None:
        settings.NODE = replace(settings.NODE, staff_providers=())
        is_refused(client.get(WITH), 404, "provider_unknown")
        is_refused(client.get(BACK), 404, "provider_unknown")


class TestTheBindingEnds:
    def test_and_the_sessions_with_it(self, client: Client, issuer: Issuer, place: SimpleNamespace) -> None:
        sign_in(client, issuer)
        staff_identities.unbind(person=place.person, issuer=issuer.url, by=SYSTEM, at=clock.now())
        assert not is_in(client)
        is_refused(sign_in(client, issuer), 403, "staff_unknown_to_node")

    def test_even_of_a_session_that_nobody_has_listed(
        self, client: Client, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        """One that was just being opened as the binding ended."""
        sign_in(client, issuer)
        StaffIdentity.objects.update(unbound_at=clock.now())
        assert not is_in(client)

    def test_as_the_node_gives_the_provider_up(
        self, client: Client, issuer: Issuer, place: SimpleNamespace, settings: Settings
    ) -> None:
        sign_in(client, issuer)
        settings.NODE = replace(settings.NODE, staff_providers=())
        assert not is_in(client)


class TestApart:
    """No way leads from a provider of applicants to an account of staff, nor the other way round."""

    @pytest.fixture
    def both(self, issuer: Issuer, place: SimpleNamespace, settings: Settings) -> Iterator[Issuer]:
        made = Issuer()
        config = IdentityProviderConfig(
            key="province", name="省政务服务网", issuer=made.url, client_id=CLIENT,
            secret_file=settings.NODE.home / "secret", level_unstated=2,
        )  # fmt: skip
        settings.NODE = replace(settings.NODE, identity_providers=(config,))
        yield made
        made.close()

    def test_each_lets_in_its_own(self, both: Issuer, issuer: Issuer) -> None:
        citizen, clerk = Client(), Client()
        there = citizen.get("/sign-in/with/province/").headers["Location"]
        assert come_back(citizen, both.authorize(there)).headers["Location"] == "/my-cases/"
        assert sign_in(clerk, issuer).headers["Location"] == "/desk/"
        assert citizen.get("/desk/").status_code == 403
        assert clerk.get("/my-cases/").status_code == 403

    @pytest.mark.parametrize("key", ["office", "province"])
    def test_an_answer_of_one_counts_nothing_at_the_door_of_the_other(
        self, client: Client, both: Issuer, issuer: Issuer, key: str
    ) -> None:
        mine, other = (issuer, "province") if key == "office" else (both, "office")
        back = mine.authorize(client.get(f"/sign-in/with/{key}/").headers["Location"])
        answer = come_back(client, back.replace(f"/back/{key}/", f"/back/{other}/"))
        is_refused(answer, 409, "sign_in_not_begun")
        assert not Applicant.objects.exists()
        assert sessions.KEY not in client.session

    @pytest.mark.parametrize("key", ["office", "province"])
    def test_a_token_of_one_is_nothing_to_the_other(
        self, client: Client, both: Issuer, issuer: Issuer, key: str
    ) -> None:
        """Signed by the other's key, in the name of the other, though all else fits."""
        mine, other = (issuer, both) if key == "office" else (both, issuer)
        mine.signing_key, mine.claims = other.key, {"iss": other.url}
        back = mine.authorize(client.get(f"/sign-in/with/{key}/").headers["Location"])
        is_refused(come_back(client, back), 502, "provider_answer_faulty")

    def test_a_row_that_is_copied_over_fits_nobody(
        self, client: Client, both: Issuer, issuer: Issuer
    ) -> None:
        """Not even where one issuer was the applicants' and is the staff's now."""
        external.account_for(
            issuer=issuer.url, subject="u-9", kind=Applicant.Kind.PERSON, name="", number="", at=clock.now()
        )
        copied = Applicant.objects.get().external_identities.get().subject_lookup
        StaffIdentity.objects.update(subject_lookup=copied)
        issuer.person = {**CHEN, "sub": "u-9"}
        is_refused(sign_in(client, issuer), 403, "staff_unknown_to_node")


class TestPasswordsOff:
    @pytest.fixture(autouse=True)
    def off(self, issuer: Issuer, place: SimpleNamespace, settings: Settings) -> None:
        settings.NODE = replace(settings.NODE, staff_passwords=UNBOUND)

    def enter(self, username: str = "wang", password: str = PASSWORD) -> Any:
        body = {"username": username, "password": password}
        return Client().post("/api/v1/sessions", body, content_type="application/json")

    def test_of_whoever_is_bound(self, place: SimpleNamespace) -> None:
        answer = self.enter()
        assert (answer.status_code, answer.json()["code"]) == (403, "password_sign_in_off")
        assert Access.objects.get(who=place.person.pseudonym).result == "password_sign_in_off"

    def test_a_wrong_one_is_told_nothing_of_it(self) -> None:
        assert self.enter(password="wrong").json()["code"] == "bad_credentials"

    def test_and_of_nobody_else(self, place: SimpleNamespace, issuer: Issuer) -> None:
        county.a_person(place.post, "zhao")
        assert self.enter("zhao").status_code == 200
        staff_identities.unbind(person=place.person, issuer=issuer.url, by=SYSTEM, at=clock.now())
        assert self.enter().status_code == 200

    def test_nor_where_the_node_has_given_the_provider_up(self, settings: Settings) -> None:
        settings.NODE = replace(settings.NODE, staff_providers=())
        assert self.enter().status_code == 200


class TestSigningOut:
    def test_leads_on_to_the_provider(self, client: Client, issuer: Issuer, place: SimpleNamespace) -> None:
        issuer.metadata = {"end_session_endpoint": f"{issuer.url}/end?x=1"}
        sign_in(client, issuer)
        assert client.post("/sign-out/").headers["Location"] == "/sign-out/done/office/"
        assert not is_in(client)
        page = client.get("/sign-out/done/office/").content.decode()
        assert 'href="/sign-out/with/office/"' in page
        there = urlsplit(client.get("/sign-out/with/office/").headers["Location"])
        told = {name: values[0] for name, values in parse_qs(there.query).items()}
        assert f"{there.scheme}://{there.netloc}{there.path}" == f"{issuer.url}/end"
        assert told.pop("post_logout_redirect_uri").endswith("/sign-in/")
        assert told == {"x": "1", "client_id": CLIENT}  # nothing of who it was

    def test_ends_here_where_it_cannot_be_done_there(
        self, client: Client, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        sign_in(client, issuer)
        assert client.post("/sign-out/").headers["Location"] == "/"
        for broken in (False, True):
            issuer.is_broken = broken
            answer = client.get("/sign-out/with/office/")
            assert (answer.status_code, "没能退出“县政务认证平台”" in answer.content.decode()) == (503, True)

    def test_is_no_other_after_a_password(
        self, client: Client, issuer: Issuer, place: SimpleNamespace
    ) -> None:
        issuer.metadata = {"end_session_endpoint": f"{issuer.url}/end"}
        client.post("/sign-in/", {"who": "staff", "name": "wang", "password": PASSWORD})
        assert is_in(client)
        assert client.post("/sign-out/").headers["Location"] == "/"

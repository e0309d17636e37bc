"""Signing in with an identity provider, through the pages; the provider is a real server that may lie."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from joserfc.jwk import ECKey, OctKey
from pytest_django.fixtures import Settings

from tests.signin.issuer import CHEN, CLIENT, SECRET, Issuer
from tongban.accounts import commands
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Applicant, ExternalIdentity, Session
from tongban.configuration.providers import IdentityProviderConfig
from tongban.kernel import accesses
from tongban.kernel.models import Access
from tongban.kernel.time import clock
from tongban.signin import entrance, identified, providers, sessions

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def issuer(settings: Settings, tmp_path: Path) -> Iterator[Issuer]:
    """Give a provider that this node trusts."""
    made = Issuer()
    (tmp_path / "secret").write_text(SECRET + "\n")
    config = IdentityProviderConfig(
        key="province", name="省政务服务网", issuer=made.url, client_id=CLIENT, secret_file=tmp_path / "secret",
        levels=(("loa1", 1), ("loa2", 2), ("loa3", 3)), types={"111": "person", "USCC": "enterprise"},
    )  # fmt: skip
    settings.NODE = replace(settings.NODE, identity_providers=(config,))
    yield made
    made.close()


@pytest.fixture
def clock_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function that sets this node's clock on."""
    real = clock.now

    def later(by: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + by)

    return later


def begin(client: Client, next_page: str = "") -> str:
    """Press the button of the sign-in page; return the provider's address it leads to."""
    page = client.get("/sign-in/", {"next": next_page} if next_page else {}).content.decode()
    link = re.search(r'href="(/sign-in/with/[^"]+)"', page)
    assert link, page
    answer = client.get(link[1].replace("&amp;", "&"))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def come_back(client: Client, address: str) -> HttpResponse:
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def sign_in(client: Client, issuer: Issuer, next_page: str = "") -> HttpResponse:
    return come_back(client, issuer.authorize(begin(client, next_page)))


def is_refused(answer: HttpResponse, status: int, *words: str) -> None:
    """Check for a sentence on the sign-in page, and that nobody has signed in or was enrolled."""
    page = answer.content.decode()
    assert answer.status_code == status, page
    for word in ("未登录：", *words):
        assert word in page, page
    assert not Applicant.objects.exists()


def is_signed_in(client: Client) -> bool:
    return client.get("/my-cases/").status_code == 200


class TestSignIn:
    def test_enrols_who_is_new_with_the_identity_sealed(self, client: Client, issuer: Issuer) -> None:
        answer = sign_in(client, issuer)
        assert answer.headers["Location"] == "/my-cases/"
        assert is_signed_in(client)
        account = Applicant.objects.get()
        assert (account.name, account.identity_number) == ("陈一", CHEN["id_number"])
        assert account.assurance == Applicant.Assurance.VERIFIED
        assert CHEN["id_number"].encode() not in bytes(account.identity_sealed or b"")
        assert Access.objects.get(doing=accesses.SIGN_IN, result=accesses.OK).who == account.pseudonym

    def test_finds_who_has_been_here(self, issuer: Issuer) -> None:
        for _ in range(2):
            assert sign_in(Client(), issuer).status_code == 302
        assert Applicant.objects.count() == ExternalIdentity.objects.count() == 1

    def test_goes_on_where_the_person_wanted_to_be(self, client: Client, issuer: Issuer) -> None:
        assert sign_in(client, issuer, "/items/").headers["Location"] == "/items/"
        assert begin(Client(), "https://elsewhere.example/").startswith(issuer.url)
        assert "elsewhere" not in sign_in(Client(), issuer, "//elsewhere.example/").headers["Location"]

    def test_asks_with_pkce_state_nonce_and_the_levels_that_suffice(
        self, client: Client, issuer: Issuer
    ) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(begin(client)).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"].endswith("/sign-in/back/province/")
        assert {"state", "nonce", "code_challenge"} <= set(asked)
        assert json.loads(asked["claims"])["id_token"]["acr"] == {
            "essential": True,
            "values": ["loa3", "loa2"],
        }

    def test_binds_an_account_that_proved_the_same_number(self, client: Client, issuer: Issuer) -> None:
        own = commands.register_applicant(login="chen", password="long enough, and odd", at=clock.now())
        commands.verify_applicant(
            applicant=own, name="陈一", number=CHEN["id_number"], by=SYSTEM, at=clock.now()
        )
        assert sign_in(client, issuer).status_code == 302
        assert Applicant.objects.get() == own

    def test_takes_an_enterprise_by_its_code(self, client: Client, issuer: Issuer) -> None:
        issuer.person |= {"id_type": "USCC", "id_number": "91110000600037341L", "name": "某某有限公司"}
        sign_in(client, issuer)
        assert Applicant.objects.get().kind == Applicant.Kind.ENTERPRISE

    def test_asks_userinfo_for_what_the_token_does_not_say(self, client: Client, issuer: Issuer) -> None:
        issuer.in_userinfo = frozenset({"name", "id_number", "id_type"})
        assert sign_in(client, issuer).status_code == 302
        assert Applicant.objects.get().name == "陈一"

    def test_nobody_is_offered_what_is_not_configured(self, client: Client) -> None:
        assert "/sign-in/with/" not in client.get("/sign-in/").content.decode()
        for page in ("with", "back"):
            answer = client.get(f"/sign-in/{page}/province/")
            assert answer.status_code in (404, 409)
            assert "未登录：" in answer.content.decode()

    def test_writes_no_identity_into_the_log(
        self, client: Client, issuer: Issuer, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        issuer.claims = {"nonce": "another"}
        sign_in(client, issuer)
        assert "faulty answer" in caplog.text
        for told in (CHEN["id_number"], CHEN["name"], CHEN["sub"]):
            assert told not in caplog.text


class TestLevel:
    def test_one_that_is_too_low_is_refused(self, client: Client, issuer: Issuer) -> None:
        issuer.acr = "loa1"
        is_refused(sign_in(client, issuer), 403, "等级不够")

    @pytest.mark.parametrize("acr", ["", "loa9", "LOA2"])
    def test_what_is_not_in_the_table_counts_for_nothing(
        self, client: Client, issuer: Issuer, acr: str
    ) -> None:
        issuer.acr = acr
        is_refused(sign_in(client, issuer), 403, "等级不够")

    def test_is_not_believed_from_the_redirect(self, client: Client, issuer: Issuer) -> None:
        issuer.acr = "loa1"
        is_refused(come_back(client, issuer.authorize(begin(client)) + "&acr=loa3"), 403, "等级不够")

    @pytest.mark.parametrize(
        ("claims", "without"),
        [({"auth_time": 1_700_000_000}, ""), ({"auth_time": -(10**30)}, ""), ({}, "auth_time")],
        ids=["long ago", "never", "not told"],
    )
    def test_a_face_seen_long_ago_does_not(
        self, client: Client, issuer: Issuer, claims: dict[str, Any], without: str
    ) -> None:
        issuer.acr, issuer.claims, issuer.without = "loa3", claims, frozenset({without})
        sign_in(client, issuer)
        assert client.get("/api/v1/sessions").json()["actor"]["assurance"] == 2

    def test_a_face_counts_for_half_an_hour(self, client: Client, issuer: Issuer, clock_at: Any) -> None:
        issuer.acr = "loa3"
        sign_in(client, issuer)
        assert client.get("/api/v1/sessions").json()["actor"]["assurance"] == 3
        clock_at(31 * MINUTE)
        assert client.get("/api/v1/sessions").json()["actor"]["assurance"] == 2


class TestWrongAnswers:
    @pytest.mark.parametrize(
        "claims",
        [
            {"nonce": "another"},
            {"aud": "another-client"},
            {"aud": ["another-client", CLIENT]},  # several, and no authorised party named
            {"iss": "https://another.example"},
            {"exp": 1_700_000_000},
            {"iat": 4_000_000_000, "exp": 4_000_000_300},
            {"sub": ""},
            {"sub": 7},
            {"auth_time": "now"},
        ],
        ids=str,
    )
    def test_a_token_for_something_else_is_refused(
        self, client: Client, issuer: Issuer, claims: dict[str, Any]
    ) -> None:
        issuer.claims = claims
        is_refused(sign_in(client, issuer), 502, "没有通过核对")

    @pytest.mark.parametrize("claim", ["nonce", "aud", "iss", "sub", "exp", "iat"])
    def test_a_token_that_leaves_something_out_is_refused(
        self, client: Client, issuer: Issuer, claim: str
    ) -> None:
        issuer.without = frozenset({claim})
        is_refused(sign_in(client, issuer), 502, "没有通过核对")

    def test_a_signature_by_another_key_is_refused(self, client: Client, issuer: Issuer) -> None:
        issuer.signing_key = ECKey.generate_key("P-256")
        is_refused(sign_in(client, issuer), 502, "没有通过核对")

    def test_a_signature_by_the_shared_secret_is_refused(self, client: Client, issuer: Issuer) -> None:
        issuer.algorithm, issuer.signing_key = "HS256", OctKey.import_key(SECRET)
        is_refused(sign_in(client, issuer), 502, "没有通过核对")

    def test_userinfo_of_somebody_else_is_refused(self, client: Client, issuer: Issuer) -> None:
        issuer.in_userinfo, issuer.userinfo = frozenset({"id_number"}), {"sub": "u-9"}
        is_refused(sign_in(client, issuer), 502, "没有通过核对")

    def test_an_issuer_that_calls_itself_otherwise_is_refused(self, client: Client, issuer: Issuer) -> None:
        issuer.metadata = {"issuer": "https://another.example"}
        is_refused(client.get("/sign-in/with/province/"), 502, "没有通过核对")

    @pytest.mark.parametrize(
        "person",
        [{"id_number": ""}, {"id_type": "414"}],
        ids=["no number", "passport"],
    )
    def test_a_document_that_cannot_be_checked_is_refused(
        self, client: Client, issuer: Issuer, person: dict[str, str]
    ) -> None:
        issuer.person |= person
        is_refused(sign_in(client, issuer), 403, "到窗口")

    @pytest.mark.parametrize(
        "person", [{"id_number": "341723199003070017"}, {"name": ""}], ids=["check", "name"]
    )
    def test_a_number_that_cannot_be_right_is_refused(
        self, client: Client, issuer: Issuer, person: dict[str, str]
    ) -> None:
        issuer.person |= person
        is_refused(sign_in(client, issuer), 422)

    def test_who_contradicts_the_record_is_sent_to_a_window(self, client: Client, issuer: Issuer) -> None:
        sign_in(client, issuer)
        other = {"sub": "another", "name": "陈二"}  # somebody else who claims the number
        for change in (other, {"id_number": "341723198510200036"}):
            issuer.person = {**CHEN, **change}
            answer = sign_in(Client(), issuer)
            assert answer.status_code == 409
            assert "到窗口更正" in answer.content.decode()
        assert Applicant.objects.get().name == "陈一"

    def test_a_name_that_has_changed_is_taken_over_from_where_the_account_is_bound(
        self, client: Client, issuer: Issuer
    ) -> None:
        sign_in(client, issuer)
        issuer.person = {**CHEN, "name": "陈二"}
        assert sign_in(Client(), issuer).status_code == 302
        account = Applicant.objects.get()
        assert (account.name, account.identity_number) == ("陈二", CHEN["id_number"])


class TestState:
    def test_what_nobody_comes_back_for_leaves_its_row_for_ten_minutes(
        self, client: Client, issuer: Issuer
    ) -> None:
        address = issuer.authorize(begin(client))
        assert timedelta() < Session.objects.get().ends_at - timezone.now() <= timedelta(minutes=10)
        # Whoever does come back has the time that everybody has.
        assert come_back(client, address).status_code == 302
        assert is_signed_in(client)
        assert Session.objects.get().ends_at - timezone.now() > timedelta(hours=7)

    def test_an_answer_counts_once(self, client: Client, issuer: Issuer) -> None:
        back = issuer.authorize(begin(client))
        assert come_back(client, back).status_code == 302
        again = come_back(client, back)
        assert again.status_code == 409
        assert "已经用过" in again.content.decode()
        assert is_signed_in(client)  # the first one still holds

    def test_an_answer_that_somebody_else_began_is_refused(self, client: Client, issuer: Issuer) -> None:
        back = issuer.authorize(begin(Client()))
        is_refused(come_back(client, back), 409, "不是在这个浏览器里开始的")
        begin(client)
        is_refused(come_back(client, back), 409, "对不上")

    def test_a_code_used_elsewhere_is_refused(self, client: Client, issuer: Issuer) -> None:
        back = issuer.authorize(begin(client))
        issuer.codes.clear()
        is_refused(come_back(client, back), 409, "不承认这次认证")

    def test_a_code_of_somebody_elses_sign_in_is_refused(self, client: Client, issuer: Issuer) -> None:
        """Without PKCE a stolen code, put into one's own answer, would sign in as its owner."""
        stolen = parse_qs(urlsplit(issuer.authorize(begin(Client()))).query)["code"][0]
        own = issuer.authorize(begin(client))
        swapped = re.sub(r"code=[^&]+", f"code={stolen}", own)
        is_refused(come_back(client, swapped), 409, "不承认这次认证")

    def test_one_left_lying_is_refused(self, client: Client, issuer: Issuer, clock_at: Any) -> None:
        back = issuer.authorize(begin(client))
        clock_at(11 * MINUTE)
        is_refused(come_back(client, back), 409, "已经失效")

    def test_leaving_it_is_said_plainly(self, client: Client, issuer: Issuer) -> None:
        asked = parse_qs(urlsplit(begin(client)).query)
        answer = client.get("/sign-in/back/province/", {"error": "access_denied", "state": asked["state"][0]})
        is_refused(answer, 403, "没有在“省政务服务网”完成认证")

    def test_changes_the_key_of_the_session(self, client: Client, issuer: Issuer) -> None:
        address = begin(client)
        before = client.cookies[next(iter(client.cookies))].value
        come_back(client, issuer.authorize(address))
        assert before not in {cookie.value for cookie in client.cookies.values()}

    def test_keeps_no_personal_data_in_the_session(self, client: Client, issuer: Issuer) -> None:
        sign_in(client, issuer)
        stored = client.session[sessions.KEY]
        assert set(stored) == {
            "who",
            "id",
            "post",
            "channel",
            "mark",
            "begun",
            "seen",
            "level",
            "level_at",
        }
        assert identified.BEGUN not in client.session


class TestAway:
    def test_a_provider_that_is_down_is_named_before_anybody_leaves(
        self, client: Client, issuer: Issuer
    ) -> None:
        issuer.is_broken = True
        is_refused(client.get("/sign-in/with/province/"), 503, "“省政务服务网”暂时没有应答")

    def test_and_when_it_goes_down_meanwhile(self, client: Client, issuer: Issuer) -> None:
        back = issuer.authorize(begin(client))
        issuer.is_broken = True
        is_refused(come_back(client, back), 503, "暂时没有应答")

    def test_a_missing_secret_stops_this_way_in_and_no_other(
        self, client: Client, issuer: Issuer, settings: Settings
    ) -> None:
        settings.NODE.identity_providers[0].secret_file.unlink()
        is_refused(sign_in(client, issuer), 503, "暂时没有应答")
        assert client.get("/sign-in/").status_code == 200

    def test_an_unknown_provider_has_no_page(self) -> None:
        with pytest.raises(providers.ProviderUnknown):
            entrance.provider("nobody")

"""Staff who sign in, and out, with an identity provider that others wrote, in a process of its own."""

from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.accounts import county
from tests.nodes import Node, node
from tests.patience import PATIENCE
from tests.signin.issuer import CHEN
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Applicant, Person
from tongban.accounts.people import staff_identities
from tongban.configuration.staff_providers import StaffProviderConfig
from tongban.kernel.time import clock

__all__ = ["node"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def place(address: str, node: Node, settings: Settings) -> SimpleNamespace:
    """An officer, and a node that trusts the provider."""
    (node.home / "secret").write_text("any will do")
    config = StaffProviderConfig(
        key="mock", name="演示认证平台", issuer=address, client_id="node", secret_file=node.home / "secret"
    )
    settings.NODE = replace(settings.NODE, staff_providers=(config,))
    return county.settle()


def go(client: Client, action: str = "authorize") -> str:
    """Go there, let the person answer, return the path their browser comes back to."""
    there = client.get("/sign-in/with/mock/").headers["Location"]
    assert httpx.get(there, timeout=PATIENCE).status_code == 200
    answer = httpx.post(there, data={"sub": CHEN["sub"], "action": action}, timeout=PATIENCE)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def bind(place: SimpleNamespace, address: str) -> None:
    staff_identities.bind(person=place.person, issuer=address, subject=CHEN["sub"], by=SYSTEM, at=clock.now())


def test_lets_in_who_is_bound_and_out_again(client: Client, place: SimpleNamespace, address: str) -> None:
    bind(place, address)
    assert client.get(go(client)).headers["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200
    left = client.post("/sign-out/").headers["Location"]
    assert left == "/sign-out/done/mock/"
    there = client.get("/sign-out/with/mock/").headers["Location"]
    assert there.startswith(address)
    assert httpx.get(there, timeout=PATIENCE).status_code < 400
    assert client.get("/desk/").status_code == 302


def test_lets_in_nobody_else(client: Client) -> None:
    answer = client.get(go(client))
    assert (answer.status_code, answer.refused_as) == (403, "staff_unknown_to_node")  # type: ignore[attr-defined]
    assert (Applicant.objects.count(), Person.objects.count()) == (0, 1)


def test_who_says_no_there_is_not_signed_in_here(
    client: Client, place: SimpleNamespace, address: str
) -> None:
    bind(place, address)
    answer = client.get(go(client, "deny"))
    assert (answer.status_code, answer.refused_as) == (403, "provider_refused")  # type: ignore[attr-defined]

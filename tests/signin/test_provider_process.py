"""Signing in with an identity provider that others wrote, in a process of its own."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.patience import PATIENCE
from tests.signin.issuer import CHEN
from tongban.accounts.models import Applicant
from tongban.configuration.providers import IdentityProviderConfig

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def trusted(address: str, settings: Settings, tmp_path: Path) -> None:
    """Let this node trust it; it names no levels, so that the contract with it has to."""
    (tmp_path / "secret").write_text("any will do")
    config = IdentityProviderConfig(
        key="mock", name="演示认证平台", issuer=address, client_id="node", secret_file=tmp_path / "secret",
        level_unstated=2,
    )  # fmt: skip
    settings.NODE = replace(settings.NODE, identity_providers=(config,))


def go(client: Client, action: str) -> str:
    """Go there, let the person answer, return the path their browser comes back to."""
    there = client.get("/sign-in/with/mock/").headers["Location"]
    page = httpx.get(there, timeout=PATIENCE)
    assert page.status_code == 200, page.text
    answer = httpx.post(there, data={"sub": CHEN["sub"], "action": action}, timeout=PATIENCE)
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/sign-in/back/mock/"
    return f"{back.path}?{back.query}"


def test_signs_in_and_enrols(client: Client) -> None:
    assert client.get(go(client, "authorize")).headers["Location"] == "/my-cases/"
    assert client.get("/my-cases/").status_code == 200
    assert Applicant.objects.get().identity_number == CHEN["id_number"]


def test_its_code_counts_once(client: Client) -> None:
    back = go(client, "authorize")
    client.get(back)
    other = Client()
    state = re.search(r"state=([^&]+)", go(other, "authorize"))
    assert state
    stolen = re.sub(r"state=[^&]+", f"state={state[1]}", back)
    answer = other.get(stolen)
    assert answer.status_code == 409
    assert "不承认这次认证" in answer.content.decode()


def test_who_says_no_there_is_not_signed_in_here(client: Client) -> None:
    answer = client.get(go(client, "deny"))
    assert answer.status_code == 403
    assert "没有在“演示认证平台”完成认证" in answer.content.decode()
    assert not Applicant.objects.exists()

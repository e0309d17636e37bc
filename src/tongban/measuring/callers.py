"""Who calls the node that is measured: people of the county who have signed in, and anybody."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pyotp
from django.test import Client

from tongban.accounts.people.authenticators import Authenticator
from tongban.demonstration.building import Built
from tongban.demonstration.counties import QINGYANG
from tongban.measuring import cases
from tongban.measuring.load import BadAnswer


@dataclass(slots=True)
class Caller:
    """Somebody: the head of each of their requests, and the cookies in it."""

    host: str
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, body: bytes = b"", key: str = "") -> bytes:
        """Return a request as it goes over the line."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", f"Content-Length: {len(body)}"]
        if self.cookies:
            told = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            lines += [f"Cookie: {told}", f"X-CSRFToken: {self.token}"]
        if key:
            lines += [f"Idempotency-Key: {key}", "Content-Type: application/json"]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def client(self) -> Client:
        """Return a client in this process that has signed in alike."""
        client = Client(SERVER_NAME="127.0.0.1", headers={"X-CSRFToken": self.token})
        client.cookies.load(self.cookies)
        return client


def signed_in(built: Built, login: str) -> Caller:
    """
    Sign somebody of the county in, by their password and, where their post demands it, their code; "" signs nobody in.

    Raises:
        BadAnswer: they are not let in.
    """
    caller = Caller(urlsplit(built.url).netloc)
    if not login:
        return caller
    account = f"{QINGYANG.prefix}-{login}"
    password = next(row[1] for row in built.accounts if row[0] == account)
    client = Client(SERVER_NAME="127.0.0.1")  # a node answers to its own names alone
    body = {
        "username": account,
        "password": password,
        "channel": "counter" if login == cases.CLERK else "desk",
    }
    answer = _post(client, "/api/v1/sessions", body)
    if answer.status_code == 409:
        secret = Authenticator.objects.get(person__username=account, kind=Authenticator.Kind.TOTP).secret
        answer = _post(client, "/api/v1/sessions/second", {"code": pyotp.TOTP(secret).now()})
    if answer.status_code != 200:
        raise BadAnswer(answer.content.decode())
    caller.token = answer.json()["csrf_token"]
    caller.cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    return caller


def _post(client: Client, path: str, body: dict[str, str]) -> Any:
    return client.post(path, body, content_type="application/json")

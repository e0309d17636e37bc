"""Callers at the front door of a node: over HTTP, with session and CSRF token or with a machine's key."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.world import World
from tongban.accounts import commands as accounts
from tongban.accounts import demo
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.demo_counties import COUNTIES
from tongban.accounts.models import Post

_keys = itertools.count(1)


@dataclass
class Caller:
    """Somebody who calls a node's API."""

    world: World
    node: str
    client: Client = field(
        default_factory=lambda: Client(enforce_csrf_checks=True, raise_request_exception=False)
    )
    headers: dict[str, str] = field(default_factory=dict)
    address: str = "10.1.0.1"

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, **more: Any) -> Any:
        """Make a request; every write gets an idempotency key of its own unless the test gives one."""
        show_time(self.world)
        headers = {**self.headers, **more.pop("headers", {})}
        if method != "GET":
            headers.setdefault("Idempotency-Key", key or f"key-{next(_keys)}")
        options: dict[str, Any] = {"headers": headers, "REMOTE_ADDR": self.address, **more}
        if isinstance(body, Files):
            options["data"] = {**body.fields, **body.files()}
        elif body is not None:
            options |= {"data": body, "content_type": "application/json"}
        with self.world.on(self.node):
            answer = getattr(self.client, method.lower())(path, **options)
            # What is made while it is sent is made by this node, and taken here to its end.
            answer.taken = answer.getvalue() if answer.streaming else answer.content
        return answer

    def get(self, path: str, **more: Any) -> Any:
        return self.call("GET", "/api/v1" + path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.call("POST", "/api/v1" + path, body if body is not None else {}, **more)

    def put(self, path: str, body: Any, **more: Any) -> Any:
        return self.call("PUT", "/api/v1" + path, body, **more)

    def delete(self, path: str, **more: Any) -> Any:
        return self.call("DELETE", "/api/v1" + path, **more)

    def act(self, number: str, act: str, **body: Any) -> Any:
        """Do an act on the version that the caller sees now."""
        if "version" not in body:
            seen = self.get(f"/cases/{number}")
            body["version"] = seen.json()["version"] if seen.status_code == 200 else 1
        return self.post(f"/cases/{number}/acts/{act}", body)


@dataclass
class Files:
    """A multipart body."""

    fields: dict[str, Any]
    uploads: dict[str, list[tuple[str, bytes]]]

    def files(self) -> dict[str, Any]:
        return {
            name: [SimpleUploadedFile(file, data) for file, data in files]
            for name, files in self.uploads.items()
        }


def one_file(code: str, name: str, data: bytes) -> Files:
    return Files({"code": code}, {"file": [(name, data)]})


def show_time(world: World) -> None:
    """Let the nodes' clocks show the world's time, a little later with every call."""
    assert world.folder
    world.at += timedelta(seconds=10)
    (world.folder / "clock").write_text(str((world.at - datetime.now(UTC)).total_seconds()))


def settle_accounts(world: World) -> None:
    """Give every node its demo accounts."""
    show_time(world)
    for key in world.nodes:
        with world.on(key):
            demo.seed_county(key, world.at)


def staff(world: World, node: str, login: str, **more: Any) -> Caller:
    """Sign in as the member of staff with this login (`window`, `hrss-head`, …)."""
    caller = Caller(world, node)
    body = {"username": f"{COUNTIES[node].letters}-{login}", "password": demo.PASSWORD, **more}
    return _signed_in(caller, "/sessions", body)


def applicant(world: World, node: str, login: str) -> Caller:
    """Sign in as an applicant with an account on a node."""
    body = {"login": f"{COUNTIES[node].letters}-{login}", "password": demo.PASSWORD}
    return _signed_in(Caller(world, node), "/sessions/applicant", body)


def machine(world: World, node: str, post: str = "window") -> Caller:
    """Call with a key of the service centre's post."""
    show_time(world)
    with world.on(node):
        found = Post.objects.get(code=post, organisation__uscc=world[node].centre)
        _, token = accounts.issue_api_key(post=found, label="测试", by=SYSTEM, at=world.at)
    return Caller(world, node, headers={"Authorization": f"Bearer {token}"})


def _signed_in(caller: Caller, path: str, body: dict[str, Any]) -> Caller:
    answer = caller.post(path, body)
    while answer.status_code == 409 and answer.json()["code"] == "second_factor_needed":
        if code := answer.json().get("demo_code"):
            answer = caller.post("/sessions/second", {"code": code})
        else:  # all that count now were used
            caller.world.at += timedelta(seconds=30)
            answer = caller.post(path, body)
    assert answer.status_code == 200, answer.content.decode()
    caller.headers["X-CSRFToken"] = answer.json()["csrf_token"]
    return caller


def is_problem(answer: Any, status: int, code: str) -> str:
    """Check that an answer refuses, in our form and in Chinese; return the sentence."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), (
        answer.content.decode()
    )
    body = answer.json()
    assert body["code"] == code, body
    assert body["type"] == f"urn:tongban:problem:{code}"
    assert body["status"] == status
    assert any("\u4e00" <= character <= "\u9fff" for character in body["detail"]), body
    return str(body["detail"])

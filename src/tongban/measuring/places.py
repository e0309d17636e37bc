"""A node of its own for a measurement, on a database of its own; both are gone afterwards."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx

from tongban.configuration.config import CONFIG_NAME
from tongban.demonstration import building, errands, running
from tongban.demonstration.building import Built
from tongban.demonstration.counties import QINGYANG

SERVER = "TONGBAN_TEST_POSTGRES"


class NotMeasured(Exception):
    """Something that the measurement needs is missing; the sentence says what, and what to do."""


@dataclass(slots=True)
class Caller:
    """Somebody who has signed in: the head of each of their requests."""

    port: int
    head: str

    def request(self, method: str, path: str, body: bytes = b"", key: str = "") -> bytes:
        """Return a request as it goes over the line."""
        more = f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\n" if key else ""
        return (
            f"{method} {path} HTTP/1.1\r\n{self.head}{more}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )


@dataclass(slots=True)
class Place:
    """The node that is measured. Django is set up for it in this very process."""

    built: Built
    database: str  # "postgresql" or "sqlite"
    url: str  # of the database

    @property
    def port(self) -> int:
        """Where the node listens."""
        return urlsplit(self.built.url).port or 0

    def caller(self, login: str, *, post: str = "desk") -> Caller:
        """Sign somebody in who works at the county."""
        account = f"{QINGYANG.prefix}-{login}"
        password = next(row[1] for row in self.built.accounts if row[0] == account)
        with httpx.Client(base_url=self.built.url, trust_env=False) as http:
            body = {"username": account, "password": password, "channel": post}
            answer = http.post("/api/v1/sessions", json=body).raise_for_status()
            cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        token = answer.json()["csrf_token"]
        head = f"Host: 127.0.0.1:{self.port}\r\nCookie: {cookies}\r\nX-CSRFToken: {token}\r\n"
        return Caller(self.port, head)

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serve the node within the block, as `tongban serve` does by default."""
        # No demo node any more, but one that lives in a folder of its own as long as the block.
        process = running.serve(self.built, self.built.home.parent / "node.log", TONGBAN_CONFINED="1")
        try:
            running.wait_until_ready(self.built, process)
            yield
        finally:
            running.stop([process])


@contextmanager
def place(database: str) -> Iterator[Place]:
    """
    Build a node on `database` ("postgresql" or "sqlite") and set Django up for it; take both away afterwards.

    Raises:
        NotMeasured: no PostgreSQL server is named.
    """
    with tempfile.TemporaryDirectory(prefix="tongban-bench-") as name:
        folder = Path(name)
        if database == "sqlite":
            yield _built(folder, database, "sqlite:///tongban.sqlite3")
            return
        with _database_of_its_own() as url:
            yield _built(folder, database, url)


def _built(folder: Path, database: str, url: str) -> Place:
    ports = errands.free_ports([QINGYANG])
    built = building.neighbourhood(folder, [QINGYANG], ports, databases={QINGYANG.key: url})[0]
    config = built.home / CONFIG_NAME
    # Measured as in earnest: a demo node asks the time from a file.
    config.write_text(
        config.read_text(encoding="utf-8").replace("demo = true", "demo = false"), encoding="utf-8"
    )
    os.environ["TONGBAN_HOME"] = str(built.home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tongban.assembly.settings"
    import django

    django.setup()
    return Place(built, database, url)


@contextmanager
def _database_of_its_own() -> Iterator[str]:
    import psycopg
    from psycopg import sql

    server = os.environ.get(SERVER)
    if not server:
        raise NotMeasured(
            f"没有测量：{SERVER} 没有指明 PostgreSQL 服务器。请设置为可建库账号的地址，或用 --database sqlite。"
        )
    name = f"tongban_bench_{secrets.token_hex(4)}"
    parts = urlsplit(server)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        from django.db import connections

        connections.close_all()
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

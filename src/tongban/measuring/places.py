"""A node of its own for a measurement, on a database of its own; both are gone afterwards."""

import os
import secrets
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from tongban.configuration.config import CONFIG_NAME
from tongban.demonstration import building, errands, running
from tongban.demonstration.building import Built
from tongban.demonstration.counties import QINGYANG, DemoNode
from tongban.measuring import processor

if TYPE_CHECKING:
    from tongban.measuring.callers import Caller

SERVER = "TONGBAN_TEST_POSTGRES"


class NotMeasured(Exception):
    """Something that the measurement needs is missing; the sentence says what, and what to do."""


@dataclass(slots=True)
class Place:
    """The node that is measured. Django is set up for it in this very process."""

    built: Built
    database: str  # "postgresql" or "sqlite"
    url: str  # of the database
    beside: Sequence[Built] = ()  # its neighbours, which are not served
    callers: int = 16  # who call at once
    waiting: int = 800  # open duties that are laid for each list that is read
    known: dict[str, "Caller"] = field(default_factory=dict)  # who has signed in

    @property
    def port(self) -> int:
        """Where the node listens."""
        return urlsplit(self.built.url).port or 0

    def caller(self, login: str) -> "Caller":
        """Return somebody who works at the county and has signed in; "" is anybody, who does not."""
        from tongban.measuring.callers import signed_in

        if login not in self.known:
            self.known[login] = signed_in(self.built, login)
        return self.known[login]

    def database_server(self) -> list[int]:
        """Return the process of the database's server, where it runs on this machine."""
        if self.database != "postgresql":
            return []
        from django.db import connection

        connection.ensure_connection()
        return processor.postmaster(connection.connection.info.backend_pid)

    @contextmanager
    def copied(self) -> Iterator[str]:
        """Lay a copy of the database beside it for as long as the block; give its address, or on SQLite its file."""
        from django.db import connections

        connections.close_all()  # PostgreSQL copies only what nobody uses
        if self.database == "postgresql":
            with _database_of_its_own(like=self.url) as url:
                yield url
            return
        file, copy = (self.built.home / name for name in ("tongban.sqlite3", "floor.sqlite3"))
        with closing(sqlite3.connect(file)) as one, closing(sqlite3.connect(copy)) as other:
            one.backup(other)
        yield str(copy)

    def serve(self) -> subprocess.Popen[bytes]:
        """Start serving the node, as `tongban serve` does by default."""
        # No demo node any more, but one that lives in a folder of its own as long as the measurement.
        return running.serve(self.built, self.built.home.parent / "node.log", TONGBAN_CONFINED="1")

    @contextmanager
    def served(self) -> Iterator[int]:
        """Serve the node within the block; give the number of the process."""
        process = self.serve()
        try:
            running.wait_until_ready(self.built, process)
            yield process.pid
        finally:
            running.stop([process])


@contextmanager
def place(
    database: str, *, beside: Sequence[DemoNode] = (), callers: int = 16, waiting: int = 800
) -> Iterator[Place]:
    """
    Build a node on `database` ("postgresql" or "sqlite") and set Django up for it; take both away afterwards.

    `beside` are neighbours that are built, too; `callers` is how many are to call at once; `waiting` as in `Place`.

    Raises:
        NotMeasured: no PostgreSQL server is named.
    """
    with tempfile.TemporaryDirectory(prefix="tongban-bench-") as name:
        folder = Path(name)
        if database == "sqlite":
            with _left_clean():
                yield _built(folder, database, "sqlite:///tongban.sqlite3", beside, callers, waiting)
            return
        with _database_of_its_own() as url, _left_clean():
            yield _built(folder, database, url, beside, callers, waiting)


@contextmanager
def _left_clean() -> Iterator[None]:
    """What this process still had to write is written before what it would be written to is gone."""
    try:
        yield
    finally:
        from tongban.kernel import accesses

        accesses.flush()


def _built(
    folder: Path, database: str, url: str, beside: Sequence[DemoNode], callers: int, waiting: int
) -> Place:
    nodes = [QINGYANG, *beside]
    ports = errands.free_ports(nodes)
    built, *others = building.neighbourhood(folder, nodes, ports, databases={QINGYANG.key: url})
    config = built.home / CONFIG_NAME
    # Measured as in earnest: a demo node asks the time from a file.
    config.write_text(
        config.read_text(encoding="utf-8").replace("demo = true", "demo = false"), encoding="utf-8"
    )
    os.environ["TONGBAN_HOME"] = str(built.home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tongban.assembly.settings"
    import django

    django.setup()
    return Place(built, database, url, others, callers, waiting)


@contextmanager
def _database_of_its_own(*, like: str = "") -> Iterator[str]:
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
        template = urlsplit(like).path[1:] or "template1"
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        from django.db import connections

        connections.close_all()
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

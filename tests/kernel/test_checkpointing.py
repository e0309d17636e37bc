"""The one who brings SQLite's log into the file."""

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.world import World
from tongban.kernel import checkpointing, db
from tongban.kernel.checkpointing import Checkpointer

pytestmark = pytest.mark.sqlite


@pytest.fixture
def node(world: World) -> Iterator[Path]:
    """Be on a node with a table of our own; give its log."""
    with world.on("qingyang"):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE heap (data BLOB)")
        yield Path(f"{connection.settings_dict['NAME']}-wal")


def write(size: int) -> None:
    with db.write(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO heap VALUES (%s)", [os.urandom(size)])


def in_file() -> int:
    """Return how many rows the database file holds without its log."""
    name = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(f"file:{name}?immutable=1", uri=True)) as alone:
        return int(alone.execute("SELECT count(*) FROM heap").fetchone()[0])


@contextmanager
def reader() -> Iterator[None]:
    """Let somebody read an old state during the block."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM heap").fetchone()
        yield


class TestCheckpointer:
    def test_no_connection_does_it_by_itself(self, node: Path) -> None:
        checkpointing.checkpoint()
        for _ in range(3):
            write(2_000_000)  # half a thousand pages each, over SQLite's own limit of a thousand together
        assert in_file() == 0
        assert checkpointing.checkpoint()
        assert in_file() == 3

    def test_brings_in_what_is_new_and_then_rests(self, node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        checkpointer = Checkpointer()
        write(100)
        checkpointer.step()
        assert in_file() == 1
        with monkeypatch.context() as patched:
            patched.setattr(checkpointing, "checkpoint", lambda **_: pytest.fail("nothing was written"))
            checkpointer.step()
        write(100)
        checkpointer.step()
        assert in_file() == 2

    def test_gives_the_room_of_a_long_log_back_once_nobody_writes(self, node: Path) -> None:
        checkpointer = Checkpointer()
        write(checkpointing.LARGE)
        checkpointer.step()
        assert node.stat().st_size > checkpointing.LARGE
        checkpointer.step()
        assert node.stat().st_size == 0

    def test_waits_for_no_reader_and_comes_back(self, node: Path) -> None:
        checkpointer = Checkpointer()
        write(checkpointing.LARGE)
        with reader():
            write(100)
            checkpointer.step()
            checkpointer.step()
            assert node.stat().st_size > checkpointing.LARGE
        for _ in range(2):
            checkpointer.step()
        assert (node.stat().st_size, in_file()) == (0, 2)

    def test_takes_its_turn_among_the_writers(self, node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[tuple[str, bool]] = []
        assert connection.connection
        connection.connection.set_trace_callback(lambda sql: seen.append((sql, db._lock._is_owned())))
        checkpointing.checkpoint()
        checkpointing.checkpoint(give_back=True)
        connection.connection.set_trace_callback(None)
        assert [held for sql, held in seen if "wal_checkpoint" in sql] == [True, True]

    def test_leaves_the_patience_of_the_connection_as_it_was(self, node: Path) -> None:
        with connection.cursor() as cursor:
            for give_back in (False, True):
                checkpointing.checkpoint(give_back=give_back)
                cursor.execute("PRAGMA busy_timeout")
                assert cursor.fetchone() == (20000,)


def test_trouble_is_told_once_and_its_end_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, outcomes = threading.Event(), iter([OSError("full"), OSError("full"), None])

    def step(self: Checkpointer) -> None:
        outcome = next(outcomes, None)
        if outcome:
            raise outcome
        stop.set()

    monkeypatch.setattr(checkpointing, "EVERY", 0.0)
    monkeypatch.setattr(Checkpointer, "step", step)
    with caplog.at_level(logging.INFO):
        checkpointing.run_forever(stop)
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


@pytest.mark.django_db
def test_a_destroyed_key_does_not_lie_on_in_the_file() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)

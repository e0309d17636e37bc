"""Transactions. Every write of the product goes through `write()`."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction

_lock = threading.RLock()
_mine = threading.local()  # the homes whose lock this thread holds


@contextmanager
def write() -> Iterator[None]:
    """
    Run the block in one transaction.

    SQLite lets writers wait by sleeping and retrying, so that some never get their turn; here they
    queue on a lock, between threads and (by a lock file) between processes. On PostgreSQL this is
    `transaction.atomic()` and nothing more.
    """
    with locked(), transaction.atomic():
        yield


@contextmanager
def joined() -> Iterator[None]:
    """Run the block in the transaction that is open, or in one of its own; what fails undoes all of that transaction."""
    with nullcontext() if connection.in_atomic_block else write():
        yield


@contextmanager
def locked() -> Iterator[None]:
    """
    Hold the lock of SQLite's writers during the block, without a transaction; on PostgreSQL do nothing.

    For what brings its own transaction, and for what cannot run inside one: bringing the log into the file.
    """
    home = settings.NODE.home
    held: set[Path] = _mine.__dict__.setdefault("homes", set())
    # A transaction was begun under the lock already, and a second handle of one process would wait for the first.
    if connection.vendor != "sqlite" or connection.in_atomic_block or home in held:
        yield
        return
    with _lock, _lock_file(home) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        held.add(home)
        try:
            yield
        finally:
            held.discard(home)


def _lock_file(home: Path) -> IO[Any]:
    return (home / "writer.lock").open("a")

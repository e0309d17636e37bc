"""Transactions. Every write of the product goes through `write()`."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction

_lock = threading.RLock()


@contextmanager
def write() -> Iterator[None]:
    """
    Run the block in one transaction.

    SQLite lets writers wait by sleeping and retrying, so that some never get their turn; here they
    queue on a lock, between threads and (by a lock file) between processes. On PostgreSQL this is
    `transaction.atomic()` and nothing more.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with _lock, _lock_file() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with transaction.atomic():
            yield


def _lock_file() -> IO[Any]:
    path = settings.NODE.home / "writer.lock"
    return path.open("a")

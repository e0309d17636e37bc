"""The lock of SQLite's writers."""

import fcntl
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tongban.kernel import db

pytestmark = pytest.mark.django_db(transaction=True)


def is_free(path: Path) -> bool:
    """Return whether another process could write now: a lock belongs to the file as it was opened."""
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@pytest.mark.sqlite
class TestOnSqlite:
    def test_keeps_out_other_processes_and_threads(self) -> None:
        lock = settings.NODE.home / "writer.lock"
        got: list[bool] = []
        for hold in (db.write, db.locked):
            with hold():
                assert not is_free(lock)
                other = threading.Thread(target=lambda: got.append(db._lock.acquire(blocking=False)))
                other.start()
                other.join()
            assert is_free(lock)
        assert got == [False, False]

    def test_is_taken_once_however_deep(self) -> None:
        with db.locked(), db.write(), db.locked(), db.write():
            assert connection.in_atomic_block
        with db.write(), db.locked():
            pass
        assert is_free(settings.NODE.home / "writer.lock")

    def test_is_given_back_after_a_failure(self) -> None:
        with pytest.raises(ZeroDivisionError), db.locked():
            raise ZeroDivisionError
        assert is_free(settings.NODE.home / "writer.lock")

    def test_opens_no_transaction(self) -> None:
        with db.locked():
            assert not connection.in_atomic_block


@pytest.mark.postgres
def test_on_postgres_there_is_none() -> None:
    with db.locked(), db.write():
        assert not db._lock._is_owned()  # type: ignore[attr-defined]

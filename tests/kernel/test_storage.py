"""What counts as a full or broken disk, and what does not."""

import errno
import sqlite3

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError

from tongban.kernel import storage
from tongban.kernel.storage import StorageFull


def sqlite(code: int) -> Exception:
    error = sqlite3.OperationalError("of the driver")
    error.sqlite_errorcode = code
    error.sqlite_errorname = f"name of {code}"
    return error


def from_driver(kind: type[Exception], driver: Exception) -> Exception:
    error = kind("as Django says it")
    error.__cause__ = driver
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (from_driver(OperationalError, sqlite(13)), "name of 13"),
        (from_driver(OperationalError, sqlite(10)), "name of 10"),
        (from_driver(OperationalError, sqlite(10 | 3 << 8)), "name of 778"),
        (from_driver(OperationalError, psycopg.errors.DiskFull("full")), "53100"),
        (from_driver(OperationalError, psycopg.errors.IoError("broken")), "58030"),
        (OSError(errno.ENOSPC, "No space left on device"), "ENOSPC"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "EDQUOT"),
        (from_driver(RuntimeError, OSError(errno.ENOSPC, "underneath")), "ENOSPC"),
    ],
)
def test_counts(error: Exception, reason: str) -> None:
    refusal = storage.refusal_of(error)
    assert refusal is not None
    assert (refusal.code, refusal.status, refusal.reason) == ("storage_full", 503, reason)


@pytest.mark.parametrize(
    "error",
    [
        None,
        ValueError("a bug"),
        DatabaseError("without a driver"),
        from_driver(OperationalError, sqlite(5)),  # busy
        from_driver(IntegrityError, sqlite(19)),
        from_driver(OperationalError, psycopg.errors.AdminShutdown("server goes")),
        OSError(errno.EACCES, "Permission denied"),
    ],
)
def test_does_not_count(error: Exception | None) -> None:
    assert storage.refusal_of(error) is None


def test_a_refusal_stays_itself() -> None:
    refusal = StorageFull("没有保存。")
    assert storage.refusal_of(refusal) is refusal

"""Which SQLite this process uses: one, the newest that is installed."""

import importlib
import sys
from contextlib import suppress
from typing import Any

FIXED = (3, 51, 3)  # the first without the WAL-reset bug: two connections, a write and a checkpoint at once
# What Django asks a connection for and pysqlite3 does not tell, by SQLite's own numbers: its own defaults.
LIMITS = {"SQLITE_LIMIT_COLUMN": (2, 2000), "SQLITE_LIMIT_VARIABLE_NUMBER": (9, 32766)}


def use() -> None:
    """
    Let `import sqlite3` mean the SQLite that pysqlite3 brings, where it is installed; do nothing elsewhere.

    Called before anything of ours is imported: two libraries on one file in one process would undo each
    other's locks, since closing a file gives up all that the process holds on it.
    """
    if "django.db.backends.sqlite3.base" in sys.modules:
        return  # too late: from here on there would be two
    with suppress(ImportError):
        newest = importlib.import_module("pysqlite3")
        for name, (number, _) in LIMITS.items():
            if not hasattr(newest, name):
                setattr(newest, name, number)
        sys.modules["sqlite3"] = newest
        sys.modules["sqlite3.dbapi2"] = importlib.import_module("pysqlite3.dbapi2")


def connection_class() -> Any:
    """Return the class of connections for Django: the library's own, able to say its limits."""
    own = importlib.import_module("sqlite3").Connection
    return own if hasattr(own, "getlimit") else type("Connection", (own,), {"getlimit": _limit})


def _limit(_connection: object, category: int) -> int:
    return dict(LIMITS.values())[category]


def version() -> str:
    """Return the version of the SQLite in use."""
    found: str = importlib.import_module("sqlite3").sqlite_version
    return found


def warning() -> str:
    """Return what is wrong with the SQLite in use and what to do, or nothing."""
    own = version()
    if tuple(map(int, own.split("."))) >= FIXED:
        return ""
    fixed = ".".join(map(str, FIXED))
    return (
        f"SQLite {own} 低于 {fixed}，极少数情况下会损坏数据库（WAL-reset 缺陷）。"
        f"请换用带有 SQLite {fixed} 或更高版本的 Python，或改用 PostgreSQL。"
    )

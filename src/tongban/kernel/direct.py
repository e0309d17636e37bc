"""
Statements that come again and again, sent to PostgreSQL by one cursor that is kept.

Django builds and wraps a cursor for each statement, and the driver looks through the text of each for its places: together
more than the driver's own work (docs/performance.md). Here the text with numbered places is written once. Transactions,
lines and errors stay Django's; who listens to what Django sends (a test, a measurement) hears these, too.
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

_kept = threading.local()


def rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """
    Return the rows that a statement gives, its places written as `%s`; raises what Django raises.

    On SQLite, where nothing is gained, it goes the usual way.
    """
    database = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` looks it up at each dot
    if database.vendor != "postgresql" or database.execute_wrappers or database.queries_logged:
        with database.cursor() as usual:
            usual.execute(sql, values)
            return list(usual.fetchall())
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        return list(_cursor(database.connection).execute(numbered(sql), values).fetchall())


@lru_cache(maxsize=1024)
def numbered(sql: str) -> bytes:
    """Return a statement with its places as PostgreSQL itself numbers them."""
    first, *parts = sql.split("%s")
    told = first + "".join(f"${place}{part}" for place, part in enumerate(parts, 1))
    return told.replace("%%", "%").encode()


def _cursor(line: Any) -> psycopg.RawCursor[tuple[Any, ...]]:
    kept: tuple[Any, psycopg.RawCursor[tuple[Any, ...]]] | None = getattr(_kept, "cursor", None)
    if kept is None or kept[0] is not line:
        kept = _kept.cursor = (line, psycopg.RawCursor(line))
    return kept[1]

"""
How much a statement really reads: rows on PostgreSQL, steps of its machine on SQLite.

PostgreSQL runs each statement twice, the first time under EXPLAIN ANALYZE and undone. Sequential scans are forbidden to it
meanwhile: on tables as small as a test's it would take them for cheap, and never show whether there is an index to go by.
It still takes them where there is none. SQLite has no such account; it tells how often its machine went on, whatever a plan
says. A node on SQLite keeps no statistics of its tables, so none are made here either.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

PLANNED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
STEPS = 10  # of SQLite's machine between two looks: fewer cost more than they tell
# What counts as much more, beyond twice as much: rows of a few hundred, or what it takes SQLite to read some forty.
SLACK = {"postgresql": 40, "sqlite": 800}

type Reads = Counter[str]  # how much was read by statements of one shape


@contextmanager
def counted(connection: BaseDatabaseWrapper) -> Iterator[Reads]:
    """Count what the statements of the block read, by their shape."""
    reads: Reads = Counter()
    counter = _postgres(reads) if connection.vendor == "postgresql" else _sqlite(reads)
    with counter(connection):
        yield reads


def shape(sql: str) -> str:
    """Return a statement with what differs from call to call left out."""
    plain = re.sub(r"(%s|\?)(, (%s|\?))+", "…", re.sub(r"\s+", " ", sql))
    plain = re.sub(r"\(…\)(, \(…\))+", "(…)", plain)
    plain = re.sub(r"(\([^()]+\))( OR \1)+", r"\1 …", plain)
    return re.sub(r'"s[0-9a-z_]+_x\d+"', "savepoint", plain)


def grew(before: int, after: int, vendor: str) -> bool:
    """Return whether reading so much more is more than chance."""
    return after > 2 * before and after > before + SLACK[vendor]


def forbid_scans(connection: BaseDatabaseWrapper) -> None:
    """Let PostgreSQL go by indexes wherever there are some, as it does on tables of a real size."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")


def settle(connection: BaseDatabaseWrapper) -> None:
    """Let PostgreSQL know its tables, as its autovacuum does on a node; and forget what was deleted."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


type _Counter = Callable[[BaseDatabaseWrapper], Any]


def _postgres(reads: Reads) -> _Counter:
    @contextmanager
    def counter(connection: BaseDatabaseWrapper) -> Iterator[None]:
        def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.lstrip().upper().startswith(PLANNED):
                for values in (params or [()]) if many else [params]:
                    reads[shape(sql)] += _explained(connection.connection, sql, values)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(wrapper):
            yield

    return counter


def _explained(line: Any, sql: str, values: Any) -> int:
    try:
        with line.transaction() as undone:
            explained = line.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", values).fetchone()
            raise psycopg.Rollback(undone)
    except psycopg.errors.IntegrityError:
        return 0  # it is refused in earnest, too
    return sum(_read_by(node) for node in _nodes(explained[0][0]["Plan"]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _read_by(node: dict[str, Any]) -> int:
    """Return the rows that one part of a plan took from a table or an index; looking up what is not there counts as one."""
    if not ("Relation Name" in node or "Index Name" in node) or "Scan" not in node["Node Type"]:
        return 0
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int(max(node["Actual Rows"] + removed, 1) * node["Actual Loops"])


def _sqlite(reads: Reads) -> _Counter:
    @contextmanager
    def counter(connection: BaseDatabaseWrapper) -> Iterator[None]:
        # Rows are taken one by one after the statement has begun: what the machine does is the last one's doing.
        present = "(none)"

        def went_on() -> int:
            reads[present] += STEPS
            return 0

        def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal present
            present = shape(sql)
            return execute(sql, params, many, context)

        connection.ensure_connection()
        connection.connection.set_progress_handler(went_on, STEPS)
        try:
            with connection.execute_wrapper(wrapper):
                yield
        finally:
            connection.connection.set_progress_handler(None, STEPS)

    return counter

"""
The floor under a measurement: the very rows that a request reads and writes, with nothing around them.

On PostgreSQL they are one prepared statement under pgbench, on SQLite a bare loop. The reads are those that the node sent
for one request, the changes those that it gathered; only what must be unique differs from one turn to the next.
"""

import json
import random
import re
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tongban.commandline import postgres
from tongban.kernel.journal import writing
from tongban.kernel.journal.writing import Change, Insert, Sql, Update, Upsert
from tongban.measuring.places import NotMeasured

CLIENTS = 16
LONGEST_FLOOR = 60  # seconds
POOL = 500  # cases that the floor's acts are done to, again and again
NEW, OLD = "341723F", "341723P"  # begin the numbers of new cases, and of those in the pool: of one county
_NUMBERS = ("number", "subject", "matter_id")


@dataclass(frozen=True, slots=True)
class Request:
    """What one request asked the database, and what it would have written."""

    reads: tuple[writing.Statement, ...]
    changes: tuple[Change, ...]


def varied(change: Change, *, new: bool) -> Change:
    """Return a change in which what must be unique is an expression over pgbench's `:u` (unique) and `:p` (pool)."""
    if isinstance(change, Update):
        # The same case is acted on again and again, so it stays as it is looked at.
        where = {
            name: Sql(_number(new)) if name in _NUMBERS else value for name, value in change.where.items()
        }
        return Update(change.model, {n: v for n, v in where.items() if n != "version"}, change.values)
    if isinstance(change, Upsert):
        return Upsert(change.model, _unique(change.values, 0, new), change.unique, change.bump)
    return Insert(change.model, tuple(_unique(row, index, new) for index, row in enumerate(change.rows)))


def _number(new: bool) -> str:
    return f"('{NEW}' || CAST(:u AS text))" if new else f"('{OLD}' || CAST(:p AS text))"


def _unique(row: Mapping[str, Any], index: int, new: bool) -> dict[str, Any]:
    told = {name: Sql(_number(new)) if name in _NUMBERS else value for name, value in row.items()}
    drawn = {
        "hash": f"('{index}h' || CAST(:u AS text))", "digest": f"('{index}h' || CAST(:u AS text))",
        "key": "('k' || CAST(:u AS text))",
    }  # fmt: skip
    if not new:
        drawn["seq"] = "(CAST(:u AS bigint) % 2000000000)"
    if not new and "subject" in told:
        drawn["name"] = "('x' || CAST(:u AS text))"
    return told | {name: Sql(sql) for name, sql in drawn.items() if name in told}


def script_of(request: Request, *, new: bool) -> str:
    """Return a script for pgbench that reads and writes what a request did, by one statement."""
    sql, values = writing.fused([varied(change, new=new) for change in request.changes])
    for read, told in request.reads:
        sql += f", (SELECT count(*) FROM ({read}) r{len(values)})"
        values += told
    return script([(sql, values)])


def script(statements: Sequence[writing.Statement]) -> str:
    """Return a script for pgbench of statements one after another, their values written out."""
    lines = ["\\set u random(1, 100000000000000)", f"\\set p random(1, {POOL})"]
    for sql, values in statements:
        first, *parts = sql.split("%s")
        told = (literal(value) + part for value, part in zip(values, parts, strict=True))
        lines.append(f"{first}{''.join(told)};")
    return "\n".join([*lines, ""])


def literal(value: Any) -> str:
    """Return a value as SQL that pgbench reads as text: it would take `:name` within quotes for a variable."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime | date):
        return _quoted(value.isoformat()) + ("::timestamptz" if isinstance(value, datetime) else "::date")
    if isinstance(value, str):
        return _quoted(value)
    if hasattr(value, "obj"):  # what the driver wraps: a JSON document, or bytes
        inner = value.obj
        return (
            f"decode('{bytes(inner).hex()}', 'hex')"
            if isinstance(inner, bytes | bytearray | memoryview)
            else _quoted(json.dumps(inner, ensure_ascii=False)) + "::jsonb"
        )
    return f"decode('{bytes(value).hex()}', 'hex')"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(":", "\\003A").replace("'", "''").replace(";", "\\003B")
    return f"U&'{escaped}'"


def pgbench(url: str, scripts: Sequence[str], seconds: int) -> float:
    """
    Run scripts in turn with 16 clients, each prepared once, and return transactions a second.

    Raises:
        Refused: pgbench is not installed. NotMeasured: a statement fails.
    """
    with tempfile.TemporaryDirectory(prefix="tongban-floor-") as name:
        command = [
            postgres.newest("pgbench", package="postgresql-17"),
            "-n",
            "-M",
            "prepared",
            "-c",
            str(CLIENTS),
            "-j",
            "1",
            "-T",
            str(seconds),
        ]
        for index, script in enumerate(scripts):
            path = Path(name) / f"{index}.sql"
            path.write_text(script, encoding="utf-8")
            command += ["-f", str(path)]
        done = subprocess.run(
            command, env=postgres.environment_of(url), capture_output=True, text=True, check=False
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if not found and " processed: 0\n" in done.stdout and seconds < LONGEST_FLOOR:
        return pgbench(url, scripts, 2 * seconds)  # others were so busy that not one came to its end
    if done.returncode or not found:
        raise NotMeasured(f"pgbench 没有跑完：{(done.stderr or done.stdout)[-1500:]}")
    return float(found[1])


def turn_of(request: Request, *, new: bool) -> list[writing.Statement]:
    """Return what a turn of the bare loop does for a request: statements with named values."""
    writes = [writing.statement(varied(change, new=new)) for change in request.changes]
    return [named(*statement) for statement in (*request.reads, *writes)]


def named(sql: str, values: list[Any]) -> writing.Statement:
    """Return a statement whose values go by name: `:v0`, `:v1` and so on."""
    first, *parts = sql.split("%s")
    return first + "".join(f":v{index}{part}" for index, part in enumerate(parts)), values


def bare_loop(file: Path, turns: Sequence[Sequence[writing.Statement]], seconds: float) -> float:
    """Do turn after turn on an SQLite database, each in a transaction of its own; return transactions a second."""
    draw, done = random.Random(), 0  # noqa: S311 - nothing secret
    database = sqlite3.connect(file, isolation_level=None)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;")
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        drawn = {"u": draw.getrandbits(46), "p": draw.randint(1, POOL)}
        database.execute("BEGIN IMMEDIATE")
        for sql, values in turns[done % len(turns)]:
            database.execute(
                sql, {f"v{index}": value for index, value in enumerate(values)} | drawn
            ).fetchall()
        database.execute("COMMIT")
        done += 1
    database.close()
    return done / (time.perf_counter() - begun)

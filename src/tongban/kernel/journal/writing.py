"""
Row changes, and how they reach the database: together, whole or not at all.

A change is data, so that pure code can bring it forth and `journal` need not know whose table it is. On
PostgreSQL all changes of an act become one statement, one round trip for what an ORM does in a dozen; on SQLite,
where a statement costs no trip, they run one after another in a transaction (docs/performance.md).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import orjson
from django.db import DataError, connection, models, transaction
from psycopg.types.json import Jsonb

from tongban.kernel import crashpoints, direct
from tongban.kernel.db import write

DIVISION_BY_ZERO = "22012"  # SQLSTATE
MOST_ROWS = 500  # that are gathered of one table: PostgreSQL takes 65,535 values in a statement

type Change = Insert | Upsert | Update
type Statement = tuple[str, list[Any]]


class NotAsExpected(Exception):
    """A row that a change had to find was not there, or not as it was looked at; nothing was written."""


@dataclass(frozen=True, slots=True)
class Sql:
    """A value that the database computes."""

    text: str


@dataclass(frozen=True, slots=True)
class Insert:
    """
    New rows of one table, in this order; all give the same columns, the others get their defaults.

    Where one with the same `unless` columns is there already, that one stays as it is.
    """

    model: type[models.Model]
    rows: tuple[Mapping[str, Any], ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upsert:
    """A new row; where one with the same `unique` columns is there, that one gets the values and counts `bump` up, if any."""

    model: type[models.Model]
    values: Mapping[str, Any]
    unique: tuple[str, ...]
    bump: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """New values for the row that `where` finds; `must`: exactly one has to be found."""

    model: type[models.Model]
    where: Mapping[str, Any]
    values: Mapping[str, Any]
    must: bool = False


_gathered: ContextVar[list[Change] | None] = ContextVar("gathered", default=None)
_within: ContextVar[bool] = ContextVar("within", default=False)  # a transaction whose owner gathers in it


@contextmanager
def together() -> Iterator[list[Change]]:
    """
    Gather what is stored within the block, and write it when the block ends; within another such block, with that.

    What is gathered cannot be read before it is written. No two changes may touch the same row. Within a
    transaction nothing is gathered: whoever opened it may want to read what was written.

    Raises:
        NotAsExpected, IntegrityError: at the end of the block; nothing of it was written.
    """
    outer = _gathered.get()
    if outer is not None:
        yield outer
        return
    changes: list[Change] = []
    token = _gathered.set(changes)
    try:
        yield changes
    finally:
        _gathered.reset(token)
    if changes:
        _write(changes)


@contextmanager
def together_within() -> Iterator[None]:
    """
    Gather what is stored within the block, within the caller's transaction; and write it before anything else is asked, and at its end.

    So whoever asks finds what was stored before, and what nobody asks for or changes again in between goes as one.

    Raises:
        NotAsExpected, IntegrityError: as it is written; the caller lets the transaction be undone.
    """
    changes: list[Change] = []

    def write_first(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        _write_out(changes)
        return execute(sql, values, many, context)

    token, within = _gathered.set(changes), _within.set(True)
    try:
        with connection.execute_wrapper(write_first):
            yield
    finally:
        _within.reset(within)
        _gathered.reset(token)
    _write_out(changes)


def _write_out(changes: list[Change]) -> None:
    """Write what was gathered so far; what fails undoes the transaction it stands in, so no savepoint is laid."""
    ready = changes[:]
    changes.clear()
    if not ready:
        return
    if connection.vendor == "postgresql":
        _send_fused(ready)
    else:
        _send_each(ready)


def store(changes: Sequence[Change]) -> None:
    """
    Write changes, whole or not at all; inside `together`, with everything else at its end.

    Raises:
        NotAsExpected: as named. IntegrityError: a constraint of the database forbids it.
    """
    gathered = _gathered.get()
    if not changes:
        return  # PostgreSQL knows no statement that does nothing
    if gathered is None or (connection.in_atomic_block and not _within.get()):
        _write(changes)
        return
    if not _within.get():
        gathered.extend(changes)
        return
    if _meet(gathered, changes):
        _write_out(gathered)
    for change in changes:
        _add(gathered, change)


def _meet(before: Sequence[Change], after: Sequence[Change]) -> bool:
    """Return whether changes may touch the same rows: one statement does not see what itself has written."""
    return any(one.model is other.model and not _are_alike(one, other) for one in after for other in before)


def _add(gathered: list[Change], change: Change) -> None:
    """Add a change; new rows to those of the same table, for the parts of one statement have no order among themselves."""
    for place, one in enumerate(gathered):
        if isinstance(one, Insert) and isinstance(change, Insert) and _are_alike(one, change):
            if len(one.rows) + len(change.rows) > MOST_ROWS:
                _write_out(gathered)
                break
            gathered[place] = replace(one, rows=(*one.rows, *change.rows))
            return
    gathered.append(change)


def _are_alike(one: Change, other: Change) -> bool:
    """Return whether both are new rows of one table that one statement can write as one."""
    if not (isinstance(one, Insert) and isinstance(other, Insert) and one.model is other.model):
        return False
    return one.unless == other.unless and one.rows[0].keys() == other.rows[0].keys()


def fused(changes: Sequence[Change]) -> Statement:
    """Return one statement for PostgreSQL that does all changes; no two may touch the same row."""
    parts, values, musts = [], [], []
    for index, change in enumerate(changes):
        sql, own = statement(change)
        must = isinstance(change, Update) and change.must
        parts.append(f"c{index} AS ({sql}{' RETURNING 1' if must else ''})")
        values += own
        if must:
            # Finding nothing divides by zero, and that undoes the whole statement.
            musts.append(f"1 / (SELECT count(*) FROM c{index})")
    return f"WITH {', '.join(parts)} SELECT {', '.join(musts) or '1'}", values


def statement(change: Change) -> Statement:
    """Return a change as SQL with its values, in the dialect that both databases share."""
    if isinstance(change, Update):
        return _update(change)
    if isinstance(change, Upsert):
        sql, values = _insert(change.model, (change.values,))
        return sql + _on_conflict(change), values
    sql, values = _insert(change.model, change.rows)
    if change.unless:
        sql += f" ON CONFLICT ({', '.join(_quoted(name) for name in change.unless)}) DO NOTHING"
    return sql, values


def _update(change: Update) -> Statement:
    columns = _columns(change.model)
    values: list[Any] = []
    sets = [
        f"{columns[name].quoted} = {columns[name].place(value, values)}"
        for name, value in change.values.items()
    ]
    where = [
        f"{columns[name].quoted} "
        + ("IS NULL" if value is None else f"= {columns[name].place(value, values)}")
        for name, value in change.where.items()
    ]
    return f"UPDATE {_table(change.model)} SET {', '.join(sets)} WHERE {' AND '.join(where)}", values


def _insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> Statement:
    head, columns, plain = _inserting(model)
    values: list[Any] = []
    places = []
    for row in rows:
        computed: dict[int, str] = {}
        for index, column in enumerate(columns):
            value = row[column.name] if column.name in row else column.default()
            if type(value) is Sql:
                computed[index] = value.text
            else:
                values.append(column.prepare(value) if column.prepare else value)
        places.append(plain if not computed else _places(len(columns), computed))
    return f"{head}{', '.join(places)}", values


@lru_cache(maxsize=64)
def _inserting(model: type[models.Model]) -> tuple[str, tuple["_Column", ...], str]:
    """Return how an insertion into a table begins, the columns it gives, and the places of a row of plain values."""
    columns = tuple(column for column in _columns(model).values() if not column.is_counted)
    names = ", ".join(column.quoted for column in columns)
    return (
        f"INSERT INTO {_table(model)} ({names}) VALUES ",
        columns,
        _places(len(columns), {}),
    )


def _places(count: int, computed: Mapping[int, str]) -> str:
    return f"({', '.join(computed.get(index, '%s') for index in range(count))})"


def _on_conflict(change: Upsert) -> str:
    sets = [
        f"{_quoted(n)} = excluded.{_quoted(n)}"
        for n in change.values
        if n not in (*change.unique, change.bump)
    ]
    if change.bump:
        table, bump = _table(change.model), _quoted(change.bump)
        sets.append(f"{bump} = {table}.{bump} + 1")
    keys = ", ".join(_quoted(name) for name in change.unique)
    return f" ON CONFLICT ({keys}) DO UPDATE SET {', '.join(sets)}"


def _write(changes: Sequence[Change]) -> None:
    if not changes:
        return
    if connection.vendor == "postgresql":
        # Alone, a statement is its own transaction; in somebody's transaction its failure must not spoil the rest.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            _send_fused(changes)
        return
    with write():
        _send_each(changes)


def _send_each(changes: Sequence[Change]) -> None:
    with connection.cursor() as cursor:
        for change in changes:
            cursor.execute(*statement(change))
            if isinstance(change, Update) and change.must and cursor.rowcount != 1:
                raise NotAsExpected
        crashpoints.reached("before-commit")
        # The transaction may be the caller's: what follows it waits for its end.
        transaction.on_commit(lambda: crashpoints.reached("committed-unsent"))


def _send_fused(changes: Sequence[Change]) -> None:
    crashpoints.reached("before-commit")
    try:
        direct.rows(*fused(changes))
    except DataError as error:
        if getattr(error.__cause__, "sqlstate", "") == DIVISION_BY_ZERO:
            raise NotAsExpected from None
        raise
    transaction.on_commit(lambda: crashpoints.reached("committed-unsent"))


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as statements name it, and how a value becomes what the database is given."""

    name: str
    quoted: str
    is_counted: bool  # the database numbers the rows
    default: Callable[[], Any]
    prepare: Callable[..., Any] | None  # None: as it is

    def place(self, value: Any, values: list[Any]) -> str:
        """Return where a value stands in a statement; what the database is given is added to `values`."""
        if isinstance(value, Sql):
            return value.text
        values.append(self.prepare(value) if self.prepare else value)
        return "%s"


# What the drivers take as it is; for the others the field knows better.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


@lru_cache(maxsize=64)
def _columns(model: type[models.Model]) -> dict[str, _Column]:
    return {
        field.attname: _Column(
            name=field.attname, quoted=_quoted(str(field.column)), is_counted=isinstance(field, models.AutoField),
            default=field.get_default, prepare=_preparing(field),
        )
        for field in model._meta.local_concrete_fields  # an inherited table has rows of its own
    }  # fmt: skip


def _preparing(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """Return what makes of a value what the driver takes; nothing where it takes it as it is."""
    if isinstance(field, _PLAIN):
        return None
    if isinstance(field, models.JSONField) and field.encoder is None and connection.vendor == "postgresql":
        return _json
    return partial(field.get_db_prep_save, connection=connection)


_dumps = partial(orjson.dumps, option=orjson.OPT_NON_STR_KEYS)


def _json(value: Any) -> Any:
    return None if value is None else Jsonb(value, dumps=_dumps)


@lru_cache(maxsize=64)
def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)

"""
Queries that every request asks, compiled once.

The ORM builds a query's SQL anew each time, which costs more than asking it (docs/performance.md). What is prepared
here is the ORM's own SQL for the same queryset, so that a rule such as `visible_to` is written down once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, models
from django.db.models.sql.compiler import SQLCompiler

from tongban.kernel import direct

# Values of which no query is made: they stand for the ones that are given later. As many as any query takes.
_TEXTS = tuple(f"\x01value {index}" for index in range(4))
_MOMENTS = tuple(datetime(1901, 1, 1, second=second, tzinfo=UTC) for second in range(1, 5))
_DAYS = tuple(date(1901, 2, day) for day in range(1, 5))
_NUMBERS = tuple(918_273_640 + index for index in range(4))
_SAMPLES: dict[type, tuple[Any, ...]] = {str: _TEXTS, datetime: _MOMENTS, date: _DAYS, int: _NUMBERS}


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Of which model, the SQL, what each of its parameters is (the place of a given value, or a constant), and how to read a row."""

    model: Any
    sql: str
    parameters: tuple[tuple[int | None, Any], ...]
    converters: tuple[tuple[int, list[Any], Any], ...]
    fields: tuple[str, ...]


class Prepared[M: models.Model]:
    """A queryset as a function of values: `Prepared(lambda number: Case.objects.filter(number=number), str)`."""

    def __init__(self, queryset: Callable[..., models.QuerySet[M, Any]], *kinds: type) -> None:
        self._queryset, self._kinds = queryset, kinds
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows for these values, as `values_list` would."""
        known = self._compiled.get(connection.vendor) or self._compile()
        given = [_adapted(value) for value in values]
        parameters = [constant if place is None else given[place] for place, constant in known.parameters]
        found = direct.rows(known.sql, parameters)
        return [self._read(row, known) for row in found] if known.converters else found

    def first(self, *values: Any) -> M | None:
        """Return the first object for these values, or nothing; the queryset must not join others or defer fields."""
        found = self.rows(*values)
        if not found:
            return None
        known = self._compiled[connection.vendor]
        made: M = known.model.from_db(connection.alias, known.fields, found[0])
        return made

    def _compile(self) -> _Compiled:
        samples = [_SAMPLES[kind][place] for place, kind in enumerate(self._kinds)]
        queryset = self._queryset(*samples)
        compiler: SQLCompiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        adapted = [_adapted(sample) for sample in samples]
        if missing := [sample for sample in adapted if sample not in parameters]:
            raise ValueError(f"the query does without a value it was to be given: {missing}")
        converters = compiler.get_converters([selected[0] for selected in compiler.select])
        known = _Compiled(
            queryset.model,
            sql,
            tuple((adapted.index(one) if one in adapted else None, one) for one in parameters),
            tuple((place, *how) for place, how in converters.items()),
            tuple(
                selected[0].target.attname for selected in compiler.select if hasattr(selected[0], "target")
            ),
        )
        self._compiled[connection.vendor] = known
        return known

    def _read(self, row: tuple[Any, ...], known: _Compiled) -> tuple[Any, ...]:
        values = list(row)
        for place, converters, expression in known.converters:
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)


def _adapted(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value

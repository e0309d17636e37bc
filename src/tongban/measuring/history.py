"""
What lies behind a queue: a million closed cases, some hundred open ones. Copies of cases that were really carried, with
their rows and duties; their events are left out, which no queue reads.
"""

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, models

from tongban.cases.models import Case
from tongban.kernel import identity
from tongban.kernel.journal import numbers
from tongban.kernel.models import Duty
from tongban.kernel.time import clock
from tongban.procedures.models import Matter, Party

AT_ONCE = 100_000
_DRAWN = random.Random()  # noqa: S311 - nothing secret


def copies(number: str, count: int) -> None:
    """Lay `count` copies of a case beside it, under numbers as any case has them, due on one day after another."""
    node, today = identity.me(), clock.official_day(clock.now())
    for begun in range(0, count, AT_ONCE):
        issued = (
            str(numbers.issue(settings.NODE.division, node.fingerprint, node.epoch, today, _DRAWN))
            for _ in range(min(AT_ONCE, count - begun))
        )
        copies_called(number, list(issued))


def copies_called(number: str, called: Sequence[str]) -> None:
    """Lay copies of a case beside it under these numbers."""
    if not called:
        return
    later = (
        "due_on + CAST(g.n %% 30 AS int)"
        if connection.vendor == "postgresql"
        else "date(due_on, (g.n %% 30) || ' days')"
    )
    for model, key in ((Matter, "number"), (Party, "matter_id"), (Case, "matter_id"), (Duty, "subject")):
        lay(model, {key: "g.number", **({"due_on": later} if model is Duty else {})}, called, key, number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def lay(model: type[models.Model], told: Mapping[str, str], called: Sequence[str], key: str, of: Any) -> None:
    """
    Copy the rows of a table in which `key` is `of`, once for each name of `called`.

    `told` says by column what stands in a copy instead: SQL over the row `t`, the name `g.number` and its place `g.n`, from 1.
    """
    quote = connection.ops.quote_name
    copied = {
        str(field.column): f"t.{quote(str(field.column))}"
        for field in model._meta.local_concrete_fields
        if not isinstance(field, models.AutoField)
    } | dict(told)
    named = (
        "SELECT number, n FROM json_array_elements_text(%s::json) WITH ORDINALITY AS l(number, n)"
        if connection.vendor == "postgresql"
        else "SELECT value AS number, key + 1 AS n FROM json_each(%s)"
    )
    table, columns = quote(model._meta.db_table), ", ".join(map(quote, copied))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {', '.join(copied.values())} FROM ({named}) g, {table} t"
            f" WHERE t.{quote(key)} = %s ORDER BY g.n",
            [json.dumps(called), of],
        )

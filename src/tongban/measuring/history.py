"""
What lies behind a queue: a million closed cases, some hundred open ones. Copies of cases that were really carried, with
their rows and duties; their events are left out, which no queue reads.
"""

from typing import Any

from django.db import connection, models

from tongban.cases.models import Case
from tongban.kernel.models import Duty
from tongban.procedures.models import Matter, Party


def copies(number: str, count: int, letter: str) -> None:
    """Lay `count` copies of a case behind the present, numbered from 1 after `letter`, due on one day after another."""
    if not count:
        return
    with connection.cursor() as cursor:
        for model, key in ((Matter, "number"), (Party, "matter_id"), (Case, "matter_id"), (Duty, "subject")):
            cursor.execute(*_copying(model, key, number, count, letter))
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _copying(
    model: type[models.Model], key: str, number: str, count: int, letter: str
) -> tuple[str, list[Any]]:
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.local_concrete_fields if not isinstance(field, models.AutoField)]
    table = quote(model._meta.db_table)
    told = {key: f"'{letter}' || CAST(g.n AS text)"}
    if model is Duty:
        later = (
            "due_on + CAST(g.n %% 30 AS int)"
            if connection.vendor == "postgresql"
            else "date(due_on, (g.n %% 30) || ' days')"
        )
        told["due_on"] = later
    columns = ", ".join(quote(str(field.column)) for field in fields)
    values = ", ".join(told.get(field.attname, f"t.{quote(str(field.column))}") for field in fields)
    numbers = "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < %s)"
    return (
        f"INSERT INTO {table} ({columns}) {numbers} SELECT {values} FROM {table} t, g WHERE t.{quote(key)} = %s",
        [count, number],
    )

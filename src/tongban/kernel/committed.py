"""
Events in an order that nothing committed late can precede: what sealing and followers go by.

On PostgreSQL rows become visible in another order than they are numbered in: who got a number early may commit late. So
a place is the transaction and the row, and only what every open transaction comes after has one that is final. SQLite has
one writer: there rows are numbered as they are committed, and every transaction is 0.
"""

from typing import Any

from django.db import connection, models
from django.db.models import Func, Q, QuerySet, Value

from tongban.kernel.models import Event

type Place = tuple[int, int]  # transaction, row

BEGINNING: Place = (0, 0)


def transaction_id() -> Any:
    """Return the present transaction's number as an event's row takes it."""
    return Value(0) if _counts_rows() else _number_of("pg_current_xact_id()")


def surely(rows: QuerySet[Event]) -> QuerySet[Event]:
    """Keep what is surely committed: on PostgreSQL an open transaction may still commit below the rest of what is visible."""
    return rows if _counts_rows() else rows.filter(xact__lt=_horizon())


def after(place: Place, most: int) -> list[Event]:
    """Return the rows of the events after a place, in final order, at most so many."""
    xact, row = place
    rows = surely(Event.objects.all())
    found: list[Event] = []
    if not xact:
        # Of SQLite, or from before a restore: their transactions mean nothing, and they stand before all others.
        found = list(rows.filter(xact=0, id__gt=row).order_by("id")[:most])
    if _counts_rows() or len(found) == most:
        return found
    later = rows.filter(xact__gt=0, xact__gte=xact).filter(Q(xact__gt=xact) | Q(id__gt=row))
    return found + list(later.order_by("xact", "id")[: most - len(found)])


def present() -> Place:
    """Return the place after which comes what is not surely committed yet."""
    if _counts_rows():
        return 0, _newest()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_XMIN}::text::bigint")
        return cursor.fetchone()[0], 0


def without_transactions(place: Place) -> Place:
    """Return a place with nothing but what comes before it before it, once transactions are forgotten; rather too early."""
    xact, row = place
    left = Event.objects.filter(Q(xact__gt=xact) | Q(xact=xact, id__gt=row)).order_by("id")
    first = left.values_list("id", flat=True).first()
    return 0, first - 1 if first else _newest()


def forget_transactions() -> None:
    """Forget which transaction wrote which event: those of the server that a restored node was on mean nothing here."""
    Event.objects.exclude(xact=0).update(xact=0)


def _newest() -> int:
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


_XMIN = "pg_snapshot_xmin(pg_current_snapshot())"


def _horizon() -> Any:
    return _number_of(_XMIN)


def _number_of(function: str) -> Func:
    return Func(template=f"{function}::text::bigint", output_field=models.BigIntegerField())


def _counts_rows() -> bool:
    return connection.vendor != "postgresql"

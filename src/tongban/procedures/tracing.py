"""
What matters are found by besides their number: keyed hashes of what people say of a person (查找标记), and who has dealt with them.

A matter's traces are gone with its content: whatever destroys or redacts that calls `forget` or stores `erased` in the same write.
What a trace gives away, and why that is accepted: docs/decisions/0036-finding-by-a-keyed-index.md.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import ClassVar

from django.db import models

from tongban.accounts.people import sealed
from tongban.kernel.journal import writing
from tongban.kernel.journal.writing import Change

TOKEN = 24  # hexadecimal digits of the hash: 96 bits, so that no two values meet by chance


class Trace(models.Model):
    """That something a matter is found by, of some kind, hashes to `token` under a key of this node; empty: erased."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"token"})

    matter = models.ForeignKey(
        "procedures.Matter", models.CASCADE, related_name="traces", verbose_name="事", db_index=False
    )
    kind = models.CharField("种类", max_length=8)
    token = models.CharField("标记", max_length=TOKEN, blank=True)
    opened_on = models.DateField("开始日", null=True)

    class Meta:
        verbose_name = "查找标记"
        indexes = (
            models.Index(fields=("token", "-opened_on", "matter"), name="trace_newest"),
            models.Index(fields=("matter", "token"), name="trace_of_matter"),
        )


class Bearer(models.Model):
    """Whom a matter is for, as lists show them: a person's name masked, an enterprise's whole; sealed under the node's data key."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"name"})

    matter = models.OneToOneField("procedures.Matter", models.CASCADE, primary_key=True, verbose_name="事")
    name = models.BinaryField("称呼（密文）")

    class Meta:
        verbose_name = "申请人称呼"


class Handled(models.Model):
    """That a member of this node's staff has done something in a matter (办过), beyond looking at it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    staff = models.CharField("经办人代号", max_length=20)
    matter = models.ForeignKey("procedures.Matter", models.CASCADE, verbose_name="事", db_index=False)
    opened_on = models.DateField("开始日", null=True)

    class Meta:
        verbose_name = "办过的事项"
        indexes = (models.Index(fields=("staff", "-opened_on", "matter"), name="handled_newest"),)
        constraints = (models.UniqueConstraint(fields=("matter", "staff"), name="handled_once"),)


def token(kind: str, value: str) -> str:
    """Return under what a value of a kind is found: the same value of another kind, or on another node, has another."""
    return sealed.trace(f"{kind}|{value}")[:TOKEN]


def forget(number: str) -> None:
    """Delete what a matter is found by of its content, within the transaction that destroys that."""
    Trace.objects.filter(matter=number).delete()
    Bearer.objects.filter(matter=number).delete()


def erased(number: str) -> list[Change]:
    """Return the same as changes, to be written with an event; empty rows stay until they are made anew."""
    return [
        writing.Update(Trace, {"matter_id": number}, {"token": ""}),
        writing.Update(Bearer, {"matter_id": number}, {"name": b""}),
    ]


def replace(number: str, opened_on: date | None, traces: Iterable[tuple[str, str]], name: str) -> None:
    """Put traces (kind, token) and the name for lists in place of what there was, within a transaction."""
    forget(number)
    Trace.objects.bulk_create(
        Trace(matter_id=number, kind=kind, token=one, opened_on=opened_on)
        for kind, one in sorted(set(traces))
    )
    if name:
        Bearer.objects.create(matter_id=number, name=sealed.seal(name))


def names_of(numbers: Collection[str]) -> dict[str, str]:
    """Return by number what lists call whom a matter is for, where that is known here; the caller asks who may read it."""
    rows = Bearer.objects.filter(matter__in=numbers).values_list("matter_id", "name")
    return {number: sealed.open_(name) for number, name in rows if name}

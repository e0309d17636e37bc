"""Counting all figures again from nothing but the journal."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection

from tongban.figures import sums
from tongban.figures.counting import NOTHING, Counts, count
from tongban.figures.models import Figure, Share
from tongban.kernel.db import write
from tongban.procedures.models import Matter

BATCH = 500

type _Place = tuple[str, str, str]  # organisation, procedure, month


@dataclass(slots=True)
class Recomputed:
    """How many matters were counted, and what had been wrong and is right now: matters by number, sums by where they stand."""

    counted: int = 0
    matters: list[str] = field(default_factory=list)
    sums: list[_Place] = field(default_factory=list)

    @property
    def different(self) -> bool:
        """Whether anything had been wrong. What the follower had not come to yet was not."""
        return bool(self.matters or self.sums)


def recompute() -> Recomputed:
    """Count every matter again from its journal and add up all sums again, while everything goes on; say what was different."""
    done = Recomputed()
    for number, procedure in _matters():
        heads, shares = count(procedure, number)
        with write():
            if sums.replace(procedure, number, heads, shares):
                done.matters.append(number)
        done.counted += 1
    with write():
        _hold_sums()
        gone = Share.objects.exclude(number__in=Matter.objects.values("number")).order_by("number")
        done.matters += gone.values_list("number", flat=True)
        gone.delete()
        done.sums = _add_up()
    return done


def _matters() -> Iterator[tuple[str, str]]:
    """Yield every matter there is, in batches, so that none is read for long."""
    last = ""
    while True:
        found = Matter.objects.filter(number__gt=last).order_by("number").values_list("number", "procedure")
        batch = list(found[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1][0]


def _add_up() -> list[_Place]:
    """Make the sums those of what matters add; return which were not."""
    right: dict[_Place, Counts] = {}
    for share in Share.objects.order_by("number").iterator(BATCH):
        for (organisation, month), counts in sums.read(share).items():
            place = organisation, share.procedure, month
            right[place] = right.get(place, NOTHING) + counts
    stored: dict[_Place, Counts] = {}
    for one in Figure.objects.all():
        stored[one.organisation, one.procedure, one.month] = one.counted
    wrong = [
        place for place in {**right, **stored} if right.get(place, NOTHING) != stored.get(place, NOTHING)
    ]
    for organisation, procedure, month in wrong:
        values: dict[str, Any] = asdict(right.get((organisation, procedure, month), NOTHING))
        Figure.objects.update_or_create(
            organisation=organisation, procedure=procedure, month=month, defaults=values
        )
    return sorted(wrong)


def _hold_sums() -> None:
    """Let nobody else change the sums until the transaction ends, and wait for who is about to."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Figure._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")

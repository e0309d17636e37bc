"""
Rows of a growing table taken into the node's chain in blocks: how many, from which id to which, and a digest over them.

So a table that grows with every reading costs its writer nothing more, and yet no row can be changed, added or taken
out later (docs/protocol.md §19). A block takes only what can no longer change or arrive late.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min, Model, QuerySet

from tongban.kernel import db
from tongban.kernel.crypto import canon, digest
from tongban.kernel.journal import kept, nodechain
from tongban.kernel.models import Event

EVERY = timedelta(minutes=10)
MOST = 10_000  # rows of a block
AT_ONCE = 20  # blocks that are forgotten at once: writers must not wait long


@dataclass(frozen=True, slots=True)
class Source:
    """A table that is taken in blocks of a `kind`; a row is ready once its `moment` is `settles` ago."""

    kind: str
    model: type[Model]
    columns: tuple[str, ...]
    moment: str
    settles: timedelta

    def between(self, after: int, last: int) -> QuerySet[Any]:
        """Return the rows with ids beyond `after` up to `last`."""
        return self.model._base_manager.filter(pk__gt=after, pk__lte=last).order_by("pk")

    def facts(self, after: int, last: int) -> dict[str, Any]:
        """Return what a block says of these rows: their count, first and last id, and the SM3 over them, a line each."""
        rows = list(self.between(after, last))
        lines = b"".join(canon.encode(self._row(row)) + b"\n" for row in rows)
        first = rows[0].pk if rows else last
        return {"count": len(rows), "first": first, "last": last, "digest": digest.of(lines)}

    def _row(self, row: Model) -> dict[str, Any]:
        return {"id": row.pk, **{name: kept.plain(getattr(row, name)) for name in self.columns}}


def take(source: Source, at: datetime) -> Event | None:
    """Take the rows that are ready into a block, if there are any and the last block is a while ago; return its entry."""
    last = nodechain.last_of(source.kind)
    if last is not None and last.at > at - EVERY:
        return None
    after = end_of(last)
    rows = source.model._base_manager.filter(pk__gt=after)
    ready = rows.filter(**{f"{source.moment}__lte": at - source.settles})
    unready = rows.filter(**{f"{source.moment}__gt": at - source.settles})
    # Without holes: what is ready behind something that is not waits for it.
    ends = ready.aggregate(first=Min("pk"), last=Max("pk")), unready.aggregate(first=Min("pk"))["first"]
    first, newest = ends[0]["first"], ends[0]["last"]
    if first is None or (ends[1] is not None and ends[1] < first):
        return None
    end = min(newest, first + MOST - 1, *([ends[1] - 1] if ends[1] is not None else []))
    with db.write():
        return nodechain.write(source.kind, given=source.facts(after, end), at=at)


def end_of(block: Event | None) -> int:
    """Return the id of the last row that a block, or none, has taken in."""
    given: Mapping[str, Any] = nodechain.entry_of(block).given if block is not None else {}
    return int(given.get("last", 0))


def forget(source: Source, forgotten: str, at: datetime, *, kept: timedelta) -> int:
    """
    Delete, block by block, the rows of blocks that are sealed and have been `kept` long enough, and say so in the chain.

    A block's entry stays, with its digest. Returns how many rows were deleted; `forgotten` is the kind of entry that says it.
    """
    done, count = end_of(nodechain.last_of(forgotten)), 0
    for block in nodechain.first_of(source.kind, beyond=done, before=at - kept, most=AT_ONCE):
        last = end_of(block)
        with db.write():
            gone, _ = source.between(done, last).delete()
            nodechain.write(forgotten, given={"last": last}, at=at)
        done, count = last, count + gone
    return count

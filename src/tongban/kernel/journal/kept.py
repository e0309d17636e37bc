"""
Tables whose every row has its last change in the node's own chain: what counts of a row, and its mark.

An app names such a table beside its model; the audit asks this register and knows no app. A mark is a digest over
the row as it is stored. Where a row is about a person, one of its columns is a secret or a ciphertext that nobody
can guess, so a mark gives nothing away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Model, QuerySet

from tongban.kernel.crypto import digest

FORMAT = "tongban-row/1"


@dataclass(frozen=True, slots=True)
class Kept:
    """A table that the node's chain answers for: the columns that count, and which of its rows (all, if not said)."""

    model: type[Model]
    columns: tuple[str, ...]
    of_own: bool = False  # only rows whose `node` is this node
    beyond: Mapping[str, Any] = field(default_factory=dict)  # rows of which nobody tells
    later: tuple[
        str, ...
    ] = ()  # columns that came later: they count where they say something, so old marks hold

    def rows(self, own: str) -> QuerySet[Any]:
        """Return the rows that must have an entry."""
        every = (
            self.model._base_manager.exclude(**self.beyond) if self.beyond else self.model._base_manager.all()
        )
        return every.filter(node=own) if self.of_own else every

    def mark(self, row: Model) -> str:
        """Return the digest over what counts of a row."""
        values = {name: plain(getattr(row, name)) for name in self.columns}
        values |= {name: plain(found) for name in self.later if (found := getattr(row, name))}
        return digest.tagged(FORMAT, {"table": self.model.__name__, "row": row.pk, "values": values})


_register: dict[str, Kept] = {}


def keep(
    model: type[Model],
    *columns: str,
    of_own: bool = False,
    beyond: Mapping[str, Any] | None = None,
    later: tuple[str, ...] = (),
) -> Kept:
    """Let the node's chain answer for a table."""
    kept = _register[model.__name__] = Kept(model, columns, of_own, beyond or {}, later)
    return kept


def tables() -> Mapping[str, Kept]:
    """Return all such tables by name."""
    return _register


def plain(value: Any) -> Any:
    """Return a column's value in one form, whatever database it came from."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return value

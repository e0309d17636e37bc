"""The form of an epoch record: exactly its members, each of its kind (docs/protocol.md §13). Pure."""

from collections.abc import Mapping
from typing import Any

from tongban.kernel import limits
from tongban.kernel.crypto import digest
from tongban.kernel.journal.events import parse_time

FORMAT = "tongban-epoch/2"
MEMBERS = frozenset({"format", "node", "epoch", "at", "previous", "lost", "skipped", "signatures"})


def is_well_formed(record: object) -> bool:
    """Return whether a document has exactly the members of an epoch record, each of its kind; no look at signatures."""
    if not isinstance(record, dict) or record.keys() != MEMBERS or record["format"] != FORMAT:
        return False
    try:
        parse_time(record["at"])
    except (TypeError, ValueError):
        return False
    skipped = record["skipped"]
    return (
        digest.is_digest(record["node"])
        and _is_count(record["epoch"], 1, limits.INTEGER)
        and (record["previous"] is None or _is_seal(record["previous"]))
        and _is_count(record["lost"], 0)
        and isinstance(skipped, list)
        and all(digest.is_digest(node) for node in skipped)
    )


def _is_seal(previous: Mapping[str, Any]) -> bool:
    return (
        isinstance(previous, dict)
        and previous.keys() == {"epoch", "size", "root"}
        and _is_count(previous["epoch"], 1, limits.INTEGER)
        and _is_count(previous["size"], 0)
        and digest.is_digest(previous["root"])
    )


def _is_count(value: object, least: int, most: int = 2**53 - 1) -> bool:
    return type(value) is int and least <= value <= most

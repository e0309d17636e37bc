"""The form of a seal, and where it holds an event (docs/protocol.md §7). Pure."""

from collections.abc import Mapping
from typing import Any

from tongban.kernel import limits
from tongban.kernel.crypto import digest, signed
from tongban.kernel.journal import merkle
from tongban.kernel.journal.events import parse_time

FORMAT = "tongban-seal/2"
MEMBERS = frozenset(["format", "node", "epoch", "size", "root", "at", "previous", "signatures"])
_MOST = {"epoch": limits.INTEGER, "size": 2**53 - 1}

type Head = tuple[str, int, str]  # chain, seq, hash


def demand_well_formed(document: object) -> dict[str, Any]:
    """Return the document if it has exactly the members of a seal, each of its kind; raises signed.BadSignature."""
    if not isinstance(document, dict) or document.keys() != MEMBERS or not _is_plausible(document):
        raise signed.BadSignature("不是封存声明，或格式不符。")
    return document


def _is_plausible(document: dict[str, Any]) -> bool:
    counts = all(type(document[name]) is int and 0 < document[name] <= most for name, most in _MOST.items())
    try:
        parse_time(document["at"])
    except (TypeError, ValueError):
        return False
    return (
        counts
        and document["format"] == FORMAT
        and digest.is_digest(document["node"])
        and digest.is_digest(document["root"])
        and (document["previous"] == "" or digest.is_digest(document["previous"]))
    )


def is_included(seal: Mapping[str, Any], head: Head, inclusion: object) -> bool:
    """Return whether one of the proofs ({chain, seq, leaf, path}) shows that the seal's tree holds an event."""
    return proof_of(seal, head, inclusion) is not None


def proof_of(seal: Mapping[str, Any], head: Head, inclusion: object) -> dict[str, Any] | None:
    """Return the first of the proofs that shows that the seal's tree holds an event, or nothing."""
    chain, seq, event_hash = head
    for item in inclusion if isinstance(inclusion, list) else []:
        if not isinstance(item, dict) or item.keys() != {"chain", "seq", "leaf", "path"}:
            continue
        if (item["chain"], item["seq"]) != (chain, seq) or type(item["leaf"]) is not int:
            continue
        path, leaf = path_of(item["path"]), merkle.leaf_hash(digest.raw(event_hash))
        root = digest.raw(seal["root"])
        if path is not None and merkle.verify_inclusion(item["leaf"], seal["size"], leaf, path, root):
            return item
    return None


def path_of(value: object) -> list[bytes] | None:
    """Return the hashes of a proof, or nothing if it is none."""
    try:
        return [digest.raw(item) for item in value] if isinstance(value, list) else None
    except ValueError:
        return None

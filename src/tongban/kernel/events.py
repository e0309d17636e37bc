"""
The event: one lawful act, written down once, the same bytes on every node.

Pure. An event is a canonical JSON document (docs/protocol.md §3); this module makes and reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tongban.kernel import canon, digest

FORMAT = "tongban-event/1"
SUITE = "SM2-SM3-SM4"
CHAIN_FORMAT = "tongban-chain/1"

# Every member of the envelope, in no particular order; an event has all of them and no other.
MEMBERS = frozenset(
    {
        "format", "suite", "case", "node", "role", "term", "epoch", "seq", "kind", "rules", "at", "actor",
        "prev", "seen", "given", "effects", "content", "hash",
    }
)  # fmt: skip


class MalformedEvent(ValueError):
    """The bytes are not an event of this format: broken JSON, a missing member, a wrong hash."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event: its document, and the canonical bytes that are stored, sent and hashed."""

    document: Mapping[str, Any]
    raw: bytes

    @property
    def case(self) -> str:
        """Number of the case."""
        return str(self.document["case"])

    @property
    def role(self) -> str:
        """Role whose chain this event belongs to."""
        return str(self.document["role"])

    @property
    def term(self) -> int:
        """Term of the role, counted from 1."""
        return int(self.document["term"])

    @property
    def chain(self) -> str:
        """Name of the chain within the case, such as `handling/2`."""
        return f"{self.role}/{self.term}"

    @property
    def seq(self) -> int:
        """Place in the chain, counted from 1."""
        return int(self.document["seq"])

    @property
    def node(self) -> str:
        """Fingerprint of the node that wrote the event."""
        return str(self.document["node"])

    @property
    def kind(self) -> str:
        """What was done; a row of the rule table `rules`."""
        return str(self.document["kind"])

    @property
    def hash(self) -> str:
        """SM3 over everything else, lower-case hex."""
        return str(self.document["hash"])

    @property
    def prev(self) -> str:
        """Hash of the event before, or the chain's genesis value."""
        return str(self.document["prev"])

    @property
    def at(self) -> datetime:
        """When, by the writer's clock."""
        return parse_time(self.document["at"])

    @property
    def seen(self) -> Mapping[str, list[Any]]:
        """What the writer knew of the other chains: name → [seq, hash]."""
        seen: Mapping[str, list[Any]] = self.document["seen"]
        return seen

    @property
    def effects(self) -> Mapping[str, Any]:
        """What the event does to the state; see `fold`."""
        effects: Mapping[str, Any] = self.document["effects"]
        return effects

    @property
    def content(self) -> list[Mapping[str, Any]]:
        """References to content in the vault: label, salted digest, size."""
        content: list[Mapping[str, Any]] = self.document["content"]
        return content


def genesis(case: str, role: str, term: int) -> str:
    """Return the `prev` of the first event of a chain, so that no event fits another chain."""
    return digest.tagged(CHAIN_FORMAT, {"case": case, "role": role, "term": term})


def mint(**members: Any) -> Event:
    """
    Make an event from its members (all but format, suite and hash) and hash it.

    Raises:
        MalformedEvent: a member is missing or unknown.
    """
    document = {"format": FORMAT, "suite": SUITE, **members}
    document["hash"] = digest.tagged(FORMAT, document)
    _check_members(document)
    return Event(document, canon.encode_again(document))


def read(raw: bytes) -> Event:
    """
    Read an event from its bytes and check that they are canonical and hash to what they say.

    An unknown `format` of the family is read too, as long as the envelope can be understood:
    a newer writer's event is adopted, not lost (docs/protocol.md §12).

    Raises:
        MalformedEvent: the bytes are not an event.
    """
    try:
        document = canon.decode(raw)
    except ValueError as error:
        raise MalformedEvent(f"not canonical: {error}") from None
    if not isinstance(document, dict):
        raise MalformedEvent("not an object")
    return from_document(document, raw)


def from_document(document: Mapping[str, Any], raw: bytes | None = None) -> Event:
    """
    Return the event a parsed document holds, after the same checks as `read`.

    Raises:
        MalformedEvent: as `read`.
    """
    _check_members(document)
    body = {name: value for name, value in document.items() if name != "hash"}
    if digest.tagged(document["format"], body) != document["hash"]:
        raise MalformedEvent("the hash does not fit the members")
    return Event(document, raw if raw is not None else canon.encode(document))


def _check_members(document: Mapping[str, Any]) -> None:
    missing = MEMBERS - document.keys()
    if missing:
        raise MalformedEvent(f"missing: {', '.join(sorted(missing))}")
    if not str(document["format"]).startswith("tongban-event/"):
        raise MalformedEvent("unknown format")
    if document["format"] == FORMAT and document.keys() != MEMBERS:
        raise MalformedEvent(f"unknown: {', '.join(sorted(document.keys() - MEMBERS))}")
    wanted = {"case": str, "node": str, "role": str, "term": int, "epoch": int, "seq": int, "kind": str,
              "rules": int, "at": str, "actor": dict, "prev": str, "seen": dict, "given": dict,
              "effects": dict, "content": list, "hash": str}  # fmt: skip
    for name, kind in wanted.items():
        if not isinstance(document[name], kind) or isinstance(document[name], bool):
            raise MalformedEvent(f"{name} is not {kind.__name__}")
    if document["seq"] < 1 or document["term"] < 1 or document["epoch"] < 1:
        raise MalformedEvent("seq, term and epoch count from 1")
    try:
        parse_time(document["at"])
    except ValueError:
        raise MalformedEvent("at is not a UTC time in milliseconds") from None


def format_time(at: datetime) -> str:
    """Return `at` as events write it: UTC, milliseconds, `Z`."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def parse_time(text: str) -> datetime:
    """
    Return the moment that `format_time` wrote.

    Raises:
        ValueError: the text is not exactly of that form.
    """
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    if format_time(at) != text:
        raise ValueError(text)
    return at

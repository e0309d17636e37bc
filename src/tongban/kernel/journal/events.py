"""
The event: one lawful act, written down once, the same bytes on every node.

Pure. An event is an envelope, a canonical JSON document that is kept for ever, and beside it a body with what is
personal or local, of which the envelope carries a salted digest; so a body can be redacted and the chain still
verifies (docs/protocol.md §3). This module makes and reads them.
"""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from tongban.kernel import limits
from tongban.kernel.crypto import canon, digest
from tongban.kernel.journal import shape

FORMAT = "tongban-event/2"
BODY_FORMAT = "tongban-body/2"
CHAIN_FORMAT = "tongban-chain/2"
SUITE = "sm2-sm3-sm4"
_TIME = re.compile(r"2\d{3}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z", re.ASCII)
_OTHER_SUITE = re.compile(r"(?!sm3:)[a-z0-9-]{1,40}:[0-9a-f]+", re.ASCII)


class MalformedEvent(ValueError):
    """The bytes are not an event of this format: broken JSON, a wrong member, a wrong hash. `code` is for machines."""

    code = "event_malformed"


class UnknownSuite(MalformedEvent):
    """The event names algorithms, or a format, that this program does not know; it is never taken for ours."""

    code = "unknown_suite"


@dataclass(frozen=True)
class Event:
    """An event: its envelope with the canonical bytes that are hashed, stored and sent, and its body, if we have it."""

    document: Mapping[str, Any]
    raw: bytes
    body: Mapping[str, Any] | None = None

    @property
    def procedure(self) -> str:
        """Name of the procedure the subject is a run of."""
        return str(self.document["procedure"])

    @property
    def subject(self) -> str:
        """Number of the matter."""
        return str(self.document["subject"])

    @property
    def role(self) -> str:
        """Role whose chain this event belongs to."""
        return str(self.document["role"])

    @property
    def term(self) -> int:
        """Term of the role, counted from 1."""
        return int(self.document["term"])

    @cached_property
    def chain(self) -> str:
        """Name of the chain within the matter, such as `handling/2`."""
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
        """Digest of everything else."""
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
        """References to content in the vault: salted digest, size, and from the body the label ("" where redacted)."""
        pieces: list[Mapping[str, Any]] = self.document["content"]
        labels = self.body["labels"] if self.body else [""] * len(pieces)
        return [{**piece, "label": label} for piece, label in zip(pieces, labels, strict=True)]

    @property
    def actor(self) -> Mapping[str, Any]:
        """Who did it, by pseudonyms; empty strings where the body is redacted."""
        return self.body["actor"] if self.body else NOBODY

    @property
    def given(self) -> Mapping[str, Any]:
        """The codes the act carried; empty where the body is redacted."""
        return self.body["given"] if self.body else {}

    @property
    def body_raw(self) -> bytes | None:
        """Canonical bytes of the body, or nothing where it is redacted."""
        return None if self.body is None else canon.encode(self.body)


NOBODY: Mapping[str, Any] = {
    "kind": "", "org": "", "post": "", "staff": "", "applicant": "", "channel": "", "assurance": 0,
}  # fmt: skip


def genesis(procedure: str, subject: str, role: str, term: int) -> str:
    """Return the `prev` of the first event of a chain, so that no event fits another chain."""
    return digest.tagged(
        CHAIN_FORMAT, {"procedure": procedure, "subject": subject, "role": role, "term": term}
    )


def mint(
    *, actor: Mapping[str, Any], given: Mapping[str, Any], content: Sequence[Mapping[str, Any]] = (),
    salt: str = "", **members: Any,
) -> Event:  # fmt: skip
    """
    Make an event from its members and hash it.

    `actor`, `given` and the labels of `content` become the body, under a fresh salt unless one is given; `members` are those
    of the envelope save format, suite, body, content and hash (`refs` may be left out).

    Raises:
        MalformedEvent: a member is missing, unknown, or beyond what the format allows.
    """
    body = {
        "salt": salt or secrets.token_hex(16), "actor": dict(actor), "given": dict(given),
        "labels": [piece["label"] for piece in content],
    }  # fmt: skip
    document = {
        "format": FORMAT, "suite": SUITE, "refs": [], **members, "body": digest.tagged(BODY_FORMAT, body),
        "content": [{"digest": piece["digest"], "size": piece["size"]} for piece in content],
    }  # fmt: skip
    document["hash"] = digest.tagged(FORMAT, document)
    _demand_shape(document, body)
    raw = canon.encode_again(document)
    _demand_size(raw, canon.encode_again(body))
    return Event(document, raw, body)


def read(raw: bytes, body: bytes | None = None) -> Event:
    """
    Read an event from the bytes of envelope and body: canonical, of the right shape, hashing to what they say.

    Raises:
        UnknownSuite: of a format or algorithms that are not ours. MalformedEvent: not an event.
    """
    _demand_size(raw, body)
    try:
        document = canon.decode(raw)
        told = None if body is None else canon.decode(body)
    except ValueError as error:
        raise MalformedEvent(f"not canonical: {error}") from None
    return from_documents(document, told, raw)


def from_documents(document: object, body: object = None, raw: bytes | None = None) -> Event:
    """Return the event that a parsed envelope and body hold, after the same checks as `read`; raises as it does."""
    if not isinstance(document, dict) or not (body is None or isinstance(body, dict)):
        raise MalformedEvent("not an object")
    for name, ours in (("format", FORMAT), ("suite", SUITE)):
        stated = document.get(name)
        if isinstance(stated, str) and stated != ours:
            raise UnknownSuite(f"{name} is not {ours}")
    if any(_OTHER_SUITE.fullmatch(text) for text in _digests_of(document)):
        raise UnknownSuite("a digest by another algorithm")
    _demand_shape(document, body)
    if raw is None:
        raw = canon.encode(document)
        _demand_size(raw, None if body is None else canon.encode(body))
    try:
        parse_time(document["at"])
    except ValueError:
        raise MalformedEvent("at is not a UTC time in milliseconds") from None
    envelope = {name: value for name, value in document.items() if name != "hash"}
    if digest.tagged(FORMAT, envelope) != document["hash"]:
        raise MalformedEvent("the hash does not fit the members")
    if body is not None and digest.tagged(BODY_FORMAT, body) != document["body"]:
        raise MalformedEvent("the body does not fit its digest")
    return Event(document, raw, body)


def _demand_size(raw: bytes, body: bytes | None) -> None:
    if len(raw) > limits.EVENT_BYTES or len(body or b"") > limits.BODY_BYTES:
        raise MalformedEvent("too large")


def _digests_of(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an envelope, whatever its shape, names by digest and must name by ours."""
    rules, content = document.get("rules"), document.get("content")
    named = [document.get(name) for name in ("node", "prev", "body", "hash")]
    named += [
        one.get("digest")
        for one in (rules, *(content if isinstance(content, list) else ()))
        if isinstance(one, dict)
    ]
    seen, refs = document.get("seen"), document.get("refs")
    places = seen.values() if isinstance(seen, dict) else ()
    named += [head[1] for head in places if isinstance(head, list) and len(head) == 2]
    named += [one.get("hash") for one in (refs if isinstance(refs, list) else ()) if isinstance(one, dict)]
    yield from (text for text in named if isinstance(text, str))


def _demand_shape(document: Mapping[str, Any], body: Mapping[str, Any] | None) -> None:
    try:
        shape.demand_envelope(document)
        if body is not None:
            shape.demand_body(body)
            if len(body["labels"]) != len(document["content"]):
                raise shape.Misshapen("labels: not one for each piece of content")
    except (shape.Misshapen, limits.BeyondLimits, canon.CanonError) as error:
        raise MalformedEvent(str(error)) from None


def format_time(at: datetime) -> str:
    """Return `at` as events write it: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def parse_time(text: str) -> datetime:
    """
    Return the moment that `format_time` wrote.

    Raises:
        ValueError: the text is not exactly of that form.
    """
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)

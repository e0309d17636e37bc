"""Digests, signed documents, key chains and numbers of format 2, from the document alone."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import liar_sm as sm
from .liar_canonical import Pairs, Raw, canonical, read, text_of
from .liar_tree import Tree, extends, included

__all__ = [
    "Keys",
    "Pairs",
    "Raw",
    "Tree",
    "canonical",
    "check_character",
    "check_document",
    "digest",
    "extends",
    "fingerprint",
    "included",
    "issue_number",
    "issuer_tag",
    "plain",
    "read",
    "sign_document",
    "spelled",
    "tagged_digest",
    "tagged_message",
    "text_of",
    "time_of",
    "valid_chain",
    "valid_number",
]  # fmt: skip

Document = dict[str, Any]
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALL_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # of the check character


def spelled(data: bytes) -> str:
    return "sm3:" + data.hex()


def digest(data: bytes) -> str:
    return spelled(sm.sm3(data))


def plain(text: str) -> bytes:
    """Return the bytes of a digest, key or signature, whatever its prefix."""
    return bytes.fromhex(text.rpartition(":")[2])


def tagged_message(tag: str, document: Any) -> bytes:
    return tag.encode() + b"\0" + canonical(document)


def tagged_digest(tag: str, document: Any) -> str:
    return digest(tagged_message(tag, document))


def without(document: Mapping[str, Any], *names: str) -> Document:
    return {name: value for name, value in document.items() if name not in names}


def time_of(moment: datetime, *, seconds: bool = False) -> str:
    moment = moment.astimezone(UTC)
    tail = "" if seconds else f".{moment.microsecond // 1000:03d}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}{tail}Z"


def fingerprint(point: sm.Point) -> str:
    return digest(sm.point_bytes(point))


# --- signed documents


def signing_message(document: Mapping[str, Any], number: Any, *, tag: str | None = None) -> bytes:
    body = {**without(document, "signatures"), "signing": {"key": number, "suite": "sm2"}}
    return tagged_message(tag or document["format"], body)


def sign_value(private: int, message: bytes) -> str:
    return "sm2:" + sm.signature_der(sm.sign(private, message)).hex()


def sign_document(
    document: Mapping[str, Any], number: Any, private: int, *, tag: str | None = None
) -> Document:
    """Return the document with one signature. `tag` lies about what kind of document is signed."""
    value = sign_value(private, signing_message(document, number, tag=tag))
    return {**document, "signatures": [{"key": number, "value": value}]}


def check_document(document: Mapping[str, Any], records: list[Document]) -> bool:
    """Whether at least one signature is of a known suite, and each of these holds."""
    points = {record["number"]: sm.read_point(plain(record["sign"])) for record in records}
    known = [one for one in document["signatures"] if one["value"].startswith("sm2:")]
    return bool(known) and all(
        one["key"] in points
        and sm.verify(
            points[one["key"]], signing_message(document, one["key"]), sm.read_signature(plain(one["value"]))
        )
        for one in known
    )


# --- keys


@dataclass
class Keys:
    """A node's key records and the private halves of those it has; the last record is in use."""

    records: list[Document] = field(default_factory=list)
    signing: dict[int, int] = field(default_factory=dict)
    wrapping: dict[int, int] = field(default_factory=dict)

    @classmethod
    def made(cls, at: datetime) -> "Keys":
        keys = cls()
        keys.rotate(at)
        return keys

    @classmethod
    def loaded(cls, folder: Path, records: list[Document]) -> "Keys":
        """Take the private keys of a real node from `sign-N.pem` and `wrap-N.pem` of its folder."""
        keys = cls(list(records))
        for record in records:
            for name, into in (("sign", keys.signing), ("wrap", keys.wrapping)):
                path = folder / f"{name}-{record['number']}.pem"
                if path.exists():
                    into[record["number"]] = sm.read_pem(path.read_text(encoding="utf-8"))
        return keys

    @property
    def node(self) -> str:
        return self.records[0]["node"]

    @property
    def number(self) -> int:
        return self.records[-1]["number"]

    def copy(self) -> "Keys":
        return Keys(list(self.records), dict(self.signing), dict(self.wrapping))

    def rotate(self, moment: datetime, revokes: list[Document] | None = None, **changes: Any) -> Document:
        """Add a record signed by the key before it. `changes` are put in before it is signed."""
        number = len(self.records) + 1
        self.signing[number], self.wrapping[number] = sm.fresh(), sm.fresh()
        point = sm.public(self.signing[number])
        record: Document = {
            "format": "tongban-key/2",
            "node": self.node if self.records else fingerprint(point),
            "number": number,
            "sign": "sm2:" + sm.point_bytes(point).hex(),
            "wrap": "sm2:" + sm.point_bytes(sm.public(self.wrapping[number])).hex(),
            "at": time_of(moment, seconds=True),
            "previous": record_digest(self.records[-1]) if self.records else "",
            "revokes": revokes or [],
            **changes,
        }
        message = tagged_message(record["format"], record)
        record["signature"] = sign_value(self.signing[max(1, number - 1)], message)
        record["proof"] = sign_value(self.signing[number], message)
        self.records.append(record)
        return record

    def sign(
        self, document: Mapping[str, Any], *, number: int | None = None, tag: str | None = None
    ) -> Document:
        number = number or self.number
        return sign_document(document, number, self.signing[number], tag=tag)


def record_digest(record: Mapping[str, Any]) -> str:
    return tagged_digest(record["format"], without(record, "signature", "proof"))


def valid_chain(records: list[Document]) -> bool:
    """Whether these records follow one another and are signed as they must be."""
    before: Document | None = None
    for number, record in enumerate(records, 1):
        point = sm.read_point(plain(record["sign"]))
        signer = sm.read_point(plain(before["sign"])) if before else point
        message = tagged_message(record["format"], without(record, "signature", "proof"))
        fits = (
            record["format"] == "tongban-key/2"
            and record["number"] == number
            and record["node"] == (before["node"] if before else fingerprint(point))
            and record["previous"] == (record_digest(before) if before else "")
            and (before is None or record["at"] >= before["at"])
            and all(one["number"] < number for one in record["revokes"])
            and record["sign"] not in {one["sign"] for one in records[: number - 1]}
            and sm.verify(signer, message, sm.read_signature(plain(record["signature"])))
            and sm.verify(point, message, sm.read_signature(plain(record["proof"])))
        )
        if not fits:
            return False
        before = record
    return bool(records)


# --- numbers


def issuer_tag(node: str, epoch: int) -> str:
    b = int.from_bytes(plain(tagged_digest("tongban-issuer/2", {"node": node, "epoch": epoch}))[:3], "big")
    return "".join(ALPHABET[b >> shift & 31] for shift in (19, 14, 9, 4))


def check_character(text: str) -> str:
    """Return the check character of ISO 7064 MOD 37,36."""
    product = 36
    for one in text:
        product = ((product + ALL_SIGNS.index(one)) % 36 or 36) * 2 % 37
    return ALL_SIGNS[(37 - product) % 36]


def issue_number(division: str, node: str, epoch: int, day: datetime, *, tag: str | None = None) -> str:
    while True:
        random = "".join(secrets.choice(ALPHABET) for _ in range(8))
        text = f"{division}{tag or issuer_tag(node, epoch)}{day:%Y%m%d}{random}"
        if (check := check_character(text)) in ALPHABET:
            return text + check


def valid_number(text: str) -> bool:
    return len(text) == 27 and check_character(text[:26]) == text[26]

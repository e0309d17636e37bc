"""
A node's keys: a chain of records, each signed by the key before it.

The first record is the node's root; the hash of its signing key is the node's id, which people compare by
telephone or on paper before two nodes trust each other. From there every later key follows by signature.

A new record needs a signature by the previous key and a proof by the new key itself (so nobody can claim
a key that is not theirs). A revocation is part of a record and so is also signed by the previous key, even
when it is that very key which is given up. This means: whoever steals the current key can write a next record
as well as its owner can. Two different next records are therefore never resolved by code: `extends` is false
for either against the other, and a person decides, by a new root if need be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from tongban.kernel.crypto import digest, sm

FORMAT = "tongban-key/2"
SUITE = "sm2"


class BrokenKeyChain(ValueError):
    """The records are not one chain of keys; the sentence names the first wrong thing."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One generation of a node's keys: from `at` it signs with `sign` and is written to with `wrap`."""

    node: str
    number: int
    sign: bytes  # public point of the signing key
    wrap: bytes  # public point of the key that others encrypt to
    at: datetime
    previous: str  # hash of the record before, "" for the first
    revokes: tuple[tuple[int, datetime], ...] = ()  # (number of an earlier key, since when)
    signature: str = ""
    proof: str = ""

    def content(self) -> dict[str, Any]:
        """Return the document without its signatures: what is hashed and signed."""
        return {
            "format": FORMAT,
            "node": self.node,
            "number": self.number,
            "sign": write_key(self.sign),
            "wrap": write_key(self.wrap),
            "at": _text(self.at),
            "previous": self.previous,
            "revokes": [{"number": number, "from": _text(since)} for number, since in self.revokes],
        }

    def document(self) -> dict[str, Any]:
        """Return the record as it is sent and stored."""
        return {**self.content(), "signature": self.signature, "proof": self.proof}

    @property
    def hash(self) -> str:
        """The hash that the next record names. Signatures are left out: SM2 makes another each time."""
        return digest.tagged(FORMAT, self.content())

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """
        Return the record of a document; whether it is true is for `KeyChain.verify` to say.

        Raises:
            BrokenKeyChain: the document is not a key record, or not exactly one.
        """
        try:
            record = cls(
                node=document["node"],
                number=document["number"],
                sign=_key_bytes(document["sign"]),
                wrap=_key_bytes(document["wrap"]),
                at=datetime.fromisoformat(document["at"]),
                previous=document["previous"],
                revokes=tuple((r["number"], datetime.fromisoformat(r["from"])) for r in document["revokes"]),
                signature=document["signature"],
                proof=document["proof"],
            )
            same = record.document() == dict(document)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            raise BrokenKeyChain("密钥记录格式不符。") from None
        moments = [record.at, *(since for _, since in record.revokes)]
        same = same and all(2000 <= moment.year <= 2999 for moment in moments)
        # Writing it again must give the same document: no second spelling, no unknown member.
        if not same or type(record.number) is not int or not isinstance(record.node, str):
            raise BrokenKeyChain("密钥记录格式不符，或含有未知内容。")
        return record


@dataclass(frozen=True, slots=True)
class KeyChain:
    """The keys of one node, checked; made by `verify`, `first_record` and `next_record` only."""

    records: tuple[KeyRecord, ...]

    @classmethod
    def verify(cls, records: Iterable[Mapping[str, Any] | KeyRecord]) -> Self:
        """
        Return the chain of these records, oldest first.

        Whether its `root` is the right one, only somebody outside can say.

        Raises:
            BrokenKeyChain: with the first wrong thing.
        """
        checked: list[KeyRecord] = []
        for given in records:
            record = given if isinstance(given, KeyRecord) else KeyRecord.read(given)
            _check(record, checked)
            checked.append(record)
        if not checked:
            raise BrokenKeyChain("密钥链为空。")
        return cls(tuple(checked))

    @property
    def root(self) -> str:
        """The node's id and fingerprint: SM3 of the first signing key."""
        return self.records[0].node

    @property
    def current(self) -> KeyRecord:
        """The newest record."""
        return self.records[-1]

    def documents(self) -> list[dict[str, Any]]:
        """Return all records as documents, to send or store."""
        return [record.document() for record in self.records]

    def sign_key(self, number: int) -> bytes:
        """Return the public signing key of a generation; raise KeyError if the chain has none such."""
        if not 1 <= number <= len(self.records):
            raise KeyError(number)
        return self.records[number - 1].sign

    def is_revoked(self, number: int, at: datetime) -> bool:
        """Return whether the key was revoked at that moment. What peers witnessed before still counts."""
        return any(n == number and since <= at for record in self.records for n, since in record.revokes)

    def extends(self, other: Self) -> bool:
        """Return whether this chain is `other` or continues it."""
        mine = [record.hash for record in self.records[: len(other.records)]]
        return mine == [record.hash for record in other.records]


def first_record(key: sm.Key, wrap_key: bytes, at: datetime) -> KeyChain:
    """Return the chain of a new node, whose root is `key`; `wrap_key` is a public point."""
    record = KeyRecord(digest.of(key.public), 1, key.public, wrap_key, _second(at), "")
    signature = _write_signature(key.sign(_message(record)))
    return KeyChain.verify([replace(record, signature=signature, proof=signature)])


def next_record(
    chain: KeyChain,
    old_key: sm.Key,
    new_key: sm.Key,
    new_wrap: bytes,
    at: datetime,
    revokes: Sequence[tuple[int, datetime]] = (),
) -> KeyChain:
    """
    Return `chain` with a new generation of keys; `revokes` gives up earlier ones from a moment on.

    Raises:
        BrokenKeyChain: `old_key` is not the chain's current key, or the record would break the chain.
    """
    record = KeyRecord(
        node=chain.root,
        number=chain.current.number + 1,
        sign=new_key.public,
        wrap=new_wrap,
        at=_second(at),
        previous=chain.current.hash,
        revokes=tuple((number, _second(since)) for number, since in revokes),
    )
    message = _message(record)
    signed = replace(
        record,
        signature=_write_signature(old_key.sign(message)),
        proof=_write_signature(new_key.sign(message)),
    )
    return KeyChain.verify([*chain.records, signed])


def fingerprint_groups(fingerprint: str) -> str:
    """Return a fingerprint in groups of four characters, for two people to read to each other."""
    digits = fingerprint.removeprefix(f"{digest.NAME}:")
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def fingerprint_typed(text: str) -> str:
    """Return the fingerprint, or the beginning of one, that somebody typed or pasted: in groups or not, named or not."""
    plain = "".join(text.split()).lower()
    return plain if plain.startswith(f"{digest.NAME}:") else f"{digest.NAME}:{plain}"


def write_key(point: bytes) -> str:
    """Return a public key as documents write it, with its algorithm."""
    return f"{SUITE}:{point.hex()}"


def _key_bytes(text: str) -> bytes:
    """
    Return the point of a written public key.

    Raises:
        ValueError: of another algorithm, or no key.
    """
    suite, _, digits = text.partition(":")
    if suite != SUITE:
        raise ValueError("key of an unknown algorithm")
    return bytes.fromhex(digits)


def _write_signature(der: bytes) -> str:
    return f"{SUITE}:{der.hex()}"


def signature_bytes(text: str) -> bytes:
    """
    Return the DER of a written signature; only its one hex spelling counts.

    Raises:
        ValueError: of another algorithm, or spelled otherwise.
    """
    suite, _, digits = text.partition(":")
    der = bytes.fromhex(digits)
    if suite != SUITE or der.hex() != digits:
        raise ValueError("not a signature of ours")
    return der


def _check(record: KeyRecord, before: Sequence[KeyRecord]) -> None:
    last = before[-1] if before else None
    root = before[0].node if before else digest.of(record.sign)
    signer = last.sign if last else record.sign
    earlier_points = {point for r in before for point in (r.sign, r.wrap)}
    wrong = {
        "序号不连续": record.number != len(before) + 1,
        "节点标识不符": record.node != root,
        "没有接上前一条记录": record.previous != (last.hash if last else ""),
        "时间早于前一条记录": last is not None and record.at < last.at,
        "不是 SM2 公钥": not (sm.is_public(record.sign) and sm.is_public(record.wrap)),
        "沿用了旧密钥": bool({record.sign, record.wrap} & earlier_points) or record.wrap == record.sign,
        "只能吊销更早的密钥": any(
            type(n) is not int or not 1 <= n < record.number for n, _ in record.revokes
        ),
        "前一密钥的签名不成立": not _verified(signer, record, record.signature),
        "新密钥的持有证明不成立": not _verified(record.sign, record, record.proof),
    }
    for what, is_wrong in wrong.items():
        if is_wrong:
            raise BrokenKeyChain(f"第 {len(before) + 1} 条密钥记录有误：{what}。")


def _verified(public: bytes, record: KeyRecord, signature: str) -> bool:
    try:
        return sm.verify(public, _message(record), signature_bytes(signature))
    except (ValueError, TypeError, AttributeError):
        return False


def _message(record: KeyRecord) -> bytes:
    return digest.tagged_bytes(FORMAT, record.content())


def _second(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).replace(microsecond=0)


def _text(moment: datetime) -> str:
    return _second(moment).strftime("%Y-%m-%dT%H:%M:%SZ")

"""
The one kind of signature on chains: "I hold these heads of this case".

Sent when a head leaves the node, returned as the receipt, made by each side at conclusion. It covers every
event before the heads, so an act costs no signature of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.kernel import canon, digest, identity, signed
from tongban.kernel.db import write
from tongban.kernel.events import format_time
from tongban.kernel.keychain import KeyChain
from tongban.kernel.models import Statement

FORMAT = "tongban-heads/1"


def over(case: str, heads: Mapping[str, list[Any]], at: datetime) -> dict[str, Any]:
    """Return this node's kept statement over exactly these heads; make and keep one if there is none."""
    me, wanted = identity.fingerprint(), {chain: list(head[:2]) for chain, head in heads.items()}
    last = (
        Statement.objects.filter(case=case, signer=me).order_by("-id").values_list("raw", flat=True).first()
    )
    if last is not None:
        document: dict[str, Any] = canon.decode(last.encode())  # type: ignore[assignment]
        if document["heads"] == wanted and document["key"] == identity.chain_of(me).current.number:
            return document
    document = make(case, heads, at)
    with write():
        keep(document)
    return document


def make(case: str, heads: Mapping[str, list[Any]], at: datetime) -> dict[str, Any]:
    """Return this node's signed statement of the heads it holds; `heads` maps chain to [seq, hash, …]."""
    return identity.sign(
        {
            "format": FORMAT,
            "case": case,
            "signer": identity.fingerprint(),
            "at": format_time(at),
            "heads": {chain: list(head[:2]) for chain, head in heads.items()},
        }
    )


def check(document: Mapping[str, Any], chain: KeyChain) -> None:
    """
    Return quietly if `document` is a statement signed by the owner of `chain`.

    Raises:
        signed.BadSignature: it is not.
    """
    if document.get("format") != FORMAT or document.get("signer") != chain.root:
        raise signed.BadSignature("not a statement of heads by this node")
    signed.check(document, chain)


def keep(document: Mapping[str, Any]) -> None:
    """Store a checked statement; the same one twice is one."""
    raw = canon.encode(document).decode()
    Statement.objects.get_or_create(
        hash=digest.sm3_hex(raw.encode()),
        defaults={"case": document["case"], "signer": document["signer"], "raw": raw},
    )


def kept(case: str) -> list[dict[str, Any]]:
    """Return all statements about a case, oldest first."""
    rows = Statement.objects.filter(case=case).order_by("id").values_list("raw", flat=True)
    return [canon.decode(raw.encode()) for raw in rows]  # type: ignore[misc]

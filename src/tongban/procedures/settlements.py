"""
The settlement of a fork as a document (分叉核处书): which branch is kept, on what basis, signed by both sides. Pure.

docs/protocol.md §13: the writer of the chain and its counterpart sign one document; each then says so in its own chain.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from tongban.kernel import limits
from tongban.kernel.crypto import digest, signed
from tongban.kernel.crypto.keychain import KeyChain
from tongban.kernel.journal.events import format_time, parse_time

FORMAT = "tongban-settlement/2"
SIGNATURE_FORMAT = "tongban-settlement-signature/2"
MEMBERS = frozenset(
    {
        "format", "procedure", "subject", "chain", "seq", "kept", "dropped", "basis", "minutes", "writer",
        "counterpart", "at", "signed",
    }
)  # fmt: skip

_CHAIN = re.compile(limits.CHAIN_FORM, re.ASCII)

type Document = dict[str, Any]


class SettlementInvalid(ValueError):
    """The document is no settlement that both sides have signed; the sentence says why."""


def build(
    *, procedure: str, subject: str, chain: str, seq: int, kept: str, dropped: Collection[str], basis: str,
    minutes: str, writer: str, counterpart: str, at: datetime,
) -> Document:  # fmt: skip
    """Return an unsigned settlement; `minutes` is the digest of the record of the talk, or empty."""
    return {
        "format": FORMAT, "procedure": procedure, "subject": subject, "chain": chain, "seq": seq, "kept": kept,
        "dropped": sorted(dropped), "basis": basis, "minutes": minutes, "writer": writer,
        "counterpart": counterpart, "at": format_time(at), "signed": {},
    }  # fmt: skip


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the digest that both sign and that `settle` names."""
    return digest.tagged(FORMAT, {name: value for name, value in document.items() if name != "signed"})


def sign_for(document: Document, node: str, sign: Callable[[Document], Document]) -> Document:
    """Return the settlement with the signature of one of its two nodes added."""
    statement = {"format": SIGNATURE_FORMAT, "settlement": digest_of(document), "node": node}
    return {**document, "signed": {**document["signed"], node: sign(statement)}}


def check(document: object, chains: Mapping[str, KeyChain], *, both: bool = True) -> Document:
    """
    Return the document if it is a settlement whose signatures hold; with `both`, those of the two sides are there.

    Raises:
        SettlementInvalid: it is not.
    """
    if not isinstance(document, dict) or document.keys() != MEMBERS or not _is_plausible(document):
        raise SettlementInvalid("不是分叉核处书，或格式不符。")
    sides = {document["writer"], document["counterpart"]}
    if not document["signed"].keys() <= sides or (both and document["signed"].keys() != sides):
        raise SettlementInvalid("分叉核处书没有双方的签名。")
    for node, statement in document["signed"].items():
        expected = {"format": SIGNATURE_FORMAT, "settlement": digest_of(document), "node": node}
        chain = chains.get(node)
        if (
            chain is None
            or not isinstance(statement, dict)
            or signed.without_signatures(statement) != expected
        ):
            raise SettlementInvalid("分叉核处书所附的签名签的是别的内容。")
        try:
            signed.check(statement, chain)
        except signed.BadSignature as error:
            raise SettlementInvalid(f"分叉核处书未采用：{error}") from None
    return document


def _is_plausible(document: Mapping[str, Any]) -> bool:
    digests = [document["kept"], document["writer"], document["counterpart"]]
    texts = [document[name] for name in ("procedure", "subject", "chain", "basis", "minutes", "at")]
    if document["format"] != FORMAT or not all(isinstance(text, str) for text in texts):
        return False
    if not isinstance(document["dropped"], list) or not isinstance(document["signed"], dict):
        return False
    try:
        parse_time(document["at"])
    except ValueError:
        return False
    return (
        all(digest.is_digest(one) for one in [*digests, *document["dropped"]])
        and bool(document["dropped"])
        and document["kept"] not in document["dropped"]
        and type(document["seq"]) is int
        and 1 <= document["seq"] <= limits.INTEGER
        and _CHAIN.fullmatch(document["chain"]) is not None
        and 0 < len(document["basis"]) <= 200
        and (document["minutes"] == "" or digest.is_digest(document["minutes"]))
    )

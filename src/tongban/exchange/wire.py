"""
What passes between nodes: signed documents in, signed documents out (docs/protocol.md §11).

Every message names sender, receiver and kind (`format`), so it can be replayed only to whom it was sent, where
it does no harm; an answer names the digest of the message it answers.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tongban.exchange import shapes
from tongban.kernel import identity, limits
from tongban.kernel.crypto import canon, digest, signed
from tongban.kernel.crypto.keychain import BrokenKeyChain, KeyChain
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.journal.events import format_time, parse_time
from tongban.procedures import register

CARD = "tongban-card/2"
TRANSFER = "tongban-transfer/2"
CONTENT_REQUEST = "tongban-content-request/2"
PAPERS_REQUEST = "tongban-papers-request/2"
ANSWER_TAKEN = "tongban-answer-taken/2"
RECOVERY = "tongban-recovery/2"
SEALS = "tongban-seals/2"
ANSWER = "tongban-answer/2"
CIPHER = "sm4-gcm"
MAX_MESSAGE = limits.MESSAGE
FRESH = timedelta(days=1)


class MessageRefused(DomainError):
    """The message is not from whom it says, not for this node, not of this day, or not a message."""

    code = "message_refused"
    status = 403


def message(format_: str, to: str, at: datetime, **members: Any) -> bytes:
    """Return a message to node `to`, signed by this node, as canonical bytes."""
    me = identity.fingerprint()
    chain = identity.chain_of(me).documents()
    document = {"format": format_, "from": me, "to": to, "at": format_time(at), "chain": chain, **members}
    return canon.encode_again(identity.sign(document))


def answer(to: str, at: datetime, request: bytes, **members: Any) -> bytes:
    """Return the signed answer to `request`."""
    return message(ANSWER, to, at, answers=digest.of(request), speaks=register.speaks(), **members)


def read_message(raw: bytes, at: datetime) -> dict[str, Any]:
    """
    Return the document of a message for this node whose signature holds, by a key not revoked at `at`; see `demand_of_today`.

    Raises:
        MessageRefused: otherwise, with what to do.
    """
    if len(raw) > MAX_MESSAGE:
        raise MessageRefused("消息过大，未处理。请分次发送。")
    try:
        document = canon.decode(raw)
    except ValueError:
        raise MessageRefused("消息不是规范的 JSON，未处理。请对方检查后重发。") from None
    if not isinstance(document, dict) or not digest.is_digest(document.get("from")):
        raise MessageRefused("消息没有写明来自哪个节点，未处理。请对方检查后重发。")
    if document.get("to") != identity.fingerprint():
        raise MessageRefused("消息不是发给本节点的，未处理。请对方核对节点指纹。")
    try:
        signed.check(document, _chain(document, at), at)
    except identity.UnknownNode as error:
        raise MessageRefused(str(error)) from None
    except signed.BadSignature:
        raise MessageRefused("消息的签名不成立，未处理。请对方检查密钥后重发。") from None
    return document


def demand_of_today(stated: object, at: datetime) -> None:
    """
    Refuse a message of another day, which may be an old one shown again.

    An answer names the message it answers, so it is of its moment by itself.

    Raises:
        MessageRefused: it was written more than a day before or after `at`.
    """
    try:
        told = parse_time(stated) if isinstance(stated, str) else None
    except ValueError:
        told = None
    if told is None or abs(told - at) > FRESH:
        raise MessageRefused("消息所写的时间与本节点的时钟相差一天以上，未处理。请双方核对服务器时间后重发。")


def _chain(document: Mapping[str, Any], at: datetime) -> KeyChain:
    """Return the sender's key chain as we know it, or as the message shows it if that extends ours."""
    known = identity.chain_of(str(document["from"]))
    if canon.encode(document.get("chain")) == canon.encode(known.documents()):
        return known
    try:
        shown = KeyChain.verify(document["chain"])
    except (KeyError, TypeError, BrokenKeyChain):
        raise MessageRefused("消息没有附上其节点成立的密钥链，未处理。请对方检查密钥后重发。") from None
    if shown.root != known.root:
        raise MessageRefused("消息所附的密钥链属于另一节点，未处理。请对方检查密钥后重发。")
    if len(shown.records) <= len(known.records) or not shown.extends(known):
        return known
    signed.check(document, shown, at)
    with write():
        identity.remember(shown)
    return shown


def read_answer(raw: bytes, *, request: bytes, kind: str, peer: str, at: datetime) -> dict[str, Any]:
    """
    Return the document of an answer to our `request` of a kind by node `peer`, of the shape of such answers.

    Raises:
        MessageRefused: it is something else.
    """
    document = read_message(raw, at)
    expected: Mapping[str, Any] = {"format": ANSWER, "from": peer, "answers": digest.of(request)}
    if any(document.get(name) != value for name, value in expected.items()):
        raise MessageRefused("对方的答复不是对本次消息的答复，未采用。请稍后重试。")
    try:
        shapes.demand_answer(kind, document)
    except shapes.Misshapen as error:
        raise MessageRefused(
            f"对方的答复格式不符（{error}），未采用。请对方检查其软件版本，稍后重试。"
        ) from None
    return document

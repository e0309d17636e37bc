"""What this node does with a message of a peer. One function a kind; `receive` is the only way in."""

import base64
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from tongban.agreements import commands as agreement_commands
from tongban.cases import adoption, tasks
from tongban.cases.models import Case
from tongban.catalogue import commands as catalogue_commands
from tongban.catalogue.models import Guide
from tongban.exchange import epochs, third_party, wire
from tongban.exchange.models import Peer
from tongban.kernel import identity, seals, sm, statements, vault
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotFound
from tongban.kernel.keychain import BrokenKeyChain, KeyChain
from tongban.kernel.models import Event, Outstanding

log = logging.getLogger(__name__)


class PeerNotActive(DomainError):
    """The peer is unknown, paused, removed or in question."""

    code = "peer_not_active"
    status = 403


def receive(raw: bytes, at: datetime) -> bytes:
    """
    Handle one message and return the signed answer. A refusal is an answer too.

    Raises:
        wire.MessageRefused, PeerNotActive: there is nobody to answer.
    """
    document = wire.read_message(raw, at)
    sender = document["from"]
    peer = Peer.objects.filter(node=sender).first()
    if peer is None or peer.state in (Peer.State.PAUSED, Peer.State.REMOVED):
        raise PeerNotActive(f"节点 {sender[:16]}… 不是本节点的有效对方节点。请由管理员核对后恢复。")
    handler = HANDLERS.get(document["format"])
    try:
        if handler is None:
            raise InvalidInput("本节点不认识这种消息。请对方核对版本。")
        reply = handler(document, peer, at)
    except DomainError as refusal:
        reply = {"refused": {"code": refusal.code, "sentence": str(refusal)}}
    except (KeyError, TypeError, ValueError) as error:
        # What a peer wrote is not what we understand; it is told so, and may send again after mending.
        log.warning("message of kind %s not understood: %s", document["format"], type(error).__name__)
        reply = {
            "refused": {
                "code": "message_not_understood",
                "sentence": "消息缺少成员或格式不符，未处理。请对方核对版本。",
            }
        }
    with write():
        Peer.objects.filter(pk=peer.pk).update(heard_at=at)
    return wire.answer(sender, at, raw, **reply)


def take_transfer(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """Adopt the events of a case, and answer with a signed statement of the heads held now."""
    _take_keys(document.get("keys", {}), peer.node)
    epochs.take(document.get("epochs", []), peer.node)
    try:
        _take_seal(document, peer)
    except seals.SealDoesNotExtend:
        # A copy shows another past: nothing of it is adopted, but where it denies what we hold of this case,
        # both branches are kept and the case waits for a human.
        adoption.note_fork(case=document["case"], raws=document["events"], sender=peer.node, at=at)
        raise
    _take_papers(document, at)
    case = document["case"]
    with write():
        # Together: an event without its node's signature could never be shown to anybody again.
        result = adoption.adopt(
            case=case, raws=document["events"], signed_heads=document["statements"], sender=peer.node, at=at
        )
        for statement in document["statements"]:
            _keep_if_good(statement, case)
        own = statements.over(case, result.heads, at)
    tasks.arrive(case=case, at=at)
    latest = seals.latest(peer.node)
    return {
        "statement": own, "forked": result.forked, "missing_keys": result.missing_keys,
        "missing_papers": result.missing_papers,
        "held_seal": {"epoch": latest["epoch"], "size": latest["size"]} if latest else None,
    }  # fmt: skip


def give_content(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """Answer with one chunk of content, encrypted to the peer's node key. Only the nodes of a case may ask."""
    case = Case.objects.filter(number=document["case"]).first()
    nodes = {binding["node"] for binding in case.state["roles"].values()} if case else set()
    if case is None or peer.node not in nodes:
        raise NotFound(f"没有办件 {document['case']}，或贵节点不是它的收件地、办理地。请核对编号。")
    piece = vault.read_chunk(case.number, document["digest"], int(document["index"]))
    key = secrets.token_bytes(16)
    record = identity.chain_of(peer.node).current
    aad = f"{case.number}|{document['digest']}|{document['index']}|{peer.node}".encode()
    return {
        "case": case.number, "digest": document["digest"], "index": document["index"], "key_number": record.number,
        "wrapped": sm.wrap(record.wrap, key).hex(),
        "sealed": base64.b64encode(sm.sm4_seal(key, piece, aad)).decode(),
    }  # fmt: skip


def give_papers(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """Answer with the guides in force here that the peer does not hold yet."""
    held = set(document.get("held", []))
    own = identity.fingerprint()
    guides = Guide.objects.filter(offering__node=own).exclude(digest__in=held).select_related("offering")
    return {
        "guides": [guide.signed for guide in guides.order_by("id")[:50]],
        "keys": {own: identity.chain_of(own).documents()},
    }  # fmt: skip


def begin_or_report_recovery(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """
    Return to a restored peer everything of ours and of its own that we hold of shared cases.

    The first message of an epoch puts all shared cases on the list again; later ones ask how many are left.
    """
    with write():
        if document["begin"]:
            for case in _shared_with(peer.node):
                row, _ = Outstanding.objects.get_or_create(
                    case=case, node=peer.node, defaults={"next_at": at}
                )
                row.acknowledged, row.lacking, row.next_at, row.attempts = {}, True, at, 0
                row.news += 1
                row.save()
    left = Outstanding.objects.filter(node=peer.node, lacking=True).count()
    return {
        "left": left, "seal": seals.latest(peer.node),
        # A backup older than the last change of keys has forgotten that change.
        "your_chain": identity.chain_of(peer.node).documents(),
    }  # fmt: skip


def _shared_with(node: str) -> set[str]:
    """Return the cases a node ever wrote in or was sent, also those that went on to others since."""
    wrote = Event.objects.filter(node=node).values_list("case", flat=True).distinct()
    sent = Outstanding.objects.filter(node=node).values_list("case", flat=True)
    return {*wrote, *sent}


def _take_keys(keys: Mapping[str, Any], sender: str) -> None:
    for node, records in keys.items():
        try:
            chain = KeyChain.verify(records)
        except BrokenKeyChain as error:
            raise wire.MessageRefused(f"节点 {node[:16]}… 的密钥链不成立，未处理：{error}") from None
        if chain.root != node:
            raise wire.MessageRefused(f"节点 {node[:16]}… 的密钥链与其指纹不符，未处理。请对方核对。")
        with write():
            identity.remember(chain)


def _take_seal(document: Mapping[str, Any], peer: Peer) -> None:
    seal, proof = document.get("seal"), document.get("proof") or {}
    if seal is None:
        return
    held = seals.latest(peer.node)
    if held and held["epoch"] == seal["epoch"] and held["size"] != proof.get("from", 0):
        if seal["at"] <= held["at"]:
            return  # a message that came late, or twice, because our answer was lost
        # Proved from another seal than the one we hold; our answer says which that is. A node that goes on
        # missing it has something to hide, or is a copy that never saw it.
        with write():
            Peer.objects.filter(pk=peer.pk).update(seal_misses=F("seal_misses") + 1)
        return
    try:
        with write():
            seals.receive(seal, proof.get("path", []), identity.chain_of(peer.node))
            Peer.objects.filter(pk=peer.pk).update(seal_misses=0)
    except seals.SealDoesNotExtend as refusal:
        # A node that rewrote what it had sealed, or a copy of it: a human has to ask.
        with write():
            Peer.objects.filter(pk=peer.pk).update(state=Peer.State.QUESTIONED, trouble=str(refusal)[:200])
        raise


def _take_papers(document: Mapping[str, Any], at: datetime) -> None:
    for guide in document.get("guides", []):
        catalogue_commands.import_guide(signed_document=guide, chain=identity.chain_of(guide["node"]), at=at)
    for agreement in document.get("agreements", []):
        agreement_commands.keep_as_evidence(document=agreement)


def _keep_if_good(statement: Mapping[str, Any], case: str) -> None:
    try:
        statements.check(statement, identity.chain_of(str(statement.get("signer"))))
    except (ValueError, DomainError):
        return
    if statement["case"] == case:
        statements.keep(statement)


HANDLERS: dict[str, Callable[[Mapping[str, Any], Peer, datetime], dict[str, Any]]] = {
    wire.TRANSFER: take_transfer,
    wire.CONTENT_REQUEST: give_content,
    wire.PAPERS_REQUEST: give_papers,
    wire.ANSWER_TAKEN: third_party.take_answer,
    wire.RECOVERY: begin_or_report_recovery,
}

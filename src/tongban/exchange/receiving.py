"""What this node does with a message of a peer. One function a kind; `receive` is the only way in."""

import base64
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tongban.agreements import commands as agreement_commands
from tongban.catalogue import commands as catalogue_commands
from tongban.catalogue.guides import FORMAT as GUIDE_FORMAT
from tongban.catalogue.models import Guide
from tongban.exchange import epochs, shapes, third_party, trust, wire
from tongban.exchange.models import Peer
from tongban.kernel import attempts, identity, pauses, vault
from tongban.kernel.crypto import signed, sm
from tongban.kernel.crypto.keychain import SUITE, BrokenKeyChain, KeyChain
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import sealed, seals, statements, writer
from tongban.kernel.journal.events import parse_time
from tongban.kernel.models import Event, Outstanding
from tongban.kernel.prepared import Prepared
from tongban.kernel.time import timekeeping
from tongban.procedures import adoption, holding, tasks, transfers

log = logging.getLogger(__name__)


class PeerNotActive(DomainError):
    """The peer is unknown, paused, removed or in question."""

    code = "peer_not_active"
    status = 403


class MessageNotUnderstood(InvalidInput):
    """The message is not of the shape of its kind."""

    code = "message_not_understood"


def receive(raw: bytes, at: datetime) -> bytes:
    """
    Handle one message and return the signed answer. A refusal is an answer too.

    Raises:
        wire.MessageRefused, PeerNotActive: there is nobody to answer.
    """
    with identity.keys_looked_up_once():
        return _receive(raw, at)


def _receive(raw: bytes, at: datetime) -> bytes:
    try:
        document = wire.read_message(raw, at)
    except wire.MessageRefused as refusal:
        attempts.note(code=refusal.code, doing="message", at=at)
        raise
    sender = document["from"]
    peer = _peer_of.first(sender)
    if peer is None or peer.state != Peer.State.ACTIVE:
        attempts.note(code=PeerNotActive.code, doing="message", who=sender, at=at)
        raise PeerNotActive(f"节点 {sender[:16]}… 不是本节点的有效对方节点。请由管理员核对后恢复。")
    heard = True
    try:
        wire.demand_of_today(document.get("at"), at)
        reply = _handler(document)(document, peer, at)
    except wire.MessageRefused as refusal:
        # Answered all the same: by the time of our answer a sender whose clock is wrong finds out. What may be an old
        # message shown again tells us nothing of the sender's clock.
        heard, reply = False, {"refused": {"code": refusal.code, "sentence": str(refusal)}}
    except DomainError as refusal:
        if refusal.status == NotPermitted.status:
            attempts.note(code=refusal.code, doing=_kind(document), who=sender, at=at)
        reply = {"refused": {"code": refusal.code, "sentence": str(refusal)}}
        if isinstance(refusal, seals.SealMissing | seals.SealDoesNotExtend):
            reply["held_seal"] = _held_seal(sender)
    except signed.BadSignature as error:
        reply = {"refused": {"code": wire.MessageRefused.code, "sentence": f"所附文件未采用：{error}"}}
    if heard and not _just_heard(peer, at):
        heard_of: dict[str, Any] = {"heard_at": at}
        if peer.attempts and not Outstanding.objects.filter(node=sender, lacking=True).exists():
            # Nothing is sent any more that would find it there.
            heard_of |= {"attempts": 0, "next_at": None, "trouble": ""}
        with write():
            Peer.objects.filter(pk=peer.pk).update(**heard_of)
            timekeeping.witness(sender, parse_time(document["at"]), at)
    return wire.answer(sender, at, raw, **reply)


_peer_of = Prepared(lambda node: Peer.objects.filter(node=node), str)


def _just_heard(peer: Peer, at: datetime) -> bool:
    """Return whether it is written down already that a peer is there; of one that did not answer us it is always news."""
    return not peer.attempts and pauses.is_recent(peer.heard_at, at)


def _kind(document: Mapping[str, Any]) -> str:
    """Return the kind of a message in a word of ours; what a peer calls it otherwise stays out of our records."""
    kind = str(document.get("format"))
    return kind if kind in HANDLERS else "message"


def _handler(document: Mapping[str, Any]) -> "Handler":
    handler = HANDLERS.get(str(document.get("format")))
    if handler is None:
        raise MessageNotUnderstood("本节点不认识这种消息。请对方核对版本。")
    try:
        shapes.demand_message(document)
    except shapes.Misshapen as error:
        # What a peer wrote is not what we understand; it is told so, and may send again after mending.
        log.warning("message of kind %s not understood: %s", document["format"], error)
        raise MessageNotUnderstood(f"消息的 {error} 部分格式不符，未处理。请对方核对版本。") from None
    return handler


def take_transfer(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """Adopt the events of a matter, and answer with a signed statement of the heads held now."""
    transfer = transfers.Transfer(
        procedure=document["procedure"], subject=document["subject"], events=document["events"],
        statements=document["statements"], sender=peer.node,
        sealed=seals.Shown(document["seal"], document["proof"], document["inclusion"]),
    )  # fmt: skip
    adoption.demand_party(transfer.subject, peer.node)
    _take_keys(document["keys"])
    epochs.take(document["epochs"], peer.node, at)
    trust.compare(document["seals"], at)
    _take_papers(document["papers"], at)
    try:
        with write(), writer.one_transfer(transfer.subject):
            # Together: an event without its node's signature could never be shown to anybody again.
            result = adoption.adopt(transfer, at)
            own = None
            if result.state.heads:
                holding.keep_statements(result.statements, result.state)
                own = statements.over(result.state, at, moved=result.moved)
                _keep_inclusion(transfer, result)
    except seals.SealMissing:
        trust.missed(peer, at)
        raise
    except seals.SealDoesNotExtend as denial:
        trust.question(peer.node, str(denial), at)
        raise
    trust.kept_its_word(peer)
    tasks.arrive(matter=transfer.subject, at=at)
    return {
        "statement": own, "forked": result.forked, "missing_keys": result.missing_keys,
        "missing_papers": result.missing_papers, "held_seal": _named(result.seal) or _held_seal(peer.node),
    }  # fmt: skip


def _keep_inclusion(transfer: transfers.Transfer, result: adoption.Adoption) -> None:
    """Keep where the sender's seal holds its heads: a dossier shows it. One that came with no news was never checked."""
    held, state = result.seal or seals.latest(transfer.sender), result.state
    if held is None or transfer.sealed.seal != held:
        return
    for chain, node in state.nodes.items():
        head = (chain, *state.heads[chain][:2])
        if node == transfer.sender and sealed.is_included(held, head, transfer.sealed.inclusion):
            seals.keep_included(state.subject, head, transfer.sealed)


def _held_seal(node: str) -> dict[str, int] | None:
    return _named(seals.latest(node))


def _named(seal: Mapping[str, Any] | None) -> dict[str, int] | None:
    return {"epoch": seal["epoch"], "size": seal["size"]} if seal else None


def give_content(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """Answer with one chunk of content, encrypted to the peer's node key. Only the nodes of a matter may ask."""
    subject, index = document["subject"], document["index"]
    held = holding.state_held(subject)
    nodes = {binding["node"] for binding in held.roles.values()} if held else set()
    if held is None or held.procedure != document["procedure"] or peer.node not in nodes:
        raise NotFound(f"没有编号为 {subject} 的事项，或贵节点不是它的承办方。请核对编号。")
    piece = vault.read_chunk(subject, document["digest"], index)
    key = secrets.token_bytes(16)
    record = identity.chain_of(peer.node).current
    aad = f"{subject}|{document['digest']}|{index}|{peer.node}".encode()
    sealed = base64.b64encode(sm.sm4_seal(key, piece, aad)).decode()
    return {
        "procedure": document["procedure"], "subject": subject, "digest": document["digest"], "index": index,
        "key_number": record.number, "wrapped": f"{SUITE}:{sm.wrap(record.wrap, key).hex()}",
        "sealed": f"{wire.CIPHER}:{sealed}",
    }  # fmt: skip


def give_papers(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """Answer with the guides in force here that the peer does not hold yet."""
    own = identity.fingerprint()
    guides = Guide.objects.current().filter(node=own).exclude(digest__in=document["held"])
    found = guides.select_related("offering").order_by("id")[:50]
    return {
        "papers": {guide.digest: guide.signed for guide in found},
        "keys": {own: identity.chain_of(own).documents()},
    }


def give_seal(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """Answer with the seal of the peer that we hold, which its audit compares with its own tree."""
    return {"seal": seals.latest(peer.node)}


def begin_or_report_recovery(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """
    Return to a restored peer everything of ours and of its own that we hold of shared cases.

    The first message of an epoch puts all shared cases on the list again, once; later ones ask how many are left.
    """
    with write():
        if document["begin"] and peer.returned_epoch < document["epoch"]:
            for procedure, subject in _shared_with(peer.node):
                row, _ = Outstanding.objects.get_or_create(
                    subject=subject, node=peer.node, defaults={"procedure": procedure, "next_at": at}
                )
                row.acknowledged, row.lacking, row.next_at, row.attempts = {}, True, at, 0
                row.news += 1
                row.save()
            Peer.objects.filter(pk=peer.pk).update(returned_epoch=document["epoch"])
    left = Outstanding.objects.filter(node=peer.node, lacking=True).count()
    return {
        "left": left, "seal": seals.latest(peer.node),
        # A backup older than the last change of keys has forgotten that change.
        "your_chain": identity.chain_of(peer.node).documents(),
    }  # fmt: skip


def _shared_with(node: str) -> set[tuple[str, str]]:
    """Return the matters a node ever wrote in or was sent, also those that went on to others since."""
    wrote = Event.objects.filter(node=node).values_list("procedure", "subject").distinct()
    sent = Outstanding.objects.filter(node=node).values_list("procedure", "subject")
    return {*wrote, *sent}


def _take_keys(keys: Mapping[str, Any]) -> None:
    """Take what others show of key chains: of nodes we know already, or need for a matter of ours; bounded by the message."""
    for node, records in keys.items():
        try:
            chain = KeyChain.verify(records)
        except BrokenKeyChain as error:
            raise wire.MessageRefused(f"节点 {node[:16]}… 的密钥链不成立，未处理：{error}") from None
        if chain.root != node:
            raise wire.MessageRefused(f"节点 {node[:16]}… 的密钥链与其指纹不符，未处理。请对方核对。")
        with write():
            identity.remember(chain)


def _take_papers(papers: Mapping[str, Any], at: datetime) -> None:
    for paper in papers.values():
        if paper.get("format") == GUIDE_FORMAT:
            node = paper.get("node")
            if not isinstance(node, str):
                raise MessageNotUnderstood("消息所附的办事指南格式不符，未处理。请对方核对版本。")
            catalogue_commands.import_guide(
                signed_document=paper, chain=identity.chain_of(node), at=at, as_paper=True
            )
        else:
            agreement_commands.keep_as_evidence(document=paper, at=at)


type Handler = Callable[[Mapping[str, Any], Peer, datetime], dict[str, Any]]

HANDLERS: dict[str, Handler] = {
    wire.TRANSFER: take_transfer,
    wire.CONTENT_REQUEST: give_content,
    wire.PAPERS_REQUEST: give_papers,
    wire.ANSWER_TAKEN: third_party.take_answer,
    wire.RECOVERY: begin_or_report_recovery,
    wire.SEALS: give_seal,
}

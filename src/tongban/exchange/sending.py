"""
Anti-entropy: for each case and peer, send what follows the last heads the peer has signed for.

The chain is the sequence number, the duplicate check and the order; the peer's signed statement of the new
heads is the receipt. A failure is tried again without end, with growing pauses; news is tried at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tongban.agreements import queries as agreements
from tongban.cases import adoption
from tongban.catalogue import queries as catalogue
from tongban.exchange import gateway, wire
from tongban.exchange.models import Peer
from tongban.kernel import canon, crashpoints, identity, seals, signed, statements
from tongban.kernel.db import write
from tongban.kernel.errors import NotFound
from tongban.kernel.events import Event
from tongban.kernel.models import EpochRecord, Outstanding

LONGEST_PAUSE = 300  # seconds
BATCH = 100


def send_all(at: datetime) -> int:
    """Send every case that is due to every peer that can be reached; return how many got through."""
    done = 0
    for peer in Peer.objects.filter(state=Peer.State.ACTIVE).order_by("pk"):
        # The oldest first, so that a peer that was away for a week catches up in order.
        due = Outstanding.objects.filter(node=peer.node, lacking=True, next_at__lte=at).order_by("id")
        if _heard_since_it_was_away(peer):
            _try_at_once(peer, at)
        elif peer.next_at and peer.next_at > at:
            # The peer was away a moment ago: only news is worth an early try.
            due = due.filter(attempts=0)
        for row in due[:BATCH]:
            if not send(row, peer, at):
                break
            done += 1
            if peer.attempts:
                _try_at_once(peer, at)
                break
    return done


def _heard_since_it_was_away(peer: Peer) -> bool:
    if not peer.attempts or peer.next_at is None or peer.heard_at is None:
        return False
    return peer.heard_at > peer.next_at - _pause(peer.attempts - 1)


def _try_at_once(peer: Peer, at: datetime) -> None:
    """It is back: everything that was put off for its sake may go."""
    peer.attempts, peer.next_at = 0, None
    with write():
        Peer.objects.filter(pk=peer.pk).update(attempts=0, next_at=None)
        Outstanding.objects.filter(node=peer.node, lacking=True).update(next_at=at, attempts=0)


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=min(2 ** min(attempts, 9), LONGEST_PAUSE))


def send(row: Outstanding, peer: Peer, at: datetime) -> bool:
    """Send one case to one peer; return whether the peer could be reached."""
    extras: dict[str, Any] = {}
    # Twice at most: the second time with the papers or keys the peer asked for.
    for _ in range(2):
        raw = _transfer(row, peer, at, extras)
        try:
            reply = gateway.post(peer.url, raw)
            crashpoints.reached("sent-no-receipt")
            document = wire.read_answer(reply, request=raw, peer=peer.node, at=at)
        except (gateway.Unreachable, wire.MessageRefused) as error:
            _put_off(row, peer, at, str(error))
            return False
        crashpoints.reached("receipt-lost")
        extras = _wanted(document)
        if not extras:
            break
    _take_receipt(row, peer, document, at)
    return True


def _transfer(row: Outstanding, peer: Peer, at: datetime, extras: Mapping[str, Any]) -> bytes:
    held = adoption.heads_held(row.case)
    following = adoption.events_after(row.case, row.acknowledged)
    own = statements.over(row.case, held, at)
    seal = seals.latest(identity.fingerprint())
    same_epoch = seal is not None and seal["epoch"] == peer.held_epoch
    proof = {"from": peer.held_size, "path": seals.consistency(peer.held_size)} if same_epoch else None
    return wire.message(
        wire.TRANSFER, peer.node, at, case=row.case, events=[event.raw.decode() for event in following],
        statements=[own, *_covering(row.case, following)], seal=seal, proof=proof,
        epochs=[canon.decode(r.encode()) for r in EpochRecord.objects.filter(node=identity.fingerprint()).order_by(
            "epoch").values_list("raw", flat=True)],
        keys=extras.get("keys", {}),
        guides=extras.get("guides", []), agreements=extras.get("agreements", []),
    )  # fmt: skip


def _covering(case: str, following: Sequence[Event]) -> list[dict[str, Any]]:
    """Return, for each chain of another node, a statement by that node over its last event."""
    me = identity.fingerprint()
    last = {event.chain: event for event in following if event.node != me}
    if not last:
        return []
    found = []
    for document in statements.kept(case):
        for chain, event in last.items():
            if document["signer"] == event.node and document["heads"].get(chain) == [event.seq, event.hash]:
                found.append(document)
                break
    return found


def _wanted(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys and papers the peer asked for, as far as we hold them."""
    extras: dict[str, Any] = {}
    keys = {}
    for node in document.get("missing_keys", []):
        try:
            keys[node] = identity.chain_of(node).documents()
        except identity.UnknownNode:
            continue
    if keys:
        extras["keys"] = keys
    for name in document.get("missing_papers", []):
        try:
            extras.setdefault("guides", []).append(catalogue.guide_by_digest(name).signed)
        except NotFound:
            try:
                extras.setdefault("agreements", []).append(agreements.agreement_by_digest(name).document)
            except NotFound:
                continue
    if "guides" in extras or "agreements" in extras:
        nodes = {g["node"] for g in extras.get("guides", [])}
        extras["keys"] = {**keys, **{node: identity.chain_of(node).documents() for node in nodes}}
    return extras


def _take_receipt(row: Outstanding, peer: Peer, document: Mapping[str, Any], at: datetime) -> None:
    if document.get("forked"):
        adoption.note_fork(case=row.case, raws=document["forked"], sender=peer.node, at=at)
    receipt = document.get("statement")
    heads: dict[str, list[Any]] = {}
    if receipt is not None:
        try:
            statements.check(receipt, identity.chain_of(peer.node))
        except signed.BadSignature:
            receipt = None
    held = adoption.heads_held(row.case)
    if receipt is not None:
        heads = {
            chain: head for chain, head in receipt["heads"].items() if adoption.holds(row.case, chain, head)
        }
    lacking = any(head[0] > heads.get(chain, [0])[0] for chain, head in held.items())
    refused = document.get("refused")
    pause = _pause(row.attempts + 1)
    held_seal = document.get("held_seal") or {}
    peer.held_epoch = held_seal.get("epoch", peer.held_epoch)
    peer.held_size = held_seal.get("size", peer.held_size)
    peer.next_at = None
    with write():
        if receipt is not None:
            statements.keep(receipt)
        changes: dict[str, Any] = {"trouble": (refused or {}).get("sentence", "")[:200]}
        if receipt is not None:
            changes["acknowledged"] = heads
        stalled = lacking and heads == row.acknowledged
        changes |= {"attempts": row.attempts + 1 if stalled else 0, "next_at": at + pause if stalled else at}
        # News that came while we were sending keeps the row lacking.
        Outstanding.objects.filter(pk=row.pk, news=row.news).update(lacking=lacking, **changes)
        if receipt is not None:
            Outstanding.objects.filter(pk=row.pk).exclude(news=row.news).update(acknowledged=heads)
        Peer.objects.filter(pk=peer.pk).update(
            attempts=0, next_at=None, trouble="", reached_at=at,
            held_epoch=peer.held_epoch, held_size=peer.held_size,
        )  # fmt: skip


def _put_off(row: Outstanding, peer: Peer, at: datetime, why: str) -> None:
    later = at + _pause(peer.attempts)
    with write():
        Outstanding.objects.filter(pk=row.pk).update(
            attempts=row.attempts + 1, next_at=later, trouble=why[:200]
        )
        Peer.objects.filter(pk=peer.pk).update(attempts=peer.attempts + 1, next_at=later, trouble=why[:200])

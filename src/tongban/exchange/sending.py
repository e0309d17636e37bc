"""
Anti-entropy: for each matter and peer, send what follows the last heads the peer has signed for.

The chain is the sequence number, the duplicate check and the order; the peer's signed statement of the new
heads is the receipt. A failure is tried again without end, with growing pauses; news is tried at once. Each peer and each
matter fails alone: what cannot be sent is put off, with a sentence for the operator, and the next has its turn.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tongban.agreements import queries as agreements
from tongban.catalogue import queries as catalogue
from tongban.exchange import gateway, trust, wire
from tongban.exchange.models import Peer
from tongban.kernel import crashpoints, identity, pauses, storage
from tongban.kernel.crypto import canon, signed
from tongban.kernel.db import write
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import seals, statements, writing
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import parse_time
from tongban.kernel.journal.fold import State
from tongban.kernel.models import EpochRecord, Event, Outstanding
from tongban.kernel.time import timekeeping
from tongban.procedures import forks, holding

log = logging.getLogger(__name__)

BATCH = 100
TRIES = 4  # of one sending: with the papers, keys and proofs that the peer asked for


def send_to(peer: Peer, at: datetime) -> int:
    """Send one peer what is due to it; return how many matters got through."""
    done = 0
    # The oldest first, so that a peer that was away for a week catches up in order; but one at which it fails each time
    # keeps no other from its turn.
    waiting = Outstanding.objects.filter(node=peer.node, lacking=True).order_by("attempts", "id")
    due = waiting.filter(pauses.over(at))
    failed = _failed_at(peer)
    # Not from a time to come: that was noted by a clock that is right again.
    if failed and peer.heard_at and failed < peer.heard_at <= at:
        _try_at_once(peer, at)
    elif failed and pauses.lasts(peer.next_at, at):
        # The peer was away a moment ago: only news since is worth an early try, not all that still waits for the first.
        due = due.filter(attempts=0, next_at__gt=failed)
    for row in due[:BATCH]:
        try:
            document = _sent(row, peer, at)
        except gateway.Unreachable as error:
            _put_off(row, peer, at, str(error))
            break
        except _NotSealedYet:
            continue
        except Exception as error:
            if storage.refusal_of(error):
                raise  # about no matter at all: the lane rests and says so in one line
            # Whatever it is about this one matter: it waits, and the others go.
            log.exception("sending of one matter failed; it will be tried again")
            _put_off_alone(row, at, f"发送时出错（{type(error).__name__}），稍后重试。")
            continue
        if "refused" in document:
            _put_off_alone(row, at, document["refused"]["sentence"])
            continue
        with identity.keys_looked_up_once():
            _take_receipt(row, peer, document, at)
        done += 1
        if peer.attempts:
            _try_at_once(peer, at)
            break
    return done


class _NotSealedYet(Exception):
    """Something of ours in the matter is not sealed yet; in a moment it will be."""


def _failed_at(peer: Peer) -> datetime | None:
    """Return when a peer that is put off was last asked in vain."""
    return peer.next_at - _pause(peer.attempts - 1) if peer.next_at and peer.attempts else None


def _try_at_once(peer: Peer, at: datetime) -> None:
    """It is back: everything that was put off for its sake may go; what failed before comes after the rest all the same."""
    peer.attempts, peer.next_at = 0, None
    with write():
        Peer.objects.filter(pk=peer.pk).update(attempts=0, next_at=None)
        Outstanding.objects.filter(node=peer.node, lacking=True).update(next_at=at, trouble="")


def _pause(attempts: int) -> timedelta:
    return pauses.growing(timedelta(seconds=1), attempts)


def _sent(row: Outstanding, peer: Peer, at: datetime) -> dict[str, Any]:
    """Send one matter to one peer, with what it asks for on the way; return its last answer. Raises gateway.Unreachable."""
    extras: dict[str, Any] = {}
    document: dict[str, Any] = {}
    if peer.attempts:
        _ask_what_it_holds(peer, at)
    for _ in range(TRIES):
        with identity.keys_looked_up_once():  # not while the answer is waited for: keys may change meanwhile
            raw = _transfer(row, peer, at, extras)
        try:
            reply = gateway.post(peer.url, raw)
            crashpoints.reached("sent-no-receipt")
            with identity.keys_looked_up_once():
                document = wire.read_answer(reply, request=raw, kind=wire.TRANSFER, peer=peer.node, at=at)
        except wire.MessageRefused as error:
            raise gateway.Unreachable(str(error)) from None
        crashpoints.reached("receipt-lost")
        _note_answer(peer, document, at)
        wanted = _wanted(document)
        if wanted:
            extras = {**extras, **wanted}
        elif document.get("refused", {}).get("code") != seals.SealMissing.code:
            break
    return document


def _ask_what_it_holds(peer: Peer, at: datetime) -> None:
    """
    Ask which of our seals a peer holds that did not answer: it may have taken what we sent, and its answer was lost.

    A proof from the seal before would be a miss, and three of these put us in question. Raises gateway.Unreachable.
    """
    answer = trust.ask_for_seal(peer, at)
    if answer is None:
        raise gateway.Unreachable(peer.trouble or "没有应答")
    shown = answer.get("seal")  # a peer that does not say is sent to all the same
    try:
        seal = seals.check(shown, identity.chain_of(identity.fingerprint())) if shown else None
    except signed.BadSignature:
        return
    if seal is not None:
        peer.held_epoch, peer.held_size = seal["epoch"], seal["size"]
        with write():
            Peer.objects.filter(pk=peer.pk).update(held_epoch=seal["epoch"], held_size=seal["size"])


def _note_answer(peer: Peer, document: Mapping[str, Any], at: datetime) -> None:
    """Keep what an answer tells of the peer; of many in a second most tell nothing new."""
    held = document.get("held_seal") or {"epoch": peer.held_epoch, "size": peer.held_size}
    told = {"speaks": document["speaks"], "held_epoch": held["epoch"], "held_size": held["size"]}
    news = {name: value for name, value in told.items() if value != getattr(peer, name)}
    if not news and _just_reached(peer, at):
        return
    for name, value in news.items():
        setattr(peer, name, value)
    with write():
        if news:
            Peer.objects.filter(pk=peer.pk).update(**news)
        timekeeping.witness(peer.node, parse_time(document["at"]), at)


def _transfer(row: Outstanding, peer: Peer, at: datetime, extras: Mapping[str, Any]) -> bytes:
    state = holding.state_held(row.subject) or State(row.procedure, row.subject)
    following = holding.rows_after(row.subject, row.acknowledged)
    seal = seals.latest(identity.fingerprint())
    proof, inclusion = _proofs(peer, following, seal)
    own = statements.over(state, at)
    branches, signed_for = forks.to_send(row.subject)
    return wire.message(
        wire.TRANSFER, peer.node, at, procedure=row.procedure, subject=row.subject,
        events=[*(forks.as_sent(journal.read_row(one.raw, one.body)) for one in following), *branches],
        statements=[own, *_covering(state, following, at), *signed_for], seal=seal, proof=proof, inclusion=inclusion,
        seals=_passed_on(peer), epochs=_epochs(), keys=extras.get("keys", {}), papers=extras.get("papers", {}),
    )  # fmt: skip


def _proofs(
    peer: Peer, following: Sequence[Event], seal: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Return how our seal goes on from the one the peer holds, and where it holds the last of ours in each chain."""
    last = {f"{row.role}/{row.term}": row for row in following if row.own}
    if any(row.leaf is None for row in following if row.own):
        raise _NotSealedYet
    inclusion = []
    for chain, row in last.items():
        found = seals.inclusion(row, seal) if seal is not None else None
        if found is None:
            raise _NotSealedYet
        inclusion.append({"chain": chain, "seq": row.seq, "leaf": found["leaf"], "path": found["path"]})
    if seal is None or seal["epoch"] != peer.held_epoch:
        return None, inclusion
    return {"from": peer.held_size, "path": seals.consistency(peer.held_size, seal)}, inclusion


def _passed_on(peer: Peer) -> list[dict[str, Any]]:
    """Return the latest seals we hold of other nodes: who shows two faces is found where they meet."""
    others = Peer.objects.exclude(node=peer.node).exclude(state=Peer.State.REMOVED).order_by("pk")
    nodes = list(others.values_list("node", flat=True)[:20])
    held = seals.latest_of(nodes)
    return [held[node] for node in nodes if node in held]


def _epochs() -> list[Any]:
    records = EpochRecord.objects.filter(node=identity.fingerprint()).order_by("epoch")
    return [canon.decode(raw.encode()) for raw in records.values_list("raw", flat=True)]


def _covering(state: State, following: Sequence[Event], at: datetime) -> list[dict[str, Any]]:
    """Return, for each chain of another node, a statement by that node over its last event."""
    me = identity.fingerprint()
    last = {f"{row.role}/{row.term}": row for row in following if row.node != me}
    if not last:
        return []
    found = []
    for document in statements.kept(state.subject):
        for chain, row in last.items():
            if document["signer"] == row.node and document["heads"].get(chain) == [row.seq, row.hash]:
                found.append(document)
                break
    return found


def _wanted(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys and papers the peer asked for, as far as we hold them."""
    keys: dict[str, Any] = {}
    papers: dict[str, Any] = {}
    nodes = set(document.get("missing_keys", []))
    for name in document.get("missing_papers", []):
        try:
            papers[name] = catalogue.guide_by_digest(name).signed
            nodes.add(papers[name]["node"])
        except NotFound:
            try:
                papers[name] = agreements.agreement_by_digest(name).document
                nodes |= {party["node"] for party in papers[name]["parties"]}
            except NotFound:
                continue
    for node in nodes:
        try:
            keys[node] = identity.chain_of(node).documents()
        except identity.UnknownNode:
            continue
    return {name: value for name, value in (("keys", keys), ("papers", papers)) if value}


def _take_receipt(row: Outstanding, peer: Peer, document: Mapping[str, Any], at: datetime) -> None:
    receipt, state = document.get("statement"), holding.state_held(row.subject)
    heads: dict[str, list[Any]] = {}
    good = state is not None and isinstance(receipt, dict) and holding.is_good_statement(receipt, state, at)
    if good and state is not None and receipt is not None and receipt["signer"] == peer.node:
        heads = {
            chain: head for chain, head in receipt["heads"].items() if holding.stands_at(state, chain, head)
        }
    held = state.heads if state else {}
    lacking = any(head[0] > heads.get(chain, [0])[0] for chain, head in held.items())
    # Who signs for no more than before, or for less, has not gone on: it is asked again after a pause.
    further = any(head[0] > row.acknowledged.get(chain, [0])[0] for chain, head in heads.items())
    stalled = lacking and not further
    signed_for = {"acknowledged": heads} if heads else {}
    pause = _pause(row.attempts + 1) if stalled else timedelta(0)
    changes = {
        "trouble": "对方报告记录分叉，请人工核查。" if document.get("forked") else "", "lacking": lacking,
        "attempts": row.attempts + 1 if stalled else 0, "next_at": at + pause, **signed_for,
    }  # fmt: skip
    besides = [statements.kept_as(receipt)] if heads and receipt is not None else []
    if not _just_reached(peer, at):
        reached = {"attempts": 0, "next_at": None, "trouble": "", "reached_at": at}
        besides.append(writing.Update(Peer, {"id": peer.pk}, reached))
    try:
        news = {"id": row.pk, "news": row.news}
        writing.store([*besides, writing.Update(Outstanding, news, changes, must=True)])
    except writing.NotAsExpected:
        # News that came while we were sending keeps the row lacking; where the peer has signed for all of it since, its newer word stands.
        signs = (
            [writing.Update(Outstanding, {"id": row.pk, "lacking": True}, signed_for)] if signed_for else []
        )
        writing.store([*besides, *signs])
    peer.next_at, peer.reached_at = None, at


def _just_reached(peer: Peer, at: datetime) -> bool:
    """Return whether it is written down already that a peer is reached, and that nothing is wrong with it."""
    return not (peer.attempts or peer.next_at or peer.trouble) and pauses.is_recent(peer.reached_at, at)


def _put_off(row: Outstanding, peer: Peer, at: datetime, why: str) -> None:
    """The peer does not answer, or not as a peer: everything for it waits."""
    later = at + _pause(peer.attempts)
    with write():
        Outstanding.objects.filter(pk=row.pk).update(
            attempts=row.attempts + 1, next_at=later, trouble=why[:200]
        )
        Peer.objects.filter(pk=peer.pk).update(attempts=peer.attempts + 1, next_at=later, trouble=why[:200])


def _put_off_alone(row: Outstanding, at: datetime, why: str) -> None:
    """This one matter cannot be sent now; the peer's others can."""
    later = at + _pause(row.attempts + 1)
    with write():
        Outstanding.objects.filter(pk=row.pk).update(
            attempts=row.attempts + 1, next_at=later, trouble=why[:200]
        )

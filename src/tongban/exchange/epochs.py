"""
Coming back from a backup (docs/protocol.md §13).

A restored node begins a new epoch and only reads until every peer has returned what it holds; then it
declares in a signed record how much is lost. Peers keep the record: it alone lets a new tree of seals begin.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.exchange import gateway, wire
from tongban.exchange.asking import ask
from tongban.exchange.models import Peer
from tongban.kernel import identity, limits
from tongban.kernel.crypto import canon, keyring, signed, sm
from tongban.kernel.crypto.keychain import BrokenKeyChain, KeyChain
from tongban.kernel.db import write
from tongban.kernel.journal import keychanges, nodechain, seals
from tongban.kernel.journal.epochs import FORMAT, is_well_formed
from tongban.kernel.journal.events import format_time
from tongban.kernel.models import EpochRecord, Event


def recover(at: datetime) -> bool:
    """
    Go on with recovery: ask every peer, and finish when all have returned everything, or a human has skipped them.

    Each peer is asked whatever another answers. Returns whether the node may write again.
    """
    node = identity.row()
    if not node.recovering:
        return True
    peers = Peer.objects.filter(state__in=[Peer.State.ACTIVE, Peer.State.QUESTIONED]).order_by("pk")
    seals_held, waiting = [], False
    for peer in peers:
        if peer.skipped:
            continue
        document = _ask(peer, node.epoch, at)
        if document is None:
            waiting = True
            continue
        with write():
            _remember_own_keys(document["your_chain"], at)
            Peer.objects.filter(pk=peer.pk).update(returned=True, trouble="")
        if document["left"] or not peer.returned:
            waiting = True
            continue
        seals_held.append(_own_seal(document["seal"], node.fingerprint))
    if waiting:
        return False
    _finish([seal for seal in seals_held if seal is not None], at)
    return True


def _ask(peer: Peer, epoch: int, at: datetime) -> dict[str, Any] | None:
    try:
        document = ask(peer, wire.RECOVERY, at, epoch=epoch, begin=not peer.returned)
    except (gateway.Unreachable, wire.MessageRefused) as error:
        _note(peer, str(error))
        return None
    if "refused" in document:
        _note(peer, document["refused"]["sentence"])
        return None
    return document


def _own_seal(shown: Any, own: str) -> dict[str, Any] | None:
    """Return a seal that a peer shows as ours, if we did sign it: what we confess rests on nobody's word."""
    try:
        return seals.check(shown, identity.chain_of(own))
    except signed.BadSignature:
        return None


def _remember_own_keys(records: Any, at: datetime) -> None:
    """Take back the part of our own key chain that the backup had not seen, if the keys are in our folder."""
    try:
        chain = KeyChain.verify(records)
        known = identity.chain_of(identity.fingerprint())
        if chain.root == known.root and chain.extends(known) and chain != known:
            keyring.sign_key(settings.NODE.keys, chain.current.number)
            identity.remember(chain)
            keychanges.tell(known, at=at)
    except (BrokenKeyChain, sm.KeyUnreadable, OSError, TypeError):
        return


def _finish(seals_held: Iterable[Mapping[str, Any]], at: datetime) -> None:
    node = identity.row()
    before = [s for s in seals_held if s["epoch"] < node.epoch]
    newest = max(before, key=lambda s: (s["epoch"], s["size"]), default=None)
    held = Event.objects.filter(own=True, epoch__lte=newest["epoch"]).count() if newest else 0
    lost = max(0, newest["size"] - held) if newest else 0
    skipped = sorted(Peer.objects.exclude(skipped="").values_list("node", flat=True))
    record = identity.sign(
        {
            "format": FORMAT,
            "node": node.fingerprint,
            "epoch": node.epoch,
            "at": format_time(at),
            "previous": {"epoch": newest["epoch"], "size": newest["size"], "root": newest["root"]}
            if newest
            else None,
            # Events the last seal counted that neither the backup nor any peer holds: lost, and said so.
            "lost": lost,
            "skipped": skipped,
        }
    )
    with write():
        row, _ = EpochRecord.objects.update_or_create(
            node=node.fingerprint, epoch=node.epoch, defaults={"raw": canon.encode(record).decode()}
        )
        node.recovering = False
        node.save(update_fields=["recovering"])
        Peer.objects.update(returned=False, held_epoch=0, held_size=0, skipped="")
        nodechain.tell(
            "epoch_declared",
            row,
            at=at,
            epoch=node.epoch,
            lost=min(lost, limits.INTEGER),
            skipped=len(skipped),
        )


def take(records: Iterable[Mapping[str, Any]], sender: str, at: datetime) -> None:
    """
    Keep the epoch records a peer shows of itself; what is signed by a key that is revoked now, and new, counts for nothing.

    Raises:
        MessageRefused: one is no epoch record, or not of the peer.
    """
    chain = identity.chain_of(sender)
    for record in records:
        if not is_well_formed(record) or record["node"] != sender:
            raise wire.MessageRefused(
                "消息所附的纪元记录格式不符，或属于另一节点，未处理。请对方检查后重发。"
            )
        signed.check(record, chain)
        try:
            signed.check(record, chain, at)
        except signed.BadSignature:
            continue
        with write():
            EpochRecord.objects.get_or_create(
                node=sender, epoch=record["epoch"], defaults={"raw": canon.encode(record).decode()}
            )


def _note(peer: Peer, why: str) -> None:
    with write():
        Peer.objects.filter(pk=peer.pk).update(trouble=why[:200])

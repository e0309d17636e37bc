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
from tongban.exchange.models import Peer
from tongban.kernel import canon, identity, keyring, signed, sm
from tongban.kernel.db import write
from tongban.kernel.events import format_time
from tongban.kernel.keychain import BrokenKeyChain, KeyChain
from tongban.kernel.models import EpochRecord, Event

FORMAT = "tongban-epoch/1"


def recover(at: datetime) -> bool:
    """
    Go on with recovery: ask every peer, and finish when all have returned everything.

    Returns whether the node may write again.
    """
    node = identity.row()
    if not node.recovering:
        return True
    peers = list(Peer.objects.filter(state__in=[Peer.State.ACTIVE, Peer.State.QUESTIONED]).order_by("pk"))
    seals_held = []
    for peer in peers:
        raw = wire.message(wire.RECOVERY, peer.node, at, epoch=node.epoch, begin=not peer.returned)
        try:
            document = wire.read_answer(gateway.post(peer.url, raw), request=raw, peer=peer.node, at=at)
        except (gateway.Unreachable, wire.MessageRefused) as error:
            _note(peer, str(error))
            return False
        if "left" not in document:
            _note(peer, (document.get("refused") or {}).get("sentence", ""))
            return False
        with write():
            _remember_own_keys(document.get("your_chain"))
            Peer.objects.filter(pk=peer.pk).update(returned=True, trouble="")
        if document["left"] or not peer.returned:
            return False
        seals_held.append(document.get("seal"))
    _finish(seals_held, at)
    return True


def _remember_own_keys(records: Any) -> None:
    """Take back the part of our own key chain that the backup had not seen, if the keys are in our folder."""
    try:
        chain = KeyChain.verify(records)
        known = identity.chain_of(identity.fingerprint())
        if chain.root == known.root and chain.extends(known) and chain != known:
            keyring.sign_key(settings.NODE.keys, chain.current.number)
            identity.remember(chain)
    except (BrokenKeyChain, sm.KeyUnreadable, OSError, TypeError):
        return


def _finish(seals_held: Iterable[Mapping[str, Any] | None], at: datetime) -> None:
    node = identity.row()
    before = [s for s in seals_held if s is not None and s["epoch"] < node.epoch]
    newest = max(before, key=lambda s: (s["epoch"], s["size"]), default=None)
    held = Event.objects.filter(own=True, epoch__lte=newest["epoch"]).count() if newest else 0
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
            "lost": max(0, newest["size"] - held) if newest else 0,
        }
    )
    with write():
        EpochRecord.objects.update_or_create(
            node=node.fingerprint, epoch=node.epoch, defaults={"raw": canon.encode(record).decode()}
        )
        node.recovering = False
        node.save(update_fields=["recovering"])
        Peer.objects.update(returned=False, held_epoch=0, held_size=0)


def take(records: Iterable[Mapping[str, Any]], sender: str) -> None:
    """Keep the epoch records a peer shows of itself, if they are signed by it."""
    chain = identity.chain_of(sender)
    for record in records:
        if record.get("format") != FORMAT or record.get("node") != sender:
            continue
        try:
            signed.check(record, chain)
        except signed.BadSignature:
            continue
        with write():
            EpochRecord.objects.get_or_create(
                node=sender, epoch=record["epoch"], defaults={"raw": canon.encode(record).decode()}
            )


def _note(peer: Peer, why: str) -> None:
    with write():
        Peer.objects.filter(pk=peer.pk).update(trouble=why[:200])

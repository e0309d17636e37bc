"""
What a peer's behaviour comes to: missed seals, two faces, a clock that stands elsewhere (docs/protocol.md §7).

A peer in question is neither served nor sent to until a human has looked.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from tongban.exchange import gateway, wire
from tongban.exchange.asking import ask
from tongban.exchange.models import Peer
from tongban.kernel.db import write
from tongban.kernel.journal import nodechain, seals
from tongban.kernel.journal.events import parse_time
from tongban.kernel.time import timekeeping

MISSES = 3


def missed(peer: Peer, at: datetime) -> None:
    """Note that a peer sent new events without a seal that goes on from the one we hold; after three, it is in question."""
    with write():
        Peer.objects.filter(pk=peer.pk).update(seal_misses=F("seal_misses") + 1)
        peer.refresh_from_db(fields=["seal_misses"])
    if peer.seal_misses >= MISSES:
        question(peer.node, "连续三次没有附上能接续的封存声明，已暂停交换。请联系对方核查后恢复。", at)


def kept_its_word(peer: Peer) -> None:
    """Forget earlier misses."""
    if peer.seal_misses:
        with write():
            Peer.objects.filter(pk=peer.pk).update(seal_misses=0)


def question(node: str, why: str, at: datetime) -> None:
    """Put a node in question, with a sentence for the operator."""
    with write():
        active = Peer.objects.filter(node=node, state=Peer.State.ACTIVE)
        if active.update(state=Peer.State.QUESTIONED, trouble=why[:200]):
            nodechain.tell("peer_questioned", Peer.objects.get(node=node), at=at, node=node)


def compare(shown: Sequence[Any], at: datetime) -> None:
    """Compare the seals of third nodes that a peer passes on with what these nodes showed us."""
    for node in seals.two_faces(shown, at):
        question(
            node, "向不同节点出示了互相矛盾的封存声明，已暂停交换。请联系该节点和转来声明的节点核查。", at
        )


def hear(peer: Peer, at: datetime) -> int:
    """Hear a peer once, whatever there is to send, and so what its clock shows; return 1 if it answers."""
    return int(ask_for_seal(peer, at) is not None)


def ask_for_seal(peer: Peer, at: datetime) -> dict[str, Any] | None:
    """
    Return what a peer answers who is asked for the seal of ours that it holds, or nothing if no answer came.

    It may be a refusal; the signature of the seal in it is not looked at yet.
    """
    try:
        document = ask(peer, wire.SEALS, at)
    except (gateway.Unreachable, wire.MessageRefused):
        return None
    timekeeping.witness(peer.node, parse_time(document["at"]), at)
    return document

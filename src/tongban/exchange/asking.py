"""A question to a peer and its signed answer, in one go."""

from datetime import datetime
from typing import Any

from tongban.exchange import gateway, wire
from tongban.exchange.models import Peer


def ask(peer: Peer, kind: str, at: datetime, **members: Any) -> dict[str, Any]:
    """
    Send a peer a message of a kind with these members, and return the document of its answer, which may be a refusal.

    Raises:
        gateway.Unreachable: it does not answer. wire.MessageRefused: what came is no answer of it to this.
    """
    raw = wire.message(kind, peer.node, at, **members)
    return wire.read_answer(gateway.post(peer.url, raw), request=raw, kind=kind, peer=peer.node, at=at)

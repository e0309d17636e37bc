"""Fetching content by digest, chunk by chunk, from where the last attempt stopped."""

import base64
from datetime import datetime, timedelta

from tongban.exchange import gateway, wire
from tongban.exchange.models import Peer
from tongban.kernel import crashpoints, identity, sm, vault
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.models import Content

PAUSE = timedelta(seconds=5)


def fetch_all(at: datetime, *, limit: int = 50) -> set[str]:
    """Fetch missing content that is due; return the cases of which something became complete."""
    done: set[str] = set()
    away: set[str] = set()
    due = Content.objects.filter(complete=False, next_at__lte=at).order_by("next_at", "id")
    for content in list(due[:limit]):
        if content.source in away:
            continue
        try:
            if fetch(content, at):
                done.add(content.case)
        except (gateway.Unreachable, wire.MessageRefused, sm.Tampered, DomainError):
            away.add(content.source)
            with write():
                Content.objects.filter(pk=content.pk).update(next_at=at + PAUSE)
    return done


def fetch(content: Content, at: datetime) -> bool:
    """
    Fetch the rest of one piece of content; return whether it is complete.

    Raises:
        gateway.Unreachable, wire.MessageRefused: the source did not give it; what was fetched stays.
        sm.Tampered: what came does not fit its digest and was dropped.
    """
    peer = Peer.objects.filter(node=content.source, state=Peer.State.ACTIVE).first()
    if peer is None:
        raise gateway.Unreachable("来源节点不是有效的对方节点")
    while not content.complete:
        index = content.chunks
        raw = wire.message(
            wire.CONTENT_REQUEST, peer.node, at, case=content.case, digest=content.digest, index=index
        )
        reply = wire.read_answer(gateway.post(peer.url, raw), request=raw, peer=peer.node, at=at)
        if "sealed" not in reply:
            raise gateway.Unreachable((reply.get("refused") or {}).get("sentence", "对方没有给出内容"))
        key = identity.wrap_key(reply["key_number"]).unwrap(bytes.fromhex(reply["wrapped"]))
        aad = f"{content.case}|{content.digest}|{index}|{identity.fingerprint()}".encode()
        piece = sm.sm4_open(key, base64.b64decode(reply["sealed"]), aad)
        try:
            with write():
                vault.add_chunk(content, piece)
        except sm.Tampered:
            with write():  # a transaction of its own: the other was undone
                vault.begin_again(content)
            raise
        crashpoints.reached("middle-of-file")
    return content.complete

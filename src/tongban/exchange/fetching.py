"""
Fetching content by digest, chunk by chunk, from where the last attempt stopped.

Each piece fails alone: what its source does not give, or gives wrongly, is put off with growing pauses.
"""

import base64
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from tongban.exchange import gateway, wire
from tongban.exchange.asking import ask
from tongban.exchange.models import Peer
from tongban.kernel import crashpoints, identity, pauses, storage, vault
from tongban.kernel.crypto import sm
from tongban.kernel.crypto.keychain import SUITE
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.models import Content
from tongban.procedures import holding

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=5)
BATCH = 50
SLICE = 64  # chunks of one piece in a row, so that a large one does not keep the others waiting


def fetch_from(source: str, at: datetime) -> set[str]:
    """Fetch what is due of one source; return the matters of which something became complete."""
    done: set[str] = set()
    due = Content.objects.filter(pauses.over(at), complete=False, source=source).order_by("next_at", "id")
    for content in list(due[:BATCH]):
        try:
            if fetch(content, at):
                done.add(content.subject)
        except gateway.Unreachable:
            _put_off(content, at)
            break
        except (wire.MessageRefused, sm.Tampered, DomainError):
            _put_off(content, at)
        except Exception as error:
            if storage.refusal_of(error):
                raise  # about no piece at all: the lane rests and says so in one line
            log.exception("fetching of one piece of content failed; it will be tried again")
            _put_off(content, at)
    return done


def _put_off(content: Content, at: datetime) -> None:
    with write():
        pause = pauses.growing(PAUSE, content.attempts)
        Content.objects.filter(pk=content.pk).update(next_at=at + pause, attempts=content.attempts + 1)


def fetch(content: Content, at: datetime) -> bool:
    """
    Fetch more of one piece of content; return whether it is complete.

    Raises:
        gateway.Unreachable: the source does not answer; what was fetched stays.
        wire.MessageRefused: the source did not give it, or its answer is not one.
        sm.Tampered: what came does not fit its digest and was dropped.
    """
    peer = Peer.objects.filter(node=content.source, state=Peer.State.ACTIVE).first()
    if peer is None:
        raise gateway.Unreachable("来源节点不是有效的对方节点")
    for _ in range(SLICE):
        if content.complete:
            break
        piece = _piece(content, peer, at)
        try:
            with write():
                vault.add_chunk(content, piece)
        except sm.Tampered:
            with write():  # a transaction of its own: the other was undone
                vault.begin_again(content)
            raise
        crashpoints.reached("middle-of-file")
    return content.complete


def _piece(content: Content, peer: Peer, at: datetime) -> bytes:
    index, subject = content.chunks, content.subject
    held = holding.state_held(subject)
    reply = ask(
        peer, wire.CONTENT_REQUEST, at, procedure=held.procedure if held else "", subject=subject, digest=content.digest,
        index=index,
    )  # fmt: skip
    if "refused" in reply:
        raise wire.MessageRefused(reply["refused"]["sentence"])
    try:
        if reply["key_number"] > len(identity.chain_of(identity.fingerprint()).records):
            raise ValueError("no such key of ours")
        key = identity.wrap_key(reply["key_number"]).unwrap(_named(reply["wrapped"], SUITE, bytes.fromhex))
        sealed = _named(reply["sealed"], wire.CIPHER, lambda text: base64.b64decode(text, validate=True))
        aad = f"{subject}|{content.digest}|{index}|{identity.fingerprint()}".encode()
        return sm.sm4_open(key, sealed, aad)
    except (ValueError, OSError):  # also of bad hex, bad base64, a key that cannot be read
        raise sm.Tampered("what came cannot be opened") from None


def _named(text: str, name: str, decode: Callable[[str], bytes]) -> bytes:
    """Return what a text holds, whose algorithm must be ours."""
    suite, _, rest = text.partition(":")
    if suite != name:
        raise ValueError("unknown suite")
    return decode(rest)

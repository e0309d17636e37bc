"""
What the node's own chain takes in from time to time: the records of access, and the peers' seals it holds.

A seal of a peer in our chain, under our own seals, is a witness that neither of us can take back.
"""

from datetime import datetime, timedelta

from django.conf import settings

from tongban.kernel import accesses, identity
from tongban.kernel.crypto import digest
from tongban.kernel.journal import blocks, nodechain
from tongban.kernel.models import Seal

SEALS_EVERY = timedelta(days=1)
SEALS_AT_ONCE = 200  # in one entry: its body must not grow too large


def take_accesses(at: datetime) -> int:
    """Take records of access into a block, if it is time; nobody waits for it, so nothing counts as done."""
    blocks.take(accesses.SOURCE, at)
    return 0


def forget_accesses(at: datetime) -> int:
    """Delete records of access that are sealed and have been kept as long as the node is told to."""
    blocks.forget(accesses.SOURCE, accesses.FORGOTTEN, at, kept=timedelta(days=settings.NODE.records_days))
    return 0


def note_seals(at: datetime) -> int:
    """Write down, once a day, which seals of peers are held that were not a day ago."""
    last = nodechain.last_of("seals_held")
    if last is not None and last.at > at - SEALS_EVERY:
        return 0
    rows = Seal.objects.exclude(node=identity.fingerprint()).order_by("node", "epoch", "size")
    told = nodechain.seals_told()
    held = {row.node: [row.epoch, str(row.size), digest.of(row.raw.encode())] for row in rows}
    new = [(node, seal) for node, seal in sorted(held.items()) if told.get(node) != seal]
    for start in range(0, len(new), SEALS_AT_ONCE):
        some = dict(new[start : start + SEALS_AT_ONCE])
        nodechain.write("seals_held", given={"held": some}, at=at)
    return 0


STEPS = (take_accesses, note_seals, forget_accesses)

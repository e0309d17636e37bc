"""
Forks (分叉): two events at one place of one chain, both signed for by the node bound to it (docs/protocol.md §13).

Both branches are kept, the case is frozen on this side, and the other is told. No program decides which is right.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.kernel import identity
from tongban.kernel.crypto import canon, digest
from tongban.kernel.db import write
from tongban.kernel.journal import events, statements
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Evidence, Fork, SealedHead
from tongban.procedures import branches, recording, reviewing


def keep(
    state: State, held: Sequence[Event], branch: Sequence[Event], signed_for: Sequence[Mapping[str, Any]], sender: str,
    at: datetime,
) -> tuple[State, list[dict[str, Any]]]:  # fmt: skip
    """
    Keep events of another branch as evidence, with the statements that sign for them, and freeze the case.

    Returns the state then and our own events at these places.
    """
    places = {(event.chain, event.seq): event for event in held}
    first = min((event for event in branch), key=lambda event: event.seq)
    ours = [places[place] for event in branch if (place := (event.chain, event.seq)) in places]
    known = set(Fork.objects.filter(hash__in=[event.hash for event in branch]).values_list("hash", flat=True))
    if all(event.hash in known for event in branch):
        return state, [as_sent(event) for event in ours]  # heard before, and perhaps settled since
    with write():
        for event in branch:
            Fork.objects.get_or_create(
                hash=event.hash,
                defaults={
                    "subject": event.subject, "chain": event.chain, "seq": event.seq, "sender": sender, "at": at,
                    "raw": event.raw.decode(), "body": (event.body_raw or b"").decode(),
                },
            )  # fmt: skip
        for document in signed_for:
            remember(Evidence.STATEMENT, event.subject, document)
        named = places.get((first.chain, first.seq), first)
        try:
            steps = reviewing.park(state, list(held), "fork", named, at)
        except reviewing.CannotPark:
            steps = []  # the evidence is kept all the same
        if steps:
            recording.record(steps, own=identity.fingerprint(), at=at)
    after = steps[-1].after if steps else state
    return after, [as_sent(event) for event in ours]


def remember(kind: str, subject: str, document: Mapping[str, Any]) -> None:
    """Keep a signed document about a fork; the same one twice is one."""
    raw = canon.encode(document).decode()
    Evidence.objects.get_or_create(
        hash=digest.of(raw.encode()), defaults={"subject": subject, "kind": kind, "raw": raw}
    )


def shown(subject: str) -> dict[str, Any]:
    """Return what a dossier shows of other branches: their events, who signed for them, and what was settled."""
    rows = list(Fork.objects.filter(subject=subject).order_by("chain", "seq", "id"))
    others = [events.read(row.raw.encode()) for row in rows]
    hashes = {event.hash for event in others}
    return {
        "events": [event.document for event in others],
        "statements": [
            document
            for document in branches.evidence(Evidence.STATEMENT, subject)
            if any(head[1] in hashes for head in document["heads"].values())
        ],
        "settlements": branches.settlements(subject),
    }  # fmt: skip


def to_send(subject: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the branches of unsettled forks as they travel, and who signed for them: the other side has to see them too."""
    if Evidence.objects.filter(subject=subject, kind=Evidence.SETTLEMENT).exists():
        return [], []
    rows = Fork.objects.filter(subject=subject).order_by("chain", "seq", "id")
    sent = [as_sent(journal.read_row(row.raw, row.body)) for row in rows]
    return sent, shown(subject)["statements"] if sent else []


def as_sent(event: Event) -> dict[str, Any]:
    """Return an event as it travels: envelope and body as canonical text."""
    body = event.body_raw
    return {"event": event.raw.decode(), "body": None if body is None else body.decode()}


def side_by_side(subject: str) -> list[dict[str, Any]]:
    """Return the first event of each branch of each fork of a matter: who signed for it, who sealed it, what rests on it."""
    held = journal.events_of(subject)
    others = [
        events.read(row.raw.encode()) for row in Fork.objects.filter(subject=subject).order_by("seq", "id")
    ]
    documents = [*statements.kept(subject), *shown(subject)["statements"]]
    found = []
    for chain in sorted({event.chain for event in others}):
        seq = min(event.seq for event in others if event.chain == chain)
        at_once = [event for event in [*held, *others] if (event.chain, event.seq) == (chain, seq)]
        found += [_told(event, event in held, held, documents) for event in at_once]
    return found


def _told(
    event: Event, here: bool, held: Sequence[Event], documents: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    signed_by = {
        one["signer"] for one in documents if one["heads"].get(event.chain, [0, ""])[1] == event.hash
    }
    if here:
        later = {other.hash for other in held if other.chain == event.chain and other.seq >= event.seq}
        signed_by = {one["signer"] for one in documents if one["heads"].get(event.chain, [0, ""])[1] in later}
    sealed = (
        SealedHead.objects.filter(subject=event.subject, chain=event.chain, seq__gte=event.seq)
        if here
        else []
    )
    seen = [
        f"{other.chain} 第 {other.seq} 条"
        for other in held
        if here and other.seen.get(event.chain, [0])[0] >= event.seq
    ]
    return {
        "chain": event.chain, "seq": event.seq, "hash": event.hash, "kind": event.kind,
        "at": event.document["at"], "held": here, "signed_by": sorted(signed_by),
        "sealed_by": sorted({event.node for _ in sealed}), "seen_by": seen,
    }  # fmt: skip

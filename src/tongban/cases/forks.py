"""
Forks (分叉): two events at one place of one chain, both signed for by the node bound to it (docs/protocol.md §13).

Both branches are kept, the case is frozen on this side, and the other is told. No program decides which is right.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.cases import recording, reviewing
from tongban.kernel import canon, digest, events, identity
from tongban.kernel.db import write
from tongban.kernel.events import Event
from tongban.kernel.fold import State
from tongban.kernel.models import Evidence, Fork


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
    with write():
        for event in branch:
            Fork.objects.get_or_create(
                hash=event.hash,
                defaults={
                    "subject": event.subject, "chain": event.chain, "seq": event.seq, "raw": event.raw.decode(),
                    "sender": sender, "at": at,
                },
            )  # fmt: skip
        for document in signed_for:
            remember(Evidence.STATEMENT, event.subject, document)
        named = places.get((first.chain, first.seq), first)
        steps = reviewing.park(state, list(held), "fork", named, at)
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
    branches = [events.read(row.raw.encode()) for row in rows]
    hashes = {event.hash for event in branches}
    kept: list[Any] = [canon.decode(raw.encode()) for raw in Evidence.objects.filter(subject=subject, kind=Evidence.STATEMENT)
            .order_by("id").values_list("raw", flat=True)]  # fmt: skip
    settled = Evidence.objects.filter(subject=subject, kind=Evidence.SETTLEMENT).order_by("id")
    return {
        "events": [event.document for event in branches],
        "statements": [
            document for document in kept if any(head[1] in hashes for head in document["heads"].values())
        ],
        "settlements": [canon.decode(raw.encode()) for raw in settled.values_list("raw", flat=True)],
    }  # fmt: skip


def as_sent(event: Event) -> dict[str, Any]:
    """Return an event as it travels: envelope and body as canonical text."""
    body = event.body_raw
    return {"event": event.raw.decode(), "body": None if body is None else body.decode()}

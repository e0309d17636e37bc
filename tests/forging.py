"""
A peer that lies with its own true key: events nobody's rules made, statements over any heads, a seal that counts them.

All that a lying administration can do is done here; what it cannot do (sign for another) is not.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.world import World
from tongban.cases.procedure import NAME
from tongban.exchange import receiving, wire
from tongban.kernel import identity
from tongban.kernel.crypto import digest
from tongban.kernel.journal import events, merkle, seals
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event, format_time
from tongban.kernel.models import Event as EventRow
from tongban.procedures import forks

NOBODY_SIGNED = {"event": "{}", "body": None}
STAFF = "0" * 25 + "1"  # somebody's pseudonym


def forged(event: Event, *, content: Sequence[Mapping[str, Any]] | None = None, **changes: Any) -> Event:
    """Return the event with members of envelope or body changed, and everything hashed again."""
    apart = ("format", "suite", "hash", "body", "content")
    members = {name: value for name, value in event.document.items() if name not in apart}
    body = {"actor": event.actor, "given": event.given}
    return events.mint(
        **{**members, **body, **changes}, content=event.content if content is None else content
    )


def after(event: Event, **changes: Any) -> Event:
    """Return an event that follows another in its chain, with no effects unless some are given."""
    empty: dict[str, Any] = {"given": {}, "effects": {}, "content": []}
    return forged(event, **{**empty, "seq": event.seq + 1, "prev": event.hash, **changes})


def officer(world: World, number: str, node: str = "jiashan") -> dict[str, Any]:
    """Return the actor of an event by somebody of the very organisation that handles a case."""
    from tests import stories

    return {
        **events.NOBODY, "kind": "staff", "org": stories.case_on(world, node, number).handling_org, "post": "decider",
        "staff": STAFF, "channel": "desk", "assurance": 3,
    }  # fmt: skip


def last_of(world: World, node: str, number: str, role: str) -> Event:
    """Return the last event of a role's chain as a node holds it."""
    with world.on(node):
        return max((e for e in journal.events_of(number) if e.role == role), key=lambda e: (e.term, e.seq))


def statement(
    world: World, signer: str, number: str, heads: Mapping[str, Any], **members: Any
) -> dict[str, Any]:
    """Return a statement of heads as a node signs it."""
    with world.on(signer) as node:
        return identity.sign(
            {
                "format": "tongban-heads/2", "procedure": NAME, "subject": number, "signer": node.fingerprint,
                "at": format_time(world.at), "heads": dict(heads), "keys": {node.fingerprint: 1}, **members,
            }
        )  # fmt: skip


def shown(world: World, sender: str, receiver: str, fresh: Sequence[Event]) -> dict[str, Any]:
    """Return the seal of a node's tree with more leaves, how it goes on from what the receiver holds, and where they are."""
    with world.on(sender) as node:
        old = (
            EventRow.objects.filter(own=True, leaf__isnull=False)
            .order_by("leaf")
            .values_list("hash", flat=True)
        )
        own = [event for event in fresh if event.node == node.fingerprint and event.hash not in set(old)]
        leaves = [merkle.leaf_hash(digest.raw(hash_)) for hash_ in [*old, *(event.hash for event in own)]]
        before = seals.latest(node.fingerprint)
        seal = identity.sign(
            {
                "format": "tongban-seal/2", "node": node.fingerprint, "epoch": before["epoch"] if before else 1,
                "size": len(leaves), "root": digest.write(merkle.root(leaves)), "at": format_time(world.at),
                "previous": "" if before is None else digest.of(b"whatever was before"),
            }
        )  # fmt: skip
    with world.on(receiver):
        held = seals.latest(seal["node"])

    def get(level: int, index: int) -> bytes:
        return merkle.root(leaves[index << level : (index + 1) << level])

    def texts(path: Sequence[bytes]) -> list[str]:
        return [digest.write(step) for step in path]

    start = held["size"] if held else 0
    going_on = merkle.consistency_proof(start, len(leaves), get) if 0 < start < len(leaves) else []
    last = {event.chain: (index, event) for index, event in enumerate(own, start=len(leaves) - len(own))}
    inclusion = [
        {"chain": chain, "seq": event.seq, "leaf": leaf, "path": texts(merkle.inclusion_proof(leaf, len(leaves), get))}
        for chain, (leaf, event) in last.items()
    ]  # fmt: skip
    return {"seal": seal, "proof": {"from": start, "path": texts(going_on)}, "inclusion": inclusion}


def transfer(
    world: World, number: str, fresh: Sequence[Event], sender: str = "jiashan", receiver: str = "qingyang",
    heads: Mapping[str, Any] | None = None, procedure: str = NAME, **members: Any,
) -> bytes:  # fmt: skip
    """Return a transfer as `sender` would make it, with its statement over whatever heads the test likes; `members` replace others."""
    heads = {event.chain: [event.seq, event.hash] for event in fresh} if heads is None else heads
    signed_for = [statement(world, sender, number, heads, procedure=procedure)] if heads else []
    document = {
        "procedure": procedure, "subject": number, "events": [forks.as_sent(event) for event in fresh],
        "statements": signed_for, **shown(world, sender, receiver, fresh), "seals": [], "epochs": [], "keys": {},
        "papers": {}, **members,
    }  # fmt: skip
    with world.on(sender):
        return wire.message(wire.TRANSFER, world[receiver].fingerprint, world.at, **document)


def deliver(world: World, raw: bytes, receiver: str = "qingyang") -> dict[str, Any]:
    """Hand a message to a node and return the answer's document."""
    with world.on(receiver):
        return dict(json.loads(receiving.receive(raw, world.at)))

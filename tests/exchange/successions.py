"""A node that is lost, the one that takes its place, and what the old one or a puppet writes all the same."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from tests import stories
from tests.cases.test_second_verifier import codes
from tests.forging import after, deliver, statement, transfer
from tests.world import Node, World, add_heir
from tongban.exchange import commands, gateway, succession
from tongban.kernel.journal import events
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.procedures.dossier import exporting

UNDER = "原节点机房失火，该县政务服务中心来函"


def take_over(world: World, gone: str = "jiashan", **changes: Any) -> succession.Succession:
    """Let the heir take the place of `gone` with the other of the two, and know it in turn."""
    heir = world["heir"]
    (other,) = (node for key, node in world.nodes.items() if key not in (gone, "heir"))
    with world.on(heir):
        card = commands.card(world.at)
    with world.on(other):
        told = {
            "old": world[gone].fingerprint, "card": card, "fingerprint": heir.fingerprint, "under": UNDER,
            "by": other.operator(), "at": world.at,
        }  # fmt: skip
        found = succession.succeed(**{**told, **changes})
        own = commands.card(world.at)
    with world.on(heir):
        commands.add(card=own, fingerprint=other.fingerprint, by=heir.operator(), at=world.at)
    return found


def succeeded(world: World, number: str) -> str:
    """Let all there is of a case arrive, the authority's node be lost and the heir take its place; return the number."""
    world.settle()
    add_heir(world, "jiashan")
    assert take_over(world).done == 1
    world.settle()
    return number


def take_back(world: World, number: str) -> None:
    """The window's node takes the old one back as a peer, and it hears of everything."""
    world["jiashan"].reachable = True
    with world.on("qingyang") as node:
        commands.resume(node=world["jiashan"].fingerprint, by=node.operator(), at=world.at)
    world.settle()


def events_on(world: World, key: str, number: str) -> list[Event]:
    """Return all events of a case on a node."""
    with world.on(key):
        return journal.events_of(number)


def late(world: World, number: str, **members: Any) -> Event:
    """Return what the succeeded node writes behind the end of its chain, with all in view that the heir holds."""
    known = events_on(world, "heir", number)
    old = max((event for event in known if event.chain == "handling/1"), key=lambda event: event.seq)
    heads = stories.case_on(world, "heir", number).state["heads"]
    seen = {chain: head[:2] for chain, head in heads.items() if chain != old.chain}
    return after(old, seen=seen, at=events.format_time(world.at), **members)


def signed_by_the_old_one(world: World, number: str, event: Event) -> dict[str, Any]:
    """Return the statement by which the succeeded node signs for an event of its own."""
    return statement(world, "jiashan", number, {event.chain: [event.seq, event.hash]})


def brought_by_the_heir(world: World, number: str, event: Event) -> dict[str, Any]:
    """Hand the window's node an event of the succeeded one, which signed for it, and return the answer."""
    signed_for = [signed_by_the_old_one(world, number, event)]
    return deliver(world, transfer(world, number, [event], sender="heir", statements=signed_for))


@contextmanager
def lost(world: World, kind: str, to: str) -> Iterator[None]:
    """Let no message of a kind get through to a node."""

    def before(node: Node, raw: bytes) -> bytes:
        if node.key == to and json.loads(raw)["format"] == kind:
            raise gateway.Unreachable("down")
        return raw

    world.network.before = before
    try:
        yield
    finally:
        world.network.before = lambda node, raw: raw


def rounds(world: World, count: int, pause: timedelta = timedelta(seconds=1)) -> None:
    """Let time pass in steps, and every node do a round of work after each."""
    for _ in range(count):
        world.at += pause
        world.round()


def proved(world: World, key: str, number: str, *roots: str) -> tuple[int, int]:
    """Return what both verifiers say of the dossier as a node exports it, with the roots of these nodes, or of all."""
    with world.on(key) as node:
        data = exporting.export(number, by=node.operator(), at=world.at)
    return codes(data, {world[root].fingerprint for root in roots or world.nodes})

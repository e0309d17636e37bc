"""
Matters in memory, by the format alone: no rule table, no keys, no database.

A `Matter` holds what was written of one, by whichever role. Events are shaped and hashed as all are; whether they keep to
their bounds is for a test to ask.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tongban.kernel.crypto import digest
from tongban.kernel.journal import bounds, events, fold, numbers
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State

PROCEDURE = "case"
START = datetime(2026, 3, 2, 1, tzinfo=UTC)
NODES = {
    "intake/1": digest.of(b"one"), "handling/1": digest.of(b"two"), "handling/2": digest.of(b"three"),
    "handling/3": digest.of(b"two"), "review/1": digest.of(b"four"), "review/2": digest.of(b"three"),
    "review/3": digest.of(b"four"),
}  # fmt: skip
FOUNDER = NODES["intake/1"]
NOWHERE = "sm3:" + "0" * 64
RULES = {"version": 1, "digest": digest.of(b"rules")}


def number_of(node: str, epoch: int = 1) -> numbers.Number:
    """Return a number that a node could have issued in an epoch of its life."""
    return numbers.issue("341723", node, epoch, date(2026, 3, 2), random.Random(1))


NUMBER = str(number_of(FOUNDER))


def binding(chain: str, **changes: Any) -> dict[str, Any]:
    """Return what binds the node of a chain to its role and term."""
    role, term = chain.split("/")
    return {
        "role": role, "term": int(term), "node": NODES.get(chain, NOWHERE), "org": "ORG", "office": "", "papers": [], **changes,
    }  # fmt: skip


def duty(name: str, **changes: Any) -> dict[str, Any]:
    """Return a duty that an event of the chain in its name may open."""
    return {
        "id": name, "kind": "check", "holder": {"org": "ORG", "node": NODES[name.partition(".")[0]]}, "limit": None,
        "from": "2026-03-02", "due": None, "calendar": None, "basis": "", "within": [], "about": None, "to": None,
        "to_node": None, "then": None, **changes,
    }  # fmt: skip


def delivery(name: str, to: str, **changes: Any) -> dict[str, Any]:
    """Return a duty that is news for the node of another chain."""
    return duty(name, **{"kind": "deliver", "to": to, "to_node": NODES[to], **changes})


def clock(**changes: Any) -> dict[str, Any]:
    """Return a running clock."""
    return {
        "state": "running", "from": "2026-03-02", "limit": {"n": 5, "unit": "working_day"}, "pauses": [], "basis": "",
        "due": None, "calendar": None, **changes,
    }  # fmt: skip


def upto(written: Iterable[Event], heads: Mapping[str, int]) -> list[Event]:
    """Return the events that stand at or before these places of their chains."""
    return [event for event in written if event.seq <= heads.get(event.chain, 0)]


class Matter:
    """What was written of a matter, in order of writing; an event sees all that was written before, unless told otherwise."""

    def __init__(self, subject: str = NUMBER) -> None:
        self.subject = subject
        self.written: list[Event] = []

    def mint(
        self, chain: str, effects: Mapping[str, Any] | None = None, *, seen: Mapping[str, int] | None = None, **members: Any
    ) -> Event:  # fmt: skip
        """Return the next event of a chain, not written yet; `seen` names other places than the present heads."""
        role, term = chain.split("/")
        last: dict[str, Event] = {}
        for event in self.written:
            if seen is None or event.chain == chain or event.seq <= seen.get(event.chain, 0):
                last[event.chain] = event
        before = last.pop(chain, None)
        at = START + timedelta(minutes=len(self.written))
        return events.mint(
            **{
                "actor": {**events.NOBODY, "kind": "system"}, "given": {}, "procedure": PROCEDURE, "subject": self.subject,
                "node": NODES.get(chain, NOWHERE), "role": role, "term": int(term), "epoch": 1,
                "seq": before.seq + 1 if before else 1, "kind": "act", "rules": RULES, "at": events.format_time(at),
                "prev": before.hash if before else events.genesis(PROCEDURE, self.subject, role, int(term)),
                "seen": {name: [event.seq, event.hash] for name, event in last.items()}, "effects": effects or {},
                "salt": "0" * 32, **members,
            }
        )  # fmt: skip

    def write(self, chain: str, effects: Mapping[str, Any] | None = None, **more: Any) -> Event:
        """Write the next event of a chain; as `mint`."""
        self.written.append(self.mint(chain, effects, **more))
        return self.written[-1]

    def found(self, **effects: Any) -> Event:
        """Write the founding event."""
        return self.write(
            "intake/1", {"phase": ["", "filed"], "pen": "intake", "bind": [binding("intake/1")], **effects}
        )

    def forward(self, to: str = "handling/1", **effects: Any) -> Event:
        """Let intake, which holds the pen, bind the next chain of another role and give it the pen."""
        phase, role = self.state.phase, to.partition("/")[0]
        return self.write(
            "intake/1", {"phase": [phase, "forwarded"], "pen": role, "bind": [binding(to)], **effects}
        )

    def park(self, chain: str, event: Event, **effects: Any) -> Event:
        """Let a chain withhold an event of another role."""
        named = {"chain": event.chain, "seq": event.seq, "hash": event.hash}
        return self.write(chain, {"withhold": named, **effects})

    def release(self, chain: str, park: Event, struck: int | None = None, **effects: Any) -> Event:
        """Let a chain release what a park of its role withholds."""
        return self.write(chain, {"release": {"park": park.hash, "struck": struck}, **effects})

    @property
    def state(self) -> State:
        """What all that was written comes to."""
        return fold.fold(PROCEDURE, self.subject, self.written)

    def view(self, event: Event) -> State:
        """Return the state that the writer of an event saw."""
        heads = {chain: head[0] for chain, head in event.seen.items()} | {event.chain: event.seq - 1}
        # A park is judged as if it stood already, so that nobody can keep it from being written.
        under = event if event.effects.get("withhold") else None
        return fold.fold(PROCEDURE, self.subject, upto(self.written, heads), under=under)

    def fault(self, event: Event) -> str | None:
        """Return the bound that an event oversteps, whether it is written already or not."""
        return bounds.fault(self.view(event), event, bounds.Known.of(self.written))


def shuffled(written: Sequence[Event], chance: random.Random) -> list[Event]:
    """Return the events in another order in which each follows all it rests on."""
    heads: dict[str, int] = {}
    waiting, ordered = list(written), []
    while waiting:
        ready = [
            event
            for event in waiting
            if event.seq == heads.get(event.chain, 0) + 1
            and all(heads.get(chain, 0) >= head[0] for chain, head in event.seen.items())
        ]
        event = chance.choice(ready)
        waiting.remove(event)
        heads[event.chain] = event.seq
        ordered.append(event)
    return ordered


def applied(ordered: Sequence[Event], subject: str = NUMBER) -> Iterator[State]:
    """Yield the state after each of the events, applied one by one."""
    state = State(PROCEDURE, subject)
    for place, event in enumerate(ordered):
        state = fold.apply(state, event, ordered[:place])
        yield state

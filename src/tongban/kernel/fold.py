"""
The state of a case is the fold of the effects its events recorded.

Pure, and ignorant of rules: a new rule table changes no history. Two nodes that hold the same events
compute the same state, in whatever order the two chains reached them: only the holder of the pen moves
phase, pen, clocks and bindings; duties have names of their own; each fact is set by one role at a time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from tongban.kernel.events import Event, genesis


class BrokenChain(ValueError):
    """An event does not follow the head it claims to follow."""


@dataclass(slots=True)
class State:
    """
    What is known of a case.

    `heads` maps a chain's name to [seq, hash, at]; `roles` maps a role to the binding of its current
    term; `duties` holds open duties only; `clocks` and `facts` are plain data that lifecycle reads.

    What the dicts hold is never changed in place, only replaced: states share it, and plain data made from
    a state, or taken into one, need not be copied.
    """

    case: str
    version: int = 0
    phase: str = ""
    pen: str = ""
    heads: dict[str, list[Any]] = field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    duties: dict[str, dict[str, Any]] = field(default_factory=dict)
    clocks: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the state as plain data, equal exactly when the states are equal."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "State":
        """Return the state that `to_dict` described."""
        return cls(**data)

    def head(self, chain: str) -> tuple[int, str]:
        """Return (seq, hash) of a chain's head; (0, genesis value) before its first event."""
        if chain in self.heads:
            return self.heads[chain][0], self.heads[chain][1]
        role, term = chain.split("/")
        return 0, genesis(self.case, role, int(term))

    def open_duties(self, kind: str) -> list[str]:
        """Return the names of the open duties of a kind, in order of opening."""
        return [name for name, duty in self.duties.items() if duty["kind"] == kind]


@dataclass(frozen=True, slots=True)
class Step:
    """One event and the states around it."""

    before: State
    event: Event
    after: State


def step(state: State, event: Event) -> Step:
    """Return the step that `event` is from `state`; raises as `apply`."""
    return Step(state, event, apply(state, event))


def apply(state: State, event: Event) -> State:
    """
    Return the state after `event`; the given state stays as it was.

    Raises:
        BrokenChain: the event is not the next of its chain, or rests on events not yet applied.
    """
    seq, head = state.head(event.chain)
    if event.case != state.case or event.seq != seq + 1 or event.prev != head:
        raise BrokenChain(f"{event.chain} {event.seq} does not follow {seq}")
    for chain, (seen_seq, _) in event.seen.items():
        if state.head(chain)[0] < seen_seq:
            raise BrokenChain(f"{event.chain} {event.seq} has seen {chain} {seen_seq}")
    after = State(
        state.case, state.version + 1, state.phase, state.pen, {**state.heads}, {**state.roles},
        {**state.nodes}, {**state.duties}, {**state.clocks}, {**state.facts},
    )  # fmt: skip
    after.heads[event.chain] = [event.seq, event.hash, event.document["at"]]
    after.nodes[event.chain] = event.node
    _apply_effects(after, event)
    _drop_void_duties(after)
    return after


def fold(case: str, events: Iterable[Event]) -> State:
    """
    Return the state of a case from all its events, in any order.

    Raises:
        BrokenChain: an event is missing or does not belong.
    """
    state = State(case)
    waiting = sorted(events, key=lambda event: (event.role != "intake", event.term, event.seq))
    while waiting:
        for place, event in enumerate(waiting):
            if _is_ready(state, event):
                state = apply(state, waiting.pop(place))
                break
        else:
            first = waiting[0]
            raise BrokenChain(f"{first.chain} {first.seq} rests on events that are not here")
    return state


def in_order(state: State, events: Iterable[Event]) -> list[Event]:
    """
    Return `events` in an order in which each can be applied after `state`.

    Raises:
        BrokenChain: no such order exists.
    """
    waiting, ordered = list(events), []
    heads = {chain: head[0] for chain, head in state.heads.items()}
    while waiting:
        ready = next((e for e in waiting if _follows(heads, e)), None)
        if ready is None:
            raise BrokenChain(f"{waiting[0].chain} {waiting[0].seq} rests on events that are not here")
        waiting.remove(ready)
        heads[ready.chain] = ready.seq
        ordered.append(ready)
    return ordered


def _follows(heads: Mapping[str, int], event: Event) -> bool:
    return event.seq == heads.get(event.chain, 0) + 1 and all(
        heads.get(chain, 0) >= seen[0] for chain, seen in event.seen.items()
    )


def _is_ready(state: State, event: Event) -> bool:
    return _follows({chain: head[0] for chain, head in state.heads.items()}, event)


def _apply_effects(state: State, event: Event) -> None:
    effects = event.effects
    if "phase" in effects:
        state.phase = effects["phase"][1]
    if "pen" in effects:
        state.pen = effects["pen"]
    for binding in effects.get("bind", ()):
        state.roles[binding["role"]] = {key: value for key, value in binding.items() if key != "role"}
    for name, clock in effects.get("clocks", {}).items():
        state.clocks[name] = dict(clock)
    state.facts.update(effects.get("facts", {}))
    _apply_to_duties(state, event)


def _apply_to_duties(state: State, event: Event) -> None:
    effects, at = event.effects, event.document["at"]
    for name in effects.get("close", ()):
        state.duties.pop(name, None)
    for duty in effects.get("open", ()):
        content = {key: value for key, value in duty.items() if key != "id"}
        state.duties[duty["id"]] = {**content, "since": at, "first_opened": None, "claimed": None}
    for name in effects.get("look", ()):
        if name in state.duties and state.duties[name]["first_opened"] is None:
            first = [at, event.document["actor"]["staff"]]
            state.duties[name] = {**state.duties[name], "first_opened": first}
    for name, staff in effects.get("claim", {}).items():
        if name in state.duties:
            state.duties[name] = {**state.duties[name], "claimed": staff}
    for name, due in effects.get("due", {}).items():
        # A date that had to wait for its calendar: of a duty, or of a clock.
        for things in (state.duties, state.clocks):
            if name in things:
                things[name] = {**things[name], "due": due["due"], "calendar": due["calendar"]}


def _drop_void_duties(state: State) -> None:
    """Close what the phase has made void, and what watches over a duty that is closed."""
    for name, duty in list(state.duties.items()):
        if duty["within"] and state.phase not in duty["within"]:
            del state.duties[name]
    for name, duty in list(state.duties.items()):
        if duty["about"] and duty["about"] not in state.duties:
            del state.duties[name]

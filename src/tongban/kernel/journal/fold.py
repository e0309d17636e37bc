"""
The state of a matter is the fold of the effects its events recorded.

Pure, and ignorant of rules: a new rule table changes no history. Two nodes that hold the same events
compute the same state, in whatever order the chains reached them: only the holder of the pen moves
phase, pen, clocks and bindings; duties have names of their own; each fact is its role's; and what a park
withholds, or what a node wrote after another took its place, is without effect on every node (docs/protocol.md §5).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from tongban.kernel.journal import withholding
from tongban.kernel.journal.events import Event, genesis


class BrokenChain(ValueError):
    """An event does not follow the head it claims to follow."""


@dataclass(slots=True)
class State:
    """
    What is known of a matter.

    `heads` maps a chain's name to [seq, hash, at], `nodes` to who writes it, `bound` to who was called to; `roles` maps a role to the
    binding of its current term; `duties` holds open duties only; `facts` are kept by the role that wrote them; `withheld`
    maps a standing park to [chain, from, to or None, the role that parks]; `closed` maps a chain that a succession ended to the
    last place that counts; `moved` is when the phase last changed.

    What the dicts hold is never changed in place, only replaced: states share it, and plain data made from
    a state, or taken into one, need not be copied.
    """

    procedure: str
    subject: str
    version: int = 0
    phase: str = ""
    pen: str = ""
    heads: dict[str, list[Any]] = field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    bound: dict[str, str] = field(default_factory=dict)
    duties: dict[str, dict[str, Any]] = field(default_factory=dict)
    clocks: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    withheld: dict[str, list[Any]] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    redacted: dict[str, str] = field(default_factory=dict)
    moved: str = ""

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
        return 0, genesis(self.procedure, self.subject, role, int(term))

    def fact(self, role: str, name: str, default: Any = None) -> Any:
        """Return what a role has said under a name."""
        return self.facts.get(role, {}).get(name, default)

    def term_of(self, role: str) -> int:
        """Return the present term of a role; 0 where it is not bound yet."""
        term: int = self.roles.get(role, {}).get("term", 0)
        return term

    def owner(self, chain: str) -> str | None:
        """Return the node that writes a chain: who began it, or who is bound to begin it now."""
        if chain in self.nodes:
            return self.nodes[chain]
        role, term = chain.split("/")
        bound = self.roles.get(role, {})
        return bound.get("node") if bound.get("term") == int(term) else None

    def parties(self) -> set[str]:
        """Return the nodes bound to the matter, now or in an earlier term."""
        return {*self.nodes.values(), *self.bound.values()}

    def open_duties(self, kind: str) -> list[str]:
        """Return the names of the open duties of a kind, in order of opening."""
        return [name for name, duty in self.duties.items() if duty["kind"] == kind]

    def is_withheld(self, event: Event) -> bool:
        """Return whether a standing park, or the end of its chain, keeps the effects of the next event from counting."""
        # A succession is held back only by a park that names it, and that comes after it.
        held = not event.effects.get("succeed") and withholding.holds_back(self.withheld.values(), event)
        return held or withholding.is_beyond(self.closed, event)

    def is_bound(self, event: Event) -> bool:
        """Return whether the chain of an event is bound by what counts: else it is of a term to which nobody was called."""
        return event.term <= self.term_of(event.role) or not self.version


@dataclass(frozen=True, slots=True)
class Step:
    """One event and the states around it."""

    before: State
    event: Event
    after: State


def step(state: State, event: Event, known: Iterable[Event] = ()) -> Step:
    """Return the step that `event` is from `state`; as `apply`."""
    return Step(state, event, apply(state, event, known))


def apply(state: State, event: Event, known: Iterable[Event] = ()) -> State:
    """
    Return the state after `event`; the given state stays as it was.

    `known` are the events before it; they are read only where the event was written at once with one of them, or withholds or
    releases others: then the past may come to something else.

    Raises:
        BrokenChain: the event is not the next of its chain, or rests on events not yet applied.
    """
    _demand_next(state, event)
    if withholding.is_guard(event) or not _saw_all(state, event):
        return fold(state.procedure, state.subject, [*known, event])
    return _applied(state, event, counts=not state.is_withheld(event))


def put_last(state: State, event: Event) -> State:
    """Return the state with an event's effects put last, whatever was written at once; `apply` and `fold` know the one order."""
    _demand_next(state, event)
    return _applied(state, event, counts=not state.is_withheld(event))


def fold(
    procedure: str, subject: str, events: Iterable[Event], without: Collection[str] = (), under: Event | None = None
) -> State:  # fmt: skip
    """
    Return the state of a matter from all its events, in any order; those `without` names by hash have no effects.

    What the park `under` withholds is withheld already, though that event itself has not been applied.

    Raises:
        BrokenChain: an event is missing or does not belong.
    """
    given = list(events)
    state = State(procedure, subject)
    coming = () if under is None else (under,)
    parks = withholding.Parks(event for event in (*given, *coming) if event.hash not in without)
    for event in in_order(state, given):
        _demand_next(state, event)
        counts = event.hash not in without and parks.counts(event)
        state = _applied(state, event, counts=counts)
        if not counts and event.hash not in without:
            _bind_parkers(state, event, parks.parkers(event))
    state.withheld = {
        name: place for name, place in parks.standing().items() if under is None or name != under.hash
    }
    state.closed = parks.closed()
    return state


def in_order(state: State, events: Iterable[Event]) -> list[Event]:
    """
    Return `events` in an order in which each can be applied after `state`, the same whatever order they came in.

    Raises:
        BrokenChain: no such order exists.
    """
    waiting: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: (event.role, event.term, -event.seq)):
        waiting.setdefault(event.chain, []).append(event)
    heads = {chain: head[0] for chain, head in state.heads.items()}
    ordered: list[Event] = []
    while waiting:
        moved = False
        for chain in list(waiting):
            run = waiting[chain]
            while run and _follows(heads, run[-1]):
                ordered.append(run.pop())
                heads[chain] = ordered[-1].seq
                moved = True
            if not run:
                del waiting[chain]
        if not moved:
            first = next(iter(waiting.values()))[-1]
            raise BrokenChain(f"{first.chain} {first.seq} rests on events that are not here")
    return ordered


def _follows(heads: Mapping[str, int], event: Event) -> bool:
    return event.seq == heads.get(event.chain, 0) + 1 and all(
        heads.get(chain, 0) >= seen[0] for chain, seen in event.seen.items()
    )


def _demand_next(state: State, event: Event) -> None:
    seq, head = state.head(event.chain)
    ours = (event.procedure, event.subject) == (state.procedure, state.subject)
    if not ours or event.seq != seq + 1 or event.prev != head:
        raise BrokenChain(f"{event.chain} {event.seq} does not follow {seq}")
    for chain, (seen_seq, _) in event.seen.items():
        if state.head(chain)[0] < seen_seq:
            raise BrokenChain(f"{event.chain} {event.seq} has seen {chain} {seen_seq}")


def _saw_all(state: State, event: Event) -> bool:
    """Return whether an event was written with all of a state in view, so that it is the last in `in_order`."""
    return all(
        chain == event.chain or event.seen.get(chain, [0])[0] == head[0]
        for chain, head in state.heads.items()
    )


def _applied(state: State, event: Event, *, counts: bool) -> State:
    after = State(
        state.procedure, state.subject, state.version + 1, state.phase, state.pen, {**state.heads}, {**state.roles},
        {**state.nodes}, {**state.bound}, {**state.duties}, {**state.clocks}, {**state.facts}, state.withheld, state.closed,
        state.redacted, state.moved,
    )  # fmt: skip
    counts = counts and state.is_bound(event)
    after.heads[event.chain] = [event.seq, event.hash, event.document["at"]]
    after.nodes[event.chain] = event.node
    if counts:
        _apply_effects(after, event)
        _drop_void_duties(after)
    return after


def _bind_parkers(state: State, event: Event, chains: Collection[str]) -> None:
    """Who parks the very event that binds it is bound all the same: else it could never let the event in."""
    for binding in withholding.bound_by(event):
        if f"{binding['role']}/{binding['term']}" in chains:
            _bind(state, binding)


def _bind(state: State, binding: Mapping[str, Any]) -> None:
    """Call a node to a role's term; what a succession does not say of the role stays as it is."""
    said = {key: value for key, value in binding.items() if key not in ("role", "from")}
    state.bound[f"{binding['role']}/{binding['term']}"] = binding["node"]
    state.roles[binding["role"]] = {**state.roles.get(binding["role"], {}), **said}


def _succeed(state: State, event: Event) -> None:
    """Another node has taken over a role as it stands: with it go what the old one owed, and what was on its way to it."""
    named = event.effects["succeed"]
    role, old = named["role"], f"{named['role']}/{named['term'] - 1}"
    state.closed = {**state.closed, **withholding.closed_by(event)}
    for name, duty in state.duties.items():
        if name.startswith(f"{role}/") and duty["holder"]["node"] == named["from"]:
            state.duties[name] = {**duty, "holder": {**duty["holder"], "node": named["node"]}}
        elif duty["to"] == old:
            state.duties[name] = {**duty, "to": f"{role}/{named['term']}", "to_node": named["node"]}


def _apply_effects(state: State, event: Event) -> None:
    effects = event.effects
    if "phase" in effects:
        state.phase = effects["phase"][1]
        state.moved = event.document["at"]
    if "pen" in effects:
        state.pen = effects["pen"]
    for binding in withholding.bound_by(event):
        _bind(state, binding)
    for name, clock in effects.get("clocks", {}).items():
        state.clocks[name] = dict(clock)
    if "facts" in effects:
        state.facts[event.role] = {**state.facts.get(event.role, {}), **effects["facts"]}
    if "succeed" in effects:
        _succeed(state, event)
    if "redact" in effects:
        state.redacted = {**state.redacted, **effects["redact"]}
    _apply_to_duties(state, event)


def _apply_to_duties(state: State, event: Event) -> None:
    effects, at = event.effects, event.document["at"]
    for name in effects.get("close", ()):
        state.duties.pop(name, None)
    for duty in effects.get("open", ()):
        content = {key: value for key, value in duty.items() if key != "id"}
        state.duties[duty["id"]] = {**content, "since": at, "first_opened": None, "claimed": None}
    for name, staff in effects.get("look", {}).items():
        if name in state.duties and state.duties[name]["first_opened"] is None:
            state.duties[name] = {**state.duties[name], "first_opened": [at, staff]}
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


def states(procedure: str, subject: str, events: Sequence[Event]) -> list[tuple[Event, State]]:
    """
    Return each event with the state after it, in the order given, as a reader of the story saw it grow.

    Raises:
        BrokenChain: the order is not one in which they can be applied.
    """
    state, found = State(procedure, subject), []
    for place, event in enumerate(events):
        state = apply(state, event, events[:place])
        found.append((event, state))
    return found

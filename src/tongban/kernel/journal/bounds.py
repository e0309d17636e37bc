"""
What the event of a role may change at all: a rule of the format, older than every rule table (docs/protocol.md §5, B1–B12).

Pure. Judged by the state its writer saw. Out of bounds is no legal question: the event is refused and nothing kept, so a
neighbour that lies with its own key cannot re-bind a role, close another's duty or take the pen, not even for a human to
let in by mistake. B12 is a matter of shape.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tongban.kernel.journal import numbers
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.journal.withholding import is_guard

WITH_WITHHOLD = frozenset({"withhold", "open", "facts"})
SAID_OF_PARKS = frozenset({"parked", "settlement"})  # the facts of what no park can name
WITH_RELEASE = frozenset({"release", "close", "facts"})
WITH_SUCCEED = frozenset({"succeed", "facts"})
WITH_REDACT = frozenset({"redact", "facts"})


@dataclass(frozen=True, slots=True)
class Known:
    """The events before the one in question, by place and by hash."""

    places: Mapping[tuple[str, int], Event]
    hashes: Mapping[str, Event]

    @classmethod
    def of(cls, events: list[Event]) -> "Known":
        """Return the events of a matter so that they can be looked up."""
        return cls({(e.chain, e.seq): e for e in events}, {e.hash: e for e in events})

    def before(self, event: Event, name: str) -> Event | None:
        """Return the event of that hash if the writer of `event` had it."""
        found = self.hashes.get(name)
        if found is None:
            return None
        last = event.seq - 1 if found.chain == event.chain else event.seen.get(found.chain, [0])[0]
        return found if found.seq <= last else None


def fault(view: State, event: Event, known: Known) -> str | None:
    """Return which bound (`B1` … `B11`) the event oversteps, or nothing; `view` is the state its writer saw."""
    for name, holds in _BOUNDS.items():
        if not holds(view, event, known):
            return name
    return None


def is_founding(view: State, event: Event) -> bool:
    """Return whether the event begins its matter."""
    return view.version == 0 and event.seq == 1 and event.term == 1 and not event.seen


def is_first(event: Event) -> bool:
    """Return whether an event began its matter: it binds its own role and touches nobody else's, so it is never withheld."""
    own = (event.role, 1, event.node)
    return (
        event.seq == 1
        and not event.seen
        and any(
            (bound["role"], bound["term"], bound["node"]) == own for bound in event.effects.get("bind", ())
        )
    )


def _founding(view: State, event: Event, known: Known) -> bool:
    if not is_founding(view, event):
        return view.version > 0
    bound = event.effects.get("bind", ())
    others = (
        one for one in known.places.values() if one.seq == 1 and not one.seen and one.hash != event.hash
    )
    if len(bound) != 1 or next(others, None) is not None:
        return False  # a matter begins once
    binding = bound[0]
    own = (binding["role"], binding["term"], binding["node"]) == (event.role, 1, event.node)
    return own and numbers.was_issued_by(event.subject, event.node, event.document["epoch"])


def _pen(view: State, event: Event, known: Known) -> bool:
    if not event.effects.keys() & {"phase", "pen", "bind", "clocks"}:
        return True
    return is_founding(view, event) or _holds_pen(view, event)


def _holds_pen(view: State, event: Event) -> bool:
    return view.pen == event.role and view.term_of(event.role) == event.term


def _phase(view: State, event: Event, known: Known) -> bool:
    return "phase" not in event.effects or event.effects["phase"][0] == view.phase


def _next_pen(view: State, event: Event, known: Known) -> bool:
    return event.effects.get("pen", "") in {"", *_bound_after(view, event)}


def _bind(view: State, event: Event, known: Known) -> bool:
    bound = event.effects.get("bind", ())
    if is_founding(view, event):
        return True
    roles = [binding["role"] for binding in bound]
    return len(set(roles)) == len(roles) and all(
        binding["role"] != event.role and binding["term"] == view.term_of(binding["role"]) + 1
        for binding in bound
    )


def _own_duties(view: State, event: Event, known: Known) -> bool:
    own, effects = f"{event.role}/", event.effects
    named = [*effects.get("look", ()), *effects.get("claim", ())]
    for name in effects.get("close", ()):
        to_us = view.duties.get(name, {}).get("to") == event.chain and not is_guard(event)
        if not to_us:
            named.append(name)
    for name in effects.get("due", ()):
        clock = name in view.clocks and "/" not in name and _holds_pen(view, event)
        if not clock:
            named.append(name)
    return all(name.startswith(own) for name in named)


def _opening(view: State, event: Event, known: Known) -> bool:
    return all(
        duty["id"] == f"{event.chain}.{event.seq}.{n}" and _is_own_duty(view, event, duty)
        for n, duty in enumerate(event.effects.get("open", ()))
    )


def _is_own_duty(view: State, event: Event, duty: Mapping[str, Any]) -> bool:
    about, to, to_node = duty["about"], duty["to"], duty["to_node"]
    if duty["holder"]["node"] != event.node or (about is not None and not about.startswith(f"{event.role}/")):
        return False
    if to is None:
        return to_node is None and duty["then"] is None
    role, _, term = to.partition("/")
    binding = _bound_after(view, event).get(role, {})
    return to != event.chain and (str(binding.get("term")), binding.get("node")) == (term, to_node)


def _withhold(view: State, event: Event, known: Known) -> bool:
    if "withhold" not in event.effects:
        return True
    named = event.effects["withhold"]
    if not event.effects.keys() <= WITH_WITHHOLD or not _says_no_more(event):
        return False
    if named is None:
        return True
    there = known.places.get((named["chain"], named["seq"]))
    return (
        there is not None
        and there.hash == named["hash"]
        and there.role != event.role
        and not is_first(there)
        and not is_guard(there)
        and known.before(event, there.hash) is not None
    )


def _says_no_more(event: Event) -> bool:
    """What no park can name says of itself only that something is parked or settled, and sends nothing to others."""
    opened = event.effects.get("open", ())
    return event.effects.get("facts", {}).keys() <= SAID_OF_PARKS and not any(duty["to"] for duty in opened)


def _release(view: State, event: Event, known: Known) -> bool:
    if "release" not in event.effects:
        return True
    named = event.effects["release"]
    if not event.effects.keys() <= WITH_RELEASE or not _says_no_more(event):
        return False
    if named is None:
        return True
    park = known.before(event, named["park"])
    if park is None or park.role != event.role or not _may_answer_for(view, event, park):
        return False
    withheld, struck = park.effects.get("withhold"), named["struck"]
    if withheld is None:
        return False
    last = event.seen.get(withheld["chain"], [0])[0]
    return struck is None or withheld["seq"] <= struck <= last


def _may_answer_for(view: State, event: Event, earlier: Event) -> bool:
    """Whether the writer of an event stands for an earlier one: its own, or of a node whose place it has taken."""
    succeeded = earlier.chain in view.closed and view.term_of(event.role) == event.term
    return earlier.node == event.node or succeeded


def _redact(view: State, event: Event, known: Known) -> bool:
    if "redact" not in event.effects:
        return True
    named = [known.before(event, name) for name in event.effects["redact"]]
    return event.effects.keys() <= WITH_REDACT and all(
        one is not None and one.role == event.role and _may_answer_for(view, event, one) for one in named
    )


def _succeed(view: State, event: Event, known: Known) -> bool:
    """Only the counterpart says so, of the node that is bound now, and never for its own benefit."""
    if "succeed" not in event.effects:
        return True
    named = event.effects["succeed"]
    return (
        event.effects.keys() <= WITH_SUCCEED
        and view.term_of(event.role) == event.term
        and named["role"] != event.role
        and view.roles.get(named["role"], {}).get("node") == named["from"]
        and named["term"] == view.term_of(named["role"]) + 1
        and named["node"] not in (named["from"], event.node)
    )


def _bound_after(view: State, event: Event) -> dict[str, Mapping[str, Any]]:
    return {**view.roles, **{binding["role"]: binding for binding in event.effects.get("bind", ())}}


_BOUNDS: Mapping[str, Callable[[State, Event, Known], bool]] = {
    "B1": _founding, "B2": _pen, "B3": _phase, "B4": _next_pen, "B5": _bind, "B6": _own_duties, "B7": _opening,
    "B8": _withhold, "B9": _release, "B10": _redact, "B11": _succeed,
}  # fmt: skip


def names() -> Iterator[str]:
    """Yield the names of the bounds, as the protocol has them."""
    yield from _BOUNDS

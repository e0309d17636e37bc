"""
What of a matter's past does not count: parks, releases, which of them stand, and chains that a succession closed (docs/protocol.md §5).

Pure. A receiver to whom an event is not lawful names it in an event of its own (a park). While that park stands, the named
event and all that follow it in its chain have no effect, on every node alike; a release lets them in, or strikes
them out. Parks and releases are never held back themselves, so nobody lets in for the other side what that side has parked.
A succession ends the chain of the node whose place another takes: what it had not seen of that chain does nothing. Only a park
that names it holds it back: one that the lost node left behind must not keep the matter with it for ever.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tongban.kernel.journal.events import Event


def is_guard(event: Event) -> bool:
    """
    Return whether an event puts something before a human, or ends that: no park may name it, and none keeps it from counting.

    So nobody can keep a side from telling its own people that something is not right, nor let in what that side has parked.
    """
    return "withhold" in event.effects or "release" in event.effects


def holds_back(standing: Iterable[list[Any]], event: Event) -> bool:
    """Return whether one of the standing parks ([chain, from, to or None, by]) keeps an ordinary event from counting."""
    return any(
        chain == event.chain and first <= event.seq and (last is None or event.seq <= last)
        for chain, first, last, _ in standing
    )


def bound_by(event: Event) -> list[Mapping[str, Any]]:
    """Return what an event binds to a node, by a binding or a succession: at least role, term and node of each."""
    named = event.effects.get("succeed")
    return [*event.effects.get("bind", ()), *([named] if named else [])]


def closed_by(succession: Event) -> dict[str, int]:
    """Return the chain that a succession ends, with the last place of it that its writer had seen."""
    named = succession.effects["succeed"]
    chain = f"{named['role']}/{named['term'] - 1}"
    return {chain: succession.seen.get(chain, [0])[0]}


def is_beyond(closed: Mapping[str, int], event: Event) -> bool:
    """Return whether an event lies behind the end of its chain."""
    return event.seq > closed.get(event.chain, event.seq)


class Parks:
    """The parks and successions among the events of one matter, and what they come to."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._ordered = sorted(events, key=lambda event: (event.role, event.term, event.seq))
        self._parks = {event.hash: event for event in self._ordered if event.effects.get("withhold")}
        successions = [event for event in self._ordered if event.effects.get("succeed")]
        self._successions = {event.hash for event in successions}
        self._closed: dict[str, int] = {}
        self._standing = self._stand(self._closed)
        for event in successions:
            # Of two that end each other's chain at once, the first by role counts.
            closed = {**self._closed, **closed_by(event)}
            standing = self._stand(closed)
            if not self._is_named(event, standing) and not is_beyond(self._closed, event):
                self._closed, self._standing = closed, standing

    def standing(self) -> dict[str, list[Any]]:
        """Return the parks that stand, by hash: [chain, from, to or None, the role that parks]."""
        return self._standing

    def closed(self) -> dict[str, int]:
        """Return the chains that a succession ended, each with the last place that counts."""
        return self._closed

    def counts(self, event: Event) -> bool:
        """Return whether the effects of an event count."""
        if self.is_idle(event):
            return False
        if event.hash in self._successions:
            return not self._is_named(event, self._standing)
        return is_guard(event) or not holds_back(self._standing.values(), event)

    def is_idle(self, event: Event) -> bool:
        """Return whether an event lies behind the end of its chain, and does nothing there, lawful or not."""
        return self._is_late(event, self._closed)

    def parkers(self, event: Event) -> set[str]:
        """Return the chains in which parks stand that hold an event back."""
        return {
            self._parks[park].chain for park, place in self._standing.items() if holds_back([place], event)
        }

    def _stand(self, closed: Mapping[str, int]) -> dict[str, list[Any]]:
        releases = [
            event.effects["release"]
            for event in self._ordered
            if event.effects.get("release") and not self._is_late(event, closed)
        ]
        ends = {release["park"]: release["struck"] for release in releases}  # of several the last decides
        return {
            name: _range(park, ends.get(name))
            for name, park in self._parks.items()
            if ends.get(name, 0) is not None and not self._is_late(park, closed)
        }

    def _is_named(self, event: Event, standing: Iterable[str]) -> bool:
        return any(self._parks[park].effects["withhold"]["hash"] == event.hash for park in standing)

    def _is_late(self, event: Event, closed: Mapping[str, int]) -> bool:
        """Whether an event lies behind the end of its chain and does not protest against that."""
        return is_beyond(closed, event) and not self._protests(event)

    def _protests(self, event: Event) -> bool:
        """Whether an event parks a succession, or releases such a park."""
        release = event.effects.get("release")
        park = event if release is None else self._parks.get(release["park"])
        named = (park.effects.get("withhold") if park is not None else None) or {}
        return named.get("hash") in self._successions


def _range(park: Event, struck: int | None) -> list[Any]:
    named = park.effects["withhold"]
    return [named["chain"], named["seq"], struck, park.role]

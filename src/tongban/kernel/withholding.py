"""
What of a matter's past does not count: parks, releases, which of them stand, and chains that a succession closed (docs/protocol.md §5).

Pure. A receiver to whom an event is not lawful names it in an event of its own (a park). While that park stands, the named
event and all that follow it in its chain have no effect, on every node alike; a release lets them in, or strikes
them out. Parks and releases are never held back themselves, so nobody lets in for the other side what that side has parked.
A succession ends the chain of the node whose place another takes: what it had not seen of that chain does nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tongban.kernel.events import Event


def is_guard(event: Event) -> bool:
    """
    Return whether an event puts something before a human, or ends that; none that precedes it keeps it from counting.

    So nobody can keep a side from telling its own people that something is not right.
    """
    return "withhold" in event.effects or "release" in event.effects


def is_beyond_reach(event: Event) -> bool:
    """Return whether an event withholds or releases others: no park may name it (docs/protocol.md §5, B8)."""
    return bool(event.effects.get("withhold") or event.effects.get("release"))


def holds_back(standing: Iterable[list[Any]], event: Event) -> bool:
    """Return whether one of the standing parks ([chain, from, to or None]) keeps an ordinary event from counting."""
    return any(
        chain == event.chain and first <= event.seq and (last is None or event.seq <= last)
        for chain, first, last in standing
    )


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
        ordered = sorted(events, key=lambda event: (event.role, event.term, event.seq))
        self._parks = {event.hash: event for event in ordered if event.effects.get("withhold")}
        # Of several releases of a park the last decides.
        releases = [event.effects["release"] for event in ordered if event.effects.get("release")]
        ends = {release["park"]: release["struck"] for release in releases}
        self._standing = {
            name: _range(park, ends.get(name))
            for name, park in self._parks.items()
            if ends.get(name, 0) is not None
        }
        self._named = {self._parks[name].effects["withhold"]["hash"] for name in self._standing}
        self._closed: dict[str, int] = {}
        for event in ordered:
            # Of two that end each other's chain at once, the first by role counts.
            if event.effects.get("succeed") and self.counts(event):
                self._closed.update(closed_by(event))

    def standing(self) -> dict[str, list[Any]]:
        """Return the parks that stand, by hash: [chain, from, to or None]."""
        return self._standing

    def closed(self) -> dict[str, int]:
        """Return the chains that a succession ended, each with the last place that counts."""
        return self._closed

    def counts(self, event: Event) -> bool:
        """Return whether the effects of an event count."""
        if is_guard(event):
            return event.hash not in self._named
        return not holds_back(self._standing.values(), event) and not is_beyond(self._closed, event)

    def parkers(self, event: Event) -> set[str]:
        """Return the chains in which parks stand that hold an event back."""
        return {
            self._parks[park].chain for park, place in self._standing.items() if holds_back([place], event)
        }


def _range(park: Event, struck: int | None) -> list[Any]:
    named = park.effects["withhold"]
    return [named["chain"], named["seq"], struck]

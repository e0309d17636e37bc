"""
What of a matter's past does not count: parks, releases, which of them stand, and chains that a succession closed (docs/protocol.md §5).

Pure. A receiver to whom an event is not lawful names it in an event of its own (a park). While that park stands, the named
event and all that follow it in its chain have no effect, on every node alike; a release lets them in, or strikes
them out. A park that names a park overrules it. Which stand is well defined: a park has seen what it names.
A succession ends the chain of the node whose place another takes: what it had not seen of that chain does nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tongban.kernel.events import Event


def is_guard(event: Event) -> bool:
    """
    Return whether an event puts something before a human, or ends that; it is withheld only when it is named itself.

    So nobody can keep a side from telling its own people that something is not right.
    """
    return "withhold" in event.effects or "release" in event.effects


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
        self._parks: dict[str, Event] = {}
        self._naming: dict[str, list[str]] = {}  # hash of an event → parks that name it
        self._releases: dict[str, list[Event]] = {}  # park → releases, oldest first
        ordered = sorted(events, key=lambda event: (event.role, event.term, event.seq))
        for event in ordered:
            if event.effects.get("withhold"):
                self._parks[event.hash] = event
                self._naming.setdefault(event.effects["withhold"]["hash"], []).append(event.hash)
            if event.effects.get("release"):
                self._releases.setdefault(event.effects["release"]["park"], []).append(event)
        self._known: dict[str, bool] = {}
        self._standing = {name: self._range(name) for name in self._parks if self._stands(name)}
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
            return not self._is_named(event.hash)
        return not holds_back(self._standing.values(), event) and not is_beyond(self._closed, event)

    def parkers(self, event: Event) -> set[str]:
        """Return the chains in which parks stand that hold an event back."""
        return {
            self._parks[park].chain for park, place in self._standing.items() if holds_back([place], event)
        }

    def _is_named(self, name: str) -> bool:
        return any(self._stands(park) for park in self._naming.get(name, ()))

    def _stands(self, name: str) -> bool:
        if name not in self._known:
            # Events out of bounds could name each other in a ring; then none of them stands.
            self._known[name] = False
            self._known[name] = not self._is_named(name) and not self._let_in(name)
        return self._known[name]

    def _release(self, name: str) -> Event | None:
        good = [event for event in self._releases.get(name, ()) if not self._is_named(event.hash)]
        return good[-1] if good else None

    def _let_in(self, name: str) -> bool:
        release = self._release(name)
        return release is not None and release.effects["release"]["struck"] is None

    def _range(self, name: str) -> list[Any]:
        withheld, release = self._parks[name].effects["withhold"], self._release(name)
        return [
            withheld["chain"],
            withheld["seq"],
            release.effects["release"]["struck"] if release else None,
        ]

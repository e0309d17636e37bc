"""
What one matter adds to the figures: computed from its journal, the same whenever and however often it is counted.

Each thing that happens counts for one organisation, in the month in which it happened: that the matter came into its hands
(it was bound to a role) or left them (the matter ended, or another took over), that its side parked the matter, that it got a
duty, ended one in time or late. A duty without a date cannot be late. What an applicant owes is no organisation's figure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from tongban.kernel.journal import fold
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.time.clock import OFFICIAL, official_day
from tongban.kernel.time.standing import is_late
from tongban.procedures import register

MONTH = 7  # characters of “2026-03”

type Key = tuple[str, str]  # organisation, month
type Heads = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each thing happened."""

    begun: int = 0
    ended: int = 0
    parked: int = 0
    opened: int = 0
    in_time: int = 0
    late: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __bool__(self) -> bool:
        return any(astuple(self))


NOTHING = Counts()


def month_of(at: datetime) -> str:
    """Return the official month in which a moment falls."""
    return f"{at.astimezone(OFFICIAL):%Y-%m}"


def count(procedure: str, number: str) -> tuple[Heads, dict[Key, Counts]]:
    """Return the heads of a matter up to which was counted, and what it adds for each organisation and month."""
    held = journal.events_of(number)
    states = fold.states(procedure, number, fold.in_order(State(procedure, number), held))
    return (states[-1][1].heads if states else {}), counts_of(states)


def counts_of(states: Sequence[tuple[Event, State]]) -> dict[Key, Counts]:
    """Return what a story adds for each organisation and month."""
    found: dict[Key, Counts] = {}
    for organisation, at, counts in [*_of_matter(states), *_of_duties(states)]:
        if organisation:
            key = organisation, month_of(at)
            found[key] = found.get(key, NOTHING) + counts
    return found


type _Happened = tuple[str, datetime, Counts]


def _of_matter(states: Sequence[tuple[Event, State]]) -> Iterator[_Happened]:
    hands: set[str] = set()
    parked: set[str] = set()
    for event, state in states:
        now = _in_hand(state)
        yield from ((one, event.at, Counts(begun=1)) for one in now - hands)
        yield from ((one, event.at, Counts(ended=1)) for one in hands - now)
        hands = now
        waiting = {role for role in state.roles if state.fact(role, "parked")}
        yield from ((str(state.roles[role]["org"]), event.at, Counts(parked=1)) for role in waiting - parked)
        parked = waiting


def _in_hand(state: State) -> set[str]:
    """Return the organisations that have the matter in hand: those bound now, unless it is at its end."""
    procedure = register.find(state.procedure)
    if procedure is not None and state.phase in procedure.terminal:
        return set()
    return {str(bound["org"]) for bound in state.roles.values()}


def _of_duties(states: Sequence[tuple[Event, State]]) -> Iterable[_Happened]:
    for duty in journal.duties_of(states).values():
        yield duty["organisation"], duty["since"], Counts(opened=1)
        closed = duty["closed_at"]
        if closed is not None:
            late = is_late(duty["due_on"], official_day(closed))
            yield duty["organisation"], closed, Counts(late=1) if late else Counts(in_time=1)

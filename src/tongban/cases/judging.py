"""
What an event is judged by: the state its writer saw, the papers it rests on, its place in time. Pure.

Asked when events of another node are adopted, and again by whoever verifies a dossier.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tongban.cases.words import Act, Role
from tongban.kernel import fold
from tongban.kernel.events import Event
from tongban.kernel.fold import State


def view_of(state: State, known: Sequence[Event], event: Event) -> State:
    """
    Return the state that the writer of `event` saw: its own chain so far and what `seen` names.

    Raises:
        BrokenChain: what it says to have seen does not fit together.
    """
    seen = {chain: head[0] for chain, head in event.seen.items()} | {event.chain: event.seq - 1}
    if {chain: head[0] for chain, head in state.heads.items()} == {c: seq for c, seq in seen.items() if seq}:
        return state
    return fold.fold(state.case, [other for other in known if other.seq <= seen.get(other.chain, 0)])


def disorder(before: Sequence[Event], event: Event) -> str | None:
    """Return the code of what is wrong with an event's time or epoch after `before`, the rest of its chain."""
    if before and event.document["at"] < before[-1].document["at"]:
        return "time_backwards"
    if before and event.document["epoch"] < max(other.document["epoch"] for other in before):
        return "epoch_fell"
    return None


def pins_for(view: State, event: Event) -> Mapping[str, Any] | None:
    """Return the pins of the papers that count for an event: its own where it brings some, else the case's."""
    given = event.document["given"]
    own: Mapping[str, Any] | None = given.get("pins") or (
        given.get("bind") if event.kind == Act.FILE else None
    )
    return own or view.roles.get(Role.HANDLING) or view.roles.get(Role.INTAKE)

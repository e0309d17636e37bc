"""What a side holds back (挂起): which park of its own stands, what waits behind it, and how to let it in or strike it."""

from dataclasses import dataclass
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.kernel import identity
from tongban.kernel.errors import InvalidInput, NotFound
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.procedures import recording, register
from tongban.procedures.models import Matter
from tongban.procedures.standard_guards import open_parks
from tongban.procedures.words import Standard


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The park of one's own side that stands, and the events of the other side that it keeps from counting, in order."""

    park: str
    events: list[Event]


def held_back(matter: Matter, actor: Actor) -> HeldBack | None:
    """Return what the side that `actor` acts for holds back, if it does."""
    if register.find(matter.procedure) is None:
        return None
    state = State.from_dict(matter.state)
    try:
        role = recording.acting_role(state, Standard.RELEASE, actor, identity.fingerprint())
    except NotFound:
        return None
    for park, (chain, first) in open_parks(state, role).items():
        behind = (one for one in journal.events_of(matter.number) if one.chain == chain and one.seq >= first)
        return HeldBack(park, sorted(behind, key=lambda event: event.seq))
    return None


def release(matter: Matter, actor: Actor, struck: int | None) -> dict[str, Any]:
    """
    Return what RELEASE carries: nothing of its own where all is let in, else up to which place the other side's is struck.

    Raises:
        InvalidInput: nothing is held back that ends at that place.
    """
    if struck is None:
        return {}
    held = held_back(matter, actor)
    if held is None or struck not in {event.seq for event in held.events}:
        raise InvalidInput(
            f"{register.named(matter.procedure, matter.number)} 没有挂起到第 {struck} 条的对方记录，未核处。请刷新后重新选择。"
        )
    return {"release": {"park": held.park, "struck": struck}}

"""The archive (档案) as whoever keeps it finds it: what may be appraised, what waits for approval or for its time, how long is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.kernel import identity
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Duty
from tongban.procedures import readable, register
from tongban.procedures.disposal import GROUNDS
from tongban.procedures.models import Matter
from tongban.procedures.tables import KEEP, WAIT
from tongban.procedures.words import Owed

# What is in the middle of being disposed of: to be approved, or waiting to be destroyed.
UNDER_WAY = (Owed.APPROVE_DESTRUCTION, Owed.DESTROY)


@dataclass(frozen=True, slots=True)
class Disposal:
    """How far one side of a matter has come: on what ground it was proposed, by whom, when it was approved, until when it can be undone."""

    role: str
    ground: str
    appraised_by: str
    approved_by: str
    approved_on: date | None
    undone_until: date | None
    destroyed_on: date | None


def to_appraise(actor: Actor, today: date, most: int) -> list[tuple[Matter, date]]:
    """Return matters that ended so long ago that their content need not be kept, oldest first, each with the last day of keeping."""
    found: list[tuple[Matter, date]] = []
    seen = Matter.objects.visible_to(actor)
    for procedure in register.everyone():
        for phase in procedure.terminal:
            years = procedure.present.keeps.get(phase) or KEEP
            ended = seen.filter(
                procedure=procedure.name, phase=phase, ended_on__lte=date(today.year - years - 1, 12, 31)
            )
            # Read on past what is under way, or kept longer by its guide: it must not hide what follows.
            rows = ended.order_by("ended_on", "number").iterator(chunk_size=most)
            found += islice(_due(rows, today), most)
    return sorted(found, key=lambda row: (row[0].ended_on or today, row[0].number))[:most]


def _due(matters: Iterable[Matter], today: date) -> Iterator[tuple[Matter, date]]:
    for matter in matters:
        last = readable.keeps_until(State.from_dict(matter.state))
        if last < today and _waits(matter):
            yield matter, last


def under_way(actor: Actor, most: int) -> list[tuple[Duty, Matter]]:
    """Return what is being disposed of on this node, with its matter, earliest due first."""
    seen = Matter.objects.visible_to(actor)
    duties = Duty.objects.filter(
        closed_at=None, kind__in=UNDER_WAY, node=identity.fingerprint(), subject__in=seen.values("number")
    ).order_by("since", "id")[:most]
    rows = list(duties)
    matters = seen.in_bulk([duty.subject for duty in rows])
    return [(duty, matters[duty.subject]) for duty in rows if duty.subject in matters]


def disposals(matter: Matter) -> list[Disposal]:
    """Return how far the sides on this node have come with their content."""
    me, facts = identity.fingerprint(), matter.state["facts"]
    roles = [role for role, bound in matter.state["roles"].items() if bound["node"] == me]
    return [_disposal(role, facts.get(role, {})) for role in roles]


def _disposal(role: str, said: dict[str, Any]) -> Disposal:
    approved = _day(said.get("approved_on"))
    return Disposal(
        role=role, ground=GROUNDS.get(said.get("appraised", ""), ""), appraised_by=said.get("appraised_by", ""),
        approved_by=said.get("approved_by", "") if approved else "", approved_on=approved,
        undone_until=approved + timedelta(days=WAIT) if approved else None, destroyed_on=_day(said.get("destroyed")),
    )  # fmt: skip


def _day(said: Any) -> date | None:
    return date.fromisoformat(said) if said else None


def _waits(matter: Matter) -> bool:
    """Whether some side here has neither destroyed its content nor begun to."""
    return any(not one.ground and one.destroyed_on is None for one in disposals(matter))

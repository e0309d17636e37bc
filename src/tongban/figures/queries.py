"""The current figures that somebody's place may see: of the own organisation; of who supervises, of the county."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db.models import Count, Model, Q, QuerySet
from django.db.models.functions import TruncMonth

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.models import Organisation
from tongban.figures.counting import NOTHING, Counts, month_of
from tongban.figures.models import Figure
from tongban.kernel.models import Duty
from tongban.kernel.time.clock import OFFICIAL, official_day
from tongban.procedures import queues
from tongban.procedures.models import supervised_by

MONTHS: Final = 6  # that are told of what has ended


@dataclass(frozen=True, slots=True)
class Line:
    """
    One organisation's figures of one procedure in one month: what happened in it (see `counting`), and what is open of it now.

    `open` and `overdue` are of the duties opened in that month. They change with the day, so they are asked of the duties
    themselves, and may be some moments ahead of the rest.
    """

    organisation: str
    procedure: str
    month: str
    counts: Counts = NOTHING
    open: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """What has ended in a month: how many duties in time, how many late, and the share in time of all that had to end by now."""

    month: str
    in_time: int
    late: int
    owed: int  # late and still open

    @property
    def rate(self) -> float | None:
        """The share in time, in per cent; what is late and still open counts as late."""
        due = self.in_time + self.late + self.owed
        return round(100 * self.in_time / due, 1) if due else None


def figures(actor: Actor, at: datetime, month: str = "") -> list[Line]:
    """Return the figures that `actor` may see, of one month (“2026-03”) or of all, the latest month first."""
    lines: dict[tuple[str, str, str], Line] = {}
    counted = _of_place(Figure.objects.all(), actor)
    for one in counted.filter(month=month) if month else counted:
        key = one.organisation, one.procedure, one.month
        lines[key] = Line(*key, one.counted)
    for organisation, procedure, since, how_many, overdue in _open_duties(actor, at):
        key = organisation, procedure, month_of(since)
        if not month or key[2] == month:
            lines[key] = replace(lines.get(key, Line(*key)), open=how_many, overdue=overdue)
    found = sorted(lines.values(), key=lambda line: (line.organisation, line.procedure))
    return sorted(found, key=lambda line: line.month, reverse=True)


def ended(actor: Actor, at: datetime, office: str = "") -> list[Ended]:
    """Return what has ended in the last months that there are figures of, of one office or of all that the actor sees, newest first."""
    sums: dict[str, list[int]] = {}
    for line in figures(actor, at):
        if not office or line.organisation == office:
            held = sums.setdefault(line.month, [0, 0, 0])
            for at_, more in enumerate((line.counts.in_time, line.counts.late, line.overdue)):
                held[at_] += more
    return [Ended(month, *sums[month]) for month in sorted(sums, reverse=True)[:MONTHS]]


def _open_duties(actor: Actor, at: datetime) -> QuerySet[Duty, tuple[str, str, datetime, int, int]]:
    owed = _of_place(Duty.objects.filter(closed_at=None).exclude(organisation=""), actor)
    by_month = owed.annotate(month=TruncMonth("since", tzinfo=OFFICIAL)).order_by()
    return (
        by_month.values("organisation", "procedure", "month")
        .annotate(open=Count("id"), overdue=Count("id", filter=queues.late_on(official_day(at))))
        .values_list("organisation", "procedure", "month", "open", "overdue")
    )


def _of_place[M: Model](rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """Keep the rows of organisations that the actor's place and post allow to be seen."""
    if actor.kind is ActorKind.SYSTEM:
        return rows
    if actor.kind is not ActorKind.STAFF or not actor.organisation:
        return rows.none()
    seen = Q(organisation=actor.organisation)
    if actor.supervises:
        # Of a neighbour's organisations this node knows only what it shares with them: that is no figure of theirs.
        county = Organisation.objects.filter(node="", division_code__startswith=actor.supervises)
        seen |= Q(organisation__in=county.values("uscc"), procedure__in=supervised_by(actor))
    return rows.filter(seen)

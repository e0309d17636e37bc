"""The current figures that somebody's place may see: of the own organisation; of who supervises, of the county."""

from dataclasses import dataclass, replace
from datetime import datetime

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

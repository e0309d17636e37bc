"""Work queues (待办): open duties, earliest due first. They cost the same whatever lies behind in closed ones."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from tongban.accounts.actor import Actor, ActorKind
from tongban.cases.models import Case
from tongban.cases.words import Duty as Kind
from tongban.kernel.models import Duty


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a queue a page ended: after the duty `id`, due on a day or on none yet."""

    due_on: date | None
    id: int


def held(actor: Actor) -> QuerySet[Duty]:
    """Return the open duties that the actor's organisation holds; an applicant's, those of the own cases."""
    if actor.kind is ActorKind.STAFF and actor.organisation:
        return Duty.objects.filter(closed_at=None, organisation=actor.organisation)
    if actor.kind is ActorKind.APPLICANT and actor.applicant:
        own = Case.objects.visible_to(actor).values("number")
        return Duty.objects.filter(closed_at=None, organisation="", subject__in=own)
    return Duty.objects.none()


def mirrors(actor: Actor) -> QuerySet[Duty]:
    """Return the open duties of cases the actor may see that somebody else holds."""
    if actor.kind not in (ActorKind.STAFF, ActorKind.APPLICANT):
        return Duty.objects.none()
    seen = Case.objects.visible_to(actor).values("number")
    return Duty.objects.filter(closed_at=None, subject__in=seen).exclude(organisation=actor.organisation)


def of_kind(duties: QuerySet[Duty], kind: Kind | None) -> QuerySet[Duty]:
    """Keep duties of one kind, or all."""
    return duties if kind is None else duties.filter(kind=str(kind))


def overdue(duties: QuerySet[Duty], on: date) -> QuerySet[Duty]:
    """Keep what was due before the day `on`."""
    return duties.filter(due_on__lt=on)


def page(duties: QuerySet[Duty], after: Place | None, limit: int) -> list[Duty]:
    """
    Return at most `limit` duties that follow `after`: by due date, then those without one yet (日历未发布).

    Two questions, because databases disagree on which end an empty date sorts to; each reads its index.
    """
    found: list[Duty] = []
    if after is None or after.due_on is not None:
        dated = duties.filter(due_on__isnull=False)
        if after is not None:
            dated = dated.filter(TupleGreaterThan(Tuple(F("due_on"), F("id")), (after.due_on, after.id)))
        found = list(dated.order_by("due_on", "id")[:limit])
    if len(found) < limit:
        last = after.id if after is not None and after.due_on is None else 0
        undated = duties.filter(Q(due_on=None, id__gt=last))
        found += undated.order_by("id")[: limit - len(found)]
    return found

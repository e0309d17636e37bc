"""Work queues (待办): open duties, earliest due first. They cost the same whatever lies behind in closed ones."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from tongban.accounts.actor import Actor, ActorKind, Channel
from tongban.cases.models import Case
from tongban.cases.words import Duty as Kind
from tongban.catalogue.models import Offering
from tongban.kernel.models import Duty
from tongban.kernel.prepared import Prepared

# What a queue says of a duty, in this order; `item` is the name of the item that the case is about.
COLUMNS = (
    "id", "subject", "name", "kind", "organisation", "basis", "limit", "since", "due_on", "first_opened_at",
    "claimed_by", "item",
)  # fmt: skip
type Entry = tuple[Any, ...]


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
        found = list(_dated(duties, after)[:limit])
    if len(found) < limit:
        found += _undated(duties, after)[: limit - len(found)]
    return found


def entries(duties: QuerySet[Duty], after: Place | None, limit: int) -> list[Entry]:
    """Return what `page` would, as rows of COLUMNS for whoever writes them out at once."""
    return list(page(_with_item(duties).values_list(*COLUMNS), after, limit))  # type: ignore[arg-type]


def held_entries(actor: Actor, after: Place | None, limit: int) -> list[Entry]:
    """Return `entries` of what the actor holds: the one question that everybody asks all day."""
    if actor.kind is not ActorKind.STAFF or not actor.organisation:
        return entries(held(actor), after, limit)
    found: list[Entry] = []
    if after is None:
        found = _first_page(limit).rows(actor.organisation)
    elif after.due_on is not None:
        found = _later_page(limit).rows(actor.organisation, after.due_on, after.id)
    if len(found) < limit:
        found += _with_item(_undated(held(actor), after)).values_list(*COLUMNS)[: limit - len(found)]
    return found


@lru_cache(maxsize=256)
def _first_page(limit: int) -> Prepared[Duty]:
    return Prepared(lambda of: _entries_of(of, None)[:limit], str)


@lru_cache(maxsize=256)
def _later_page(limit: int) -> Prepared[Duty]:
    return Prepared(lambda of, due_on, pk: _entries_of(of, Place(due_on, pk))[:limit], str, date, int)


def _entries_of(organisation: str, after: Place | None) -> QuerySet[Duty, Any]:
    holder = Actor(ActorKind.STAFF, Channel.DESK, organisation=organisation)
    return _dated(_with_item(held(holder)), after).values_list(*COLUMNS)


def _with_item(duties: QuerySet[Duty]) -> QuerySet[Duty]:
    # Subqueries, no join: a join would cost the index its order, and every page a sort of the whole queue.
    code = Case.objects.filter(number=OuterRef(OuterRef("subject"))).values("offering")
    name = Offering.objects.filter(code=Subquery(code[:1])).values("name")
    return duties.annotate(item=Subquery(name[:1]))


def _dated(duties: QuerySet[Duty], after: Place | None) -> QuerySet[Duty]:
    dated = duties.filter(due_on__isnull=False).order_by("due_on", "id")
    if after is None:
        return dated
    return dated.filter(TupleGreaterThan(Tuple(F("due_on"), F("id")), (after.due_on, after.id)))


def _undated(duties: QuerySet[Duty], after: Place | None) -> QuerySet[Duty]:
    last = after.id if after is not None and after.due_on is None else 0
    return duties.filter(due_on=None, id__gt=last).order_by("id")

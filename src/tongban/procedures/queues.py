"""Work queues (待办): open duties, earliest due first. They cost the same whatever lies behind in closed ones."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.kernel.models import Duty
from tongban.kernel.prepared import Prepared
from tongban.procedures import register
from tongban.procedures.models import Matter
from tongban.procedures.rule import Holder

# What a queue says of a duty, in this order; `label` is what the matter is about, by its code.
COLUMNS = (
    "id", "subject", "name", "kind", "organisation", "basis", "limit", "since", "due_on", "first_opened_at",
    "claimed_by", "procedure", "label",
)  # fmt: skip
type Entry = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the queue of a post leaves out of what its organisation holds: procedures it has nothing to do with, kinds of duties."""

    procedures: tuple[str, ...] = ()
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()  # by procedure: what only another post may end
    everywhere: tuple[str, ...] = ()

    def of(self, duties: QuerySet[Duty]) -> QuerySet[Duty]:
        """Return the duties without these."""
        for procedure, kinds in self.kinds:
            duties = duties.exclude(procedure=procedure, kind__in=kinds)
        if self.procedures:
            duties = duties.exclude(procedure__in=self.procedures)
        return duties.exclude(kind__in=self.everywhere) if self.everywhere else duties


NOTHING = Leaving()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a queue a page ended: after the duty `id`, due on a day or on none yet."""

    due_on: date | None
    id: int


def held(actor: Actor) -> QuerySet[Duty]:
    """Return the open duties that the actor's organisation holds; an applicant's, those of the own matters."""
    if actor.kind is ActorKind.STAFF and actor.organisation:
        return Duty.objects.filter(closed_at=None, organisation=actor.organisation)
    if actor.kind is ActorKind.APPLICANT and actor.applicant:
        own = Matter.objects.visible_to(actor).values("number")
        return Duty.objects.filter(closed_at=None, organisation="", subject__in=own)
    return Duty.objects.none()


def mirrors(actor: Actor) -> QuerySet[Duty]:
    """Return the open duties of matters the actor may see that somebody else holds."""
    if actor.kind not in (ActorKind.STAFF, ActorKind.APPLICANT):
        return Duty.objects.none()
    seen = Matter.objects.visible_to(actor)
    # An applicant has few matters; a place has all that has ended, and fewer duties that are open.
    own = (
        Q(subject__in=seen.values("number"))
        if actor.kind is ActorKind.APPLICANT
        else Q(seen.named_by("subject"))
    )
    return Duty.objects.filter(own, closed_at=None).exclude(organisation=actor.organisation)


def of_kind(duties: QuerySet[Duty], kind: str | None) -> QuerySet[Duty]:
    """Keep duties of one kind, or all."""
    return duties if kind is None else duties.filter(kind=str(kind))


def kinds(*, of_offices: bool = False) -> dict[str, str]:
    """Return the kinds of duties of all procedures with what they are called; `of_offices`: without what only applicants owe."""
    found: dict[str, str] = {}
    for procedure in register.everyone():
        table = procedure.present
        opened = [one for rule in table.rules.values() for one in rule.opens]
        theirs = {one.duty for one in opened if one.holder is Holder.APPLICANT} if of_offices else set()
        found |= {
            f"{procedure.name}:{kind}": rule.title
            for kind, rule in table.duties.items()
            if kind not in theirs
        }
    return found


def of_code(duties: QuerySet[Duty], code: str) -> QuerySet[Duty]:
    """Keep duties of a kind by its code in `kinds`: two procedures may use one word for different duties."""
    procedure, _, kind = code.partition(":")
    return duties.filter(procedure=procedure, kind=kind)


def leaving_for(actor: Actor, *procedures: str, everywhere: tuple[str, ...] = ()) -> Leaving:
    """Return what the actor's queue leaves out: of these procedures, too, what only another post of the organisation may deal with."""
    foreign = tuple(one.name for one in register.everyone() if not one.is_for(actor.permissions))
    kinds = ((name, tuple(for_others(name, actor))) for name in procedures if name not in foreign)
    return Leaving(foreign, tuple(one for one in kinds if one[1]), everywhere)


def newest(actor: Actor) -> int:
    """Return the id of the open duty that came last to the actor's organisation; 0 where it holds none."""
    found = _newest.rows(actor.organisation)
    return int(found[0][0]) if found else 0


def for_others(procedure: str, actor: Actor) -> list[str]:
    """Return the kinds of duties of a procedure that the actor's post may not end."""
    if actor.kind is not ActorKind.STAFF:
        return []
    closed_by = register.of(procedure).present.closed_by
    return [kind for kind, permissions in closed_by.items() if not permissions & actor.permissions]


def overdue(duties: QuerySet[Duty], on: date) -> QuerySet[Duty]:
    """Keep what is late on a day."""
    return duties.filter(late_on(on))


def late_on(day: date) -> Q:
    """Return the condition of a duty that is late on a day: `kernel.time.standing.is_late` as the database asks it."""
    return Q(due_on__lt=day)


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
    return list(page(_with_label(duties).values_list(*COLUMNS), after, limit))  # type: ignore[arg-type]


def held_entries(actor: Actor, after: Place | None, limit: int, *, leaving: Leaving = NOTHING) -> list[Entry]:
    """Return `entries` of what the actor holds: the one question that everybody asks all day."""
    if actor.kind is not ActorKind.STAFF or not actor.organisation:
        return entries(leaving.of(held(actor)), after, limit)
    found: list[Entry] = []
    if after is None:
        found = _first_page(limit, leaving).rows(actor.organisation)
    elif after.due_on is not None:
        found = _later_page(limit, leaving).rows(actor.organisation, after.due_on, after.id)
    if len(found) < limit:
        last = after.id if after is not None and after.due_on is None else 0
        found += _undated_page(limit, leaving).rows(actor.organisation, last)[: limit - len(found)]
    return found


@lru_cache(maxsize=256)
def _first_page(limit: int, leaving: Leaving) -> Prepared[Duty]:
    return Prepared(lambda of: _dated(_entries_of(of, leaving), None)[:limit], str)


@lru_cache(maxsize=256)
def _later_page(limit: int, leaving: Leaving) -> Prepared[Duty]:
    return Prepared(
        lambda of, due_on, pk: _dated(_entries_of(of, leaving), Place(due_on, pk))[:limit], str, date, int
    )


@lru_cache(maxsize=256)
def _undated_page(limit: int, leaving: Leaving) -> Prepared[Duty]:
    return Prepared(lambda of, pk: _undated(_entries_of(of, leaving), Place(None, pk))[:limit], str, int)


_newest = Prepared(lambda of: _held_by(of).order_by("-id").values_list("id")[:1], str)


def _entries_of(organisation: str, leaving: Leaving) -> QuerySet[Duty, Any]:
    return _with_label(leaving.of(_held_by(organisation))).values_list(*COLUMNS)


def _held_by(organisation: str) -> QuerySet[Duty]:
    return held(Actor(ActorKind.STAFF, Channel.DESK, organisation=organisation))


def _with_label(duties: QuerySet[Duty]) -> QuerySet[Duty]:
    # A subquery, no join: a join would cost the index its order, and every page a sort of the whole queue.
    label = Matter.objects.filter(number=OuterRef("subject")).values("label")
    return duties.annotate(label=Subquery(label[:1]))


def _dated(duties: QuerySet[Duty], after: Place | None) -> QuerySet[Duty]:
    dated = duties.filter(due_on__isnull=False).order_by("due_on", "id")
    if after is None:
        return dated
    return dated.filter(TupleGreaterThan(Tuple(F("due_on"), F("id")), (after.due_on, after.id)))


def _undated(duties: QuerySet[Duty], after: Place | None) -> QuerySet[Duty]:
    last = after.id if after is not None and after.due_on is None else 0
    return duties.filter(due_on=None, id__gt=last).order_by("id")

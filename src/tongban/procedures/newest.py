"""
The newest matters that somebody may see, page by page, at the same cost whatever lies behind them.

`visible_to` alone says who may see what. It asks of each matter for its places, so that a list which begins with the newest
of the node would read all that other places have done in between. Here the places are asked first, each by an index that
lies in the order of the list (`Party`); what they name is then put before `visible_to`. Nobody sees more by it, and what
it would leave out is missing from a list: `tests/procedures/test_newest.py` compares the two.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel.models import Duty
from tongban.procedures import register
from tongban.procedures.models import (
    Matter,
    MatterQuerySet,
    Party,
    Unjudged,
    bound,
    keeps_archive,
    supervised_by,
)

# How many matters of the own places a page looks at where few of them are what is asked for: then it ends early, and says where.
LOOKED_THROUGH = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where in such a list a page ended: after the matter that was opened on a day under a number."""

    day: date
    number: str


@dataclass(frozen=True, slots=True)
class Newest[M: Matter]:
    """
    A list of matters: those of `found` that `actor` may see, of one procedure or of all.

    Only: `about`, what is about another matter; `number`, that one and what is about it; `live`, what is under way; `ended`, what
    is not; `among`, those of these open duties, and `but` not those of these; `own`, what the actor's organisation is itself a party to;
    `traced`, those that rows of `procedures.tracing` name; `since` and `until`, what was opened on these days.
    """

    found: MatterQuerySet[M]
    actor: Actor
    procedure: str = ""
    about: str = ""
    number: str = ""
    live: bool = False
    ended: bool = False
    among: QuerySet[Duty] | None = None
    but: QuerySet[Duty] | None = None
    own: bool = False
    traced: Sequence[QuerySet[Any]] | None = None
    since: date | None = None
    until: date | None = None

    def page(self, after: Place | None, limit: int) -> tuple[list[M], Place | None]:
        """
        Return at most `limit` matters that follow `after`, and where the next page begins; None at the end.

        A page may be short, or empty, and another follow: nothing of what was looked at was what is asked for.
        """
        rows: list[M] = []
        if self.found.query.is_empty():
            return rows, None
        ways, looked, size = list(self._ways()), 0, limit + 1
        while looked < LOOKED_THROUGH:
            seen, more = _named(ways, after, size)
            of = {row.pk: row for row in self._seen(seen) if self._is_asked(row.procedure)}
            rows += [of[one.number] for one in seen if one.number in of]
            if len(rows) > limit:
                return rows[:limit], _place(rows[limit - 1])
            if not more:
                return rows, None
            after, looked, size = seen[-1], looked + size, max(LOOKED_THROUGH // 4, 1)
        return rows, after

    def count(self, most: int) -> tuple[int, bool]:
        """Return how many there are among the newest `most` of the own places, and whether there may be more behind those."""
        if self.found.query.is_empty():
            return 0, False
        named, more = _named(self._ways(), None, 2 * (most + 1))  # a place may be bound to each in two roles
        procedures = self._seen(named[:most]).values_list("procedure", flat=True)
        return sum(map(self._is_asked, procedures)), more or len(named) > most

    def _seen(self, named: Iterable[Place]) -> MatterQuerySet[M]:
        # By their numbers alone: told of the procedure as well, SQLite goes through all matters of that.
        return self.found.visible_to(self.actor).filter(pk__in=[one.number for one in named]).order_by()

    def _is_asked(self, procedure: str) -> bool:
        return self.procedure in ("", procedure)

    def _ways(self) -> Iterator[QuerySet[Any, Any]]:
        """Yield by which indexes what the actor may see is found: days and numbers, more of them rather than fewer."""
        if self.among is not None:
            yield self._of_duties(self.among)
        elif self.traced is not None:
            yield from (self._days(one, "matter_id", F("opened_on")) for one in self.traced)
        elif self.number:
            yield self._of_matters(number=self.number)
            yield self._of_matters(about=self.number)
        elif self.about:
            yield self._of_matters(about=self.about)
        else:
            yield from self._by_procedure()

    def _by_procedure(self) -> Iterator[QuerySet[Any, Any]]:
        procedures = [self.procedure] if self.procedure else [*register.names(), *_unknown()]
        if self.actor.kind is ActorKind.APPLICANT:
            yield from (self._of_matters(applicant=self.actor.applicant, procedure=one) for one in procedures)
        elif self.actor.kind is ActorKind.SYSTEM:
            yield from (self._of_matters(procedure=one) for one in procedures)
        elif self.actor.kind is ActorKind.STAFF and self.actor.organisation:
            yield from self._by_place(procedures)

    def _by_place(self, procedures: Iterable[str]) -> Iterator[QuerySet[Any, Any]]:
        here, watched, others = self.actor.organisation, supervised_by(self.actor), False
        for one in procedures:
            if self.actor.supervises and one in watched:
                yield self._of_matters(procedure=one)
                continue
            known = register.find(one)
            whole = one in watched or known is None or keeps_archive(self.actor)
            if known is not None and not whole and not known.is_for(self.actor.permissions):
                continue
            yield self._of_parties("org", one)
            if whole and not self.own:
                yield self._of_parties("office", one)
            others |= not whole
        if others and not self.own:
            # As a centre it has to do with what waits for it, which is bounded by what is open.
            owed = Duty.objects.filter(closed_at=None, organisation=here)
            yield self._of_duties(owed.exclude(Q(bound(here, "org", "subject"))))
            # No database is to take the number of the last page for where to begin: few are parked of all that follow it.
            parked = Matter.objects.filter(parked__gt="")
            yield self._days(parked, "number", F("opened_on"), Coalesce("number", Value("")))

    def _of_duties(self, duties: QuerySet[Duty]) -> QuerySet[Any, Any]:
        # Asked beforehand: in one statement a planner may well begin with all matters there are.
        owed = list(duties.values_list("subject", flat=True).distinct())
        # Also in a matter whose first day nobody can read, which a neighbour may have sent, something may be owed.
        return self._days(Matter.objects.filter(number__in=owed), "number", Coalesce("opened_on", date.min))

    def _of_matters(self, **conditions: Any) -> QuerySet[Any, Any]:
        return self._days(Matter.objects.filter(**conditions), "number", F("opened_on"))

    def _of_parties(self, column: str, procedure: str) -> QuerySet[Any, Any]:
        here = Party.objects.filter(**{column: self.actor.organisation}, procedure=procedure)
        return self._days(here, "matter_id", F("opened_on"))

    def _days(self, rows: QuerySet[Any], number: str, day: Any, called: Any = None) -> QuerySet[Any, Any]:
        if self.live != self.ended and self.traced is None:
            rows = rows.filter(live=self.live)
        if self.but is not None:
            rows = rows.exclude(**{f"{number}__in": self.but.values("subject")})
        named: QuerySet[Any, Any] = rows.annotate(day=day, called=called or F(number)).filter(
            day__isnull=False
        )
        if self.since is not None:
            named = named.filter(day__gte=self.since)
        if self.until is not None:
            named = named.filter(day__lte=self.until)
        return named.values_list("day", "called")


def _named(ways: Iterable[QuerySet[Any, Any]], after: Place | None, limit: int) -> tuple[list[Place], bool]:
    """Return the newest matters that may be in the list, at most `limit` of each way, and whether more follow."""
    parts, values = list[str](), list[Any]()
    for piece in (piece for way in ways for piece in _in_order(way, after, limit)):
        try:
            sql, given = piece.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT {len(parts)}, w.* FROM ({sql}) AS w")  # noqa: S608 - the ORM's own text
        values += given
    if not parts:
        return [], False
    found: list[list[Place]] = [[] for _ in parts]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for way_of, day, number in cursor.fetchall():
            found[way_of].append(Place(date.fromisoformat(str(day)), number))
    return _merged(found, limit)


def _in_order(way: QuerySet[Any, Any], after: Place | None, limit: int) -> Iterator[QuerySet[Any, Any]]:
    """Yield the next `limit` of a way, newest first: the rest of the day on which the page before ended, and what is older."""
    if after is None:
        yield way.order_by("-day", "called")[:limit]
        return
    # Apart, since each begins in its place in the index; in one condition the day would be read from its beginning.
    yield way.filter(day=after.day, called__gt=after.number).order_by("-day", "called")[:limit]
    yield way.filter(day__lt=after.day).order_by("-day", "called")[:limit]


def _merged(ways: Iterable[list[Place]], limit: int) -> tuple[list[Place], bool]:
    """
    Return what several ways name, each matter once, newest first; and whether more follow.

    A way that was cut off at `limit` may go on right after its last: what others name beyond that waits for the next time.
    """
    ends = [_order(way[-1]) for way in ways if len(way) >= limit]
    named = sorted({_order(one) for way in ways for one in way})
    if ends:
        named = [one for one in named if one <= min(ends)]
    return [Place(date.fromordinal(-day), number) for day, number in named], bool(ends)


def _order(place: Place) -> tuple[int, str]:
    return -place.day.toordinal(), place.number


def _place(row: Matter) -> Place:
    return Place(row.opened_on or date.min, row.pk)


def _unknown() -> list[str]:
    """Return the procedures of newer neighbours of which something lies here."""
    return sorted(set(Unjudged.objects.values_list("procedure", flat=True)) - set(register.names()))

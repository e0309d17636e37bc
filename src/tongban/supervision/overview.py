"""
What who supervises asks for and is shown: filters over the open duties, and what is open cut by office, item, places and month.

All of it is read from open duties, by one statement; so it costs the same whatever lies behind.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr, TruncDate

from tongban.accounts.models import Organisation
from tongban.kernel.models import Duty
from tongban.kernel.time import calendars
from tongban.kernel.time.clock import OFFICIAL
from tongban.kernel.time.standing import standing
from tongban.procedures import listing, queues
from tongban.procedures.models import Matter
from tongban.procedures.words import Owed
from tongban.supervision import queries as supervising

SOON: Final = 2  # working days until a duty is due, within which it is shown as pressing
LABEL: Final = Matter.objects.filter(number=OuterRef("subject")).values("label")[:1]
FIELDS: Final = ("where", "kind", "office", "item", "place", "month", "late", "soon", "unopened", "asked")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, as typed; empty: all of it."""

    where: str = ""
    kind: str = ""
    office: str = ""
    item: str = ""  # `procedure:label`
    place: str = ""  # the division where it was taken in
    month: str = ""  # in which the duty began
    late: str = ""
    soon: str = ""
    unopened: str = ""
    asked: str = ""  # supervisions that wait for an answer

    @classmethod
    def of(cls, typed: Mapping[str, str]) -> "Wanted":
        """Return what an address asks for."""
        return cls(**{name: typed.get(name, "")[:80] for name in FIELDS})

    def query(self, **more: str) -> str:
        """Return the query of the page that asks for this, and for more."""
        asked = replace(self, **more)
        return urlencode({name: getattr(asked, name) for name in FIELDS if getattr(asked, name)})

    def kept(self, duties: QuerySet[Duty], today: date) -> QuerySet[Duty]:
        """Return the duties that this asks for."""
        found = supervising.held_by(duties, self.where)
        if self.kind in queues.kinds():
            found = queues.of_code(found, self.kind)
        if self.office:
            found = found.filter(organisation=self.office)
        if self.item:
            procedure, _, label = self.item.partition(":")
            # Asked of each open duty: told the other way round, SQLite begins with all matters of the label there ever were.
            found = found.alias(item=Subquery(LABEL)).filter(procedure=procedure, item=label)
        if self.place.isdigit():
            found = found.filter(subject__startswith=self.place)
        if begun := _month(self.month):
            found = found.filter(since__gte=begun, since__lt=(begun + timedelta(days=32)).replace(day=1))
        if self.late:
            found = queues.overdue(found, today)
        if self.soon:
            found = found.filter(soon_on(today))
        if self.unopened:
            found = supervising.never_opened(found, today)
        return found.filter(kind=Owed.SUPERVISE) if self.asked else found


@dataclass(frozen=True, slots=True)
class Cut:
    """What is open under one heading: how many duties, how many late, how many nobody opened, mean working days since they began."""

    code: str
    name: str
    total: int
    late: int
    unopened: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Cuts:
    """What is open, by who owes it, item, places and month in which it began."""

    offices: list[Cut]
    items: list[Cut]
    places: list[Cut]
    months: list[Cut]
    whole: Cut
    soon: int  # due within days
    asked: int  # supervisions that wait for an answer


def soon_on(today: date) -> Q:
    """Return the condition of a duty that is pressing: due today, or within so few working days."""
    last = calendars.current().due(today, SOON, "working_day").due_on or today + timedelta(days=SOON)
    return Q(due_on__gte=today, due_on__lte=last)


def cuts(duties: QuerySet[Duty], today: date, named: Callable[[str], str]) -> Cuts:
    """Return what is open of some duties, cut four ways; `named` says what divisions are called."""
    rows: list[tuple[Any, ...]] = list(
        duties.order_by()
        .annotate(label=Subquery(LABEL), place=Substr("subject", 1, 6), day=TruncDate("since", tzinfo=OFFICIAL))
        .values_list("organisation", "procedure", "kind", "label", "place", "day")
        .annotate(
            total=Count("id"), late=Count("id", filter=queues.late_on(today)),
            unopened=Count("id", filter=supervising.unopened_on(today)), soon=Count("id", filter=soon_on(today)),
        )
    )  # fmt: skip
    used = _used({row[5] for row in rows}, today)
    offices = {**listing.known_names({row[0] for row in rows}), "": "申请人"}
    divisions = dict(Organisation.objects.filter(uscc__in=offices).values_list("uscc", "division_code"))
    items = listing.names_of_labels({(row[1], row[3] or "") for row in rows})

    def goal(row: tuple[Any, ...]) -> str:
        return named(divisions[row[0]]) if row[0] in divisions else (offices.get(row[0], row[0]) or row[0])

    def by(code: Callable[[tuple[Any, ...]], str], name: Callable[[tuple[Any, ...]], str]) -> list[Cut]:
        return _cut(rows, used, code, name)

    return Cuts(
        offices=by(lambda row: row[0], lambda row: offices.get(row[0], row[0])),
        items=by(lambda row: f"{row[1]}:{row[3] or ''}", lambda row: items[row[1], row[3] or ""]),
        places=by(lambda row: f"{row[4]} {row[0] and divisions.get(row[0], row[0])}", lambda row: f"{named(row[4])} → {goal(row)}"),
        months=sorted(by(lambda row: f"{row[5]:%Y-%m}", lambda row: f"{row[5]:%Y-%m}"), key=lambda cut: cut.code, reverse=True),
        whole=next(iter(by(lambda row: "", lambda row: "合计")), Cut("", "合计", 0, 0, 0, None)),
        soon=sum(row[9] for row in rows), asked=sum(row[6] for row in rows if row[2] == Owed.SUPERVISE),
    )  # fmt: skip


def _cut(
    rows: Iterable[tuple[Any, ...]], used: Mapping[date, int | None], code: Callable[[tuple[Any, ...]], str],
    name: Callable[[tuple[Any, ...]], str],
) -> list[Cut]:  # fmt: skip
    sums: dict[str, list[Any]] = {}
    for row in rows:
        key = code(row)
        if key not in sums:  # a name may have to be looked up
            sums[key] = [name(row), 0, 0, 0, 0, 0]
        held = sums[key]
        total, late, unopened = row[6:9]
        days = used[row[5]]
        more = (total, late, unopened, 0 if days is None else days * total, 0 if days is None else total)
        held[1:] = [one + by for one, by in zip(held[1:], more, strict=True)]
    found = [
        Cut(key, name_, total, late, unopened, round(days / counted, 1) if counted else None)
        for key, (name_, total, late, unopened, days, counted) in sums.items()
    ]
    return sorted(found, key=lambda cut: (-cut.late, -cut.total, cut.name))


def _used(days: Iterable[date], today: date) -> dict[date, int | None]:
    calendar = calendars.current()
    return {day: standing(max(day, today), min(day, today), calendar).days for day in days}


def _month(typed: str) -> datetime | None:
    try:
        return datetime.strptime(typed, "%Y-%m").replace(tzinfo=OFFICIAL)
    except ValueError:
        return None

"""Cases as lines of a list, alike for search, lists and exports: whom for, what, from where to where, how far, until when, with whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor
from tongban.accounts.places.models import Division
from tongban.cases import reading
from tongban.cases.models import Case
from tongban.cases.words import Phase
from tongban.catalogue.models import Offering
from tongban.kernel.journal import numbers
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import parse_time
from tongban.kernel.time import calendars, clock
from tongban.kernel.time.calendar import WorkingCalendar
from tongban.kernel.time.standing import Standing, standing
from tongban.procedures import listing
from tongban.procedures import queries as matters
from tongban.procedures.words import OF_SYSTEM
from tongban.web import chips
from tongban.web.desk.anywhere import page_of
from tongban.web.staff import names_of

_GOOD, _BAD = frozenset({"granted"}), frozenset({"denied"})


@dataclass(frozen=True, slots=True)
class Owed:
    """An open duty as lists show it: who owes it (empty: the applicant), who took it upon themselves, until when."""

    organisation: str
    claimed_by: str
    due_on: date | None
    limit: str
    since: date

    def standing(self, today: date, calendar: WorkingCalendar) -> Standing:
        """Return where it stands today."""
        return standing(self.due_on, today, calendar, since=self.since)


@dataclass(frozen=True, slots=True)
class Row:
    """One case as a list shows it."""

    case: Case
    url: str
    bearer: str  # empty: this post may not read it, or it is not known here
    item: str
    origin: str  # the county that took it in
    goal: str  # and the one that decides
    phase: str
    tag: str  # how the phase is coloured
    duty: Owed | None  # what is due first of all that is open
    due: SafeString | str
    holder: str
    tail: str  # the last groups of the number

    @property
    def opened_on(self) -> date | None:
        """When it was filed."""
        return self.case.opened_on


def rows(cases: Sequence[Case], actor: Actor, today: date) -> list[Row]:
    """Return the lines of cases that `actor` may see, in a few questions for all of them."""
    page = _Page(cases, actor, today)
    return [page.row(case) for case in cases]


def phase_of(case: Case) -> str:
    """Return how far a case is, with what was decided: 已办结·准予."""
    return _(case.phase_name)


def tag_of(case: Case) -> str:
    """Return how the phase of a case is coloured: by what was decided, else by whom it waits for."""
    if case.outcome in _BAD or case.phase == Phase.REFUSED:
        return "late"
    if case.outcome in _GOOD:
        return "ok"
    return "warn" if case.phase in (Phase.NOTICED, Phase.CORRECTING) else "brand-t"


def tail_of(number: str) -> str:
    """Return the groups of a number that tell it from others of its day and place."""
    return "…-" + numbers.grouped(number)[21:]


class _Page:
    """What the rows of one page share."""

    def __init__(self, cases: Sequence[Case], actor: Actor, today: date) -> None:
        self._actor, self._today = actor, today
        self._bearers = reading.bearers(cases, actor)
        self._items = listing.items_of(cases)
        offered = Offering.objects.filter(code__in={case.offering for case in cases})
        self._goals = dict(offered.values_list("code", "division"))
        codes = {case.number[:6] for case in cases} | set(self._goals.values())
        named = Division.objects.filter(code__in=codes, valid_to=None)
        self._places = dict(named.values_list("code", "name"))
        self._duties = due_first([case for case in cases if case.live])
        self._calendar = calendars.current()
        self._holders = listing.known_names({duty.organisation for duty in self._duties.values()})
        claimed = {duty.claimed_by for duty in self._duties.values()} - {"", actor.staff}
        self._staff = names_of(claimed) if claimed else {}

    def row(self, case: Case) -> Row:
        duty, goal = self._duties.get(case.number), self._goals.get(case.offering, "")
        return Row(
            case=case, url=page_of(case, self._actor), bearer=self._bearers.get(case.number, ""),
            item=self._items[case.number], origin=self._place(case.number[:6]), goal=self._place(goal),
            phase=phase_of(case), tag=tag_of(case), duty=duty,
            due=chips.of_due(duty.standing(self._today, self._calendar), duty.limit) if duty else "—",
            holder=self._holder(duty), tail=tail_of(case.number),
        )  # fmt: skip

    def _place(self, code: str) -> str:
        return self._places.get(code, code) or "—"

    def _holder(self, duty: Owed | None) -> str:
        if duty is None:
            return "—"
        if not duty.organisation:
            return _("申请人")
        if duty.organisation != self._actor.organisation:
            return self._holders.get(duty.organisation, duty.organisation)
        if duty.claimed_by == self._actor.staff:
            return _("我")
        return self._staff.get(duty.claimed_by, "") or _("无人认领")


def due_first(cases: Sequence[Case], *, of_applicant: bool = False) -> dict[str, Owed]:
    """
    Return of each case the open duty that is due first, by number; what nobody does by hand is left out.

    `of_applicant`: theirs where there is one. Read from the state of the case, which is here: no table of duties is asked.
    """
    found: dict[str, Owed] = {}
    for case in cases:
        open_ = [
            _owed(case.number, one) for one in case.state["duties"].values() if one["kind"] not in OF_SYSTEM
        ]
        if open_:
            found[case.number] = min(
                open_, key=lambda one: (of_applicant and bool(one.organisation), one.due_on or date.max)
            )
    return found


def _owed(number: str, said: Mapping[str, Any]) -> Owed:
    return Owed(
        said["holder"]["org"], matters.called(number, said["claimed"]), date.fromisoformat(said["due"]) if said["due"] else None,
        journal.limit_text(said["limit"]), clock.official_day(parse_time(said["since"])),
    )  # fmt: skip

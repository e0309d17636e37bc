"""Duties as lines of a list: with the case, the item and the places, found in a few questions for a whole page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tongban.accounts.actor import Actor
from tongban.agreements.models import Agreement
from tongban.cases import steps
from tongban.cases.models import Case
from tongban.cases.steps import Step
from tongban.cases.words import Duty as Kind
from tongban.catalogue.models import Guide, Offering
from tongban.kernel import calendars
from tongban.kernel.calendar import CalendarUnpublished, WorkingCalendar
from tongban.kernel.clock import official_day
from tongban.kernel.models import Duty
from tongban.procedures.queries import names_of


@dataclass(frozen=True, slots=True)
class Line:
    """One open duty as a list shows it."""

    duty: Duty
    case: Case
    title: str
    item: str
    holder: str  # empty: the applicant
    overdue_days: int  # calendar days past the due date for which this holder answers; 0: in time
    left: int | None  # working days until the due date; None: late, without one, or beyond the calendar
    of_system: bool  # nobody has to open it
    step: str  # of a review: which one comes next, where the guide calls it otherwise
    for_others: bool  # it takes a permission that the actor's post does not carry

    @property
    def origin(self) -> str:
        """The division where the case was taken in."""
        return self.case.number[:6]

    @property
    def unopened(self) -> bool:
        """Whether nobody has opened it yet (无人查看)."""
        return self.duty.first_opened_at is None and bool(self.duty.organisation) and not self.of_system


def lines(duties: Sequence[Duty], actor: Actor, today: date) -> list[Line]:
    """Return the lines of `duties` whose cases `actor` may see, in the same order."""
    numbers = {duty.subject for duty in duties}
    cases = Case.objects.visible_to(actor).filter(number__in=numbers).defer("state").in_bulk()
    items = dict(
        Offering.objects.filter(code__in={case.offering for case in cases.values()}).values_list(
            "code", "name"
        )
    )
    holders = known_names({duty.organisation for duty in duties})
    calendar = calendars.current()
    reviews = steps.of_cases(duty.subject for duty in duties if duty.kind == Kind.REVIEW)
    return [
        _line(duty, cases[duty.subject], items, holders, today, calendar, actor, reviews.get(duty.subject))
        for duty in duties
        if duty.subject in cases
    ]


def known_names(usccs: Iterable[str]) -> dict[str, str]:
    """Return the names of organisations by USCC: those registered here, and those that papers of peers name."""
    wanted = set(usccs) - {""}
    known = names_of(wanted)
    for uscc in wanted - known.keys():
        guide = Guide.objects.current().filter(offering__organisation=uscc).order_by("-pk").first()
        if guide is not None:
            known[uscc] = guide.body["organisation"]["name"]
    if wanted - known.keys():
        for agreement in Agreement.objects.order_by("pk"):
            known |= {p["organisation"]: p["name"] for p in agreement.document["parties"]}
    return known


def _line(
    duty: Duty,
    case: Case,
    items: dict[str, str],
    holders: dict[str, str],
    today: date,
    calendar: WorkingCalendar,
    actor: Actor,
    step: Step | None,
) -> Line:
    late = 0
    if duty.due_on and duty.due_on < today:
        # What was late already when it came here was late elsewhere; a day of it is shown all the same.
        late = max((today - max(duty.due_on, official_day(duty.since))).days, 1)
    kind = duty.kind
    review = step if kind == Kind.REVIEW else None
    permission = review.permission if review else steps.PERMISSIONS.get(kind)
    title = case.title_of_duty(kind)
    return Line(
        duty=duty, case=case, title=title, step=review.name if review and review.name != title else "",
        for_others=permission is not None and not actor.may(permission), item=items.get(case.offering, case.item),
        holder=holders.get(duty.organisation, duty.organisation), overdue_days=late,
        left=_left(duty.due_on, today, calendar), of_system=duty.kind == Kind.DELIVER,
    )  # fmt: skip


def _left(due_on: date | None, today: date, calendar: WorkingCalendar) -> int | None:
    if due_on is None or due_on < today:
        return None
    try:
        return calendar.working_days_between(today, due_on)
    except CalendarUnpublished:
        return None

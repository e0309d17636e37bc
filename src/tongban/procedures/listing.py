"""Duties as lines of a list: with the matter, what it is about and the places, found in a few questions for a whole page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tongban.accounts.access.actor import Actor
from tongban.kernel.models import Duty
from tongban.kernel.time import calendars
from tongban.kernel.time.calendar import WorkingCalendar
from tongban.kernel.time.clock import official_day
from tongban.kernel.time.standing import Standing, standing
from tongban.procedures import held_papers, practice, register
from tongban.procedures.models import Matter
from tongban.procedures.practice import Step
from tongban.procedures.queries import names_of
from tongban.procedures.words import OF_SYSTEM


@dataclass(frozen=True, slots=True)
class Line:
    """One open duty as a list shows it."""

    duty: Duty
    matter: Matter
    title: str
    item: str
    holder: str  # empty: the applicant
    standing: Standing  # late since when and by how much, for which this holder answers
    of_system: bool  # nobody has to open it
    step: str  # of a review: which one comes next, where the guide calls it otherwise
    for_others: bool  # it takes a permission that the actor's post does not carry

    @property
    def origin(self) -> str:
        """The division where the matter was begun."""
        return self.matter.number[:6]

    @property
    def unopened(self) -> bool:
        """Whether nobody has opened it yet (无人查看)."""
        return self.duty.first_opened_at is None and bool(self.duty.organisation) and not self.of_system


def lines(duties: Sequence[Duty], actor: Actor, today: date) -> list[Line]:
    """Return the lines of `duties` whose matters `actor` may see, in the same order."""
    numbers = {duty.subject for duty in duties}
    matters = Matter.objects.visible_to(actor).filter(number__in=numbers).defer("state").in_bulk()
    about = _Context(
        items=items_of(matters.values()), holders=known_names({duty.organisation for duty in duties}),
        steps=steps_of((duty.procedure, duty.kind, duty.subject) for duty in duties), calendar=calendars.current(), today=today,
    )  # fmt: skip
    return [_line(duty, matters[duty.subject], about, actor) for duty in duties if duty.subject in matters]


def items_of(matters: Iterable[Matter]) -> dict[str, str]:
    """Return what people call that which matters are about, by number: an item's name, or what the procedure calls it."""
    about = {matter.number: (matter.procedure, matter.label) for matter in matters}
    names = names_of_labels(about.values())
    return {number: names[one] for number, one in about.items()}


def names_of_labels(about: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return what people call what matters are about, by procedure and label; of a label without a name, what the procedure calls it."""
    by_procedure: dict[str, set[str]] = {}
    for procedure, label in about:
        by_procedure.setdefault(procedure, set()).add(label)
    found: dict[tuple[str, str], str] = {}
    for procedure, labels in by_procedure.items():
        names, known = practice.of(procedure).names(labels), register.find(procedure)
        title = known.title if known else procedure
        found |= {(procedure, label): names.get(label, label) or title for label in labels}
    return found


def known_names(usccs: Iterable[str]) -> dict[str, str]:
    """Return the names of organisations by USCC: those registered here, and those that papers of peers name."""
    wanted = set(usccs) - {""}
    known = names_of(wanted)
    return known | held_papers.names(wanted - known.keys())


@dataclass(frozen=True, slots=True)
class _Context:
    """What the lines of one page share."""

    items: Mapping[str, str]
    holders: Mapping[str, str]
    steps: Mapping[str, Step]
    calendar: WorkingCalendar
    today: date


def steps_of(owed_duties: Iterable[tuple[str, str, str]]) -> dict[str, Step]:
    """Return the step that comes next in each matter of which a step is owed that its papers name; given (procedure, kind, number)."""
    told, found = list(owed_duties), dict[str, Step]()
    for procedure in register.everyone():
        kinds = procedure.present.by_step
        owed = [number for name, kind, number in told if name == procedure.name and kind in kinds]
        if owed:
            found |= practice.of(procedure.name).next_steps(owed)
    return found


@dataclass(frozen=True, slots=True)
class Owed:
    """What has to be done about a duty: its title, its step where the guide calls that otherwise, whether another post does it."""

    title: str
    step: str
    for_others: bool


def owed(procedure: str, kind: str, step: Step | None, actor: Actor) -> Owed:
    """Return what has to be done about a duty; `step`, the next of its matter, counts where the duty is done by steps."""
    known = register.find(procedure)
    review = step if known and kind in known.present.by_step else None
    permission = review.permission if review else known.present.ends.get(kind) if known else None
    title = known.present.title_of_duty(kind) if known else kind
    return Owed(
        title, review.name if review and review.name != title else "", permission is not None and not actor.may(permission)
    )  # fmt: skip


def _line(duty: Duty, matter: Matter, about: _Context, actor: Actor) -> Line:
    what = owed(duty.procedure, duty.kind, about.steps.get(duty.subject), actor)
    return Line(
        duty=duty, matter=matter, title=what.title, step=what.step, for_others=what.for_others, item=about.items[duty.subject],
        holder=about.holders.get(duty.organisation, duty.organisation),
        standing=standing(duty.due_on, about.today, about.calendar, since=official_day(duty.since)), of_system=duty.kind in OF_SYSTEM,
    )  # fmt: skip

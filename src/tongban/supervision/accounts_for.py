"""The case as an accountable story (责任追溯): who held it when, and which segment overran by how much."""

from dataclasses import dataclass
from datetime import date, datetime

from tongban.cases.models import Case
from tongban.kernel.journal import fold
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.time import calendars, clock
from tongban.kernel.time.standing import standing
from tongban.procedures import queries as matters
from tongban.procedures.dossier.checks_of_events import official, who_held
from tongban.procedures.words import OF_SYSTEM


@dataclass(frozen=True, slots=True)
class Segment:
    """One duty from its opening to its end: who held it, by when it was due, who opened it first."""

    name: str
    title: str
    holder: str
    since: datetime
    until: datetime | None  # None: still open
    due: str
    overrun: int | None  # working days past the due date; None where the calendar does not say
    opened_at: datetime | None
    opened_by: str
    claimed_by: str
    of_system: bool


def segments(case: Case, at: datetime) -> list[Segment]:
    """Return every duty that a case ever brought, in the order of opening."""
    names = matters.names(case)
    rows = who_held(_states(case))
    return [_segment(case, row, names, at) for row in sorted(rows, key=lambda row: row["since"])]


def _states(case: Case) -> list[tuple[Event, State]]:
    return fold.states(case.procedure, case.number, journal.events_of(case.number))


def _segment(case: Case, row: dict[str, object], names: dict[str, str], at: datetime) -> Segment:
    until = official(str(row["until"])) if row["until"] else None
    opened = row["first_opened"] if isinstance(row["first_opened"], list) else None
    kind, org = str(row["kind"]), str(row["org"])
    return Segment(
        name=str(row["name"]), title=case.title_of_duty(kind),
        holder=names.get(org, org) or "申请人", since=official(str(row["since"])), until=until,
        due=str(row["due"] or ""), overrun=_overrun(str(row["due"] or ""), official(str(row["since"])), until or at),
        opened_at=official(opened[0]) if opened else None, opened_by=matters.called(case.number, opened[1]) if opened else "",
        claimed_by=matters.called(case.number, str(row["claimed"] or "")), of_system=kind in OF_SYSTEM,
    )  # fmt: skip


def _overrun(due: str, since: datetime, end: datetime) -> int | None:
    """Return by how many working days a segment overran."""
    due_on = date.fromisoformat(due) if due else None
    held = clock.official_day(since)
    return standing(due_on, clock.official_day(end), calendars.current(), since=held).days_late

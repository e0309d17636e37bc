"""The window's book (收件登记簿): what an organisation took in on a day, each with when and by whom it was received."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from tongban.accounts.access.actor import Actor
from tongban.cases.models import Case
from tongban.cases.rules_1.guards import ONLINE
from tongban.cases.words import Act
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Event
from tongban.procedures import queries as matters

MOST: Final = 1000  # of one hall in one day


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: the case, when it was received, and the code of who received it."""

    case: Case
    at: datetime
    staff: str


def taken_in(*, on: date, by: Actor, only_mine: bool = False) -> list[Entry]:
    """Return what the actor's organisation received on a day, in order; `only_mine`: by the actor. What the system let pass is none."""
    own = Case.objects.visible_to(by).filter(intake_org=by.organisation, received_on=on)
    cases = {case.number: case for case in own.exclude(mode__in=[*ONLINE])}
    entries = [
        Entry(cases[number], at, staff) for number, at, staff in _received(list(cases)) if not only_mine or staff == by.staff
    ]  # fmt: skip
    return sorted(entries, key=lambda one: (one.at, one.case.number))[:MOST]


def _received(numbers: Sequence[str]) -> list[tuple[str, datetime, str]]:
    """Return of each case when it was received, and by whom; by one statement."""
    rows = Event.objects.filter(subject__in=numbers, kind=Act.RECEIVE).values_list("raw", "body")
    events = [journal.read_row(raw, body) for raw, body in rows]
    return [(one.subject, one.at, matters.called(one.subject, one.actor["staff"])) for one in events]

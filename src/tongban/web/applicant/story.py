"""What an applicant is told of the course of a case: where it stands, and what happened, in sentences."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.html import format_html
from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor
from tongban.cases.models import Case
from tongban.cases.words import ADVERSE, BEING_DECIDED, Act, Duty, Phase, Role
from tongban.kernel.time import calendars
from tongban.kernel.time import standing as duties
from tongban.procedures import queries as matters
from tongban.procedures.queries import Entry, Explained
from tongban.web import chips
from tongban.web.applicant.words import MEANING, NEXT, STORY, TURN, UNTOLD
from tongban.web.desk import case_rows
from tongban.web.english import marked
from tongban.web.words import ACTORS

COLOURS: Final = {"ok": "ok", "late": "bad", "warn": "warn"}  # of a tag, and of a note


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened: what, when, who; nobody where it happened by itself."""

    at: datetime
    what: str
    who: str
    how: str = ""


def meaning(case: Case) -> Any:
    """Return what it means that a case stands where it does: whose turn it is, else what the phase is."""
    open_ = {duty["kind"] for duty in case.state["duties"].values()}
    if case.phase == Phase.CORRECTING and not open_ & {Duty.TELL, Duty.ANSWER}:
        open_.add(Duty.RECHECK)  # answered; the other place has the duty, or will once the answer has arrived
    return next(
        (said for duty, said in TURN.items() if duty in open_), dict[Any, Any](MEANING).get(case.phase, "")
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: in words and colour, what that means, what comes next and by when."""

    phase: str
    colour: str  # of a note
    meaning: Any
    ahead: Any
    due: Any  # the chip of what is due first; empty where nothing is


def standing(case: Case, today: date) -> Standing:
    """Return where a case stands, as every page of it says first."""
    owed = case_rows.due_first([case], of_applicant=True).get(case.number) if case.live else None
    running = [one.due_on for one in deadlines(case) if one.due_on] if case.live else []
    first, due = min(running, default=None), ""
    if owed is not None and owed.due_on is not None:
        due = chips.of_due(owed.standing(today, calendars.current()))
    elif first is not None:
        due = chips.of_due(duties.standing(first, today, calendars.current()))
    refused = case.outcome in ADVERSE and case.phase in (Phase.CONCLUDED, Phase.DELIVERED)
    ahead = NEXT[Phase.REFUSED] if refused else dict[Any, Any](NEXT).get(case.phase, "")
    return Standing(
        case_rows.phase_of(case), COLOURS.get(case_rows.tag_of(case), ""), meaning(case), ahead, due
    )


def deadlines(case: Case) -> list[Explained]:
    """Return what runs or is owed, without what only machines and those who watch owe."""
    return [one for one in matters.deadlines(case) if one.title not in UNTOLD]


def decide_by(case: Case) -> Any:
    """Return by when the decision is due, while one is still to be made; afterwards there is nothing to wait for."""
    return case.decide_by if case.phase in BEING_DECIDED else None


def told(case: Case, reader: Actor) -> list[Told]:
    """Return what happened, as `reader` may know it, last first; the same thing again right afterwards is told once."""
    entries = [one for one in matters.timeline(case, reader) if one.act in STORY]
    found: list[Told] = []
    for number, entry in enumerate(entries):
        if number + 1 < len(entries) and (entries[number + 1].act, entries[number + 1].name) == (
            entry.act,
            entry.name,
        ):
            continue
        what = str(STORY[Act(entry.act)])
        if entry.act == Act.FORWARD:
            there = marked(_taken_by(entries[number:])) or _("办理地")
            what = format_html(what.replace("%(there)s", "{}"), there)
        found.append(
            Told(entry.at, what, {ACTORS[0]: _("您"), ACTORS[1]: ""}.get(entry.name, entry.name), entry.how)
        )
    return found[::-1]


def _taken_by(entries: list[Entry]) -> str:
    """Return who took up what was sent: the first of the other place to act on it."""
    return next((entry.name for entry in entries if entry.role == Role.HANDLING), "")

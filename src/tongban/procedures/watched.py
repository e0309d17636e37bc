"""
Supervision as it is asked and answered (督办): what an organisation has to answer for, and the letter a supervisor sends of a duty.

Raised once for each fact: a duty is late, or the day that an answer named has passed. Only whoever owes the duty answers.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel.time import calendars
from tongban.kernel.time.clock import official_day
from tongban.procedures import commands
from tongban.procedures.models import Matter
from tongban.procedures.words import Owed, Standard


@dataclass(frozen=True, slots=True)
class Asked:
    """A supervision that waits for an answer: its duty, and what it is about; it ends unanswered once that is done."""

    duty: str
    about: str
    title: str
    due_on: date | None
    since: datetime | None
    answer_by: date | None


def to_answer(matter: Matter, actor: Actor) -> list[Asked]:
    """Return the supervisions of a matter that the actor's organisation has to answer."""
    if actor.kind is not ActorKind.STAFF or not actor.organisation:
        return []
    return [
        one
        for one in open_in(matter)
        if matter.state["duties"][one.duty]["holder"]["org"] == actor.organisation
    ]


def open_in(matter: Matter) -> list[Asked]:
    """Return the supervisions of a matter that nobody has answered yet."""
    duties: dict[str, dict[str, Any]] = matter.state["duties"]
    return [
        _asked(matter, name, duty, duties.get(duty["about"] or "", {}))
        for name, duty in duties.items()
        if duty["kind"] == Owed.SUPERVISE
    ]


def answer(
    *, matter: Matter, duty: str, until: date, note: str, by: Actor, at: datetime, version: int | None = None
) -> Matter:
    """
    Say why a duty is late and by which day it will be done (答复督办); return the matter as it is then.

    Raises:
        as `commands.act`: the supervision is not the actor's to answer, or the day is none that may be promised.
    """
    asked = matter.state["duties"].get(duty, {})
    given = {"duty": duty, "promise": {"about": asked.get("about") or "", "until": f"{until}"}}
    return commands.act(
        matter=matter,
        act=Standard.SUPERVISE,
        by=by,
        at=at,
        given=given,
        texts={"note": note},
        version=version,
    )


def press(*, matter: Matter, about: str, note: str, by: Actor, at: datetime) -> Matter:
    """Put an open duty to whoever owes it (发出督办单), with a word; return the matter as it is then. Raises as `commands.act`."""
    return commands.act(
        matter=matter, act=Standard.PRESS, by=by, at=at, given={"about": about}, texts={"note": note}
    )


def next_worked(at: datetime) -> date:
    """Return the day that is proposed as promise: the next working day, or tomorrow where the calendar does not say."""
    day = official_day(at)
    due = calendars.current().due(day, 1, "working_day").due_on
    return due or day


def _asked(matter: Matter, name: str, duty: dict[str, Any], about: dict[str, Any]) -> Asked:
    return Asked(
        name, duty["about"] or "", matter.title_of_duty(about["kind"]) if about else "",
        date.fromisoformat(about["due"]) if about.get("due") else None,
        datetime.fromisoformat(about["since"]) if about else None,
        date.fromisoformat(duty["due"]) if duty["due"] else None,
    )  # fmt: skip

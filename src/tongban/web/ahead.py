"""What follows from an act, told before it is done: by the rule, from a rehearsal of which nothing is recorded."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor
from tongban.kernel.journal import writer as journal
from tongban.procedures import commands
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.procedures.words import OF_SYSTEM, Owed


@dataclass(frozen=True, slots=True)
class Owing:
    """What somebody will owe: by a day that is known, or within a limit that runs from when the news arrives."""

    title: str  # nothing where they only hear of it
    holder: str
    due_on: date | None = None
    limit: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where an act leads to."""

    phase: str = ""  # in words; nothing where the matter stays where it is
    opens: tuple[Owing, ...] = ()


def ahead_of(
    matter: Matter, act: str, *, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str], version: int
) -> Ahead:  # fmt: skip
    """Return where an act would lead; raises as `procedures.commands.rehearsed`."""
    after = commands.rehearsed(
        matter=matter, act=act, by=by, at=at, given=given, texts=texts, version=version
    ).after
    then = copy(matter)
    then.phase, then.state = after.phase, after.to_dict()
    fresh = [duty for name, duty in after.duties.items() if name not in matter.state["duties"]]
    return Ahead(
        then.phase_name if after.phase != matter.phase else "",
        tuple(_owing(then, duty) for duty in fresh if duty["kind"] not in OF_SYSTEM or duty["to"]),
    )


def _owing(then: Matter, duty: Mapping[str, Any]) -> Owing:
    names = matters.names(then)
    if duty["kind"] != Owed.DELIVER:
        due = date.fromisoformat(duty["due"]) if duty["due"] else None
        holder = names.get(duty["holder"]["org"], _("申请人"))
        return Owing(then.title_of_duty(duty["kind"]), holder, due, journal.limit_text(duty["limit"]))
    org = then.state["roles"][duty["to"].partition("/")[0]]["org"]
    holder, opened = names.get(org, org), duty["then"]
    if opened is None:
        return Owing("", holder, elsewhere=True)
    return Owing(
        then.title_of_duty(opened["kind"]),
        holder,
        limit=journal.limit_text(opened["limit"]),
        elsewhere=True,
    )

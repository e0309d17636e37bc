"""Matters that a calendar opens: once each period, whoever looks and however often."""

from datetime import date, datetime

from tongban.accounts.access.actor import SYSTEM
from tongban.kernel import identity
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal import writing
from tongban.kernel.time import calendars
from tongban.kernel.time.clock import official_day
from tongban.procedures import commands, periods
from tongban.procedures.models import Matter, Opened
from tongban.procedures.periods import Opening, Period
from tongban.procedures.procedure import Procedure


def open_if_due(procedure: Procedure, opening: Opening, at: datetime) -> bool:
    """
    Begin the matter of the period whose day came last, if none was begun for it; return whether one was.

    Raises:
        MovedMeanwhile: another worker begins it. Else as `commands.begin`.
    """
    found = periods.due(opening, official_day(at), calendars.current())
    if found is None:
        return False
    period, day = found
    noted = Opened.objects.filter(procedure=procedure.name, period=period.name)
    if day < _since() or noted.exists():
        return False
    before = _begun_before(procedure, period)
    number = before or commands.new_number(at)
    with journal.one_act(number):
        # With the founding event or not at all: of two workers one is refused by the table.
        note = {"procedure": procedure.name, "period": period.name, "matter": number}
        writing.store([writing.Insert(Opened, (note,))])
        if before is None:
            given = {"period": period.name}
            commands.begin(
                procedure=procedure.name, act=opening.act, by=SYSTEM, at=at, given=given, number=number
            )
    return before is None


def _since() -> date:
    """Return the day since which this node is there: what was due before was nobody's."""
    return official_day(identity.chain_of(identity.fingerprint()).records[0].at)


def _begun_before(procedure: Procedure, period: Period) -> str | None:
    """Return the matter of a period that a restored node was given back, though what it had noted was lost."""
    fact = {f"state__facts__{procedure.founder}__period": period.name}
    founder = {"parties__role": procedure.founder, "parties__node": identity.fingerprint()}
    rows = Matter.objects.filter(procedure=procedure.name, **founder, **fact).order_by("number")
    return rows.values_list("number", flat=True).first()

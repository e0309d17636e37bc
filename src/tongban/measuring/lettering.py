"""How fast letters are made: numbered, drawn and sealed, beside the same letter drawn by typst alone."""

import statistics
from datetime import datetime

from tongban.cases.models import Case
from tongban.cases.words import Act
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.letters import issuing, official, printing
from tongban.measuring import cases
from tongban.measuring.verifying import timed
from tongban.procedures import commands


def measure(at: datetime, *, seconds: float, rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Return letters a second, their floor, and the milliseconds that each took: the notice of acceptance of one case."""
    number, officer = cases.arrived(at), cases.actor(cases.OFFICER)
    cases.do(number, Act.ACKNOWLEDGE, cases.OFFICER)
    case, at = Case.objects.get(number=number), clock.now()
    after = commands.rehearsed(matter=case, act=Act.ACCEPT, by=officer, at=at).after
    occasion = issuing.occasion(State.from_dict(case.state), after, Act.ACCEPT, officer, at, {}, {})
    drawn = official.draft(occasion)
    figures, floors, waits = [], [], []
    for _ in range(rounds):
        floors.append(1000 / statistics.mean(timed(lambda: printing.archival(drawn), seconds)))
        took = timed(lambda: issuing.make(occasion), seconds)
        figures.append(1000 / statistics.mean(took))
        waits += took
    return figures, floors, waits

"""Cases as two sides make them who hear of each other late: the events of random courses, in memory."""

import random
from dataclasses import dataclass, field
from datetime import timedelta

from tests.cases.courses import NUMBER, START, Course, offers, other
from tongban.cases.procedure import NAME as PROCEDURE
from tongban.cases.words import Act, Mode, Role
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State, apply

COURSES = (Course(), Course(licensing=False), Course(mode=Mode.FULLY_ONLINE))
# Endings that would make most courses short, and bookkeeping that would make them dull, come seldom.
SELDOM = frozenset(
    {Act.WITHDRAW, Act.RETURN, Act.VOID, Act.GRANT_WITHDRAWAL, Act.PARK, Act.SET_DUE, Act.REDIRECT}
)


@dataclass
class TwoViews:
    """What each side knows, what is under way to it, and every event in the order of writing."""

    views: dict[Role, State] = field(
        default_factory=lambda: {role: State(PROCEDURE, NUMBER) for role in Role}
    )
    under_way: dict[Role, list[Event]] = field(default_factory=lambda: {role: [] for role in Role})
    written: list[Event] = field(default_factory=list)
    held: dict[Role, list[Event]] = field(default_factory=lambda: {role: [] for role in Role})

    def write(self, role: Role, event: Event, after: State) -> None:
        """One side has acted."""
        self.views[role] = after
        self.held[role].append(event)
        self.under_way[other(role)].append(event)
        self.written.append(event)

    def carry(self, role: Role) -> None:
        """All that is under way reaches a side."""
        for event in self.under_way[role]:
            self.views[role] = apply(self.views[role], event, self.held[role])
            self.held[role].append(event)
        self.under_way[role].clear()


def random_course(chance: random.Random, acts: int = 40) -> TwoViews:
    """Let two sides act at random, each hearing of the other now and then; at the end all has arrived."""
    course, case, day = chance.choice(COURSES), TwoViews(), START
    for _ in range(acts):
        role = chance.choice(list(Role))
        if chance.random() < 0.35:
            case.carry(role)
        if chance.random() < 0.1:
            day += timedelta(days=chance.choice([1, 5, 40]))
        wanted = frozenset(act for act in Act if act not in SELDOM or chance.random() < 0.1)
        steps = list(offers(case.views[role], role, day, course, wanted, case.held[role]))
        if steps:
            step = chance.choice(steps)
            case.write(role, step.event, step.after)
    for role in Role:
        case.carry(role)
    return case

"""
A walk through everything that can become of a case, breadth first, over the real rules and the real fold.

From every point each side may act, and both may act at once, neither having seen what the other did. Points
that differ only in names, days and counts are one (`abstract`).
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.cases.courses import NUMBER, START, Course, offers
from tongban.cases.procedure import NAME as PROCEDURE
from tongban.cases.rules_1.guards import is_withdrawal_pending
from tongban.cases.words import (
    AWAITING_ACCEPTANCE,
    BEFORE_FORWARDING,
    BEING_DECIDED,
    TERMINAL,
    Act,
    Clock,
    Duty,
    Phase,
    Role,
)
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State, Step, put_last

LONG = timedelta(days=90)
# Bookkeeping that leads nowhere of its own; `test_lifecycle` tries it at every point instead.
ASIDE = frozenset(
    {
        Act.LOOK, Act.CLAIM, Act.SET_DUE, Act.ESCALATE, Act.PRESS, Act.SUPERVISE, Act.PARK, Act.RELEASE, Act.SETTLE, Act.REDACT,
        Act.SUCCEED, Act.HAND_OVER, Act.RELIEVE, Act.APPRAISE, Act.APPROVE_DESTRUCTION, Act.DECLINE_DESTRUCTION,
        Act.RETRACT_DESTRUCTION, Act.CONFIRM_DESTRUCTION, Act.DROP, Act.NOT_REACHED, Act.REACHED,
    }
)  # fmt: skip
COURSE_ACTS = frozenset(Act) - ASIDE
MOST_HOPS = 2


class DifferentStates(AssertionError):
    """Two acts done at once give different states in different orders."""


@dataclass(frozen=True)
class Knot:
    """A point of the walk, and how one got here."""

    state: State
    day: date
    came: "Knot | None" = None
    by: str = ""
    acts: frozenset[Act] = frozenset()
    new: tuple[Event, ...] = ()

    def known(self) -> list[Event]:
        """All events so far."""
        before = self.came.known() if self.came else []
        return [*before, *self.new]

    @property
    def phase(self) -> Phase:
        """The phase."""
        return Phase(self.state.phase)

    def path(self) -> str:
        """How one gets here."""
        steps, knot = [], self
        while knot.came is not None:
            steps.append(knot.by)
            knot = knot.came
        return " → ".join(reversed(steps)) or "(start)"


def brings(duty: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a delivery opens when it has arrived, and who holds it there; nothing twice for other duties."""
    then = duty["then"]
    return (then["kind"], then["holder"]) if then else ("", "")


def abstract(state: State, day: date) -> Any:
    """Return what counts of a state, without names and dates."""
    intake, handling = (state.facts.get(role, {}) for role in Role)
    clock = state.clocks.get(Clock.NOTICE)

    def late(due: str | None) -> bool:
        return bool(due) and day > date.fromisoformat(str(due))

    duties = frozenset(
        (d["kind"], brings(d), d["to"], d["holder"]["org"], d["kind"] == Duty.ANSWER and late(d["due"]))
        for d in state.duties.values()
    )
    told_late = bool(intake.get("told_on") and clock and intake["told_on"] > clock["due"])
    marks: tuple[Any, ...] = (
        is_withdrawal_pending(state), "withdrawal_requested" in intake, handling.get("withdrawal"), bool(intake.get("answer_waits")),
    )  # fmt: skip
    # What only an earlier phase asks for tells later ones apart no more.
    if state.phase in BEFORE_FORWARDING | AWAITING_ACCEPTANCE:
        marks += (
            intake.get("identity"),
            "noticed_on" in intake,
            min(int(handling.get("hops", 0)), MOST_HOPS),
        )
    if state.phase in AWAITING_ACCEPTANCE:
        marks += (handling.get("corrected"), "answered_on" in intake, told_late)
    if state.phase in BEING_DECIDED:
        marks += (handling.get("extended"), len(handling.get("reviewed", ())))
    clocks = tuple((name, c["state"]) for name, c in sorted(state.clocks.items()))
    notice = clock is not None and clock["state"] == "running" and late(clock["due"])
    return state.phase, state.pen, duties, marks, clocks, notice


def _tame(state: State, act: Act) -> bool:
    """Leave out endless repetition, which leads to nothing new."""
    kinds = {d["kind"] for d in state.duties.values()} | {brings(d)[0] for d in state.duties.values()}
    match act:
        case Act.URGE:
            phases = (Phase.ACKNOWLEDGED, Phase.CORRECTING, Phase.DECIDED)
            return Duty.HEED_URGING not in kinds and state.phase in phases
        case Act.REQUEST_WITHDRAWAL:
            return not state.fact(Role.INTAKE, "withdrawal_requested")
        case Act.REDIRECT:
            return int(state.fact(Role.HANDLING, "hops", 0)) < MOST_HOPS
        case Act.CHECK_IDENTITY:
            return not state.fact(Role.INTAKE, "identity")
    return True


def _name(step: Step) -> str:
    return f"{step.event.role}:{step.event.kind}"


def both(state: State, first: Event, second: Event) -> State:
    """Return the state after two acts done at once; raises DifferentStates if their order matters."""
    one, other = put_last(put_last(state, first), second), put_last(put_last(state, second), first)
    if one.to_dict() != other.to_dict():
        raise DifferentStates(f"{first.chain} {first.kind} / {second.chain} {second.kind} at {state.phase}")
    return one


def _moves(knot: Knot, course: Course, at_once: bool) -> Iterator[Knot]:
    ways = {
        role: [
            step
            for step in offers(knot.state, role, knot.day, course, COURSE_ACTS)
            if _tame(knot.state, Act(step.event.kind))
        ]
        for role in Role
    }
    for step in (*ways[Role.INTAKE], *ways[Role.HANDLING]):
        yield Knot(step.after, knot.day, knot, _name(step), frozenset({Act(step.event.kind)}), (step.event,))
    for mine in ways[Role.INTAKE] if at_once else ():
        for theirs in ways[Role.HANDLING]:
            try:
                after = both(knot.state, mine.event, theirs.event)
            except DifferentStates as error:
                raise DifferentStates(f"{error}; reached by {knot.path()}") from None
            yield Knot(
                after, knot.day, knot, f"{_name(mine)} ∥ {_name(theirs)}", new=(mine.event, theirs.event)
            )
    yield Knot(knot.state, knot.day + LONG, knot, "(time passes)")


@dataclass
class Walk:
    """All knots reached, and from which others each is reached."""

    course: Course
    knots: dict[Any, Knot]
    leads_to: dict[Any, set[Any]]
    done: set[Act] = field(default_factory=set)

    def that_reach_no_end(self) -> list[Knot]:
        """Return knots from which no terminal phase can be reached."""
        back: dict[Any, set[Any]] = {}
        for source, targets in self.leads_to.items():
            for target in targets:
                back.setdefault(target, set()).add(source)
        alive = {key for key, knot in self.knots.items() if knot.phase in TERMINAL}
        waiting = list(alive)
        while waiting:
            for source in back.get(waiting.pop(), ()):
                if source not in alive:
                    alive.add(source)
                    waiting.append(source)
        return [knot for key, knot in self.knots.items() if key not in alive]


def roughly(state: State, day: date) -> Any:
    """Return so little of a state that a walk is short, and yet passes every phase and does every act wherever it may be done."""

    def late(owed: Mapping[str, Any]) -> bool:
        return bool(owed["due"]) and day > date.fromisoformat(str(owed["due"]))

    duties, notice = list(state.duties.values()), state.clocks.get(Clock.NOTICE)
    return (
        state.phase,
        frozenset((duty["kind"], duty["kind"] == Duty.ANSWER and late(duty)) for duty in duties),
        any(brings(duty)[0] == Duty.HEED_URGING for duty in duties),
        notice is not None and notice["state"] == "running" and late(notice),
        bool(state.fact(Role.INTAKE, "identity")),
    )


def explore(course: Course, *, at_once: bool = True, alike: Callable[[State, date], Any] = abstract) -> Walk:
    """Walk through everything; without `at_once` the two sides take turns. Points that are `alike` are one."""
    start = Knot(State(PROCEDURE, NUMBER), START)
    first = alike(start.state, start.day)
    walk, waiting = Walk(course, {first: start}, {}), deque([(first, start)])
    while waiting:
        key, knot = waiting.popleft()
        targets = walk.leads_to.setdefault(key, set())
        for following in _moves(knot, course, at_once):
            goal = alike(following.state, following.day)
            targets.add(goal)
            walk.done |= following.acts
            if goal not in walk.knots:
                walk.knots[goal] = following
                waiting.append((goal, following))
    return walk

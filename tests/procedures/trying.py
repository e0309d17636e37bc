"""
Any procedure in memory, by its rule table alone: no database, no network, no time but the one given.

A trial says how a procedure is tried: its terms, and what the acts of its own may carry. `attempt` lets a role do an act by the
real `deciding.decide`; `offers` lists what a role could do, with good codes; `walk` goes through all that can become of a matter.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Channel, Permission
from tongban.kernel.crypto import digest
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State, Step
from tongban.kernel.time.calendar import WorkingCalendar, Year
from tongban.procedures import deciding
from tongban.procedures.circumstances import NOTHING_SAID, Terms
from tongban.procedures.procedure import Procedure
from tongban.procedures.rule import Rule
from tongban.procedures.standard_guards import letting_in
from tongban.procedures.tables import APPEAL, WAIT, Table
from tongban.procedures.words import Owed, Standard

START = date(2026, 3, 2)
LONG = timedelta(days=90)
ENOUGH = 5000  # points: what can be done without end is to be put aside
APPLICANT = "A" * 26
ONE, ANOTHER = "1" * 26, "2" * 26  # members of staff
UNTIL_KEPT = timedelta(days=4100)  # after which nothing need be kept
# Monday to Friday and nothing else, far enough ahead for every course.
CALENDAR = WorkingCalendar(Year(y, 1, "test", "", "test", {}, {}) for y in range(2026, 2046))
# Bookkeeping that leads nowhere of its own: it is tried at the points of a walk, and is no step of it.
ASIDE = frozenset(Standard) - {Standard.ARRIVE}


def node_of(table: Table, role: str) -> str:
    """Return the node that fills a role."""
    return f"sm3:{table.roles.index(role) + 1:064}"


def org_of(role: str) -> str:
    """Return the organisation that fills a role."""
    return f"{role.upper()}ORG"


def centre_of(role: str) -> str:
    """Return its centre."""
    return f"{role.upper()}CENTRE"


def number_of(table: Table) -> str:
    """Return the number of a matter that its founder's node has issued."""
    return str(numbers.issue("341723", node_of(table, table.founder), 1, START, Random(1)))


def staff(role: str, permissions: Iterable[str], *, person: str = ONE, centre: bool = False) -> Actor:
    """Return someone of the organisation (or the centre) of a role, whose post has these permissions."""
    return Actor(
        kind=ActorKind.STAFF, channel=Channel.DESK, organisation=(centre_of if centre else org_of)(role), post="post",
        staff=person, assurance=3, permissions=frozenset(permissions),
    )  # fmt: skip


def applicant(name: str = APPLICANT) -> Actor:
    """Return an applicant."""
    return Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant=name, assurance=2)


def binding(table: Table, role: str, term: int = 0, papers: Iterable[Any] = ()) -> dict[str, Any]:
    """Return what the act that binds a role carries: of the founding one, without what its event says itself."""
    whole = {"org": org_of(role), "office": centre_of(role), "papers": list(papers)}
    return whole | {"node": node_of(table, role), "term": term} if term else whole


def succession(state: State, role: str) -> dict[str, Any]:
    """Return what puts another node in the place of the one that fills a role."""
    bound = state.roles.get(role, {"term": 0, "node": ""})
    return {"role": str(role), "term": bound["term"] + 1, "from": bound["node"], "node": f"sm3:{8:064}"}


def carried_by_standard(
    state: State, act: str, role: str, term: int, table: Table, day: date
) -> list[dict[str, Any]] | None:
    """Return the good codes with which a standard act may be tried; several where it may be about several things."""
    others = [one for one in table.roles if one != role] or ["nobody"]
    arrived = [
        n for n, d in state.duties.items() if d["kind"] == Owed.DELIVER and d["to"] == f"{role}/{term}"
    ]
    seq, hash_ = state.head(f"{role}/{term}")
    side = [n for n in state.duties if n.startswith(f"{role}/")]
    own = [n for n in side if state.duties[n]["holder"]["org"] == org_of(role)]
    claimed = [n for n in side if state.duties[n]["claimed"]]
    dropped = [{"duty": n} for n in side if state.duties[n]["kind"] == Owed.DROP]
    release = letting_in(state, role)
    watched = [
        answer_of(n, state.duties[n]["about"], day) for n in own if state.duties[n]["kind"] == Owed.SUPERVISE
    ]
    by_act: dict[str, list[dict[str, Any]]] = {
        Standard.ARRIVE: [{"duties": arrived}], Standard.LOOK: [{"duties": own}], Standard.CLAIM: [{"duties": own, "staff": ONE}],
        Standard.HAND_OVER: [{"duties": claimed, "colleague": ANOTHER}], Standard.RELIEVE: [{"duties": claimed}],
        Standard.SET_DUE: [{"due": {}}], Standard.ESCALATE: [{"about": name} for name in side] or [{"about": ""}],
        Standard.PRESS: [{"about": name} for name in side] or [{"about": ""}],
        Standard.SUPERVISE: watched or [{"duty": "", "promise": {"about": "", "until": ""}}],
        Standard.PARK: [{"reason": "fork", "event": f"sm3:{5:064}", "withhold": None}],
        Standard.RELEASE: [{"release": release}],
        Standard.SETTLE: [{"release": release, "settlement": f"sm3:{6:064}"}],
        Standard.SUCCEED: [{"succeed": succession(state, one), "under": "原节点失火"} for one in others],
        Standard.REDACT: [{"events": [hash_] if seq else [], "under": "个人信息保护法"}],
        Standard.APPRAISE: [{"ground": "expired", "staff": ONE}], Standard.APPROVE_DESTRUCTION: [{"staff": ONE}],
        Standard.DECLINE_DESTRUCTION: [{}], Standard.RETRACT_DESTRUCTION: [{}],
        Standard.CONFIRM_DESTRUCTION: [{"ground": state.fact(role, "appraised", "")}],
        Standard.DROP: dropped or [{"duty": ""}],
    }  # fmt: skip
    return by_act.get(act)


def answer_of(watch: str, about: str, until: date) -> dict[str, Any]:
    """Return what an answer to a supervision carries."""
    return {"duty": watch, "promise": {"about": about, "until": f"{until}"}}


def content_of(rule: Rule) -> list[Mapping[str, Any]]:
    """Return references for every piece of content the row asks for."""
    labels = [*rule.content, *(["remark"] if rule.brings else [])]
    return [{"label": label, "digest": digest.tagged("test", label), "size": 1} for label in labels]


type Attempt = Callable[..., Step]


def made_ready(
    act: str, state: State, day: date, known: Iterable[Event], attempt: Attempt
) -> tuple[State, date, list[Event]]:
    """
    Return the point at which bookkeeping has something to be about: what comes before it done, by somebody else, and waited for.

    `attempt` takes a state, an act, a day, the events so far, and who does it with which codes, by name.
    """
    events = list(known)

    def do(before: str, **more: Any) -> None:
        nonlocal state
        step = attempt(state, before, day, events, **more)
        state = step.after
        events.append(step.event)

    match act:
        case Standard.RELEASE | Standard.SETTLE:
            do(Standard.PARK)
        case Standard.HAND_OVER | Standard.RELIEVE:
            do(Standard.CLAIM)
        case Standard.APPRAISE:
            day += UNTIL_KEPT
        case Standard.APPROVE_DESTRUCTION | Standard.DECLINE_DESTRUCTION | Standard.RETRACT_DESTRUCTION:
            day += UNTIL_KEPT
            do(Standard.APPRAISE, person=ANOTHER, given={"ground": "expired", "staff": ANOTHER})
        case Standard.CONFIRM_DESTRUCTION:
            day += UNTIL_KEPT
            do(Standard.APPRAISE, person=ANOTHER, given={"ground": "expired", "staff": ANOTHER})
            do(Standard.APPROVE_DESTRUCTION)
            day += timedelta(days=WAIT + 1)
        case Standard.DROP:
            day += timedelta(days=APPEAL + 1)
    return state, day, events


def said_by(by: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the codes that somebody carries: how a window made sure of the applicant, applicants do not say."""
    return {
        name: of for name, of in given.items() if name != "presence" or by.kind is not ActorKind.APPLICANT
    }


def moment(day: date, count: int) -> datetime:
    """Return a moment of a day; each later act has a later one."""
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC) + timedelta(milliseconds=count)


def starts(rule: Rule, table: Table) -> frozenset[str]:
    """Return the phases from which a row may be done, by name."""
    return table.phases if rule.start is None else rule.start


def occasion(
    node: str, role: str, term: int, at: datetime, day: date, terms: Terms, by: Actor, *, epoch: int = 1,
    calendar: WorkingCalendar = CALENDAR,
) -> deciding.Occasion:  # fmt: skip
    """Return an occasion on which something is done."""
    return deciding.Occasion(by, at, day, node, epoch, role, term, calendar, terms)


type Carried = Callable[[State, str, str, int, date], list[dict[str, Any]]]


@dataclass(frozen=True)
class Trial:
    """How a procedure is tried: what its papers say, and what the acts of its own may carry from a state, by role and term."""

    procedure: Procedure
    carried: Carried
    terms: Terms = NOTHING_SAID
    aside: frozenset[str] = frozenset()  # acts of its own that are no step of a walk, as those of ASIDE
    by_another: frozenset[str] = frozenset()  # acts that whoever did what came before may not do

    @property
    def table(self) -> Table:
        """The table by which it is tried."""
        return self.procedure.present

    @property
    def powers(self) -> frozenset[str]:
        """All that a post may be allowed, in general and by this procedure's rows."""
        named = {str(rule.permission) for rule in self.table.rules.values() if rule.permission}
        return frozenset({*named, *(str(permission) for permission in Permission)})

    def person(self, act: str) -> str:
        """Return the member of staff who does an act."""
        return ANOTHER if act in self.by_another else ONE

    def roles_of(self, act: str) -> tuple[str, ...]:
        """Return the roles that may do an act."""
        role = self.table.rules[act].role
        return self.table.roles if role is None else (role,)

    def givens(self, state: State, act: str, role: str, term: int, day: date) -> list[dict[str, Any]]:
        """Return the good codes with which an act may be tried."""
        standard = carried_by_standard(state, act, role, term, self.table, day)
        return self.carried(state, act, role, term, day) if standard is None else standard

    def attempt(
        self, state: State, act: str, role: str, day: date, *, by: Actor | None = None, given: Mapping[str, Any] | None = None,
        term: int = 0, known: Iterable[Event] = (),
    ) -> Step:  # fmt: skip
        """Do an act by `deciding.decide`; raises as it does."""
        rule = self.table.rules[act]
        term = term or state.roles.get(role, {}).get("term", 1)
        if given is None:
            given = (self.givens(state, act, role, term, day) or [{}])[0]
        by = by or self.usual(rule, act, role)
        given = said_by(by, given)
        on = occasion(
            node_of(self.table, role), role, term, moment(day, state.version), day, self.terms, by
        )  # fmt: skip
        return deciding.decide(state, act, on, given, content_of(rule), known)

    def usual(self, rule: Rule, act: str, role: str) -> Actor:
        """Return who does an act where nobody is named."""
        if rule.permission is None:
            return SYSTEM if rule.is_of_system else applicant()
        return staff(role, self.powers, person=self.person(act))

    def offers(
        self, state: State, role: str, day: date, acts: Iterable[str], known: Iterable[Event] = ()
    ) -> Iterator[Step]:
        """Yield every lawful step that one role can take, each with good codes."""
        current = state.roles.get(role, {}).get("term", 1)
        for act in acts:
            rule = self.table.rules[act]
            if role not in self.roles_of(act) or (role not in state.roles and not rule.founds):
                continue
            for given in self.givens(state, act, role, current, day):
                try:
                    yield self.attempt(state, act, role, day, given=given, term=current, known=known)
                except DomainError:
                    continue


@dataclass(frozen=True)
class Point:
    """A point that a matter can reach, and the events by which it does."""

    state: State
    day: date
    known: tuple[Event, ...] = ()

    @property
    def path(self) -> str:
        """How one gets here."""
        return " → ".join(event.kind for event in self.known) or "(start)"


@dataclass
class Walk:
    """All points reached, from which others each is reached, and what was done on the way."""

    points: dict[Any, Point]
    leads_to: dict[Any, set[Any]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    def that_reach_no(self, ends: frozenset[str]) -> list[Point]:
        """Return the points from which no phase of these can be reached."""
        alive = {key for key, point in self.points.items() if point.state.phase in ends}
        grown = True
        while grown:
            more = {key for key, goals in self.leads_to.items() if goals & alive} - alive
            alive |= more
            grown = bool(more)
        return [point for key, point in self.points.items() if key not in alive]


def _plain(state: State) -> str:
    """Return what counts of a state, without names of events and dates."""
    duties = sorted(
        [d["kind"], d["holder"]["org"], d["to"] or "", (d["then"] or {}).get("kind", "")]
        for d in state.duties.values()
    )
    clocks = {name: clock["state"] for name, clock in state.clocks.items()}
    terms = {role: bound["term"] for role, bound in state.roles.items()}
    return json.dumps([state.phase, state.pen, duties, clocks, terms, state.facts], sort_keys=True)


def walk(trial: Trial) -> Walk:
    """Walk through everything that can become of a matter, breadth first; each role sees what the others did."""
    acts = [act for act in trial.table.rules if act not in ASIDE | trial.aside]
    start = Point(State(trial.procedure.name, number_of(trial.table)), START)
    found, waiting = Walk({_plain(start.state): start}), deque([(_plain(start.state), start)])
    while waiting:
        key, point = waiting.popleft()
        assert len(found.points) < ENOUGH, point.path
        goals = found.leads_to.setdefault(key, set())
        for role in trial.table.roles:
            for step in trial.offers(point.state, role, point.day, acts, point.known):
                goal = _plain(step.after)
                goals.add(goal)
                found.done.add(step.event.kind)
                if goal not in found.points:
                    following = Point(step.after, point.day, (*point.known, step.event))
                    found.points[goal] = following
                    waiting.append((goal, following))
    return found

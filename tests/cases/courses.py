"""
Cases in memory, by the rule table alone: no database, no network, no time but the one given.

A view is what one side knows of a case, as a folded state. `attempt` lets a side do an act by the real
`deciding.decide`; `offers` lists what a side could try, with good codes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from tests.procedures import trying
from tests.procedures.trying import APPLICANT, CALENDAR, START, applicant, content_of, moment, occasion
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Channel, Permission
from tongban.cases.procedure import CASE, RULES
from tongban.cases.terms import AGREEMENT, GUIDE, Terms, naming
from tongban.cases.words import Act, Mode, Power, Role
from tongban.kernel.errors import DomainError
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State, Step
from tongban.procedures import deciding
from tongban.procedures.rule import Rule

__all__ = ["CALENDAR", "START", "applicant"]  # and what is here, for tests of cases

TABLE = CASE.present
ONLINE: list[dict[str, Any]] = [{"presence": "id_card"}]
NODES = {role: trying.node_of(TABLE, role) for role in Role}
ORGS = {role: trying.org_of(role) for role in Role}
CENTRES = {role: trying.centre_of(role) for role in Role}
NUMBER = trying.number_of(TABLE)
CARRIED: dict[str, Any] = {"serial": "青人社服受〔2026〕1号", "asked": ["material:photo"]}
DIGESTS = {GUIDE: f"sm3:{3:064}", AGREEMENT: f"sm3:{4:064}"}
PAPERS = naming(("X", 1, DIGESTS[GUIDE]), ("TB-1", 1, DIGESTS[AGREEMENT]))


def guide(*, licensing: bool = True, assurance: int | None = 2) -> dict[str, Any]:
    """Return what the rules read of a guide with two review steps."""
    return {
        "offering": "X", "version": 1, "node": NODES[Role.HANDLING], "item": {"key": "item"},
        "modes": [str(mode) for mode in Mode],
        "identity": {"online_assurance": assurance},
        "kind": "licence" if licensing else "record",
        "limits": {"promised": None, "statutory": {"n": 20, "unit": "working_day"}},
        "review_steps": [
            {"code": "review", "permission": "case.review"}, {"code": "approve", "permission": "case.decide"},
        ],
    }  # fmt: skip


@cache
def terms(*, licensing: bool = True, limits: tuple[tuple[str, int], ...] = ()) -> Terms:
    """Return terms with all powers."""
    agreement = {
        "id": "TB-1", "version": 1, "parties": [{"node": node} for node in NODES.values()], "items": "*",
        "powers": [str(power) for power in Power], "limits": dict(limits), "valid_from": "2026-01-01", "valid_to": None,
    }  # fmt: skip
    return Terms(guide(licensing=licensing), agreement)


@dataclass(frozen=True)
class Course:
    """What stays the same through a case: its mode and terms."""

    mode: Mode = Mode.PROXY_INTAKE
    licensing: bool = True

    @property
    def terms(self) -> Terms:
        """The pinned terms."""
        return terms(licensing=self.licensing)


def staff(role: Role, *permissions: Permission, centre: bool = False) -> Actor:
    """Return someone of the organisation (or the centre) of a role; with all permissions unless some are named."""
    return Actor(
        kind=ActorKind.STAFF, channel=Channel.DESK, organisation=(CENTRES if centre else ORGS)[role], post="post",
        staff=trying.ONE, assurance=3, permissions=frozenset(permissions or Permission),
    )  # fmt: skip


def lawful_actor(act: Act, role: Role) -> Actor:
    """Return someone whom the row allows to do the act."""
    if RULES[act].permission is not None:
        return staff(role)
    return SYSTEM if RULES[act].is_of_system else applicant()


def binding(role: Role, term: int = 0) -> dict[str, Any]:
    """Return what the act that binds a role carries: of the founding one, without what its event says itself."""
    return trying.binding(TABLE, role, term, PAPERS)


def roles_of(act: Act) -> tuple[Role, ...]:
    """Return the roles that may do an act."""
    role = RULES[act].role
    return tuple(Role) if role is None else (role,)


def givens(state: State, act: Act, role: Role, term: int, course: Course, day: date) -> list[dict[str, Any]]:
    """Return the good codes with which an act may be tried; several where it may be about several things."""
    steps = [step["code"] for step in course.terms.guide["review_steps"]]
    done = state.fact(Role.HANDLING, "reviewed", [])
    next_term = state.term_of(Role.HANDLING) + 1
    filing = {
        "mode": str(course.mode), "item": "item", "bind": binding(Role.INTAKE), "applicant": APPLICANT,
        "target": {"node": NODES[Role.HANDLING], "offering": "X"}, "assurance": 2,
    }  # fmt: skip
    standard = trying.carried_by_standard(state, act, role, term, TABLE, day)
    by_act: dict[Act, list[dict[str, Any]]] = {
        Act.FILE: [filing, {**filing, **ONLINE[0]}],
        Act.RECEIVE: [{"papers": PAPERS}], Act.CHECK_IDENTITY: [{"method": "id_card"}],
        Act.FORWARD: [{"bind": binding(Role.HANDLING, next_term)}],
        Act.REVIEW: [{"step": steps[min(len(done), len(steps) - 1)]}], Act.SUSPEND: [{"procedure": "hearing"}],
        Act.DECIDE: [{"outcome": "granted"}], Act.SEND_RESULT: [{"way": "post"}], Act.HAND_OUT: [{"way": "window"}],
        Act.NOT_REACHED: [{"unreached": "tell", "cause": "not_in_use"}], Act.REACHED: [{"contact": "phone"}],
        # Of a letter that weighs against the applicant, staff say how it was served.
        Act.CONFIRM_DELIVERY: [{"service": "direct", "served_on": day.isoformat()}],
        Act.TAKE_ANSWER: [{"taken_by": f"sm3:{7:064}", "taken_at": "12340000THIRDORG0X"}],
        **{act: ONLINE for act, rule in RULES.items() if "presence" in rule.allows and act is not Act.FILE},
    }  # fmt: skip
    return (
        [{**numbered(RULES[act]), **one} for one in by_act.get(act, [{}])] if standard is None else standard
    )


def numbered(rule: Rule) -> dict[str, Any]:
    """Return what a row asks for that is the same in every case: a number of a letter, and what has to be put right."""
    return {name: CARRIED[name] for name in rule.given if name in CARRIED}


def other(role: str) -> Role:
    """Return the other role."""
    return Role.HANDLING if role == Role.INTAKE else Role.INTAKE


def starts(rule: Rule) -> frozenset[str]:
    """Return the phases from which a row may be done, by name."""
    return trying.starts(rule, TABLE)


def attempt(
    state: State, act: Act, role: Role, day: date, course: Course, *, by: Actor | None = None,
    given: Mapping[str, Any] | None = None, term: int = 0, **more: Any,
) -> Step:  # fmt: skip
    """Do an act by `deciding.decide`; raises as it does."""
    term = term or state.roles.get(role, {}).get("term", 1)
    if given is None:
        given = givens(state, act, role, term, course, day)[0]
    at, by = more.get("at") or moment(day, state.version), by or lawful_actor(act, role)
    given = trying.said_by(by, given)
    on = occasion(NODES[role], role, term, at, day, course.terms, by)
    content = more.get("content", content_of(RULES[act]))
    return deciding.decide(state, act, on, given, content, more.get("known", ()))


def offers(
    state: State, role: Role, day: date, course: Course, acts: frozenset[Act], known: Iterable[Event] = ()
) -> Iterator[Step]:  # fmt: skip
    """Yield every lawful step that one side can take, each with good codes."""
    current = state.roles.get(role, {}).get("term", 1)
    for act in Act:
        if act != Act.FILE and role not in state.roles:
            continue
        if act not in acts or role not in roles_of(act) or state.phase not in starts(RULES[act]):
            continue
        # A role whose term has ended can still say that something reached it.
        for term in range(1, current + 1) if act == Act.ARRIVE else (current,):
            for given in givens(state, act, role, term, course, day):
                try:
                    yield attempt(state, act, role, day, course, given=given, term=term, known=known)
                except DomainError:
                    continue

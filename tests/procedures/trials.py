"""Every procedure that the product knows, and the small ones of the tests, each with how it is tried."""

from typing import Any

from tests.cases import courses
from tests.cases.courses import Course
from tests.procedures import relays, visits
from tests.procedures.inspections import INSPECTION
from tests.procedures.monthly import MONTHLY
from tests.procedures.relays import RELAY, SECOND, THIRD
from tests.procedures.trying import Trial, binding, number_of
from tests.procedures.visits import VISIT, VISITOR
from tongban import known_procedures
from tongban.cases.procedure import CASE
from tongban.cases.words import Act, Role
from tongban.kernel.fold import State

ANOTHER = "341723AAAA20260302000000001"


def _visit(state: State, act: str, role: str, term: int) -> list[dict[str, Any]]:
    about = {"procedure": "inspection", "subject": ANOTHER, "head": None}
    by_act = {
        "order": {"bind": binding(visits.TABLE, visits.LEAD), "matters": [about]},
        "send": {"bind": binding(visits.TABLE, VISITOR, state.term_of(VISITOR) + 1)},
    }
    return [by_act.get(act, {})]


def _inspection(state: State, act: str, role: str, term: int) -> list[dict[str, Any]]:
    if act == "gather":
        return [{"children": {ANOTHER: phase} if phase else {}} for phase in ("ordered", "closed", "")]
    return [{"bind": binding(INSPECTION.present, role)} if act == "open" else {}]


def _monthly(state: State, act: str, role: str, term: int) -> list[dict[str, Any]]:
    return [{"bind": binding(MONTHLY.present, role), "period": "2026-02"} if act == "open" else {}]


def _relay(state: State, act: str, role: str, term: int) -> list[dict[str, Any]]:
    by_act = {
        "ask": {"bind": binding(relays.TABLE, role)}, "call_second": {"bind": binding(relays.TABLE, SECOND, 1)},
        "call_third": {"bind": binding(relays.TABLE, THIRD, 1)},
    }  # fmt: skip
    return [by_act.get(act, {})]


def _case(state: State, act: str, role: str, term: int) -> list[dict[str, Any]]:
    return courses.givens(state, Act(act), Role(role), term, Course())


SMALL = (INSPECTION, VISIT, MONTHLY, RELAY)
TRIALS = {
    one.procedure.name: one
    for one in (
        Trial(CASE, _case, Course().terms), Trial(INSPECTION, _inspection), Trial(VISIT, _visit),
        Trial(MONTHLY, _monthly), Trial(RELAY, _relay),
    )
}  # fmt: skip
EVERY = (*known_procedures.PROCEDURES, *SMALL)
assert number_of(CASE.present) == courses.NUMBER

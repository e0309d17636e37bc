"""Every procedure that the product knows, and the small ones of the tests, each with how it is tried."""

from datetime import date
from typing import Any

from tests.agreements import trial as agreement
from tests.cases import courses
from tests.cases.courses import Course
from tests.procedures import relays, visits
from tests.procedures.inspections import INSPECTION
from tests.procedures.monthly import MONTHLY
from tests.procedures.relays import RELAY, SECOND, THIRD
from tests.procedures.trying import ANOTHER, APPLICANT, ONE, Trial, binding, node_of, number_of
from tests.procedures.visits import VISIT, VISITOR
from tongban import known_procedures
from tongban.cases.procedure import CASE
from tongban.cases.words import Act, Role
from tongban.catalogue.filing import words as filing
from tongban.catalogue.filing.procedure import GUIDE_FILING
from tongban.complaints import words as complaints
from tongban.complaints.procedure import COMPLAINT
from tongban.kernel.journal.fold import State

CHILD = "341723AAAA20260302000000001"


def _visit(state: State, act: str, role: str, term: int, day: date) -> list[dict[str, Any]]:
    about = {"procedure": "inspection", "subject": CHILD, "head": None}
    by_act = {
        "order": {"bind": binding(visits.TABLE, visits.LEAD), "matters": [about]},
        "send": {"bind": binding(visits.TABLE, VISITOR, state.term_of(VISITOR) + 1)},
    }
    return [by_act.get(act, {})]


def _inspection(state: State, act: str, role: str, term: int, day: date) -> list[dict[str, Any]]:
    if act == "gather":
        return [{"children": {CHILD: phase} if phase else {}} for phase in ("ordered", "closed", "")]
    return [{"bind": binding(INSPECTION.present, role)} if act == "open" else {}]


def _monthly(state: State, act: str, role: str, term: int, day: date) -> list[dict[str, Any]]:
    return [{"bind": binding(MONTHLY.present, role), "period": "2026-02"} if act == "open" else {}]


def _relay(state: State, act: str, role: str, term: int, day: date) -> list[dict[str, Any]]:
    by_act = {
        "ask": {"bind": binding(relays.TABLE, role)}, "call_second": {"bind": binding(relays.TABLE, SECOND, 1)},
        "call_third": {"bind": binding(relays.TABLE, THIRD, 1)},
    }  # fmt: skip
    return [by_act.get(act, {})]


def _complaint(state: State, act: str, role: str, term: int, day: date) -> list[dict[str, Any]]:
    table, words = COMPLAINT.present, complaints.Act
    target = {"node": node_of(table, "handling"), "org": "X", "office": "X"}
    filing = {
        "bind": binding(table, role), "channel": "window", "against": "handling", "target": target, "matters": [],
        "applicant": APPLICANT,
    }  # fmt: skip
    by_act: dict[str, list[dict[str, Any]]] = {
        words.FILE: [{**filing, "mode": str(track)} for track in complaints.Track],
        words.DECLINE: [{"way": "review"}], words.REPLY: [{"outcome": "founded"}], words.RATE: [{"rating": "5"}],
        words.RATE_FOR: [{"rating": "4"}],
        words.RECUSE: [{"staff": ONE}],
    }  # fmt: skip
    if table.rules[act].binds:
        return [{"bind": binding(table, "handling", state.term_of("handling") + 1)}]
    return by_act.get(act, [{}])


def _filing(state: State, act: str, role: str, term: int, day: date) -> list[dict[str, Any]]:
    table, words = GUIDE_FILING.present, filing.Act
    centre = binding(table, filing.Role.CENTRE, state.term_of(filing.Role.CENTRE) + 1)
    drafted = {"drafted": f"sm3:{1:064}", "staff": ONE}
    begun = {
        "bind": binding(table, role), "offering": "X", "change": "new",
        "centre": {name: centre[name] for name in ("node", "org", "office")}, **drafted,
    }  # fmt: skip
    by_act: dict[str, dict[str, Any]] = {
        words.DRAFT: begun, words.REVISE: drafted, words.CHECK: {"staff": ANOTHER}, words.SUBMIT: {"bind": centre},
        words.FILE: {"filing_number": "1", "drafted": f"sm3:{1:064}"},
        words.PUBLISH: {"version": 1, "digest": f"sm3:{1:064}"}, words.REPLACE: {"newer": 2},
    }  # fmt: skip
    return [by_act.get(act, {})]


def _case(state: State, act: str, role: str, term: int, day: date) -> list[dict[str, Any]]:
    return courses.givens(state, Act(act), Role(role), term, Course(), day)


SMALL = (INSPECTION, VISIT, MONTHLY, RELAY)
TRIALS = {
    one.procedure.name: one
    for one in (
        Trial(CASE, _case, Course().terms), Trial(INSPECTION, _inspection), Trial(VISIT, _visit),
        Trial(MONTHLY, _monthly), Trial(RELAY, _relay),
        Trial(
            GUIDE_FILING, _filing, aside=frozenset({filing.Act.REVISE}), by_another=frozenset({filing.Act.CHECK})
        ),
        agreement.TRIAL,
        # There is one member of staff, whose stepping aside would end it.
        Trial(COMPLAINT, _complaint, aside=frozenset({complaints.Act.RECUSE})),
    )
}  # fmt: skip
EVERY = (*known_procedures.PROCEDURES, *SMALL)
assert number_of(CASE.present) == courses.NUMBER

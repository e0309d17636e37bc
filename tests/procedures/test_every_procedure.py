"""
What holds of every procedure, the product's and the small ones of the tests: each act from each phase by each role and post.

Of each phase some points are tried, for cases those of a short walk; all that can become of a case is walked through in
`tests/cases/test_lifecycle.py`.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from tests.cases.courses import Course
from tests.cases.exploration import explore, roughly
from tests.forging import forged
from tests.procedures.trials import EVERY, TRIALS
from tests.procedures.trying import (
    LONG,
    START,
    Point,
    Trial,
    Walk,
    applicant,
    made_ready,
    node_of,
    number_of,
    staff,
    starts,
    walk,
)
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Channel
from tongban.cases.procedure import CASE
from tongban.cases.words import Act
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted
from tongban.kernel.journal import bounds
from tongban.kernel.journal.bounds import Known
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State, Step
from tongban.procedures import deciding, judging, printing, register
from tongban.procedures.procedure import Procedure
from tongban.procedures.words import Standard

SENTENCES = re.compile(r"^[^。]*[\u4e00-\u9fff][^。]*。(.*。)?请[^。]*。$")
MANY = 4  # times that an act is tried
# By the organisation that holds the duty, and by no centre in its place.
BY_THE_HOLDER = {Standard.LOOK, Standard.CLAIM, Standard.HAND_OVER, Standard.SUPERVISE}
AMONG = 24  # points of each phase
ACTS = [
    pytest.param(trial, act, id=f"{name}-{act}", marks=[pytest.mark.slow] if name == CASE.name else [])
    for name, trial in TRIALS.items()
    for act in trial.table.rules
]
BY_NAME = [pytest.param(TRIALS[one.name], id=one.name) for one in EVERY if one.name != CASE.name]


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    with register.only(EVERY):
        yield


def test_every_procedure_is_tried() -> None:
    assert {one.name for one in EVERY} == TRIALS.keys()


@cache
def walked(name: str) -> Walk:
    """Return the walk through a procedure, made once."""
    with register.only(EVERY):
        return walk(TRIALS[name])


@cache
def points(name: str) -> dict[str, list[Point]]:
    """Return points that a matter of a procedure can reach, some of each phase, by phase."""
    found: dict[str, list[Point]] = {"": [Point(State(name, number_of(TRIALS[name].table)), START)]}
    every = list(walked(name).points.values()) if name != CASE.name else points_of_cases()
    for point in every:
        found.setdefault(point.state.phase, []).append(point)
    return {phase: of_phase[:: max(1, len(of_phase) // AMONG)] for phase, of_phase in found.items()}


def points_of_cases() -> list[Point]:
    """Return points that a case can reach by turns, so few that they are found in a second."""
    knots = explore(Course(), at_once=False, alike=roughly).knots.values()
    return [Point(knot.state, knot.day, tuple(knot.known())) for knot in knots]


def told(error: DomainError, point: Point) -> bool:
    """Whether a refusal names the matter and says what to do next, in Chinese."""
    return bool(SENTENCES.match(str(error))) and point.state.subject in str(error)


def prepared(trial: Trial, point: Point, act: str, role: str) -> Point:
    """Return the point at which bookkeeping has something to be about."""

    def attempt(
        state: State, before: str, day: date, known: list[Event], person: str = "", **more: Any
    ) -> Step:
        by = staff(role, trial.powers, person=person) if person else None
        return trial.attempt(state, before, role, day, by=by, known=known, **more)

    try:
        if act == Standard.SUPERVISE:
            late = trial.offers(point.state, role, point.day + LONG, [Standard.ESCALATE], point.known)
            step = next(late)
            return Point(step.after, point.day, (*point.known, step.event))
        state, day, known = made_ready(act, point.state, point.day, point.known, attempt)
    except (DomainError, StopIteration, KeyError):
        return point
    return Point(state, day, tuple(known))


def where_done(trial: Trial, act: str) -> Iterator[tuple[Point, str, State]]:
    """Yield points at which an act can be done, with the role that does it and the state after it."""
    for of_phase in points(trial.procedure.name).values():
        for point in of_phase:
            for role in trial.roles_of(act):
                there = prepared(trial, point, act, role)
                for day in (there.day, there.day + LONG):
                    later = Point(there.state, day, there.known)
                    for step in trial.offers(there.state, role, day, [act], there.known):
                        yield later, role, step.after


@pytest.mark.parametrize(("trial", "act"), ACTS)
class TestAnAct:
    def test_is_refused_outside_the_phases_of_its_row(self, trial: Trial, act: str) -> None:
        rule = trial.table.rules[act]
        for phase, of_phase in points(trial.procedure.name).items():
            if phase in starts(rule, trial.table):
                continue
            for point in of_phase:
                for role in trial.roles_of(act):
                    with pytest.raises(DomainError) as refusal:
                        trial.attempt(point.state, act, role, point.day, known=point.known)
                    assert isinstance(refusal.value, deciding.ActNotAllowed | NotPermitted), (phase, role)
                    assert told(refusal.value, point), str(refusal.value)

    def test_is_done_by_those_whom_its_row_names_and_nobody_else(self, trial: Trial, act: str) -> None:
        rule, tried = trial.table.rules[act], 0
        for point, role, _ in where_done(trial, act):
            if tried >= MANY:
                break
            tried += 1
            for given in trial.givens(point.state, act, role, point.state.term_of(role) or 1, point.day)[:1]:
                needed = deciding.permission_of(rule, given, trial.terms)
                mode = deciding.mode_of(point.state, trial.table, rule, given)
                for name, by, expected in people(trial, act, role, needed):
                    if name == "system":
                        expected = rule.is_of_system or mode in rule.automatic
                    refused = None
                    try:
                        trial.attempt(
                            point.state, act, role, point.day, by=by, given=given, known=point.known
                        )
                    except NotPermitted as error:
                        refused = error
                    except deciding.ActNotAllowed as error:
                        if act not in BY_THE_HOLDER or name != "centre":
                            raise
                        refused = error
                    assert refused is None or told(refused, point), str(refused)
                    assert (refused is None) == expected, f"{act} by {name} in {point.state.phase!r}"
        assert bool(tried) != (act in NOT_HERE.get(trial.procedure.name, ()))

    def test_asks_for_all_it_must_carry(self, trial: Trial, act: str) -> None:
        rule = trial.table.rules[act]
        point, role, _ = next(where_done(trial, act), (points(trial.procedure.name)[""][0], "", None))
        if not role:
            return
        given = trial.givens(point.state, act, role, point.state.term_of(role) or 1, point.day)[0]
        for missing in rule.given:
            less = {name: value for name, value in given.items() if name != missing}
            with pytest.raises(InvalidInput, match=missing):
                trial.attempt(point.state, act, role, point.day, given=less, known=point.known)

    def test_is_lawful_to_every_other_node_with_the_same_effects(self, trial: Trial, act: str) -> None:
        for tried, (point, role, _) in enumerate(where_done(trial, act)):
            if tried >= MANY:
                break
            known = Known.of(list(point.known))
            turned = State.from_dict(point.state.to_dict())
            # Duties reach the other node in another order.
            turned.duties = dict(reversed(turned.duties.items()))
            for step in trial.offers(point.state, role, point.day, [act], point.known):
                found = judging.verdict(turned, known, step.event, lambda papers: trial.terms)
                assert found is None, f"{found}: {point.path} → {act}"
                assert bounds.fault(turned, step.event, known) is None, f"{point.path} → {act}"
                facts = {**step.event.effects.get("facts", {}), "more": 1}
                other = forged(step.event, effects={**step.event.effects, "facts": facts})
                assert judging.verdict(turned, known, other, lambda papers: trial.terms) == "other_effects"


# What is never done: where there is but one role, and in a case at a window.
NOT_HERE = {
    "case": {Act.PASS_ONLINE, Act.REACHED},
    "inspection": {Standard.ARRIVE, Standard.SUCCEED, Standard.DROP},
    "monthly": {Standard.ARRIVE, Standard.SUCCEED, Standard.DROP},
    # No term of theirs ends without its side.
    **{key: {Standard.DROP} for key in ("visit", "relay", "agreement", "guide_filing")},
}


def people(trial: Trial, act: str, role: str, needed: str | None) -> Iterator[tuple[str, Actor, bool]]:
    """Yield whoever might come to do an act that takes this permission, and whether its row lets them."""
    rule, person = trial.table.rules[act], trial.person(act)
    by_applicant, founds = rule.applicant, rule.founds
    yield "system", SYSTEM, False
    of_centre = needed is not None and act not in BY_THE_HOLDER
    yield "centre", staff(role, trial.powers, person=person, centre=True), of_centre
    for permission in trial.powers:
        yield f"post with {permission}", staff(role, {permission}, person=person), needed == permission
    for other in trial.table.roles:
        if other != role:
            yield f"of {other}", staff(other, trial.powers, person=person), needed is not None and founds
    yield "applicant", applicant(), by_applicant
    yield "another applicant", applicant("B" * 26), by_applicant and founds
    yield "peer", Actor(kind=ActorKind.PEER, channel=Channel.API), False


@pytest.mark.parametrize("trial", BY_NAME)
class TestAllThatCanBecomeOfIt:
    """Walked through whole, as cases are in their own tests."""

    def test_reaches_every_phase_and_does_every_act(self, trial: Trial) -> None:
        found = walked(trial.procedure.name)
        assert {point.state.phase for point in found.points.values()} - {""} == trial.table.phases
        assert set(trial.table.rules) - set(Standard) - trial.aside <= found.done

    def test_can_always_reach_an_end(self, trial: Trial) -> None:
        dead = walked(trial.procedure.name).that_reach_no(trial.procedure.terminal)
        assert not dead, [point.path for point in dead[:3]]

    def test_goes_to_no_phase_that_its_table_does_not_know(self, trial: Trial) -> None:
        for point in walked(trial.procedure.name).points.values():
            assert point.state.phase in trial.table.phases | {""}, point.path

    def test_leaves_nothing_owed_at_its_end_but_news_and_watching(self, trial: Trial) -> None:
        for point in walked(trial.procedure.name).points.values():
            if point.state.phase in trial.procedure.terminal:
                kinds = {duty["kind"] for duty in point.state.duties.values()}
                assert kinds <= {"deliver", "supervise", "drop_copy", "resolve"}, point.path

    def test_is_written_by_the_nodes_bound_to_it(self, trial: Trial) -> None:
        for point in walked(trial.procedure.name).points.values():
            assert all(event.node == node_of(trial.table, event.role) for event in point.known)


@pytest.mark.parametrize("procedure", EVERY, ids=lambda one: one.name)
class TestItsPage:
    def test_leaves_out_no_act_duty_or_phase(self, procedure: Procedure) -> None:
        table = procedure.present
        page = printing.page(procedure, table)
        assert not [
            code for rows in (table.rules, table.duties) for code in rows if f"（`{code}`）" not in page
        ]
        assert not [phase for phase in table.phases if f"    {phase}: " not in page]

    def test_names_every_role_phase_and_label(self, procedure: Procedure) -> None:
        table = procedure.present
        assert procedure.roles.keys() == set(table.roles)
        assert table.phases <= procedure.phases.keys()
        labels = {label for rule in table.rules.values() for label in rule.content}
        assert labels - {"form"} <= procedure.labels.keys()

    def test_leaves_out_nothing_that_an_act_carries_records_or_does(self, procedure: Procedure) -> None:
        page = printing.page(procedure, procedure.present)
        lines = page.split("## Duties")[0].splitlines()
        rows = {
            code: line
            for line in lines
            for code in procedure.present.rules
            if f"（`{code}`）" in line.split(" | ")[0]
        }
        for act, rule in procedure.present.rules.items():
            named = [
                *rule.given, *rule.allows, *rule.content, *rule.facts, *([rule.does] if rule.does else []),
            ]  # fmt: skip
            assert not [name for name in named if f"`{name}`" not in rows[act]], act

    def test_draws_a_way_to_every_phase(self, procedure: Procedure) -> None:
        page = printing.page(procedure, procedure.present)
        assert not [phase for phase in procedure.present.phases if f"--> {phase}:" not in page]

    def test_has_as_many_cells_in_each_row_of_a_table(self, procedure: Procedure) -> None:
        for table in printing.page(procedure, procedure.present).split("\n## ")[2:]:
            rows = [line for line in table.splitlines() if line.startswith("|")]
            assert len({line.count(" | ") for line in rows}) == 1

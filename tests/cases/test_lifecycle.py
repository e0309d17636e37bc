"""The rule table, whole: every act from every phase by everybody, and everything that can become of a case."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from tests.cases import courses
from tests.cases.courses import (
    NUMBER,
    ORGS,
    START,
    Course,
    applicant,
    attempt,
    givens,
    offers,
    other,
    roles_of,
    staff,
    starts,
)
from tests.cases.exploration import ASIDE, LONG, Knot, Walk, abstract, brings, explore, roughly
from tests.procedures.trying import answer_of, made_ready
from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.cases.procedure import CASE, DUTIES, RULES
from tongban.cases.words import TERMINAL, Act, Clock, Duty, Mode, Phase, Role
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted
from tongban.kernel.journal import bounds
from tongban.kernel.journal.bounds import Known
from tongban.kernel.journal.events import Event, parse_time
from tongban.kernel.journal.fold import State, Step
from tongban.procedures import deciding, judging
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.effects.of_acts import effects_of
from tongban.procedures.effects.work import Moment

COURSES = {
    "licensing": Course(),
    "not-licensing": Course(licensing=False),
    "fully-online": Course(mode=Mode.FULLY_ONLINE),
}
MANY = 6
BY_THE_HOLDER = {
    Act.LOOK,
    Act.CLAIM,
    Act.HAND_OVER,
    Act.SUPERVISE,
}  # by the organisation that holds the duty, and no centre for it
WHILE_PARKED = frozenset(act for act, rule in RULES.items() if rule.annotates)
SENTENCES = re.compile(r"^[^。]*[\u4e00-\u9fff][^。]*。(.*。)?请[^。]*。$")


@cache
def walked(name: str, alike: Callable[[State, date], Any]) -> Walk:
    """Return the walk through a course by points that are alike, made once."""
    return explore(COURSES[name], at_once=name == "licensing", alike=alike)


def walk(name: str) -> Walk:
    """Return the walk through a course that the test is about."""
    return walked(name, Asked.alike)


class Asked:
    """Which points of a walk are one, while a test runs."""

    alike: Callable[[State, date], Any] = roughly


@pytest.fixture(
    params=[
        pytest.param(roughly, id="some"),
        pytest.param(
            abstract,
            id="all",
            marks=pytest.mark.prove("every act × phase × role, over all that can become of a case"),
        ),
    ],
    autouse=True,
)
def among(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test ask some points of every phase, and once more all that can be reached."""
    monkeypatch.setattr(Asked, "alike", request.param)


def by_phase(name: str = "licensing") -> dict[Phase, list[Knot]]:
    """Return the points of a walk, by phase."""
    found: dict[Phase, list[Knot]] = {}
    for knot in walk(name).knots.values():
        found.setdefault(knot.phase, []).append(knot)
    return found


def told(error: DomainError) -> bool:
    """Whether a refusal names the case and says what to do next, in Chinese."""
    return bool(SENTENCES.match(str(error))) and NUMBER in str(error)


def spread(of: Walk) -> list[Knot]:
    """Return the points of a walk in an order in which each phase comes early."""
    knots = list(of.knots.values())
    return [knot for start in range(97) for knot in knots[start::97]]


@pytest.mark.slow
class TestEveryActFromEveryPhase:
    @pytest.mark.parametrize("act", list(Act))
    def test_is_refused_outside_the_phases_of_its_row(self, act: Act) -> None:
        rule = RULES[act]
        for phase, knots in by_phase().items():
            if phase in starts(rule):
                continue
            for role in roles_of(act):
                with pytest.raises(DomainError) as refusal:
                    self.by_everybody_lawful(act, role, knots[0])
                assert isinstance(refusal.value, deciding.ActNotAllowed | NotPermitted), (phase, act)
                assert told(refusal.value), str(refusal.value)

    @staticmethod
    def by_everybody_lawful(act: Act, role: Role, knot: Knot) -> None:
        attempt(
            knot.state,
            act,
            role,
            knot.day,
            Course(),
            given=givens(knot.state, act, role, 1, Course(), knot.day)[0],
        )

    @pytest.mark.parametrize("act", [act for act in Act if act != Act.ARRIVE])
    def test_is_possible_in_each_phase_of_its_row(self, act: Act) -> None:
        rule = RULES[act]
        names = [name for name, course in COURSES.items() if rule.modes is None or course.mode in rule.modes]
        # What either role does about its own side is not bound to a phase.
        possible = [phase for phase in starts(rule) if any(self.possible(act, phase, name) for name in names)]
        assert possible if rule.role is None else set(possible) == starts(rule)

    @staticmethod
    def possible(act: Act, phase: Phase, name: str) -> bool:
        knots = by_phase(name).get(phase, [])
        return any(
            step
            for knot in knots
            for role in roles_of(act)
            for at in [prepared(knot, act, role, COURSES[name])]
            for day in (at.day, at.day + LONG)
            for step in offers(at.state, role, day, COURSES[name], frozenset({act}), at.known())
        )

    @pytest.mark.parametrize("act", list(Act))
    def test_is_done_by_those_whom_its_row_names_and_nobody_else(self, act: Act) -> None:
        rule, done = RULES[act], 0
        for name in ("licensing", "fully-online"):
            for knot in spread(walk(name)):
                for role in roles_of(act):
                    at = prepared(knot, act, role, COURSES[name]) if done < MANY else knot
                    for day in (at.day, at.day + LONG):
                        if done < MANY and any(
                            offers(at.state, role, day, COURSES[name], frozenset({act}), at.known())
                        ):
                            done += 1
                            self.everybody(at, act, role, day, COURSES[name], rule.applicant)
        assert done

    @staticmethod
    def everybody(at: Knot, act: Act, role: Role, day: date, course: Course, by_applicant: bool) -> None:
        state, known = at.state, at.known()
        step = next(offers(state, role, day, course, frozenset({act}), known))
        given, term = step.event.given, step.event.term
        needed = deciding.permission_of(RULES[act], given, course.terms)
        others = frozenset(Permission) - {needed}
        peer = Actor(kind=ActorKind.PEER, channel=Channel.API)
        people = {
            "officer": (staff(role), needed is not None),
            "centre": (staff(role, centre=True), needed is not None and act not in BY_THE_HOLDER),
            "without the permission": (staff(role, *others), False),
            "of the other side": (staff(other(role)), needed is not None and act == Act.FILE),
            "applicant": (applicant(), by_applicant),
            "another applicant": (applicant("B" * 26), by_applicant and act == Act.FILE),
            "peer": (peer, False),
        }
        for name, (by, expected) in people.items():
            refused = None
            try:
                attempt(state, act, role, day, course, by=by, given=given, term=term, known=known)
            except NotPermitted as error:
                refused = error
            except deciding.ActNotAllowed as error:
                if act not in BY_THE_HOLDER or name != "centre":
                    raise
                refused = error
            assert refused is None or told(refused), str(refused)
            assert (refused is None) == expected, f"{act} by {name} in {state.phase!r}"

    @pytest.mark.parametrize("act", list(Act))
    def test_asks_for_all_it_must_carry(self, act: Act) -> None:
        rule = RULES[act]
        for missing in (*rule.given, *rule.content):
            knot, role, day = self.where_it_happens(act)
            at = prepared(knot, act, role, Course())
            state = at.state
            given = {
                k: v for k, v in givens(state, act, role, 1, Course(), at.day)[0].items() if k != missing
            }
            content = [
                {"label": label, "digest": f"sm3:{0:064}", "size": 1}
                for label in rule.content
                if label != missing
            ]
            with pytest.raises(InvalidInput) as refusal:
                attempt(state, act, role, day, Course(), given=given, content=content, known=at.known())
            assert missing in str(refusal.value)
            assert told(refusal.value)

    @staticmethod
    def where_it_happens(act: Act) -> tuple[Knot, Role, date]:
        knots = by_phase()
        knot = next(knots[phase][0] for phase in sorted(starts(RULES[act])) if phase in knots)
        return knot, roles_of(act)[0], knot.day

    @pytest.mark.parametrize("act", [act for act in Act if RULES[act].power])
    def test_needs_the_power_that_the_agreement_gives(self, act: Act) -> None:
        course, power = Course(), RULES[act].power
        knot = next(k for k in walk("licensing").knots.values() if any(
            offers(k.state, roles_of(act)[0], k.day, course, frozenset({act}))))  # fmt: skip
        full = course.terms
        powers = [p for p in full.agreement["powers"] if p != power]
        lacking = replace(full, agreement={**full.agreement, "powers": powers})
        role = roles_of(act)[0]
        term = knot.state.roles.get(role, {}).get("term", 1)
        given = givens(knot.state, act, role, term, course, knot.day)[0]
        asked = Circumstances(knot.state, given, lacking, knot.day, role, term, CASE.present)
        fault = deciding.find_fault(knot.state, RULES[act], asked)
        assert isinstance(fault, deciding.PowerLacking)
        assert told(fault)


def prepared(knot: Knot, act: Act, role: Role, course: Course) -> Knot:
    """Return a point at which bookkeeping has something to be about."""

    def ready(
        state: State, before: Act, day: date, known: list[Event], person: str = "", **more: Any
    ) -> Step:
        by = replace(staff(role), staff=person) if person else None
        return attempt(state, before, role, day, course, by=by, known=known, **more)

    try:
        if act == Act.SUPERVISE:
            step = next(offers(knot.state, role, knot.day + LONG, course, frozenset({Act.ESCALATE})))
            return Knot(step.after, knot.day, knot, new=(step.event,))
        if act == Act.REACHED:
            step = next(offers(knot.state, role, knot.day, course, frozenset({Act.NOT_REACHED})))
            return Knot(step.after, knot.day, knot, new=(step.event,))
        state, day, known = made_ready(act, knot.state, knot.day, knot.known(), ready)
    except (DomainError, StopIteration, KeyError):
        return knot
    return Knot(state, day, knot, new=tuple(known[len(knot.known()) :]))


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSES)
class TestWhateverHappens:
    """The model check: over every point that can be reached, also by two acts at once."""

    def test_an_end_can_be_reached(self, name: str) -> None:
        dead = walk(name).that_reach_no_end()
        assert not dead, "\n".join(f"{knot.phase}: {knot.path()}" for knot in dead[:3])

    def test_every_open_act_has_exactly_one_holder(self, name: str) -> None:
        for knot in walk(name).knots.values():
            state = knot.state
            if knot.phase != Phase.NONE and knot.phase not in TERMINAL:
                assert state.duties, f"nobody owes anything: {knot.path()}"
            for duty in state.duties.values():
                holder = duty["holder"]
                assert holder.keys() == {"org", "node"}, knot.path()
                assert holder["node"], knot.path()
                assert holder["org"] or duty["kind"] in (Duty.SUPPLEMENT, Duty.ANSWER), knot.path()

    def test_nothing_is_owed_twice(self, name: str) -> None:
        for knot in walk(name).knots.values():
            owed = [
                (d["kind"], d["to"], n.partition("/")[0])
                for n, d in knot.state.duties.items()
                if d["kind"] not in (Duty.DELIVER, Duty.DROP)  # each term owes to delete what it got
            ]
            assert len(owed) == len(set(owed)), f"{owed}: {knot.path()}"

    def test_every_duty_that_is_late_is_escalated_and_can_be_settled(self, name: str) -> None:
        course, tried = COURSES[name], set()
        for knot in walk(name).knots.values():
            late = knot.day + LONG * 2
            for about, duty in knot.state.duties.items():
                if not DUTIES[Duty(duty["kind"])].escalates:
                    continue
                assert duty["limit"] or duty["kind"] == Duty.RESUME, knot.path()
                if duty["due"] is None:
                    assert duty["kind"] == Duty.RESUME, knot.path()
                    continue
                role = Role(about.partition("/")[0])
                if (knot.phase, duty["kind"], role) in tried:
                    continue
                tried.add((knot.phase, duty["kind"], role))
                raised = attempt(knot.state, Act.ESCALATE, role, late, course, given={"about": about}).after
                watch = next(n for n, d in raised.duties.items() if d["about"] == about)
                assert raised.duties[watch]["holder"]["org"] == ORGS[role]
                settled = attempt(
                    raised, Act.SUPERVISE, role, late, course, given=answer_of(watch, about, late)
                ).after
                assert watch not in settled.duties

    def test_a_running_clock_belongs_to_an_open_duty(self, name: str) -> None:
        stopping = {
            clock: {kind for rule in RULES.values() if clock in rule.stops for kind in rule.closes}
            for clock in Clock
        }
        stopping[Clock.DECISION] |= {Duty.REVIEW}
        for knot in walk(name).knots.values():
            for clock, value in knot.state.clocks.items():
                if value["state"] != "stopped":
                    open_now = {d["kind"] for d in knot.state.duties.values()}
                    open_now |= {brings(d)[0] for d in knot.state.duties.values()} | (
                        {Duty.REVIEW} if Duty.RESUME in open_now else set()
                    )
                    assert open_now & stopping[Clock(clock)], f"{clock} runs for nobody: {knot.path()}"

    def test_an_end_leaves_only_news_and_watching(self, name: str) -> None:
        allowed = {Duty.DELIVER, Duty.SUPERVISE, Duty.DROP, Duty.RESOLVE}
        for knot in walk(name).knots.values():
            if knot.phase in TERMINAL:
                assert {d["kind"] for d in knot.state.duties.values()} <= allowed, knot.path()
                assert all(clock["state"] == "stopped" for clock in knot.state.clocks.values()), knot.path()

    def test_a_parked_case_waits_and_is_released(self, name: str) -> None:
        course = COURSES[name]
        for knot in list(walk(name).knots.values())[1::7]:
            for role in Role:
                if role not in knot.state.roles:
                    continue
                known = knot.known()
                park = attempt(knot.state, Act.PARK, role, knot.day, course, known=known)
                for step in offers(park.after, role, knot.day, course, frozenset(Act) - WHILE_PARKED):
                    raise AssertionError(f"{step.event.kind} while parked: {knot.path()}")
                known = [*known, park.event]
                released = attempt(park.after, Act.RELEASE, role, knot.day, course, known=known).after
                assert abstract(released, knot.day) == abstract(knot.state, knot.day)

    def test_the_other_side_finds_every_act_lawful(self, name: str) -> None:
        course = COURSES[name]
        for knot in list(walk(name).knots.values())[::11]:
            for role in Role:
                known = Known.of(knot.known())
                for step in offers(knot.state, role, knot.day, course, frozenset(Act), knot.known()):
                    turned = State.from_dict(knot.state.to_dict())
                    # Duties reach the other node in another order.
                    turned.duties = dict(reversed(turned.duties.items()))
                    verdict = judging.verdict(turned, known, step.event, lambda papers: course.terms)
                    assert verdict is None, f"{verdict}: {knot.path()} → {step.event.kind}"
                    overstepped = bounds.fault(turned, step.event, known)
                    assert overstepped is None, f"{overstepped}: {knot.path()} → {step.event.kind}"


def test_modes_at_a_window_have_the_same_course() -> None:
    """So that walking through one of them says enough of all."""
    windowed = {Mode.PROXY_INTAKE, Mode.JOINT, Mode.DELEGATED}
    assert all(
        rule.modes is None or rule.modes >= windowed or not rule.modes & windowed for rule in RULES.values()
    )


@pytest.mark.slow
def test_every_phase_can_be_reached() -> None:
    reached = {knot.phase for name in COURSES for knot in walk(name).knots.values()}
    assert reached == set(Phase)


@pytest.mark.slow
def test_every_act_is_done_somewhere() -> None:
    done = {act for name in COURSES for act in walk(name).done}
    assert frozenset(Act) - ASIDE <= done


class TestAgreements:
    def test_shorten_a_limit_and_never_lengthen_it(self) -> None:
        knot = next(k for k in walk("licensing").knots.values() if k.phase == Phase.RECEIVED)
        for agreed, expected in ((3, 3), (50, 20)):
            own = courses.terms(limits=(("supplement", agreed),))
            effects = effects_of(
                knot.state, RULES[Act.GIVE_NOTICE], courses.numbered(RULES[Act.GIVE_NOTICE]), own, CASE.present,
                Moment(knot.day, courses.CALENDAR, Role.INTAKE, 1, courses.NODES[Role.INTAKE], 9),
            )  # fmt: skip
            assert effects["open"][0]["limit"]["n"] == expected


class TestTimeGoingBackwards:
    def test_is_refused(self) -> None:
        knot = next(k for k in walk("licensing").knots.values() if k.phase == Phase.RECEIVED)
        before = knot.state.heads["intake/1"][2]
        with pytest.raises(deciding.ClockWentBackwards) as refusal:
            attempt(
                knot.state, Act.CHECK_IDENTITY, Role.INTAKE, knot.day, Course(),
                at=parse_time(before) - timedelta(seconds=1),
            )  # fmt: skip
        assert told(refusal.value)


class TestOnlineIdentity:
    def test_is_not_enough_where_the_guide_asks_for_more(self) -> None:
        course = COURSES["fully-online"]
        state = by_phase("fully-online")[Phase.RECEIVED][0].state
        for assurance, allowed in ((1, False), (2, True)):
            state.facts = {**state.facts, "intake": {**state.facts["intake"], "assurance": assurance}}
            done = list(offers(state, Role.INTAKE, START, course, frozenset({Act.PASS_ONLINE})))
            assert bool(done) is allowed

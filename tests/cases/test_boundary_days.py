"""The day on which a right begins or ends, on both sides of midnight; lengths that the law itself states."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.cases import courses
from tests.cases.courses import CALENDAR, START, Course, attempt
from tongban.cases.procedure import CASE
from tongban.cases.procedure import NAME as PROCEDURE
from tongban.cases.terms import Terms
from tongban.cases.words import Act, Duty, Role
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.procedures import deciding
from tongban.procedures.deadlines import deadline_of
from tongban.procedures.effects.clocks import clock_limit

INTAKE, HANDLING = Role.INTAKE, Role.HANDLING
DAY = timedelta(days=1)
TO_HANDLING = (Act.FILE, Act.RECEIVE, Act.CHECK_IDENTITY, Act.PASS_REVIEW, Act.FORWARD)


class Walked:
    """A case as one reader knows it, act after act."""

    def __init__(self, course: Course | None = None) -> None:
        self.course, self.state, self.day = course or Course(), State(PROCEDURE, courses.NUMBER), START
        self.events: list[Event] = []

    def do(self, role: Role, *acts: Act, **more: Any) -> "Walked":
        for act in acts:
            step = attempt(self.state, act, role, self.day, self.course, known=self.events, **more)
            self.state = step.after
            self.events.append(step.event)
        return self

    def duty(self, kind: Duty) -> dict[str, Any]:
        (found,) = (duty for duty in self.state.duties.values() if duty["kind"] == kind)
        return found

    def due(self, kind: Duty) -> date:
        return date.fromisoformat(self.duty(kind)["due"])


def forwarded(course: Course | None = None) -> Walked:
    return Walked(course).do(INTAKE, *TO_HANDLING).do(HANDLING, Act.ARRIVE)


def accepted() -> Walked:
    return forwarded().do(HANDLING, Act.ACKNOWLEDGE, Act.ACCEPT)


class TestRefusalWithoutAnAnswer:
    @pytest.fixture
    def asked(self) -> Walked:
        return forwarded().do(HANDLING, Act.ACKNOWLEDGE, Act.ASK_CORRECTION).do(INTAKE, Act.ARRIVE, Act.TELL)

    def test_waits_for_the_applicant_s_last_day_to_pass(self, asked: Walked) -> None:
        last = asked.due(Duty.ANSWER)
        assert last == CALENDAR.due(START, 20, "working_day").due_on
        asked.day = last
        with pytest.raises(deciding.ActNotAllowed, match="期限未满"):
            asked.do(HANDLING, Act.REFUSE)
        asked.day = last + DAY
        assert asked.do(HANDLING, Act.REFUSE).state.phase == "refused"


class TestDeemedAcceptance:
    def test_is_not_on_the_last_day_and_is_on_the_day_after(self) -> None:
        case = forwarded()
        last = date.fromisoformat(case.state.clocks["notice"]["due"])
        assert last == CALENDAR.due(START, 5, "working_day").due_on
        case.day = last
        with pytest.raises(deciding.ActNotAllowed, match="尚未届满"):
            case.do(HANDLING, Act.DEEM_ACCEPTED)
        case.day = last + DAY
        case.do(HANDLING, Act.DEEM_ACCEPTED)
        said = case.state.facts["handling"]
        assert (said["accepted_on"], said["deemed_on"]) == (f"{START}", f"{last + DAY}")


class TestTheLimitOfTheDecision:
    @pytest.mark.parametrize(
        ("promised", "statutory", "agreed", "expected"),
        [
            ((5, "working_day"), (20, "working_day"), None, (5, "working_day")),
            (None, (15, "working_day"), None, (15, "working_day")),
            (None, None, None, (20, "working_day")),
            ((10, "working_day"), (20, "working_day"), 7, (7, "working_day")),
            ((10, "working_day"), (20, "working_day"), 12, (10, "working_day")),
            ((10, "day"), None, 7, (10, "day")),
        ],
        ids=["promised", "statutory", "by law", "agreed shorter", "agreed longer", "another unit"],
    )
    def test_is_what_was_promised_before_what_the_statute_allows(
        self, promised: Any, statutory: Any, agreed: int | None, expected: tuple[int, str]
    ) -> None:
        def limit(of: Any) -> Any:
            return of and {"n": of[0], "unit": of[1]}

        guide = {"limits": {"promised": limit(promised), "statutory": limit(statutory)}}
        found = clock_limit(
            CASE.present, "decision", Terms(guide, {"limits": {"decision": agreed} if agreed else {}})
        )
        assert (found.n, found.unit) == expected

    def test_is_extended_once_by_exactly_ten_working_days(self) -> None:
        case = accepted().do(HANDLING, Act.REVIEW)
        before = case.state.clocks["decision"]
        (name,) = case.state.open_duties(Duty.REVIEW)
        duty = case.state.duties[name]
        assert {duty[what] == before[what] for what in ("limit", "from", "due", "calendar")} == {True}
        case.do(HANDLING, Act.EXTEND)
        after = case.state.clocks["decision"]
        assert (before["limit"]["n"], after["limit"]["n"]) == (20, 30)
        assert date.fromisoformat(after["due"]) == CALENDAR.due(START, 30, "working_day").due_on
        assert case.due(Duty.REVIEW) == date.fromisoformat(after["due"])
        assert deadline_of(after, CALENDAR).due_on == case.due(Duty.REVIEW)
        with pytest.raises(deciding.ActNotAllowed, match="不得再次延长"):
            case.do(HANDLING, Act.EXTEND)


class TestSendingTheResult:
    def test_is_due_one_working_day_after_conclusion_and_handing_out_ten_after_it_came(self) -> None:
        case = accepted().do(HANDLING, Act.REVIEW, Act.REVIEW, Act.DECIDE)
        case.day = date(2026, 3, 6)  # a Friday
        case.do(HANDLING, Act.CONCLUDE)
        assert f"{case.due(Duty.SEND_RESULT)}" == "2026-03-09"
        case.do(HANDLING, Act.SEND_RESULT)
        case.day = date(2026, 3, 10)
        case.do(INTAKE, Act.ARRIVE)
        assert case.due(Duty.HAND_OUT) == CALENDAR.due(case.day, 10, "working_day").due_on


class TestGoingAstray:
    def test_twice_is_for_the_service_centre_to_look_at(self) -> None:
        assert CASE.present.limits["hops"] == 2
        case = Walked().do(INTAKE, *TO_HANDLING)
        holders = []
        for hop in range(1, 4):
            case.do(HANDLING, Act.ARRIVE, Act.REDIRECT)
            assert case.state.fact(HANDLING, "hops") == hop
            case.do(INTAKE, Act.ARRIVE)
            holders.append(case.duty(Duty.FORWARD)["holder"]["org"])
            case.do(INTAKE, Act.FORWARD)
        assert holders == [courses.ORGS[INTAKE], courses.CENTRES[INTAKE], courses.CENTRES[INTAKE]]

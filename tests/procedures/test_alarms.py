"""No treadmill: over any run of days a fact raises one alarm, and only whoever owes the duty answers it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.procedures.trials import TRIALS
from tests.procedures.trying import START, Point, Trial, answer_of, centre_of, org_of, staff, walk
from tongban.kernel.errors import DomainError
from tongban.procedures.deciding import ActNotAllowed
from tongban.procedures.words import Owed, Standard

# What happens on each day of a run: nothing, or an answer that promises so many days.
RUNS = st.lists(st.none() | st.integers(0, 30), min_size=1, max_size=60)
TRIAL: Trial = TRIALS["complaint"]


def begun() -> tuple[Point, str, str, date]:
    """Return a matter of which an office owes something by a day: point, role, what, until when."""
    for point in walk(TRIAL).points.values():
        for name, duty in point.state.duties.items():
            role = name.partition("/")[0]
            if duty["due"] and duty["kind"] != Owed.DELIVER and duty["holder"]["org"] == org_of(role):
                return point, role, name, date.fromisoformat(duty["due"])
    raise AssertionError("nothing is owed by any day")


POINT, ROLE, LATE, DUE = begun()


@given(RUNS)
def test_one_fact_raises_one_alarm(run: list[int | None]) -> None:
    state, day, raised, promised = POINT.state, DUE - timedelta(days=3), list[date](), list[date]()
    for answer in run:
        day += timedelta(days=1)
        for _ in range(2):  # however often the watch comes by
            try:
                state = TRIAL.attempt(state, Standard.ESCALATE, ROLE, day, given={"about": LATE}).after
                raised.append(day)
            except ActNotAllowed:
                pass
        watch = next((name for name, duty in state.duties.items() if duty["about"] == LATE), "")
        if answer is not None and watch:
            until = day + timedelta(days=answer)
            state = TRIAL.attempt(
                state, Standard.SUPERVISE, ROLE, day, given=answer_of(watch, LATE, until)
            ).after
            promised.append(until)
    facts = [DUE, *promised]  # that it is late, and that what was promised was not kept
    assert len(raised) in (len(promised), len(promised) + 1)
    assert all(before < alarm for before, alarm in zip(facts, raised, strict=False))
    assert len({fact for fact in facts if fact < day}) >= len(raised)


def test_nobody_answers_for_another() -> None:
    after = DUE + timedelta(days=1)
    state = TRIAL.attempt(POINT.state, Standard.ESCALATE, ROLE, after, given={"about": LATE}).after
    (watch,) = (name for name, duty in state.duties.items() if duty["about"] == LATE)
    assert state.duties[watch]["holder"]["org"] == org_of(ROLE)
    for centre in (True, False):
        by = staff(ROLE, TRIAL.powers, centre=centre)
        given_ = answer_of(watch, LATE, after)
        if not centre:
            assert (
                watch
                not in TRIAL.attempt(state, Standard.SUPERVISE, ROLE, after, by=by, given=given_).after.duties
            )
            continue
        with pytest.raises(DomainError, match="请由承办单位答复"):
            TRIAL.attempt(state, Standard.SUPERVISE, ROLE, after, by=by, given=given_)
    assert centre_of(ROLE) != org_of(ROLE)
    assert after > START


def test_a_letter_of_a_supervisor_is_the_same_alarm() -> None:
    pressed = TRIAL.attempt(POINT.state, Standard.PRESS, ROLE, DUE, given={"about": LATE}).after
    for act, day in ((Standard.PRESS, DUE), (Standard.ESCALATE, DUE + timedelta(days=1))):
        with pytest.raises(ActNotAllowed, match="已在督办"):
            TRIAL.attempt(pressed, act, ROLE, day, given={"about": LATE})

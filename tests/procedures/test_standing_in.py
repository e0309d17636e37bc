"""When leave begins, what was claimed goes to whoever stands in, or back to all."""

from datetime import timedelta

import pytest

from tests import stories
from tests.stories import case_on
from tests.world import World
from tongban.accounts import commands
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import SYSTEM, Channel
from tongban.accounts.models import Leave, Person
from tongban.accounts.people import leaving
from tongban.kernel.models import Duty
from tongban.kernel.time.clock import official_day
from tongban.procedures import standing_in
from tongban.procedures.words import Standard

pytestmark = pytest.mark.slow


@pytest.fixture
def number(counties: World) -> str:
    """A case that waits to be taken in, claimed by the first clerk."""
    number = stories.filed(counties)
    (name,) = case_on(counties, "qingyang", number).state["duties"]
    with counties.on("qingyang"):
        (person,) = people("qy-window")
        held = accounts.appointments_of(person=person, at=counties.at).get()
        clerk = accounts.actor_for_appointment(held, channel=Channel.COUNTER)
    stories.do(counties, "qingyang", number, Standard.CLAIM, clerk, given={"duties": [name]})
    return number


def people(*names: str) -> list[Person]:
    return [Person.objects.get(username=name) for name in names]


def holder(number: str) -> str:
    return Duty.objects.filter(subject=number, closed_at=None).exclude(claimed_by="").values_list(
        "claimed_by", flat=True
    ).first() or ""  # fmt: skip


@pytest.mark.parametrize("has_substitute", [True, False])
def test_goes_on_the_first_day_and_only_once(counties: World, number: str, has_substitute: bool) -> None:
    with counties.on("qingyang"):
        clerk, other = people("qy-window", "qy-window2")
        tomorrow = official_day(counties.at) + timedelta(days=1)
        leaving.enter(
            person=clerk, begins_on=tomorrow, ends_on=tomorrow, substitute=other if has_substitute else None,
            note="", by=SYSTEM, at=counties.at,
        )  # fmt: skip
        assert standing_in.stand_in_all(counties.at) == 0
        assert holder(number) == clerk.pseudonym
        later = counties.at + timedelta(days=1)
        assert standing_in.stand_in_all(later) == 1
        assert holder(number) == (other.pseudonym if has_substitute else "")
        assert Leave.objects.get().passed_on_at == later
        assert standing_in.stand_in_all(later) == 0


def test_is_everybodys_where_the_substitute_has_left(counties: World, number: str) -> None:
    with counties.on("qingyang"):
        clerk, other = people("qy-window", "qy-window2")
        tomorrow = official_day(counties.at) + timedelta(days=1)
        leaving.enter(
            person=clerk,
            begins_on=tomorrow,
            ends_on=tomorrow,
            substitute=other,
            note="",
            by=SYSTEM,
            at=counties.at,
        )
        commands.deactivate_person(person=other, by=SYSTEM, at=counties.at)
        assert standing_in.stand_in_all(counties.at + timedelta(days=1)) == 1
        assert holder(number) == ""


def test_cancelled_leave_moves_nothing(counties: World, number: str) -> None:
    with counties.on("qingyang"):
        (clerk,) = people("qy-window")
        today = official_day(counties.at)
        leave = leaving.enter(
            person=clerk, begins_on=today, ends_on=today, substitute=None, note="", by=SYSTEM, at=counties.at
        )
        leaving.cancel(leave=leave, by=SYSTEM, at=counties.at)
        assert standing_in.stand_in_all(counties.at) == 0
        assert holder(number) == clerk.pseudonym

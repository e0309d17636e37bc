"""Leave, and who may stand in."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.accounts import county
from tests.accounts.county import MONDAY
from tongban.accounts.models import Leave
from tongban.accounts.people import leaving
from tongban.accounts.people.leaving import LeaveOver, LeaveOverlaps, SubstituteAway, SubstituteUnfit
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.kernel.time.clock import official_day

pytestmark = pytest.mark.django_db
TODAY = official_day(MONDAY)


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


@pytest.fixture
def place() -> SimpleNamespace:
    found = county.settle()
    found.li = county.a_person(found.post, "li")
    found.head = county.a_person(county.a_post(found.organisation, "decider"), "head")
    managing = county.a_post(county.an_organisation("service_centre"), "accounts")
    found.by = county.acting(county.a_person(managing, "sun"), managing)
    return found


def enter(place: SimpleNamespace, first: int = 1, last: int = 3, **other: Any) -> Leave:
    given = {"person": place.person, "substitute": place.li, "note": "看病", "by": place.by} | other
    return leaving.enter(begins_on=day(first), ends_on=day(last), at=MONDAY, **given)


def test_is_kept_with_its_note_encrypted(place: SimpleNamespace) -> None:
    leave = Leave.objects.get(pk=enter(place).pk)
    assert (leave.note, leave.substitute, leave.made_by) == ("看病", place.li, place.by.staff)
    assert "看病".encode() not in bytes(leave.note_sealed)
    assert leaving.away(day(3)) == {place.person.pk: leave}
    assert not leaving.away(day(4))


@pytest.mark.parametrize("first, last", [(3, 5), (0, 1), (2, 2)])
def test_refuses_what_overlaps(place: SimpleNamespace, first: int, last: int) -> None:
    enter(place)
    with pytest.raises(LeaveOverlaps):
        enter(place, first, last)
    enter(place, 4, 5)


@pytest.mark.parametrize("first, last", [(2, 1), (-3, -1), (0, 400), (400, 401)])
def test_refuses_days_that_cannot_be(place: SimpleNamespace, first: int, last: int) -> None:
    with pytest.raises(InvalidInput):
        enter(place, first, last)


def test_only_somebody_with_the_same_powers_there_stands_in(place: SimpleNamespace) -> None:
    assert leaving.substitutes_for(place.person) == [place.li]
    for unfit in (place.head, place.person):
        with pytest.raises(SubstituteUnfit):
            enter(place, substitute=unfit)
    enter(place, person=place.li, substitute=None)
    with pytest.raises(SubstituteAway):
        enter(place)
    assert Leave.objects.count() == 1


def test_a_substitute_is_named_later_and_leave_is_cancelled_once(place: SimpleNamespace) -> None:
    leave = enter(place, substitute=None)
    assert (
        leaving.appoint_substitute(leave=leave, substitute=place.li, by=place.by, at=MONDAY).substitute
        == place.li
    )
    leaving.cancel(leave=leave, by=place.by, at=MONDAY)
    for act in (leaving.cancel, lambda **given: leaving.appoint_substitute(substitute=place.li, **given)):
        with pytest.raises(LeaveOver):
            act(leave=leave, by=place.by, at=MONDAY)
    enter(place)


def test_a_manager_of_elsewhere_has_no_say(place: SimpleNamespace) -> None:
    leave, stranger = enter(place), replace(place.by, supervises="330421")
    assert not Leave.objects.visible_to(stranger).exists()
    with pytest.raises(NotPermitted):
        enter(place, 10, 11, by=stranger)
    with pytest.raises(NotPermitted):
        leaving.cancel(leave=leave, by=stranger, at=MONDAY)

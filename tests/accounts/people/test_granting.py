"""Posts that decide are given by two; the last manager stays; nobody leaves with something claimed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from tests.accounts import county
from tests.accounts.county import MONDAY, PASSWORD
from tongban.accounts import commands
from tongban.accounts.access.actor import OPERATOR, SYSTEM
from tongban.accounts.models import Appointment, Grant, Person
from tongban.accounts.people import granting
from tongban.accounts.people.granting import (
    GrantDecided,
    GrantWaits,
    OwnGrantNotCountersigned,
    OwnPostNotCountersigned,
)
from tongban.accounts.people.leavetaking import LastManager, StillHolds
from tongban.accounts.people.staffing import AlreadyAppointed, PowersApart, SecondManagerNeeded
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.kernel.models import Duty

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def place() -> SimpleNamespace:
    """A bureau with an officer and a decider's post, and two managers over it."""
    found = county.settle()
    found.decider = county.a_post(found.organisation, "decider")
    found.centre = county.an_organisation("service_centre")
    found.managing = county.a_post(found.centre, "accounts")
    found.sun, found.wei = county.a_person(found.managing, "sun"), county.a_person(found.managing, "wei")
    found.by_sun, found.by_wei = (county.acting(one, found.managing) for one in (found.sun, found.wei))
    return found


def propose(place: SimpleNamespace) -> Grant:
    grant = granting.give(person=place.person, post=place.decider, by=place.by_sun, at=MONDAY)
    assert isinstance(grant, Grant)
    return grant


def posts_of(person: Person) -> set[str]:
    return set(person.appointments.filter(ends_at=None).values_list("post__code", flat=True))


@pytest.mark.attack("A9")
class TestByTwo:
    def test_takes_effect_only_once_another_has_countersigned(self, place: SimpleNamespace) -> None:
        grant = propose(place)
        assert posts_of(place.person) == {"officer"}
        granting.countersign(grant=grant, by=place.by_wei, at=LATER)
        assert posts_of(place.person) == {"officer", "decider"}
        kept = Grant.objects.get()
        assert (kept.asked_by, kept.decided_by) == (place.sun.pseudonym, place.wei.pseudonym)
        with pytest.raises(GrantDecided):
            granting.countersign(grant=grant, by=place.by_wei, at=LATER)

    def test_nobody_countersigns_what_they_proposed(self, place: SimpleNamespace) -> None:
        with pytest.raises(OwnGrantNotCountersigned):
            granting.countersign(grant=propose(place), by=place.by_sun, at=LATER)
        assert posts_of(place.person) == {"officer"}

    def test_nobody_has_a_hand_in_their_own_post(self, place: SimpleNamespace) -> None:
        grant = granting.give(person=place.wei, post=place.decider, by=place.by_sun, at=MONDAY)
        assert isinstance(grant, Grant)
        for act in (granting.countersign, granting.decline):
            with pytest.raises(OwnPostNotCountersigned):
                act(grant=grant, by=place.by_wei, at=LATER)
        with pytest.raises(NotPermitted):
            granting.give(person=place.sun, post=place.decider, by=place.by_sun, at=MONDAY)

    def test_neither_a_program_nor_a_manager_elsewhere_countersigns(self, place: SimpleNamespace) -> None:
        grant = propose(place)
        for by in (replace(place.by_wei, machine=True), replace(place.by_wei, supervises="330421")):
            with pytest.raises(NotPermitted):
                granting.countersign(grant=grant, by=by, at=LATER)
        assert posts_of(place.person) == {"officer"}

    def test_no_command_goes_around_it_but_the_operators(self, place: SimpleNamespace) -> None:
        with pytest.raises(SecondManagerNeeded):
            commands.appoint(person=place.person, post=place.decider, by=place.by_sun, at=MONDAY)
        with pytest.raises(SecondManagerNeeded):
            commands.add_person(
                username="li", password=PASSWORD, name="李四", post=place.decider, by=place.by_sun, at=MONDAY
            )
        operator = replace(place.by_sun, staff=OPERATOR, post=OPERATOR)
        commands.appoint(person=place.person, post=place.decider, by=operator, at=MONDAY)
        assert posts_of(place.person) == {"officer", "decider"}

    def test_who_could_confirm_a_reset_is_not_made_by_one_manager_alone(self, place: SimpleNamespace) -> None:
        """Else one manager makes a supervisor of their own, by whom they come into another manager's account."""
        for code in ("county-office", "supervisor", "accounts"):
            post = county.a_post(place.organisation, code)
            assert isinstance(
                granting.give(person=place.person, post=post, by=place.by_sun, at=MONDAY), Grant
            )

    def test_is_proposed_once_and_comes_to_nothing_when_declined(self, place: SimpleNamespace) -> None:
        grant = propose(place)
        with pytest.raises(GrantWaits):
            propose(place)
        assert granting.decline(grant=grant, by=place.by_wei, at=LATER).outcome == Grant.Outcome.DECLINED
        assert granting.decline(grant=propose(place), by=place.by_sun, at=LATER).outcome == "withdrawn"
        assert posts_of(place.person) == {"officer"}

    def test_what_cannot_stand_together_is_refused_at_once(self, place: SimpleNamespace) -> None:
        audit = county.a_post(place.organisation, "audit")
        with pytest.raises(PowersApart):
            granting.give(person=place.person, post=audit, by=place.by_sun, at=MONDAY)
        with pytest.raises(AlreadyAppointed):
            granting.give(person=place.person, post=place.post, by=place.by_sun, at=MONDAY)

    def test_a_new_person_waits_without_a_post_and_is_seen(self, place: SimpleNamespace) -> None:
        person, grant = granting.add(
            username="li", name="李四", password=PASSWORD, post=place.decider, by=place.by_sun, at=MONDAY
        )
        assert isinstance(grant, Grant)
        assert not posts_of(person)
        assert person in Person.objects.visible_to(place.by_wei)
        commands.deactivate_person(person=person, by=place.by_wei, at=LATER)
        assert Grant.objects.get().outcome == Grant.Outcome.WITHDRAWN


@pytest.mark.attack("A9")
class TestTheLastManager:
    def test_is_neither_closed_nor_moved_nor_loses_the_post(self, place: SimpleNamespace) -> None:
        commands.deactivate_person(person=place.wei, by=place.by_sun, at=MONDAY)
        held = place.sun.appointments.select_related("person", "post__organisation").get()
        with pytest.raises(LastManager):
            commands.end_appointment(appointment=held, by=place.by_sun, at=LATER)
        with pytest.raises(LastManager):
            commands.deactivate_person(person=place.sun, by=place.by_sun, at=LATER)
        with pytest.raises(LastManager):
            granting.move(person=place.sun, post=place.post, by=place.by_sun, at=LATER)
        assert posts_of(place.sun) == {"accounts"}

    def test_a_narrower_one_is_no_successor(self, place: SimpleNamespace) -> None:
        own = commands.add_post(
            organisation=place.organisation, code="own", title="本局账号管理", permissions=frozenset({"accounts.manage"}),
            by=SYSTEM, at=MONDAY,
        )  # fmt: skip
        county.a_person(own, "narrow")
        commands.deactivate_person(person=place.wei, by=place.by_sun, at=MONDAY)
        with pytest.raises(LastManager):
            commands.deactivate_person(person=place.sun, by=place.by_sun, at=LATER)
        narrow = Appointment.objects.select_related("person", "post__organisation").get(post=own)
        commands.end_appointment(appointment=narrow, by=place.by_sun, at=LATER)  # the wider one is there


class TestLeavingNothingBehind:
    @pytest.fixture(autouse=True)
    def claimed(self, place: SimpleNamespace) -> None:
        Duty.objects.create(
            procedure="case", subject="N", role="handling", name="d", kind="review", organisation=place.organisation.uscc,
            node="n", basis="b", since=MONDAY, claimed_by=place.person.pseudonym,
        )  # fmt: skip

    def test_closing_moving_and_the_last_post_there_are_refused(self, place: SimpleNamespace) -> None:
        held = place.person.appointments.select_related("person", "post__organisation").get()
        for refused in (
            lambda: commands.deactivate_person(person=place.person, by=place.by_sun, at=LATER),
            lambda: commands.end_appointment(appointment=held, by=place.by_sun, at=LATER),
            lambda: granting.move(person=place.person, post=place.managing, by=place.by_sun, at=LATER),
        ):
            with pytest.raises(StillHolds, match="1 项"):
                refused()
        assert posts_of(place.person) == {"officer"}

    def test_who_keeps_another_post_there_goes_on(self, place: SimpleNamespace) -> None:
        commands.appoint(person=place.person, post=place.decider, by=SYSTEM, at=MONDAY)
        held = place.person.appointments.select_related("person", "post__organisation").get(post=place.post)
        commands.end_appointment(appointment=held, by=place.by_sun, at=LATER)


def test_a_closed_account_comes_back_with_a_post_and_a_new_password(place: SimpleNamespace) -> None:
    commands.deactivate_person(person=place.person, by=place.by_sun, at=MONDAY)
    given = {"person": place.person, "post": place.post, "password": "another odd one", "at": LATER}
    with pytest.raises(NotPermitted):
        granting.reopen(**given, by=replace(place.by_sun, supervises="330421"))
    granting.reopen(**given, by=place.by_sun)
    person = Person.objects.get(pk=place.person.pk)
    assert (person.is_active, person.must_change_password, posts_of(person)) == (True, True, {"officer"})
    with pytest.raises(DomainError):
        granting.reopen(**given, by=place.by_sun)


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_who_close_each_other_one_stays() -> None:
    managing = county.a_post(county.an_organisation("service_centre"), "accounts")
    people = [county.a_person(managing, name) for name in ("sun", "wei")]
    actors = [county.acting(one, managing) for one in people]

    def closes(mine: int) -> str:
        try:
            commands.deactivate_person(person=people[1 - mine], by=actors[mine], at=LATER)
        except LastManager as refusal:
            return refusal.code
        finally:
            connection.close()
        return "closed"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(closes, (0, 1))) == ["closed", "last_manager"]
    assert Person.objects.filter(is_active=True).count() == 1

"""People on posts."""

from datetime import timedelta

import pytest

from tests.accounts import county
from tests.accounts.county import MONDAY, PASSWORD
from tongban.accounts import commands, queries
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import SYSTEM, Channel
from tongban.accounts.models import Organisation, Person
from tongban.accounts.people.staffing import AlreadyAppointed, UsernameTaken
from tongban.kernel.errors import NotPermitted

pytestmark = pytest.mark.django_db


class TestAddPerson:
    def test_keeps_the_name_encrypted_and_the_pseudonym_in_the_open(self) -> None:
        person = county.settle().person

        stored = Person.objects.get()
        assert stored.name == "王五"
        assert "王五".encode() not in bytes(stored.name_sealed)
        assert len(stored.pseudonym) == 12
        assert str(person) == stored.pseudonym

    @pytest.mark.parametrize(
        "password", ["short", "password1234", "aaaaaaaaaaaaaa", "my-wang-word", "x" * 200]
    )
    def test_refuses_a_weak_password(self, password: str) -> None:
        post = county.a_post(county.an_organisation())
        with pytest.raises(passwords.PasswordTooWeak):
            commands.add_person(
                username="wang", password=password, name="王五", post=post, by=SYSTEM, at=MONDAY
            )

    def test_refuses_a_user_name_in_use_whatever_its_case(self) -> None:
        post = county.settle().post
        with pytest.raises(UsernameTaken):
            county.a_person(post, "WANG")

    def test_refuses_the_manager_of_another_place(self) -> None:
        manager = county.settle("service_centre", "accounts").actor
        elsewhere = county.a_post(county.an_organisation("health", "jiashan"))
        with pytest.raises(NotPermitted):
            commands.add_person(
                username="li", password=PASSWORD, name="李四", post=elsewhere, by=manager, at=MONDAY
            )


class TestAppointments:
    def test_a_person_acts_on_a_post_only_while_appointed(self) -> None:
        place = county.settle()
        appointment = place.person.appointments.select_related("post__organisation").get()
        commands.end_appointment(appointment=appointment, by=SYSTEM, at=MONDAY + timedelta(days=1))

        assert county.acting(place.person, place.post).post == "officer"
        with pytest.raises(NotPermitted):
            queries.actor_for_person(
                person=place.person, post=place.post, channel=Channel.DESK, at=MONDAY + timedelta(days=1)
            )

    def test_refuses_a_second_open_appointment_to_one_post(self) -> None:
        place = county.settle()
        with pytest.raises(AlreadyAppointed):
            commands.appoint(person=place.person, post=place.post, by=SYSTEM, at=MONDAY)

    def test_nobody_hands_a_post_to_themselves(self) -> None:
        manager = county.settle("service_centre", "accounts")
        decider = county.a_post(manager.organisation, "decider")
        with pytest.raises(NotPermitted):
            commands.appoint(person=manager.person, post=decider, by=manager.actor, at=MONDAY)

    def test_nobody_acts_for_an_organisation_of_another_node(self) -> None:
        place = county.settle()
        Organisation.objects.update(node="ab" * 32)
        with pytest.raises(NotPermitted):
            county.acting(place.person, place.post)

    def test_deactivation_ends_everything(self) -> None:
        place = county.settle()
        commands.deactivate_person(person=place.person, by=SYSTEM, at=MONDAY)
        with pytest.raises(NotPermitted):
            county.acting(place.person, place.post)


class TestSignInsOfOrganisations:
    def test_supervision_sees_where_nobody_has_signed_in(self) -> None:
        busy = county.settle().organisation
        idle = county.an_organisation("health")
        far = county.an_organisation("health", "jiashan")
        watcher = county.settle("county_office", "county-office", "zhao")
        for organisation, succeeded in ((busy, True), (idle, False), (watcher.organisation, True)):
            commands.record_sign_in(
                organisation=organisation.uscc,
                pseudonym="X" * 12,
                channel=Channel.DESK,
                succeeded=succeeded,
                at=MONDAY,
            )

        unseen = queries.nobody_signed_in_since(since=MONDAY - timedelta(days=3), for_actor=watcher.actor)
        assert list(unseen) == [idle]
        assert far not in queries.last_sign_ins(for_actor=watcher.actor)

    def test_when_people_were_last_there_is_told_of_the_organisations_asked_for(self) -> None:
        officer = county.settle()
        uscc, code = officer.organisation.uscc, officer.person.pseudonym
        for place, succeeded in ((uscc, True), (uscc, False), ("X" * 18, True)):
            commands.record_sign_in(
                organisation=place, pseudonym=code, channel=Channel.DESK, succeeded=succeeded, at=MONDAY
            )

        everybody = Person.objects.all()
        assert queries.last_seen(everybody, organisations=[uscc]) == {code: MONDAY}
        assert queries.last_seen(everybody, organisations=[]) == {}

    def test_staff_lists_stay_within_reach(self) -> None:
        officer = county.settle()
        manager = county.settle("service_centre", "accounts", "zhou")
        elsewhere = county.a_person(county.a_post(county.an_organisation("health", "jiashan")), "shen")

        assert set(Person.objects.visible_to(manager.actor)) == {officer.person, manager.person}
        assert set(Person.objects.visible_to(officer.actor)) == {officer.person}
        assert elsewhere in Person.objects.visible_to(SYSTEM)

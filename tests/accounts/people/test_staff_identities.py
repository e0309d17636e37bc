"""Who is bound to which subject of an identity provider: who may say so, what counts once, what is written down."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from pytest_django.fixtures import Settings

from tests.accounts import county
from tests.accounts.county import ISSUER, MONDAY
from tests.nodes import Node, node
from tongban.accounts import commands
from tongban.accounts.access.actor import SYSTEM, Actor
from tongban.accounts.models import Person, StaffIdentity
from tongban.accounts.people import staff_identities
from tongban.configuration.config import UNBOUND
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.kernel.journal import kept, nodechain

__all__ = ["node"]
pytestmark = pytest.mark.django_db
OTHER = "https://sso.example.gov.cn"


@pytest.fixture(autouse=True)
def place(node: Node, settings: Settings) -> SimpleNamespace:
    """An officer, and a manager of accounts of the county."""
    county.trust_a_provider(settings)
    found = county.settle()
    found.centre = county.an_organisation("service_centre")
    found.managing = county.a_post(found.centre, "accounts")
    found.lu = county.a_person(found.managing, "lu")
    found.manager = county.acting(found.lu, found.managing)
    return found


def bind(person: Person, by: Actor = SYSTEM, *, subject: str = "u-1", issuer: str = ISSUER) -> StaffIdentity:
    return staff_identities.bind(person=person, issuer=issuer, subject=subject, by=by, at=MONDAY)


def unbind(person: Person, by: Actor = SYSTEM) -> StaffIdentity:
    return staff_identities.unbind(person=person, issuer=ISSUER, by=by, at=MONDAY + timedelta(days=1))


def supervising(place: SimpleNamespace) -> Actor:
    """The manager, with a reach over the whole county."""
    return replace(place.manager, supervises="341723")


def test_is_written_down_by_whom_and_without_the_subject(place: SimpleNamespace) -> None:
    row = bind(place.person, supervising(place))
    assert "u-1" not in row.subject_lookup
    unbind(place.person, supervising(place))
    told = [entry for entry in nodechain.entries() if entry.kind.startswith("identity_")]
    assert [entry.kind for entry in told] == ["identity_bound", "identity_unbound"]
    assert {entry.actor["staff"] for entry in told} == {place.lu.pseudonym}
    assert {entry.given["person"] for entry in told} == {place.person.pseudonym}
    row.refresh_from_db()
    assert told[-1].given["mark"] == kept.tables()["StaffIdentity"].mark(row)
    with pytest.raises(staff_identities.StaffUnknown):
        staff_identities.owner(issuer=ISSUER, subject="u-1")


def test_is_found_by_issuer_and_subject_exactly(place: SimpleNamespace) -> None:
    bind(place.person)
    assert staff_identities.owner(issuer=ISSUER, subject="u-1").person == place.person
    for issuer, subject in ((OTHER, "u-1"), (ISSUER, "U-1"), (ISSUER, "u-1 "), (ISSUER, "")):
        with pytest.raises(staff_identities.StaffUnknown):
            staff_identities.owner(issuer=issuer, subject=subject)


def test_is_for_who_manages_the_account(place: SimpleNamespace) -> None:
    for by in (place.actor, county.acting(county.a_person(place.post, "zhao"), place.post)):
        with pytest.raises(NotPermitted):
            bind(place.person, by)
    with pytest.raises(NotPermitted):
        bind(place.person, replace(place.manager, supervises=""))  # of another organisation
    assert not StaffIdentity.objects.exists()
    bind(place.person, supervising(place))
    with pytest.raises(NotPermitted):
        unbind(place.person, replace(place.manager, supervises="330421"))
    assert StaffIdentity.objects.bound().exists()


def test_nobody_binds_or_unbinds_themselves(place: SimpleNamespace) -> None:
    with pytest.raises(staff_identities.OneselfNotBound):
        bind(place.lu, place.manager)
    bind(place.lu)
    with pytest.raises(staff_identities.OneselfNotBound):
        unbind(place.lu, place.manager)
    assert StaffIdentity.objects.bound().count() == 1


def test_is_for_accounts_in_use(place: SimpleNamespace) -> None:
    commands.deactivate_person(person=place.person, by=SYSTEM, at=MONDAY)
    with pytest.raises(NotPermitted, match="没有在任岗位"):
        bind(place.person, supervising(place))
    with pytest.raises(NotPermitted, match="已停用"):
        bind(place.person)


@pytest.mark.parametrize("subject", ["", " ", " u-1", "u-1\n", "u\x00", "x" * 256])
def test_what_can_be_no_subject(place: SimpleNamespace, subject: str) -> None:
    with pytest.raises(InvalidInput):
        bind(place.person, subject=subject)
    assert not StaffIdentity.objects.exists()


def test_the_longest_subject(place: SimpleNamespace) -> None:
    bind(place.person, subject="x" * 255)


class TestOnce:
    def test_a_subject_is_one_persons(self, place: SimpleNamespace) -> None:
        bind(place.person)
        with pytest.raises(staff_identities.IdentityBound):
            bind(place.lu)
        unbind(place.person)
        bind(place.lu)
        assert staff_identities.owner(issuer=ISSUER, subject="u-1").person == place.lu

    def test_a_person_has_one_of_each_provider(self, place: SimpleNamespace) -> None:
        bind(place.person)
        with pytest.raises(staff_identities.IdentityBound):
            bind(place.person, subject="u-2")
        bind(place.person, issuer=OTHER)
        assert StaffIdentity.objects.bound().count() == 2

    def test_and_the_database_keeps_it(self, place: SimpleNamespace) -> None:
        row = bind(place.person)
        for more in ({"person": place.lu}, {"subject_lookup": "other"}):
            copy = StaffIdentity(
                **{"person": place.person, "issuer": ISSUER, "subject_lookup": row.subject_lookup, "bound_at": MONDAY, **more}
            )  # fmt: skip
            with pytest.raises(IntegrityError), transaction.atomic():
                copy.save()

    def test_what_is_unbound_is_not_unbound_again(self, place: SimpleNamespace) -> None:
        with pytest.raises(staff_identities.IdentityNotBound):
            unbind(place.person)
        bind(place.person)
        unbind(place.person)
        with pytest.raises(staff_identities.IdentityNotBound):
            unbind(place.person)


class TestBreakGlass:
    @pytest.fixture(autouse=True)
    def off(self, settings: Settings) -> None:
        settings.NODE = replace(settings.NODE, staff_passwords=UNBOUND)

    def test_the_last_manager_with_a_password_keeps_it(self, place: SimpleNamespace) -> None:
        with pytest.raises(staff_identities.BreakGlassNeeded):
            bind(place.lu)
        assert not StaffIdentity.objects.exists()
        bind(place.person)  # others are free

    def test_another_one_sets_them_free_but_not_one_who_has_left_or_is_bound(
        self, place: SimpleNamespace
    ) -> None:
        xi = county.a_person(place.managing, "xi")
        bind(xi, subject="u-2")
        with pytest.raises(staff_identities.BreakGlassNeeded):
            bind(place.lu)
        gone = county.a_person(place.managing, "gone")
        commands.deactivate_person(person=gone, by=SYSTEM, at=MONDAY)
        with pytest.raises(staff_identities.BreakGlassNeeded):
            bind(place.lu)
        county.a_person(place.managing, "du")
        bind(place.lu)
        assert [one.username for one in staff_identities.managers_with_passwords()] == ["du"]

    def test_where_passwords_count_all_may_be_bound(self, place: SimpleNamespace, settings: Settings) -> None:
        settings.NODE = replace(settings.NODE, staff_passwords="all")
        bind(place.lu)
        assert staff_identities.managers_with_passwords() == [place.lu]


def test_who_is_bound_is_seen_by_who_manages_and_by_oneself(place: SimpleNamespace) -> None:
    bind(place.person)
    assert StaffIdentity.objects.bound().visible_to(supervising(place)).exists()
    assert StaffIdentity.objects.bound().visible_to(place.actor).exists()
    stranger = county.acting(county.a_person(place.post, "zhao"), place.post)
    for by in (stranger, replace(place.manager, supervises="")):
        assert not StaffIdentity.objects.bound().visible_to(by).exists()

"""Whoever lost their second factor: one asks, another confirms; who may, within which time, and what is left afterwards."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.accounts import county
from tests.accounts.county import MONDAY, PASSWORD
from tests.nodes import Node, node
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import SYSTEM, Actor
from tongban.accounts.models import Authenticator, RecoveryCode, SecondReset
from tongban.accounts.people import resetting, second
from tongban.accounts.people.resetting import NothingToConfirm, OneselfNotReset, OwnRequestNotConfirmed
from tongban.kernel.errors import NotPermitted
from tongban.kernel.journal import nodechain

__all__ = ["node"]
pytestmark = pytest.mark.django_db
NEW = "another one, odd"
DAY = timedelta(hours=24)


@pytest.fixture
def place(node: Node) -> SimpleNamespace:
    """A decider with a telephone and recovery codes, two managers of accounts, a supervisor, an officer."""
    found = county.settle(post="decider")
    centre = county.an_organisation("service_centre")
    for name, post in (("lu", "accounts"), ("xi", "accounts"), ("du", "supervisor")):
        made = centre.posts.filter(code=post).first() or county.a_post(centre, post)
        person = county.a_person(made, name)
        setattr(found, name, county.acting(person, made))
        setattr(found, f"{name}_person", person)
    officer = county.a_post(found.organisation, "officer")
    found.officer = county.acting(county.a_person(officer, "ke"), officer)
    second.add(
        person=found.person, kind=Authenticator.Kind.TOTP, label="手机", secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", by=SYSTEM, at=MONDAY
    )  # fmt: skip
    second.make_recovery_codes(person=found.person, by=SYSTEM, at=MONDAY)
    return found


def ask(place: SimpleNamespace, by: Actor) -> SecondReset:
    return resetting.ask(person=place.person, by=by, at=MONDAY)


def confirm(place: SimpleNamespace, by: Actor, *, after: timedelta = timedelta(hours=1)) -> SecondReset:
    return resetting.confirm(person=place.person, password=NEW, by=by, at=MONDAY + after)


def is_untouched(place: SimpleNamespace) -> bool:
    place.person.refresh_from_db()
    return (
        passwords.matches(PASSWORD, place.person.password)
        and not place.person.must_change_password
        and Authenticator.objects.of(place.person).count() == 1
        and RecoveryCode.objects.filter(person=place.person).count() == 10
    )


@pytest.mark.parametrize("other", ["xi", "du"])
def test_another_manager_or_the_supervisor_confirms(place: SimpleNamespace, other: str) -> None:
    ask(place, place.lu)
    assert is_untouched(place)
    done = confirm(place, getattr(place, other))

    place.person.refresh_from_db()
    assert passwords.matches(NEW, place.person.password)
    assert place.person.must_change_password
    assert not Authenticator.objects.of(place.person).exists()
    assert not RecoveryCode.objects.exists()
    assert (done.asked_by, done.confirmed_by) == (place.lu.staff, getattr(place, other).staff)


def test_both_stand_in_the_nodes_chain(place: SimpleNamespace) -> None:
    ask(place, place.lu)
    confirm(place, place.du)
    last = list(nodechain.entries())[-4:]
    told = [(entry.kind, entry.actor["staff"], entry.given["person"]) for entry in last]
    mine = place.person.pseudonym
    assert told == [
        ("second_reset_asked", place.lu.staff, mine),
        ("second_removed", place.du.staff, mine),
        ("password_given", place.du.staff, mine),
        ("second_reset_confirmed", place.du.staff, mine),
    ]


def test_nobody_confirms_what_they_asked_for(place: SimpleNamespace) -> None:
    ask(place, place.lu)
    with pytest.raises(OwnRequestNotConfirmed):
        confirm(place, place.lu)
    assert is_untouched(place)
    confirm(place, place.xi)


def test_nobody_resets_themselves_nor_has_a_hand_in_it(place: SimpleNamespace) -> None:
    with pytest.raises(OneselfNotReset):
        resetting.ask(person=place.lu_person, by=place.lu, at=MONDAY)
    resetting.ask(person=place.lu_person, by=place.xi, at=MONDAY)
    with pytest.raises(OneselfNotReset):
        resetting.confirm(person=place.lu_person, password=NEW, by=place.lu, at=MONDAY)


def test_only_who_manages_accounts_asks(place: SimpleNamespace) -> None:
    for by in (place.du, place.officer):
        with pytest.raises(NotPermitted):
            ask(place, by)
    assert not SecondReset.objects.exists()


def test_only_who_manages_accounts_or_supervises_there_confirms(place: SimpleNamespace) -> None:
    ask(place, place.lu)
    with pytest.raises(NotPermitted):
        confirm(place, place.officer)
    elsewhere = county.an_organisation("service_centre", "jiashan")
    for post in ("supervisor", "accounts"):
        made = county.a_post(elsewhere, post)
        with pytest.raises(NotPermitted):
            confirm(place, county.acting(county.a_person(made, f"far-{post}"), made))
    assert is_untouched(place)


def test_a_request_lasts_a_day_and_counts_once(place: SimpleNamespace) -> None:
    with pytest.raises(NothingToConfirm):
        confirm(place, place.du)
    ask(place, place.lu)
    for late in (DAY, -timedelta(seconds=1)):
        with pytest.raises(NothingToConfirm):
            confirm(place, place.du, after=late)
    assert is_untouched(place)
    confirm(place, place.du, after=DAY - timedelta(seconds=1))
    with pytest.raises(NothingToConfirm):
        confirm(place, place.du, after=DAY - timedelta(seconds=1))


def test_the_latest_request_is_the_one_that_is_confirmed(place: SimpleNamespace) -> None:
    ask(place, place.lu)
    ask(place, place.xi)
    with pytest.raises(OwnRequestNotConfirmed):
        confirm(place, place.xi)
    assert confirm(place, place.lu).asked_by == place.xi.staff


def test_a_closed_account_is_not_reset(place: SimpleNamespace) -> None:
    place.person.appointments.update(ends_at=MONDAY)
    with pytest.raises(NotPermitted):
        ask(place, place.lu)


def test_a_password_that_is_too_weak_changes_nothing(place: SimpleNamespace) -> None:
    ask(place, place.lu)
    with pytest.raises(passwords.PasswordTooWeak):
        resetting.confirm(person=place.person, password="short", by=place.du, at=MONDAY)
    assert is_untouched(place)
    assert not SecondReset.objects.get().confirmed_by

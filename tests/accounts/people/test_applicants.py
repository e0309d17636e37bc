"""Accounts of applicants: what is stored, and who vouches for whom."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from tests.accounts import county
from tests.accounts.county import MONDAY
from tongban.accounts import commands, queries
from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.models import Applicant
from tongban.accounts.people.applicants import IdentityTaken, LoginTaken
from tongban.kernel.errors import InvalidInput, NotPermitted

pytestmark = pytest.mark.django_db

NUMBER = "341723199003070016"


def an_applicant(login: str = "13900000001", kind: Applicant.Kind = Applicant.Kind.PERSON) -> Applicant:
    return commands.register_applicant(login=login, password=county.PASSWORD, kind=kind, at=MONDAY)


def owner_of(applicant: Applicant) -> Actor:
    return queries.actor_for_applicant(applicant=applicant, channel=Channel.WEB)


def verify(applicant: Applicant, *, by: Actor, number: str = NUMBER) -> Applicant:
    return commands.verify_applicant(applicant=applicant, name="陈一", number=number, by=by, at=MONDAY)


class TestRegister:
    def test_stores_the_login_only_encrypted_and_hashed(self) -> None:
        an_applicant()

        row = Applicant.objects.values().get()
        assert all("13900000001" not in str(value) for value in row.values())
        assert Applicant.objects.get().login == "13900000001"

    def test_refuses_a_login_in_use(self) -> None:
        an_applicant("Chen")
        with pytest.raises(LoginTaken):
            an_applicant(" chen ")


class TestVerify:
    def test_the_owner_reaches_level_two_on_a_demo_node(self) -> None:
        applicant = an_applicant()
        verified = verify(applicant, by=owner_of(applicant))

        assert owner_of(verified).assurance == 2
        assert Applicant.objects.get().identity_number == NUMBER

    def test_the_owner_alone_proves_nothing_elsewhere(self, settings: Settings) -> None:
        settings.NODE = replace(settings.NODE, demo=False)
        applicant = an_applicant()
        with pytest.raises(NotPermitted):
            verify(applicant, by=owner_of(applicant))

    def test_a_clerk_who_sees_person_and_paper_raises_to_level_three(self) -> None:
        clerk = county.settle("service_centre", "window").actor
        assert verify(an_applicant(), by=clerk).assurance == 3

    def test_a_level_is_never_lowered(self) -> None:
        applicant = verify(an_applicant(), by=county.settle("service_centre", "window").actor)
        assert verify(applicant, by=owner_of(applicant)).assurance == 3

    def test_refuses_a_wrong_number_without_repeating_it(self) -> None:
        applicant = an_applicant()
        with pytest.raises(InvalidInput) as refusal:
            verify(applicant, by=owner_of(applicant), number=NUMBER[:-1] + "7")
        assert NUMBER[:-1] not in str(refusal.value)

    def test_refuses_another_identity_for_a_verified_account(self) -> None:
        applicant = an_applicant()
        verify(applicant, by=owner_of(applicant))
        with pytest.raises(NotPermitted):
            verify(applicant, by=owner_of(applicant), number="330421198805120023")

    def test_refuses_one_identity_for_two_accounts(self) -> None:
        for login in ("chen", "chen2"):
            applicant = an_applicant(login)
            if login == "chen":
                verify(applicant, by=owner_of(applicant))
        with pytest.raises(IdentityTaken):
            verify(applicant, by=owner_of(applicant))

    def test_a_stranger_cannot_verify(self) -> None:
        applicant = an_applicant()
        with pytest.raises(NotPermitted):
            verify(applicant, by=owner_of(an_applicant("stranger")))

    def test_an_enterprise_is_known_by_its_credit_code(self) -> None:
        applicant = an_applicant(kind=Applicant.Kind.ENTERPRISE)
        with pytest.raises(InvalidInput):
            verify(applicant, by=owner_of(applicant))
        assert verify(applicant, by=owner_of(applicant), number="91110000600037341L").assurance == 2


def test_an_applicant_sees_only_the_own_account() -> None:
    one, other = an_applicant("one"), an_applicant("other")
    assert list(Applicant.objects.visible_to(owner_of(one))) == [one]
    assert other not in Applicant.objects.visible_to(county.settle().actor)

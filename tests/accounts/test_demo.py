"""The demo counties."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from tests.accounts.county import MONDAY
from tongban.accounts import demo, identifiers, queries
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.demo_counties import COUNTIES
from tongban.accounts.models import Applicant, Organisation, Person
from tongban.kernel.errors import NotPermitted


class TestData:
    @pytest.mark.parametrize("key", COUNTIES)
    def test_codes_and_numbers_are_well_formed_and_differ(self, key: str) -> None:
        codes = [identifiers.uscc(uscc) for uscc, _ in demo.offices_of(key).values()]
        assert len(set(codes)) == len(codes)
        for _, _, number in COUNTIES[key].applicants:
            assert identifiers.citizen_id(number) == number

    @pytest.mark.parametrize("key", COUNTIES)
    def test_says_that_it_is_a_demo(self, key: str) -> None:
        assert all(name.endswith("（演示）") for _, name in demo.offices_of(key).values())


@pytest.mark.django_db
class TestSeedCounty:
    def test_brings_offices_windows_and_people(self) -> None:
        accounts = demo.seed_county("qingyang", MONDAY)

        assert {account.username for account in accounts} >= {
            "qy-window",
            "qy-police",
            "qy-police-head",
            "qy-chen",
        }
        assert Person.objects.count() == sum(account.is_staff for account in accounts)
        assert queries.windows_of("341723").filter(is_cross_province=True).count() == 3
        assert Applicant.objects.filter(assurance=2).count() == 2
        assert queries.competent(division="341723", role="public_security").is_here

    def test_can_be_repeated(self) -> None:
        first = demo.seed_county("third", MONDAY)
        assert demo.seed_county("third", MONDAY) == first

    def test_knows_its_neighbours_as_sitting_elsewhere(self) -> None:
        demo.seed_county("third", MONDAY)
        demo.introduce_county("jiashan", node="ab" * 32, at=MONDAY)

        neighbour = queries.organisation(demo.uscc_of("jiashan", "service_centre"))
        assert not neighbour.is_here
        assert neighbour not in queries.last_sign_ins(for_actor=SYSTEM)

    def test_refuses_a_node_that_is_no_demo(self, settings: Settings) -> None:
        settings.NODE = replace(settings.NODE, demo=False)
        with pytest.raises(NotPermitted):
            demo.seed_county("qingyang", MONDAY)
        assert not Organisation.objects.exists()

"""Places and posts: who may register them, and what can't be registered."""

import pytest

from tests.accounts import county
from tests.accounts.county import MONDAY
from tongban.accounts import commands, queries
from tongban.accounts.access.actor import SYSTEM, Actor, Permission
from tongban.accounts.demo_counties import uscc_of
from tongban.accounts.models import Division, Organisation, Post
from tongban.accounts.people.staffing import PowersApart
from tongban.accounts.permissions import at_odds
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.kernel.errors import InvalidInput, NotPermitted

pytestmark = pytest.mark.django_db


def register(*, by: Actor = SYSTEM, uscc: str = "", division: str = "341723") -> Organisation:
    return commands.register_organisation(
        uscc=uscc or uscc_of("qingyang", "health"),
        name="青阳县卫生健康委员会",
        short_name="卫健委",
        division=division,
        kind=Organisation.Kind.COMPETENT,
        by=by,
        at=MONDAY,
    )


class TestLoadDivisions:
    def test_knows_the_country_down_to_its_counties(self) -> None:
        commands.load_divisions()

        assert Division.objects.filter(level=Division.Level.COUNTY, valid_to=None).count() > 2800
        assert queries.full_name("341723") == "安徽省池州市青阳县"
        assert queries.full_name("500152") == "重庆市潼南区"
        assert Division.objects.filter(level=Division.Level.PROVINCE).count() == 34

    def test_every_parent_exists(self) -> None:
        commands.load_divisions()

        codes = set(Division.objects.values_list("code", flat=True))
        parents = set(Division.objects.exclude(parent_code="").values_list("parent_code", flat=True))
        assert parents <= codes

    def test_keeps_codes_that_were_merged_into_others(self) -> None:
        commands.load_divisions()

        merged = queries.division_named("500112")
        assert not merged.is_in_force(MONDAY.date().replace(year=2027))
        assert queries.division_named(merged.successor_code).valid_to is None

    def test_changes_nothing_the_second_time(self) -> None:
        assert commands.load_divisions() > 3000
        assert commands.load_divisions() == 0


class TestRegisterOrganisation:
    def test_refuses_a_code_with_a_wrong_check_character(self) -> None:
        commands.load_divisions()
        with pytest.raises(InvalidInput):
            register(uscc=uscc_of("qingyang", "health")[:-1] + "0")
        assert not Organisation.objects.exists()

    def test_refuses_a_division_that_is_on_no_list(self) -> None:
        with pytest.raises(InvalidInput):
            register(division="349999")

    def test_refuses_a_second_claim_on_one_code(self) -> None:
        commands.load_divisions()
        register()
        with pytest.raises(commands.AlreadyRegistered):
            register()

    def test_lets_the_account_manager_of_the_division(self) -> None:
        manager = county.settle("service_centre", "accounts").actor
        assert register(by=manager).is_here

    def test_refuses_the_account_manager_of_another_division(self) -> None:
        manager = county.settle("service_centre", "accounts").actor
        with pytest.raises(NotPermitted):
            register(by=manager, uscc=uscc_of("jiashan", "health"), division="330421")

    def test_refuses_who_has_no_permission(self) -> None:
        officer = county.settle().actor
        with pytest.raises(NotPermitted):
            register(by=officer)


class TestAddPost:
    def add(self, organisation: Organisation, *, by: Actor = SYSTEM, supervises: str = "") -> Post:
        return commands.add_post(
            organisation=organisation,
            code="checker",
            title="检查员",
            permissions=frozenset({Permission.CASE_SUPERVISE}),
            supervises=supervises,
            by=by,
            at=MONDAY,
        )

    def test_gives_its_powers_to_who_holds_it(self) -> None:
        post = self.add(county.an_organisation(), supervises="3417")
        actor = county.acting(county.a_person(post), post)

        assert actor.permissions == {Permission.CASE_SUPERVISE}
        assert actor.supervises == "3417"
        assert actor.organisation == post.organisation.uscc

    def test_refuses_to_grant_a_reach_beyond_the_own(self) -> None:
        manager = county.settle("service_centre", "accounts")
        with pytest.raises(NotPermitted):
            self.add(manager.organisation, by=manager.actor, supervises="34")

    def test_refuses_what_is_no_division_prefix(self) -> None:
        with pytest.raises(InvalidInput):
            self.add(county.an_organisation(), supervises="341")

    def test_a_permission_this_version_does_not_know_gives_no_power(self) -> None:
        post = self.add(county.an_organisation())
        post.permissions = ["case.supervise", "case.of_tomorrow"]
        assert post.powers() == {Permission.CASE_SUPERVISE}


class TestHallsAndWindows:
    def test_a_cross_province_window_comes_first(self) -> None:
        organisation = county.an_organisation("service_centre")
        hall = commands.add_hall(organisation=organisation, name="大厅", address="1 号", by=SYSTEM, at=MONDAY)
        for label, special in (("1 号窗", False), ("2 号窗", True)):
            commands.add_window(
                hall=hall,
                label=label,
                organisation=organisation,
                is_cross_province=special,
                by=SYSTEM,
                at=MONDAY,
            )

        assert [window.label for window in queries.windows_of("340000")] == ["2 号窗", "1 号窗"]
        assert not queries.windows_of("330000").exists()

    def test_refuses_a_second_hall_of_one_name(self) -> None:
        organisation = county.an_organisation()
        commands.add_hall(organisation=organisation, name="大厅", address="1 号", by=SYSTEM, at=MONDAY)
        with pytest.raises(commands.AlreadyRegistered):
            commands.add_hall(organisation=organisation, name="大厅", address="2 号", by=SYSTEM, at=MONDAY)


class TestPowersApart:
    """Who reads the record of access neither manages accounts nor handles cases (三权分立)."""

    @pytest.mark.parametrize("other", [Permission.ACCOUNTS_MANAGE, Permission.CASE_SUPERVISE, "case.content"])
    def test_no_post_carries_both(self, other: str) -> None:
        place = county.an_organisation()
        with pytest.raises(PowersApart, match=str(other)):
            commands.add_post(
                organisation=place, code="both", title="兼任", by=SYSTEM, at=county.MONDAY,
                permissions=frozenset({Permission.AUDIT_READ, other}),
            )  # fmt: skip
        assert not Post.objects.filter(code="both").exists()

    def test_no_person_holds_both(self) -> None:
        auditor = county.settle("service_centre", "audit")
        accounts = county.a_post(auditor.organisation, "accounts")
        archive = county.a_post(auditor.organisation, "archive")
        with pytest.raises(PowersApart, match=r"accounts\.manage"):
            commands.appoint(person=auditor.person, post=accounts, by=SYSTEM, at=county.MONDAY)
        commands.appoint(person=auditor.person, post=archive, by=SYSTEM, at=county.MONDAY)

    def test_a_standard_post_is_for_it_alone(self) -> None:
        assert STANDARD_POSTS["audit"].permissions == {Permission.AUDIT_READ}
        assert not any(at_odds(post.permissions) for post in STANDARD_POSTS.values())

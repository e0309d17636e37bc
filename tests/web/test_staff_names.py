"""Colleagues stand on pages by name and post, whoever works elsewhere by code; applicants learn neither."""

from dataclasses import dataclass, replace

import pytest

from tests import stories
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Person
from tongban.accounts.people import colleagues
from tongban.cases.words import Act
from tongban.kernel.journal import pseudonyms

pytestmark = pytest.mark.slow


def person(world: World, node: str, login: str, actor: Actor) -> tuple[Actor, str]:
    """Give the actor that the person with a login is, and their name."""
    with world.on(node):
        found = Person.objects.get(username=login)
        return replace(actor, staff=found.pseudonym), found.name


def code_of(world: World, node: str, number: str, actor: Actor) -> str:
    """Return what events of a case call somebody of a node."""
    with world.on(node):
        return pseudonyms.of(number, actor.staff)


@dataclass
class Told:
    """A case that a clerk pushed and an officer accepted, and who they are."""

    number: str
    clerk: Actor
    officer: Actor
    clerks_name: str
    officers_name: str


@pytest.fixture
def told(counties: World) -> Told:
    number = stories.reviewed(counties)
    clerk, clerks_name = person(counties, "qingyang", "qy-window", counties["qingyang"].staff("window"))
    stories.do(counties, "qingyang", number, Act.FORWARD, clerk)
    counties.settle()
    officer, officers_name = person(counties, "jiashan", "js-hrss", stories.officer(counties, number))
    stories.do(counties, "jiashan", number, Act.ACKNOWLEDGE, officer)
    stories.do(counties, "jiashan", number, Act.ACCEPT, officer)
    counties.settle()
    return Told(number, clerk, officer, clerks_name, officers_name)


class TestColleagues:
    def test_are_known_by_name_and_post_and_others_not_at_all(self, counties: World, told: Told) -> None:
        with counties.on("qingyang"):
            known = colleagues.known([told.clerk.staff, told.officer.staff, ""])
            assert [str(one) for one in known.values()] == [f"{told.clerks_name}（窗口人员）"]
        with counties.on("jiashan"):
            assert list(colleagues.known([told.clerk.staff, told.officer.staff])) == [told.officer.staff]


class TestPages:
    def test_of_a_case_name_colleagues_and_give_the_other_sides_code(
        self, counties: World, told: Told
    ) -> None:
        clerk, officer = (told.clerk, told.clerks_name), (told.officer, told.officers_name)
        pages = {
            ("qingyang", "qy-window", f"/counter/cases/{told.number}/"): (clerk, officer),
            ("jiashan", "js-hrss", f"/desk/{told.number}/"): (officer, clerk),
            ("jiashan", "js-supervisor", f"/supervision/cases/{told.number}/"): (officer, clerk),
        }
        for (node, login, page), ((own, name), (other, _)) in pages.items():
            shown = staff(counties, node, login).open(page)
            assert name in shown.words, page
            assert own.staff not in shown.text, page
            assert code_of(counties, node, told.number, own) not in shown.text, page
            # What the other side's events call its staff says nothing of who works there.
            there = next(key for key in ("qingyang", "jiashan") if key != node)
            assert "对方工作人员" in shown.words, page
            assert code_of(counties, there, told.number, other) not in shown.text, page
            assert other.staff not in shown.text, page

    def test_of_lists_name_who_claimed_and_who_opened(self, counties: World, told: Told) -> None:
        staff(counties, "jiashan", "js-hrss").open(f"/desk/{told.number}/").send(to="/claim/")
        for login, page in (("js-hrss-head", "/desk/"), ("js-supervisor", "/supervision/")):
            shown = staff(counties, "jiashan", login).open(page)
            assert told.officers_name in shown.words
            assert told.officer.staff not in shown.text

    def test_of_windows_name_who_sits_there(self, counties: World, told: Told) -> None:
        staff(counties, "qingyang", "qy-window").send()
        watcher = staff(counties, "qingyang", "qy-supervisor").open("/supervision/windows/")
        assert told.clerks_name in watcher.words
        assert told.clerk.staff not in watcher.text

    def test_for_anybody_name_no_staff(self, counties: World, told: Told) -> None:
        shown = Browser(counties).sign_in("qy-chen").open(f"/lookup/?number={told.number}")
        shown.send({"proof": stories.proof()})
        assert shown.status == 200
        assert not [
            one for one in (told.clerks_name, told.clerk.staff, told.officer.staff) if one in shown.text
        ]

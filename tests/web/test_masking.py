"""What of a person is shown where: nothing in queues, part of a number on the page of a case, all of it on record."""

import pytest

from tests import hidden, stories
from tests.hidden import IDNO, MOBILE, NAME, SECRETS
from tests.looked import readings
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import queries
from tongban.accounts.access.actor import Channel
from tongban.accounts.identifiers import mask_id, mask_mobile, mask_name
from tongban.accounts.models import Applicant, Person
from tongban.cases import commands
from tongban.cases.words import Act, Mode

pytestmark = pytest.mark.slow


@pytest.fixture
def number(counties: World) -> str:
    """Give a case of somebody whose particulars are SECRETS, taken in at the window and arrived at the department."""
    clerk = counties["qingyang"].staff("window")
    number = hidden.draft(counties, clerk)
    with counties.on("qingyang"):
        commands.file(number=number, mode=Mode.PROXY_INTAKE, by=clerk, at=counties.at)
    stories.do(counties, "qingyang", number, Act.RECEIVE, clerk)
    stories.do(counties, "qingyang", number, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
    stories.do(counties, "qingyang", number, Act.PASS_REVIEW, clerk)
    stories.do(counties, "qingyang", number, Act.FORWARD, clerk)
    counties.settle()
    return number


def viewers(world: World, node: str, number: str) -> list[str]:
    """Return the user names of those whose reading of content is on record, in order."""
    with world.on(node):
        names = dict(Person.objects.values_list("pseudonym", "username"))
        seen = readings().filter(matter=number).order_by("at", "pk")
        return [names[one] for one in seen.values_list("who", flat=True)]


@pytest.mark.parametrize(
    ("node", "who", "page"),
    [
        ("qingyang", "qy-window", "/counter/"), ("qingyang", "qy-window", "/desk/"),
        ("jiashan", "js-hrss", "/desk/"), ("jiashan", "js-supervisor", "/supervision/"),
        ("jiashan", "js-supervisor", "/supervision/cases/{}/"),
    ],
)  # fmt: skip
def test_queues_and_the_supervisors_pages_name_nobody(
    counties: World, number: str, node: str, who: str, page: str
) -> None:
    browser = staff(counties, node, who).open(page.format(number))
    assert browser.status == 200
    assert not [one for one in SECRETS if one in browser.text]
    assert viewers(counties, node, number) == []


def test_a_window_sees_part_and_opens_the_whole_on_record(counties: World, number: str) -> None:
    clerk = staff(counties, "qingyang", "qy-window").open(f"/counter/cases/{number}/")
    for shown, kept in ((mask_id(IDNO), IDNO), (mask_name(NAME), NAME), (mask_mobile(MOBILE), MOBILE)):
        assert shown in clerk.words
        assert kept not in clerk.text
    assert (mask_id(IDNO)[0], mask_id(IDNO)[-1]) == (IDNO[0], IDNO[-1])
    assert not set(mask_id(IDNO)[1:-1]) & set(IDNO)
    assert viewers(counties, "qingyang", number) == []
    form = clerk.text.partition(">申请表（全文）<")[0].rpartition('href="')[2].partition('"')[0]
    assert IDNO in clerk.open(form).text
    assert viewers(counties, "qingyang", number) == ["qy-window"]


def test_an_officer_sees_part_of_numbers_and_the_whole_on_record(counties: World, number: str) -> None:
    officer = staff(counties, "jiashan", "js-hrss").open(f"/desk/{number}/")
    assert mask_id(IDNO) in officer.words
    assert not [one for one in (IDNO, MOBILE) if one in officer.text]
    assert viewers(counties, "jiashan", number) == []
    officer.send(to="/numbers/#form")
    assert IDNO in officer.words
    assert viewers(counties, "jiashan", number) == ["js-hrss"]


def test_an_applicants_list_names_for_whom_in_part(counties: World) -> None:
    chen = Browser(counties).sign_in("qy-chen")
    with counties.on("qingyang"):
        owner = queries.actor_for_applicant(
            applicant=Applicant.objects.order_by("pk")[0], channel=Channel.WEB
        )
    hidden.draft(counties, owner)
    chen.open("/my-cases/")
    assert mask_name(NAME) in chen.words
    assert not [one for one in SECRETS if one in chen.text]

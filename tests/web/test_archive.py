"""The archive's desk: what is due is listed, one proposes, another approves, and the file says how far it has come."""

import pytest

from tests import stories
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.cases.words import Act
from tongban.kernel import vault
from tongban.kernel.journal import numbers
from tongban.procedures.models import Bearer, Trace

pytestmark = pytest.mark.slow
DUE = "2028-01-02"  # what was returned in 2026 is kept to the end of 2027


@pytest.fixture
def number(counties: World) -> str:
    """A case that the window returned."""
    clerk = counties["qingyang"].staff("window")
    number = stories.received(counties)
    stories.do(counties, "qingyang", number, Act.RETURN, clerk, texts={"reason": "材料不属于本事项"})
    return number


def archivist(counties: World) -> Browser:
    return staff(counties, "qingyang", "qy-archive")


def supervisor(counties: World) -> Browser:
    return staff(counties, "qingyang", "qy-supervisor")


def test_lists_nothing_before_its_time_and_opens_nothing(counties: World, number: str) -> None:
    counties.wait_until("2027-12-31")
    browser = archivist(counties).open("/archive/")
    assert "没有保管期限已满的档案" in browser.words
    browser.open(f"/archive/{number}/")
    assert "到 2027-12-31 为止不得销毁" in browser.words
    assert "档案岗位不查看材料内容" in browser.words


@pytest.mark.attack("A2", "E2")
def test_two_people_and_a_wait_destroy_a_file(counties: World, number: str) -> None:
    counties.settle()
    with counties.on("qingyang"):
        assert Trace.objects.filter(matter=number).exists()
    counties.wait_until(DUE)
    browser = archivist(counties).open("/archive/")
    assert numbers.parse(number).display() in browser.words
    browser.open(f"/archive/{number}/")
    browser.send(to="/do/appraise_destruction/")
    assert (browser.status, "请选择一项" in browser.words) == (422, True)
    browser.send({"ground": "expired"}, to="/do/appraise_destruction/")
    assert "已提出销毁，等待另一人批准" in browser.words
    other = supervisor(counties).open("/archive/")
    assert "等待批准" in other.words
    other.open(f"/archive/{number}/").send(to="/do/decline_destruction/")
    assert (other.status, "请写明为什么不同意" in other.words) == (422, True)
    other.send(to="/do/approve_destruction/")
    assert "已批准销毁，到 2028-01-12 为止可以撤回" in other.words
    counties.wait_until("2028-01-13")
    counties.watch()
    browser = archivist(counties).open(f"/archive/{number}/")
    assert "已销毁 2028-01-13" in browser.words
    assert "没有保管期限已满的档案" in browser.open("/archive/").words
    with counties.on("qingyang"):
        assert vault.is_destroyed(number)
        # Nobody is found by what was in it any more: at once, by nobody who hears of it later.
        assert not Trace.objects.filter(matter=number).exists()
        assert not Bearer.objects.filter(matter=number).exists()


def test_what_was_declined_or_taken_back_can_be_proposed_again(counties: World, number: str) -> None:
    counties.wait_until(DUE)
    browser = archivist(counties).open(f"/archive/{number}/")
    browser.send({"ground": "transferred"}, to="/do/appraise_destruction/")
    other = supervisor(counties).open(f"/archive/{number}/")
    other.send({"note": "另案要用"}, to="/do/decline_destruction/")
    assert "已记录：不同意销毁" in other.words
    browser.open(f"/archive/{number}/").send({"ground": "expired"}, to="/do/appraise_destruction/")
    browser.send(to="/do/retract_destruction/")
    assert "已记录：撤回销毁" in browser.words
    assert browser.form("/do/appraise_destruction/")


@pytest.mark.attack("A9")
def test_content_is_handed_out_to_who_appraises(counties: World, number: str) -> None:
    counties.wait_until(DUE)
    browser = archivist(counties).open(f"/archive/{number}/")
    assert "申请表" in browser.words
    link = browser.text.partition(f'href="/archive/{number}/content/')[2].partition('"')[0]
    answer = browser.fetch(f"/archive/{number}/content/{link}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_goes_on_is_in_no_archive(counties: World) -> None:
    number = stories.received(counties)
    browser = supervisor(counties).open(f"/archive/{number}/")
    assert (browser.status, "还在办理，不在档案中" in browser.words) == (404, True)

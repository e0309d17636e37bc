"""What is said about a case beside its acts: messages between the two places, notes that stay in the office, telephones."""

import re
from dataclasses import replace

import pytest

from tests import stories
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_claims import window
from tests.web.test_officer import act, issue, number, officer, staff
from tests.world import World
from tongban.accounts import demo
from tongban.cases.words import Act
from tongban.kernel.errors import NotFound
from tongban.procedures import notes, readable
from tongban.procedures.models import Matter, Note

__all__ = ["number", "officer"]
pytestmark = pytest.mark.slow
SAID = "请核对申请人的现住址，门牌号看不清。"


@pytest.fixture
def clerk(counties: World) -> Browser:
    return window(counties, "qy-window")


class TestMessages:
    def test_reach_the_other_place_and_are_answered(
        self, counties: World, number: str, officer: Browser, clerk: Browser
    ) -> None:
        officer.open(f"/desk/{number}/").send({"message": SAID}, to="/write/")
        assert SAID in officer.words
        counties.settle()
        assert SAID in clerk.open(f"/counter/cases/{number}/").words
        clerk.send({"message": "12号，已电话核实。"}, to="/write/")
        counties.settle()
        page = officer.open(f"/desk/{number}/")
        assert page.words.index("12号，已电话核实。") < page.words.index(SAID)
        watcher = staff(counties, "jiashan", "js-supervisor").open(f"/supervision/cases/{number}/")
        assert SAID in watcher.words

    def test_say_something(self, counties: World, number: str, officer: Browser) -> None:
        before = case_on(counties, "jiashan", number).version + 1  # that it was looked at
        for wrong in ("  ", "长" * 2001):
            officer.open(f"/desk/{number}/").send({"message": wrong}, to="/write/")
            assert (officer.status, "没有发送：请填写要说的话" in officer.words) == (422, True)
        assert case_on(counties, "jiashan", number).version == before

    def test_need_another_place(self, counties: World, clerk: Browser) -> None:
        lonely = stories.received(counties)
        assert 'name="message"' not in clerk.open(f"/counter/cases/{lonely}/").text
        clerk.open(f"/numbers/{lonely}/write/").send({"message": SAID})
        assert (clerk.status, "请推送后再联系" in clerk.words) == (409, True)

    def test_are_not_for_the_applicant(self, counties: World, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/").send({"message": SAID}, to="/write/")
        counties.settle()
        with counties.on("qingyang"):
            Matter.objects.filter(number=number).update(applicant=counties["qingyang"].applicant().applicant)
            may_read = readable.labels_for(
                Matter.objects.get(number=number), counties["qingyang"].applicant()
            )
            assert (may_read("reply"), may_read("message")) == (True, False)


class TestNotes:
    def test_stay_in_the_office(self, counties: World, number: str, officer: Browser, clerk: Browser) -> None:
        officer.open(f"/desk/{number}/").send({"note": "等社保系统恢复再办"}, to="/note/")
        assert "等社保系统恢复再办" in officer.words
        assert (
            "等社保系统恢复再办" in staff(counties, "jiashan", "js-hrss-head").open(f"/desk/{number}/").words
        )
        counties.settle()
        assert "等社保系统恢复再办" not in clerk.open(f"/counter/cases/{number}/").words
        with counties.on("jiashan"):
            (kept,) = Note.objects.all()
            assert "社保系统".encode() not in bytes(kept.text)
        officer.open(f"/desk/{number}/").send(to="/note/", button=f"remove={kept.pk}")

    def test_are_deleted_by_who_wrote_them(self, counties: World, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/").send({"note": "下午再打电话"}, to="/note/")
        head = counties["jiashan"].staff("decider")
        with counties.on("jiashan"):
            (kept,) = Note.objects.all()
            with pytest.raises(NotFound):
                notes.remove(matter=Matter.objects.get(number=number), note=kept.pk, by=head)
            author = replace(stories.officer(counties, number), staff=kept.staff)
            notes.remove(matter=Matter.objects.get(number=number), note=kept.pk, by=author)
            assert not Note.objects.exists()

    def test_are_gone_with_the_content(self, counties: World, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/").send({"note": "下午再打电话"}, to="/note/")
        with counties.on("jiashan"):
            notes.forget(number)
            assert not Note.objects.exists()


def test_the_telephone_of_the_other_office_is_at_hand(counties: World, number: str, officer: Browser) -> None:
    with counties.on("jiashan"):
        demo.introduce_county("qingyang", node=counties["qingyang"].fingerprint, at=counties.at)
    assert re.search("0566-0001[0-9]{3}", officer.open(f"/desk/{number}/").words)


class TestRefusedWithdrawal:
    def test_gives_its_reasons_and_the_case_goes_on(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        act(officer, number, Act.ACKNOWLEDGE)
        counties.settle()
        stories.do(counties, "qingyang", number, Act.REQUEST_WITHDRAWAL, counties["qingyang"].staff("window"))
        counties.settle()
        act(officer, number, Act.REFUSE_WITHDRAWAL, {"reason": ""})
        assert officer.status == 422
        issue(
            act(
                officer,
                number,
                Act.REFUSE_WITHDRAWAL,
                {"reason": "依《不动产登记暂行条例》第十五条，已记载于登记簿。"},
            )
        )
        case = case_on(counties, "jiashan", number)
        assert (case.phase, case.state["facts"]["handling"]["withdrawal"]) == ("acknowledged", "refused")

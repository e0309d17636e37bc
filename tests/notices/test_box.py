"""Whom it concerns finds it in their box: once, where they work, and nothing of anybody else's."""

from dataclasses import replace

import pytest

from tests import stories
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.web.test_own_cases import mine
from tests.world import World
from tongban.accounts.access.actor import Actor, Permission
from tongban.cases.words import Act
from tongban.kernel.db import write
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Duty
from tongban.notices import commands, followers, queries
from tongban.notices.models import Notice


def told(world: World, node: str, number: str) -> list[tuple[str, str]]:
    """Return what was told of a case on a node: the row, and the organisation where it was an organisation."""
    with world.on(node):
        found = Notice.objects.filter(matter=number).order_by("pk")
        return [(one.row, one.organisation) for one in found]


@pytest.fixture
def listening(world: World) -> World:
    """Two nodes whose followers have begun: notices are of the present."""
    world.settle()
    return world


class TestWhoIsTold:
    def test_the_authority_of_a_new_case_and_the_applicant_where_they_filed(self, listening: World) -> None:
        number = stories.accepted(listening)
        listening.settle()
        authority = stories.officer(listening, number).organisation

        assert told(listening, "jiashan", number) == [("forward.handling", authority)]
        # The clerk who took it in is not told of their own doing.
        assert told(listening, "qingyang", number) == [("receive.applicant", ""), ("accept.applicant", "")]

    def test_the_window_of_a_correction_by_when_and_the_authority_of_its_answer(
        self, listening: World
    ) -> None:
        number = stories.acknowledged(listening)
        officer, clerk = stories.officer(listening, number), listening["qingyang"].staff("window")
        stories.do(listening, "jiashan", number, Act.ASK_CORRECTION, officer, texts={"notice": "照片不清"})
        listening.settle()
        assert ("ask_correction.intake", clerk.organisation) in told(listening, "qingyang", number)

        stories.do(listening, "qingyang", number, Act.TELL, clerk)
        stories.do(
            listening,
            "qingyang",
            number,
            Act.ANSWER,
            clerk,
            texts=stories.BROUGHT,
            given={"presence": "id_card"},
        )
        listening.settle()
        assert ("answer.handling", officer.organisation) in told(listening, "jiashan", number)
        with listening.on("qingyang"):
            # Twenty working days from being told, as the duty of the applicant was.
            told_by = Notice.objects.get(matter=number, row="tell.applicant").day
            assert told_by == Duty.objects.get(subject=number, kind="answer").due_on

    def test_each_once_however_often_an_event_is_heard(self, listening: World) -> None:
        number = stories.accepted(listening)
        listening.settle()
        before = told(listening, "qingyang", number)
        with listening.on("qingyang"):
            for event in journal.events_of(number):
                again = followers.tell(event, listening.at)
                if again is not None:
                    with write():
                        again()
        assert told(listening, "qingyang", number) == before


class TestABox:
    def test_is_of_the_posts_that_it_concerns_and_of_nobody_else(self, listening: World) -> None:
        number = stories.forwarded(listening)
        officer = stories.officer(listening, number)
        with listening.on("jiashan"):
            (line,) = queries.box(officer)[0]
            assert (line.notice.matter, queries.unread(officer)) == (number, 1)
            for stranger in _strangers(listening, officer):
                assert queries.box(stranger) == ([], None)
                assert queries.unread(stranger) == 0
                assert commands.mark_read(matter=number, by=stranger, at=listening.at) == 0
                assert commands.mark_all_read(by=stranger, upto=line.notice.pk, at=listening.at) == 0
            assert queries.unread(officer) == 1

    def test_goes_on_where_a_page_ended(self, listening: World) -> None:
        number = stories.forwarded(listening)
        officer = stories.officer(listening, number)
        with listening.on("jiashan"):
            first = Notice.objects.get(matter=number)
            for n in range(queries.PAGE):
                first.pk, first.event = None, f"sm3:{n:064}"
                # What a post is told by several of its permissions stands in one order.
                first.permission = (Permission.CASE_ACCEPT, Permission.CASE_ACKNOWLEDGE)[n % 2]
                first.save()
            newest, place = queries.box(officer)
            rest, end = queries.box(officer, before=place)
            every = list(Notice.objects.visible_to(officer).order_by("-pk"))
        assert (len(newest), len(rest), end) == (queries.PAGE, 1, None)
        assert [one.notice for one in newest + rest] == every


class TestThePage:
    @pytest.mark.prove("walks a message through the pages of two nodes")
    def test_counts_in_the_header_leads_to_the_case_and_is_read_then(self, counties: World) -> None:
        counties.settle()
        number = stories.forwarded(counties)
        page = staff(counties, "jiashan", "js-hrss").open("/messages/")
        assert "消息 (1)" in page.text
        assert "转来新办件" in page.words
        assert "请签收" in page.words

        page.open(f"/messages/{number}/")
        assert page.status == 200
        assert "消息 (" not in page.open("/messages/").text
        with counties.on("jiashan"):
            assert Notice.objects.get(matter=number).read_by

    def test_is_read_as_a_whole_up_to_what_was_shown(self, counties: World) -> None:
        counties.settle()
        number = stories.forwarded(counties)
        page = staff(counties, "jiashan", "js-hrss").open("/messages/")
        with counties.on("jiashan"):
            later = Notice.objects.get(matter=number)
            later.pk, later.event = None, f"sm3:{0:064}"
            later.save()
        page.send()
        assert "消息 (1)" in page.text

    def test_of_a_demo_node_says_that_it_has_no_gateway(self, counties: World) -> None:
        page = Browser(counties).open("/demo/sent/")
        assert "没有短信通道" in page.words

    def test_says_when_there_is_nothing(self, counties: World) -> None:
        page: Browser = staff(counties, "jiashan", "js-supervisor").open("/messages/")
        assert "现在没有消息" in page.words


def _strangers(world: World, officer: Actor) -> list[Actor]:
    other_post = replace(officer, permissions=officer.permissions - {Permission.CASE_ACKNOWLEDGE})
    return [
        other_post, replace(officer, organisation=world["jiashan"].centre), world["jiashan"].applicant(),
        world["jiashan"].operator(),
    ]  # fmt: skip


def test_an_applicant_turns_off_what_may_be_turned_off(counties: World) -> None:
    page = mine(counties).open("/messages/")
    assert "现在没有消息" in page.words
    page.send(button="sms=fewer")
    assert "只发依法必须告知的短信" in page.words
    page.send(button="sms=all")
    assert "办件有进展时给您发短信" in page.words
    staff_page = staff(counties, "jiashan", "js-hrss").open("/messages/")
    assert "退订" not in staff_page.words

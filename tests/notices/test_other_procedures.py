"""Complaints, filings and agreements: the other side finds in its box what is its turn; nobody is told of their own doing."""

import pytest

from tests import stories
from tests.agreements import test_course as agreeing
from tests.filing import course as filing
from tests.notices.test_box import told
from tests.world import World
from tongban.agreements.words import Act as Agreeing
from tongban.catalogue.filing.words import Act as Filing
from tongban.complaints.commands import open_complaint
from tongban.complaints.words import Act as Complaining
from tongban.notices import queries
from tongban.procedures import commands


@pytest.fixture
def listening(world: World) -> World:
    """Nodes whose followers have begun: notices are of the present."""
    world.settle()
    return world


def test_of_a_filing_the_centre_is_told_and_then_the_department(listening: World) -> None:
    number = filing.submitted(listening)
    centre, department = filing.centre(listening).organisation, filing.head(listening).organisation
    assert told(listening, "qingyang", number) == [("guide_filing.submit.centre", centre)]
    filing.do(
        listening,
        number,
        Filing.RETURN_WITH_REMARKS,
        filing.centre(listening),
        texts={"remarks": "请补法律依据"},
    )
    listening.settle()
    assert told(listening, "qingyang", number)[1:] == [
        ("guide_filing.return_with_remarks.department", department)
    ]


def test_of_an_agreement_each_side_is_told_of_the_other_s_step(listening: World) -> None:
    number = agreeing.opened(listening)
    theirs, ours = (agreeing.signer(listening, node).organisation for node in ("jiashan", "qingyang"))
    assert told(listening, "jiashan", number) == [("agreement.send.other", theirs)]
    assert told(listening, "qingyang", number) == []
    agreeing.then(listening, "jiashan", number, Agreeing.COUNTERSIGN)
    assert told(listening, "qingyang", number) == [("agreement.countersign.proposer", ours)]


def test_of_a_complaint_who_looks_into_it_and_who_answers(listening: World) -> None:
    about = stories.acknowledged(listening)
    clerk = listening["qingyang"].staff("window")
    given = {
        "mode": "centre", "channel": "window", "against": "handling", "number": about, "complaint": "电话没有人接",
    }  # fmt: skip
    with listening.on("qingyang"):
        number = open_complaint(given, clerk, listening.at).number
        commands.act(matter=number, act=Complaining.ACCEPT_CENTRE, by=clerk, at=listening.at)
    listening.settle()
    handler = listening["jiashan"].staff("supervisor")
    assert told(listening, "jiashan", number) == [("complaint.accept_centre.handling", handler.organisation)]
    with listening.on("jiashan"):
        (line, *_) = queries.box(handler)[0]
        assert (line.title, line.next) == ("转来一件投诉", "请承接并核查")
        assert line.item
        commands.act(matter=number, act=Complaining.TAKE_OVER, by=handler, at=listening.at)
        commands.act(
            matter=number, act=Complaining.REPLY, by=handler, at=listening.at, given={"outcome": "partly"}, texts={"reply": "已改"}
        )  # fmt: skip
    listening.settle()
    assert told(listening, "qingyang", number) == [("complaint.reply.receiving", clerk.organisation)]

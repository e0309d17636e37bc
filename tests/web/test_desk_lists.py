"""The lists of a desk, and what other lists say of its matters: each counts what its reader can deal with, under its own name."""

import pytest

from tests import stories
from tests.agreements.test_course import opened as agreement
from tests.complaints.test_course import Act, do, opened, taken_over
from tests.web.test_officer import staff
from tests.world import World
from tongban.commandline.node import operator
from tongban.figures import queries as figures
from tongban.procedures import queues

pytestmark = pytest.mark.database


def boxes(world: World, node: str, login: str, procedure: str, query: str = "") -> dict[str, str]:
    """The counts of the boxes, as their reader sees them."""
    words = staff(world, node, login).open(f"/matters/{procedure}/{query}").words.split()
    return {name: words[words.index(name) + 1] for name in ("待办", "在办", "办过")}


def test_a_complaint_is_owed_then_elsewhere_then_dealt_with(counties: World) -> None:
    number = opened(counties, stories.acknowledged(counties), counties["qingyang"].staff("window"))
    assert boxes(counties, "qingyang", "qy-supervisor", "complaint") == {
        "待办": "1",
        "在办": "0",
        "办过": "0",
    }
    do(counties, "qingyang", number, Act.ACCEPT_CENTRE, counties["qingyang"].staff("window"))
    counties.settle()
    assert boxes(counties, "qingyang", "qy-supervisor", "complaint") == {
        "待办": "0",
        "在办": "1",
        "办过": "1",
    }


def test_counts_go_by_the_filter(counties: World) -> None:
    opened(counties, stories.acknowledged(counties), counties["qingyang"].staff("window"))
    found = boxes(counties, "qingyang", "qy-supervisor", "complaint", "?phase=closed")
    assert found == {"待办": "0", "在办": "0", "办过": "0"}


def test_what_only_another_post_may_do_is_not_owed(counties: World) -> None:
    number = taken_over(counties)
    assert boxes(counties, "jiashan", "js-window", "complaint")["待办"] == "0"
    assert boxes(counties, "jiashan", "js-supervisor", "complaint")["待办"] == "1"
    clerk = staff(counties, "jiashan", "js-window").open(f"/matters/complaint/{number}/")
    assert "认领（由我办理）" not in clerk.text


def test_two_procedures_may_use_one_word_for_different_duties(counties: World) -> None:
    agreement(counties)
    watcher = staff(counties, "jiashan", "js-supervisor").open("/supervision/")
    assert "答复协议文本" in watcher.words
    assert "申请人答复补正 1" not in watcher.words
    assert "没有符合筛选条件的责任" in watcher.open("/supervision/?kind=case:answer").words
    assert "答复协议文本" in watcher.open("/supervision/?kind=agreement:answer").words
    assert queues.kinds()["agreement:answer"] != queues.kinds()["case:answer"]


def test_the_operator_counts_every_procedure(counties: World) -> None:
    with counties.on("qingyang"):
        seen = figures.supervised_by(operator())
    assert {"case", "complaint", "agreement", "guide_filing"} <= set(seen)

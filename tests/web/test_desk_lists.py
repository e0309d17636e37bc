"""The lists of a desk, and what other lists say of its matters: each counts what its reader can deal with, under its own name."""

import html
import re

import pytest

from tests import stories
from tests.agreements.test_course import opened as agreement
from tests.complaints.test_course import Act, do, opened, taken_over
from tests.web.test_officer import staff
from tests.world import World
from tongban.commandline.node import operator
from tongban.figures import queries as figures
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Duty
from tongban.procedures import newest, queues
from tongban.procedures.models import Matter
from tongban.procedures.words import OF_SYSTEM, Standard
from tongban.web.desk import lists

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
    assert "申请人答复补正 1 " not in watcher.words
    assert "没有符合筛选条件的在办事项" in watcher.open("/supervision/?kind=case:answer").words
    assert "答复协议文本" in watcher.open("/supervision/?kind=agreement:answer").words
    assert queues.kinds()["agreement:answer"] != queues.kinds()["case:answer"]


def test_the_operator_counts_every_procedure(counties: World) -> None:
    with counties.on("qingyang"):
        seen = figures.supervised_by(operator())
    assert {"case", "complaint", "agreement", "guide_filing"} <= set(seen)


def test_news_that_changes_nothing_is_no_reason_to_fill_in_a_form_again(counties: World) -> None:
    number = taken_over(counties)
    watcher = staff(counties, "jiashan", "js-supervisor").open(f"/matters/complaint/{number}/do/note/")
    with counties.on("jiashan"):
        row = Matter.objects.get(number=number)
        name = next(name for name, duty in row.state["duties"].items() if duty["kind"] == "answer_centre")
        given = {"duties": [name], "staff": counties["jiashan"].staff("supervisor").staff}
    do(counties, "jiashan", number, Standard.CLAIM, counties["jiashan"].staff("supervisor"), given=given)
    assert "已记录" in watcher.send({"record": "调看了监控"}).words


def test_what_somebody_else_has_done_meanwhile_is(counties: World) -> None:
    number = taken_over(counties)
    watcher = staff(counties, "jiashan", "js-supervisor").open(f"/matters/complaint/{number}/do/note/")
    by = counties["jiashan"].staff("supervisor")
    do(counties, "jiashan", number, Act.NOTE, by, texts={"record": "另一条"})
    page = watcher.send({"record": "调看了监控"})
    assert page.status == 409
    assert "调看了监控" in page.text


def test_a_button_pressed_twice_does_its_work_once(counties: World) -> None:
    number = taken_over(counties)
    watcher = staff(counties, "jiashan", "js-supervisor")
    form = watcher.open(f"/matters/complaint/{number}/do/note/").form().values
    for _ in range(2):
        watcher.open(f"/matters/complaint/{number}/do/note/")
        assert "已记录" in watcher.send({**form, "record": "调看了监控"}).words
    with counties.on("jiashan"):
        assert [event.kind for event in journal.events_of(number)].count("note") == 1


def test_pages_go_on_where_the_last_one_ended(counties: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 1)
    case = stories.acknowledged(counties)
    told = {opened(counties, case, counties["qingyang"].staff("window")) for _ in range(3)}
    watcher = staff(counties, "qingyang", "qy-supervisor").open("/matters/complaint/?box=all&phase=filed")
    seen = []
    for _ in told:
        seen += [number for number in told if f"/matters/complaint/{number}/" in watcher.text]
        more = re.search(r'id="next" href="([^"]+)"', watcher.text)
        if more:
            assert "phase=filed" in more[1]
            watcher.open("/matters/complaint/" + html.unescape(more[1]))
    assert more is None
    assert sorted(seen) == sorted(told)


def test_an_empty_stretch_leads_on_and_a_changed_address_to_the_beginning(
    counties: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "LOOKED_THROUGH", 1)
    monkeypatch.setattr(lists, "PAGE", 1)
    case = stories.acknowledged(counties)
    for _ in range(3):
        opened(counties, case, counties["qingyang"].staff("window"))
    watcher = staff(counties, "qingyang", "qy-supervisor").open("/matters/complaint/?box=all&phase=closed")
    assert "可以接着往前找" in watcher.words
    more = re.search(r'id="next" href="([^"]+)"', watcher.text)
    assert more
    assert "没有符合筛选条件的" in watcher.open("/matters/complaint/" + html.unescape(more[1])).words
    first = watcher.open("/matters/complaint/?box=all").text
    for wrong in ("x", "20260302-", "20260302-nothing", "99999999-" + case):
        assert watcher.open(f"/matters/complaint/?box=all&after={wrong}").text.count("<tr>") == first.count(
            "<tr>"
        )


def test_a_number_is_found_however_much_came_after_it(
    counties: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "LOOKED_THROUGH", 1)
    monkeypatch.setattr(lists, "MOST", 2)
    case = stories.acknowledged(counties)
    told = sorted(opened(counties, case, counties["qingyang"].staff("window")) for _ in range(5))
    watcher = staff(counties, "qingyang", "qy-supervisor")
    for number in told:
        page = watcher.open(f"/matters/complaint/?box=all&number={number}")
        assert page.text.count(f"/matters/complaint/{number}/") == 1
        assert "全部 1" in page.words
    assert "没有符合筛选条件的" in watcher.open("/matters/complaint/?box=all&number=3417").words
    # A count goes no further than that, and says so.
    assert "全部 2+" in watcher.open("/matters/complaint/?box=all").words


def test_what_the_system_does_is_nobodys_and_what_is_owed_is_not_done(counties: World) -> None:
    number = opened(counties, stories.acknowledged(counties), counties["qingyang"].staff("window"))
    do(counties, "qingyang", number, Act.ACCEPT_CENTRE, counties["qingyang"].staff("window"))
    counties.settle()
    with counties.on("qingyang"):
        ours = counties["qingyang"].centre
        Duty.objects.filter(subject=number, closed_at=None).update(
            kind=next(iter(OF_SYSTEM)), organisation="x"
        )
        Duty.objects.filter(subject=number, organisation=ours).update(kind=next(iter(OF_SYSTEM)))
    assert boxes(counties, "qingyang", "qy-supervisor", "complaint") == {
        "待办": "0",
        "在办": "0",
        "办过": "0",
    }

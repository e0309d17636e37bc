"""One → many: the phase of a parent follows from its children's, wherever these are changed."""

from dataclasses import replace
from typing import Any

import pytest

from tests.procedures import inspections, visits
from tests.procedures.inspections import INSPECTION
from tests.procedures.visits import LEAD, VISIT
from tests.world import Node, World
from tongban.accounts.access.actor import Actor, Permission
from tongban.kernel.errors import NotPermitted
from tongban.kernel.journal import fold
from tongban.kernel.journal import writer as journal
from tongban.procedures import commands, gathering, tasks
from tongban.procedures.audit import journal_audit
from tongban.procedures.models import Gathering, Matter
from tongban.procedures.words import Standard

HERE, THERE = "qingyang", "jiashan"


@pytest.fixture
def speaking(world: World) -> World:
    for node in world.nodes.values():
        node.procedures = (INSPECTION, VISIT)
    return world


def someone(node: Node) -> Actor:
    return replace(node.staff("window"), permissions=frozenset(Permission))


def opened(world: World) -> str:
    with world.on(HERE) as here:
        at, by = world.at, someone(here)
        return commands.begin(procedure=inspections.NAME, act="open", by=by, at=at).number


def visit(world: World, about: str, node: str = HERE) -> str:
    with world.on(node) as here:
        matter: Any = (
            {"procedure": inspections.NAME, "subject": about, "head": None} if node != HERE else about
        )
        begun = commands.begin(
            procedure=visits.NAME, act="order", by=someone(here), at=world.at, about=[matter]
        )
        return begun.number


def do(world: World, number: str, act: str, node: str = HERE, **more: Any) -> None:
    with world.on(node) as here:
        commands.act(matter=number, act=act, by=someone(here), at=world.at, **more)


def send(world: World, number: str, node: str) -> None:
    there = world[node]
    bind = {"term": 1, "node": there.fingerprint, "org": there.centre, "office": there.centre, "papers": []}
    do(world, number, "send", given={"bind": bind})


def phase(world: World, number: str, node: str = HERE) -> str:
    with world.on(node):
        return Matter.objects.get(number=number).phase


def acts(world: World, number: str) -> list[str]:
    with world.on(HERE):
        return [event.kind for event in journal.events_of(number)]


class TestAParent:
    def test_goes_on_with_its_children_and_ends_with_the_last(self, speaking: World) -> None:
        parent = opened(speaking)
        speaking.settle()
        assert phase(speaking, parent) == "open"
        first, second = visit(speaking, parent), visit(speaking, parent)
        speaking.settle()
        assert phase(speaking, parent) == "running"
        do(speaking, first, "drop")
        speaking.settle()
        assert phase(speaking, parent) == "running"
        do(speaking, second, "drop")
        speaking.settle()
        assert phase(speaking, parent) == "done"
        assert acts(speaking, parent) == ["open", "gather", "gather"]

    def test_names_its_children_with_their_phases(self, speaking: World) -> None:
        parent = opened(speaking)
        first, second = visit(speaking, parent), visit(speaking, parent)
        do(speaking, first, "drop")
        speaking.settle()
        with speaking.on(HERE):
            event = journal.events_of(parent)[-1]
        assert event.given == {"children": {first: "dropped", second: "ordered"}}
        assert event.actor["kind"] == "system"

    def test_goes_on_when_a_child_is_changed_on_another_node(self, speaking: World) -> None:
        parent = opened(speaking)
        child = visit(speaking, parent)
        send(speaking, child, THERE)
        speaking.settle()
        with speaking.on(THERE):
            assert not Matter.objects.filter(number=parent).exists()
        do(speaking, child, "report", THERE, texts={"note": "无异常"})
        speaking.settle()
        do(speaking, child, "close")
        speaking.settle()
        assert phase(speaking, parent) == "done"
        assert phase(speaking, child, THERE) == "closed"

    def test_is_not_moved_by_what_others_begin_about_it(self, speaking: World) -> None:
        parent = opened(speaking)
        stranger = visit(speaking, parent, THERE)
        with speaking.on(THERE) as there:
            here = speaking[HERE]
            bind = {
                "term": 1,
                "node": here.fingerprint,
                "org": here.centre,
                "office": here.centre,
                "papers": [],
            }
            commands.act(matter=stranger, act="send", by=someone(there), at=speaking.at, given={"bind": bind})
        speaking.settle()
        assert phase(speaking, stranger) == "sent"
        assert phase(speaking, parent) == "open"

    def test_is_not_touched_once_it_is_over(self, speaking: World) -> None:
        parent = opened(speaking)
        do(speaking, parent, "call_off")
        visit(speaking, parent)
        speaking.settle()
        assert acts(speaking, parent) == ["open", "call_off"]
        with speaking.on(HERE):
            assert not Gathering.objects.exists()

    def test_says_nothing_twice(self, speaking: World) -> None:
        parent = opened(speaking)
        visit(speaking, parent)
        speaking.settle()
        with speaking.on(HERE):
            Gathering.objects.create(parent=parent)
            assert tasks.gather_all(speaking.at) == 0
            assert gathering.gather(parent, speaking.at) is False
        assert acts(speaking, parent) == ["open", "gather"]

    def test_is_moved_by_the_system_alone(self, speaking: World) -> None:
        parent = opened(speaking)
        with pytest.raises(NotPermitted):
            do(speaking, parent, "gather", given={"children": {}})

    def test_waits_while_it_is_parked_and_keeps_no_other_waiting(self, speaking: World) -> None:
        waiting, other = sorted([opened(speaking), opened(speaking)])
        with speaking.on(HERE):
            given = {"reason": "fork", "event": f"sm3:{0:064}", "withhold": None}
            commands.system_act(matter=waiting, act=Standard.PARK, role=LEAD, at=speaking.at, given=given)
        for parent in (waiting, other):
            visit(speaking, parent)
        speaking.settle()
        assert (phase(speaking, waiting), phase(speaking, other)) == ("open", "running")
        with speaking.on(HERE):
            assert tasks.gather_fresh(speaking.at) == 0
            assert [row.parent for row in Gathering.objects.filter(tried=True)] == [waiting]
        do(speaking, waiting, Standard.RELEASE, texts={"note": "已核"})
        assert speaking.watch()
        assert phase(speaking, waiting) == "running"
        speaking.settle()
        with speaking.on(HERE):
            assert not Gathering.objects.exists()

    def test_is_what_its_events_say(self, speaking: World) -> None:
        parent = opened(speaking)
        child = visit(speaking, parent)
        send(speaking, child, THERE)
        speaking.settle()
        for node in (HERE, THERE):
            with speaking.on(node):
                assert journal_audit.verify_journal(deep=True).findings == []
        with speaking.on(HERE):
            state = fold.fold(inspections.NAME, parent, journal.events_of(parent))
            assert state.to_dict() == Matter.objects.get(number=parent).state


def test_nothing_is_noted_where_nobody_gathers(speaking: World) -> None:
    for node in speaking.nodes.values():
        node.procedures = (VISIT,)
    with speaking.on(HERE) as here:
        commands.begin(
            procedure=visits.NAME, act="order", by=someone(here), at=speaking.at,
            about=[{"procedure": "case", "subject": "X", "head": None}],
        )  # fmt: skip
        assert not Gathering.objects.exists()


def test_a_parent_of_an_unknown_procedure_or_not_here_is_forgotten(speaking: World) -> None:
    visit(speaking, "500152EEEE20260302000000001", THERE)
    with speaking.on(THERE):
        assert Gathering.objects.count() == 1
        assert tasks.gather_all(speaking.at) == 0
        assert not Gathering.objects.exists()


def test_both_roles_of_a_child_may_be_here(speaking: World) -> None:
    parent = opened(speaking)
    child = visit(speaking, parent)
    send(speaking, child, HERE)
    speaking.settle()
    do(speaking, child, "report", texts={"note": "无异常"})
    speaking.settle()
    do(speaking, child, "close")
    speaking.settle()
    assert phase(speaking, parent) == "done"

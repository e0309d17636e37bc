"""
A node that lacks a procedure holds its matters, signs for them and passes them on; once it knows it, it judges what it holds.

Of three nodes the one in the middle does not know what it carries from the first to the third.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.forging import after, deliver, transfer
from tests.procedures import relays
from tests.procedures.relays import FIRST, RELAY, SECOND, THIRD
from tests.world import Node, World
from tongban.accounts.access.actor import Actor, Permission
from tongban.exchange import gateway
from tongban.kernel import vault
from tongban.kernel.crypto import canon
from tongban.kernel.errors import NotPermitted
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.models import Content, Duty, Outstanding, Statement
from tongban.kernel.models import Event as EventRow
from tongban.procedures import adoption, commands, parked, possible, queries, tasks
from tongban.procedures.audit import journal_audit
from tongban.procedures.commands import ProcedureNotHere
from tongban.procedures.dossier import exporting, verifier
from tongban.procedures.models import Matter, Unjudged
from tongban.procedures.words import Standard

A, B, C = "qingyang", "jiashan", "third"


@pytest.fixture
def three(make_world: Callable[..., World]) -> World:
    """Three nodes, of which the second does not speak the procedure, and the first and the third do not reach each other."""
    world = make_world(A, B, C)
    for key in (A, C):
        world[key].procedures = (RELAY,)

    def only_by_the_middle(node: Node, raw: bytes) -> bytes:
        sender = canon.decode(raw)["from"]
        if {sender, node.fingerprint} == {world[A].fingerprint, world[C].fingerprint}:
            raise gateway.Unreachable("no way")
        return raw

    world.network.before = only_by_the_middle
    return world


def someone(node: Node) -> Actor:
    return replace(node.staff("window"), permissions=frozenset(Permission))


def do(world: World, number: str, act: str, node: str, **more: Any) -> None:
    with world.on(node) as here:
        commands.act(matter=number, act=act, by=someone(here), at=world.at, **more)


def bound(node: Node) -> dict[str, Any]:
    bind = {
        "term": 1, "node": node.fingerprint, "org": node.centre, "office": node.centre, "papers": [],
    }  # fmt: skip
    return {"bind": bind}


def told(world: World) -> str:
    """The first has asked and told the second."""
    with world.on(A) as here:
        begun = commands.begin(
            procedure=relays.NAME, act="ask", by=someone(here), at=world.at, texts={"note": "何时办结"}
        )
    do(world, begun.number, "call_second", A, given=bound(world[B]))
    return begun.number


def passed(world: World) -> str:
    """The third was called too, and the second has carried it there."""
    number = told(world)
    do(world, number, "call_third", A, given=bound(world[C]))
    world.settle()
    return number


def learn(world: World) -> None:
    """The program of the second is upgraded."""
    world[B].procedures = (RELAY,)


def matter(world: World, number: str, node: str = B) -> Matter:
    with world.on(node):
        return Matter.objects.get(number=number)


class TestWhatItHolds:
    def test_is_what_was_sent_signed_for_and_whole(self, three: World) -> None:
        number = told(three)
        three.settle()
        held = matter(three, number)
        assert (held.phase, held.live, held.title, held.phase_name) == ("told", True, "relay", "told")
        with three.on(A):
            state = Matter.objects.get(number=number).state
            receipts = Statement.objects.filter(subject=number, signer=three[B].fingerprint)
            assert receipts.exists()
            assert not Outstanding.objects.get(subject=number, node=three[B].fingerprint).lacking
        assert held.state == state
        with three.on(B):
            assert Unjudged.objects.get().number == number
            assert journal_audit.verify_journal(deep=True).findings == []
            assert queries.receipt(held, three.at)["heads"] == {
                chain: head[:2] for chain, head in held.state["heads"].items()
            }

    def test_has_its_content(self, three: World) -> None:
        number = told(three)
        three.settle()
        with three.on(B):
            (piece,) = Content.objects.filter(subject=number)
            assert piece.complete
            assert vault.get(number, piece.digest).decode() == "何时办结"

    def test_does_not_arrive_and_is_not_acted_on(self, three: World) -> None:
        number = told(three)
        three.settle()
        three.wait_until("2026-04-01")
        three.watch()
        with three.on(B) as here:
            assert not EventRow.objects.filter(subject=number, own=True).exists()
            assert tasks.arrive(matter=number, at=three.at) is False
            row = Matter.objects.get(number=number)
            for act in ("remark", Standard.LOOK, Standard.RELEASE):
                with pytest.raises(ProcedureNotHere) as refused:
                    commands.act(matter=number, act=act, by=someone(here), at=three.at)
                assert (refused.value.code, refused.value.status) == ("procedure_not_here", 409)
            with pytest.raises(ProcedureNotHere):
                commands.system_act(matter=number, act=Standard.ARRIVE, role=SECOND, at=three.at, given={})
            with pytest.raises(ProcedureNotHere):
                commands.begin(procedure=relays.NAME, act="ask", by=someone(here), at=three.at)
            assert possible.possible_acts(row, someone(here), three.at) == []

    def test_can_be_looked_at(self, three: World) -> None:
        number = told(three)
        three.settle()
        with three.on(B) as here:
            row = queries.matter(number, someone(here))
            assert [entry.title for entry in queries.timeline(row, someone(here))] == ["ask", "call_second"]
            assert {one.title for one in queries.deadlines(row)} == {"pass_on", "deliver"}
            assert list(queries.matters(someone(here))) == [row]
            assert parked.held_back(row, someone(here)) is None
            assert row.facts["opened_on"] == "2026-03-02"
            with pytest.raises(NotPermitted):
                queries.contents(row, someone(here))  # which post may read it only the procedure says

    def test_is_taken_out_as_a_dossier_that_holds_where_it_is_known(self, three: World) -> None:
        number = told(three)
        three.settle()
        with three.on(B):
            raw = exporting.export(number, by=three[B].operator(), at=three.at)
        roots = {node.fingerprint for node in three.nodes.values()}
        with three.on(C):
            verdict = verifier.verify(raw, roots)
            assert (verdict.code, verdict.findings) == (verifier.HOLDS, ())
            assert verdict.summary["phase_name"] == "已知会"
        with three.on(B):
            assert verifier.verify(raw, roots).code == verifier.TOO_NEW


class TestWhatItPassesOn:
    def test_reaches_the_third_and_the_answer_comes_back(self, three: World) -> None:
        number = passed(three)
        there = matter(three, number, C)
        assert there.phase == "passed"
        assert [duty["kind"] for name, duty in there.state["duties"].items() if name.startswith(THIRD)] == [
            "answer"
        ]
        do(three, number, "answer", C, texts={"note": "下周"})
        three.settle()
        states = [matter(three, number, node).state for node in (A, B, C)]
        assert states[0]["phase"] == "answered"
        assert states[0]["duties"].keys() == states[1]["duties"].keys() == states[2]["duties"].keys()
        assert states[0] == states[2]
        for node in (A, B, C):
            with three.on(node):
                assert journal_audit.verify_journal(deep=True).findings == []
        with three.on(A):
            (answer,) = [event for event in journal.events_of(number) if event.kind == "answer"]
            assert vault.get(number, answer.content[0]["digest"]).decode() == "下周"

    def test_is_only_what_its_bounds_allow(self, three: World) -> None:
        number = told(three)
        three.settle()
        with three.on(A):
            last = journal.events_of(number)[-1]
        stolen = after(last, kind="steal", effects={"close": ["second/1.1.0"]})
        answer = deliver(three, from_the_first(three, number, stolen), receiver=B)
        assert answer["refused"]["code"] == "out_of_bounds"
        assert matter(three, number).state["heads"][last.chain][1] == last.hash


class TestOnceItKnows:
    def test_it_judges_what_it_holds_and_goes_on(self, three: World) -> None:
        number = told(three)
        three.settle()
        learn(three)
        with three.on(B) as here, pytest.raises(ProcedureNotHere, match="正在核对"):
            commands.act(matter=number, act="remark", by=someone(here), at=three.at, texts={"note": "好"})
        three.watch()
        three.settle()
        held = matter(three, number)
        assert (held.opened_on.isoformat() if held.opened_on else "", held.parked) == ("2026-03-02", "")
        assert held.state["duties"].keys() == {f"{FIRST}/1.1.0"}
        with three.on(B):
            assert not Unjudged.objects.exists()
            assert [e.kind for e in journal.events_of(number)] == ["ask", "call_second", "arrive"]
            assert journal_audit.verify_journal(deep=True).findings == []
        do(three, number, "remark", B, texts={"note": "好"})

    def test_it_parks_the_first_of_each_chain_that_is_not_lawful(self, three: World) -> None:
        number = told(three)
        three.settle()
        wrong = lies(three, number)
        with three.on(B):
            assert journal.events_of(number)[-2].hash == wrong.hash
            assert Matter.objects.get(number=number).parked == ""
        learn(three)
        three.watch()
        with three.on(B):
            row = Matter.objects.get(number=number)
            park = journal.events_of(number)[-1]
            assert (park.kind, park.role, row.parked) == ("park", SECOND, "unknown_kind")
            assert park.effects["withhold"] == {"chain": wrong.chain, "seq": wrong.seq, "hash": wrong.hash}
            assert "lie" not in row.state["facts"].get(FIRST, {})
            assert Duty.objects.filter(subject=number, kind="resolve", closed_at=None).count() == 1
            assert not Unjudged.objects.exists()
            assert tasks.judge_all(three.at) == 0
            assert journal_audit.verify_journal(deep=True).findings == []

    def test_it_keeps_a_row_where_something_fails_with_one(
        self, three: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, _ = sorted([told(three), told(three)])
        three.settle()
        learn(three)
        judge = adoption.judge

        def fails_with_the_first(number: str, at: Any) -> int:
            if number == first:
                raise RuntimeError
            return judge(number, at)

        with three.on(B):
            monkeypatch.setattr(adoption, "judge", fails_with_the_first)
            assert tasks.judge_all(three.at, batch=1) == 1
            assert [row.number for row in Unjudged.objects.all()] == [first]


class TestWhereAllKnow:
    def test_each_of_two_lets_in_what_it_parked_itself(self, three: World) -> None:
        learn(three)
        number = passed(three)
        wrong = lies(three, number)
        three.settle()
        for node, role in ((B, SECOND), (C, THIRD)):
            found = matter(three, number, node)
            assert found.parked == "unknown_kind"
            with three.on(node) as here:
                held = parked.held_back(found, someone(here))
                assert held is not None
                [own] = [one for one in journal.events_of(number) if one.role == role and one.kind == "park"]
                assert (held.park, held.events[0].hash) == (own.hash, wrong.hash)
        do(three, number, Standard.RELEASE, B, texts={"note": "已核"})
        three.settle()
        assert "lie" not in matter(three, number).state["facts"][FIRST]
        do(three, number, Standard.RELEASE, C, texts={"note": "已核"}, given=struck(three, number, wrong))
        three.settle()
        states = [matter(three, number, node).state for node in (A, B, C)]
        assert states[0] == states[1] == states[2]
        assert "lie" not in states[0]["facts"][FIRST]
        # What the second let in was judged again, and what followed is parked in its turn; the third struck both.
        assert sorted(states[0]["withheld"].values(), key=lambda place: place[3]) == [
            [wrong.chain, wrong.seq + 1, None, SECOND],
            [wrong.chain, wrong.seq, wrong.seq + 1, THIRD],
        ]


def struck(world: World, number: str, wrong: Event) -> dict[str, Any]:
    """Return what strikes both lies."""
    with world.on(C) as here:
        return parked.release(Matter.objects.get(number=number), someone(here), wrong.seq + 1)


def from_the_first(world: World, number: str, *events: Event) -> bytes:
    return transfer(world, number, events, sender=A, receiver=B, procedure=relays.NAME)


def lies(world: World, number: str) -> Event:
    """The first writes two things that no row allows; the second, which does not know the rows, takes them in."""
    with world.on(A):
        last = [event for event in journal.events_of(number) if event.role == FIRST][-1]
    wrong = after(last, kind="lie", effects={"facts": {"lie": 1}})
    worse = after(wrong, kind="lie_again", effects={"facts": {"lie": 2}})
    assert "statement" in deliver(world, from_the_first(world, number, wrong, worse), receiver=B)
    return wrong

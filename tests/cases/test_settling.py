"""Forks from their finding to their settlement by both sides."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from tests import stories
from tests.world import World
from tongban.cases.words import Act, Phase
from tongban.exchange import receiving, wire
from tongban.kernel import identity
from tongban.kernel.errors import InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import events, fold
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Fork, Outstanding
from tongban.procedures import settling
from tongban.procedures.audit import journal_audit
from tongban.procedures.dossier import exporting, verifier
from tongban.procedures.settlements import digest_of


def other_branch(world: World, number: str) -> Event:
    """Let a copy of 嘉善 have written something else at the place of its last event, and sign and send it to 青阳."""
    with world.on("jiashan"):
        known = journal.events_of(number)
        last = max((e for e in known if e.role == "handling"), key=lambda e: e.seq)
        members = {
            name: value
            for name, value in last.document.items()
            if name not in ("format", "suite", "hash", "body", "content")
        }
        twin = events.mint(
            **{**members, "at": events.format_time(world.at)}, actor=last.actor, given=last.given
        )
        state = fold.fold("case", number, [one for one in known if one.hash != last.hash])
        state = State(**{**state.to_dict(), "heads": {**state.heads, twin.chain: [twin.seq, twin.hash, ""]}})
        raw = wire.message(
            wire.TRANSFER, world["qingyang"].fingerprint, world.at, procedure="case", subject=number,
            events=[{"event": twin.raw.decode(), "body": (twin.body_raw or b"").decode()}],
            statements=[_statement(state, world)], seal=None, proof=None, inclusion=[], seals=[], epochs=[], keys={},
            papers={},
        )  # fmt: skip
    with world.on("qingyang"):
        answer = json.loads(receiving.receive(raw, world.at))
        assert "refused" not in answer, answer["refused"]
    return twin


def _statement(state: State, world: World) -> dict[str, Any]:
    me = identity.fingerprint()
    return identity.sign(
        {
            "format": "tongban-heads/2", "procedure": "case", "subject": state.subject, "signer": me,
            "at": events.format_time(world.at), "heads": {c: head[:2] for c, head in state.heads.items()},
            "keys": dict.fromkeys({me, *state.nodes.values()}, 1),
        }
    )  # fmt: skip


def forked(world: World) -> tuple[str, Event]:
    """Return a case of which 嘉善 has shown two faces; both sides have seen both."""
    number = stories.acknowledged(world)
    world.settle()
    twin = other_branch(world, number)
    world.settle()
    return number, twin


def verdict(world: World, node: str, number: str) -> verifier.Verdict:
    with world.on(node):
        data = exporting.export(number, by=world[node].operator(), at=world.at)
    roots = [one.fingerprint for one in world.nodes.values()]
    found = verifier.verify(data, roots)
    code, *said = second_verifier().examine(data, set(roots), {})
    assert code == found.code, said
    return found


def second_verifier() -> Any:
    """Return the verifier that was written from the protocol alone, as a module."""
    path = Path(__file__).parents[2] / "docs/examples/verify_dossier.py"
    spec = importlib.util.spec_from_file_location("verify_dossier", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestAFork:
    def test_freezes_the_case_on_both_sides_and_takes_back_what_the_branch_did(self, world: World) -> None:
        number, twin = forked(world)
        for node in ("qingyang", "jiashan"):
            case = stories.case_on(world, node, number)
            assert case.parked == "fork"
            assert case.phase == Phase.FORWARDED  # as it was before the place in dispute
            with world.on(node):
                assert [row.hash for row in Fork.objects.all()] == [twin.hash]
                assert journal_audit.verify_journal().findings == []
        theirs, ours = (stories.case_on(world, node, number).state for node in ("jiashan", "qingyang"))
        assert theirs == ours

    def test_makes_the_dossier_contested_not_false(self, world: World) -> None:
        number, _ = forked(world)
        for node in ("qingyang", "jiashan"):
            found = verdict(world, node, number)
            assert (found.code, found.findings) == (verifier.CONTESTED, ())
            assert any("分叉" in sentence for sentence in found.contested)

    def test_leaves_other_cases_alone(self, world: World) -> None:
        forked(world)
        other = stories.delivered(world)
        assert verdict(world, "qingyang", other).code == verifier.HOLDS


class TestASettlement:
    def settled(self, world: World, number: str, keep: str) -> Any:
        with world.on("jiashan"):
            proposed = settling.propose(
                subject=number, chain="handling/1", keep=keep, basis="双方电话核对记录", minutes="",
                by=world["jiashan"].operator(), at=world.at,
            )  # fmt: skip
        with world.on("qingyang"):
            return settling.countersign(proposed, by=world["qingyang"].operator(), at=world.at)

    def held(self, world: World, number: str) -> str:
        with world.on("qingyang"):
            return settling.open_forks(number)[0].held

    def test_by_both_sides_lets_the_case_go_on_and_the_dossier_hold(self, world: World) -> None:
        number, _ = forked(world)
        complete = self.settled(world, number, self.held(world, number))
        with world.on("jiashan"):
            settling.carry_out(complete, by=world["jiashan"].operator(), at=world.at)
        world.settle()
        for node in ("qingyang", "jiashan"):
            case = stories.case_on(world, node, number)
            assert (case.parked, case.phase) == ("", Phase.ACKNOWLEDGED)
            assert case.facts["settlement"] == digest_of(complete)
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        stories.review_all(world, number)
        world.settle()
        for node in ("qingyang", "jiashan"):
            found = verdict(world, node, number)
            assert (found.code, found.findings, found.contested) == (verifier.HOLDS, (), ())
            assert any("双方电话核对记录" in remark for remark in found.remarks)
            with world.on(node):
                assert journal_audit.verify_journal().findings == []

    def test_of_one_side_alone_is_nothing(self, world: World) -> None:
        number, _ = forked(world)
        with world.on("jiashan"):
            proposed = settling.propose(
                subject=number, chain="handling/1", keep=self.held(world, number), basis="核对", minutes="",
                by=world["jiashan"].operator(), at=world.at,
            )  # fmt: skip
            with pytest.raises(InvalidInput, match="双方的签名"):
                settling.carry_out(proposed, by=world["jiashan"].operator(), at=world.at)
        assert stories.case_on(world, "jiashan", number).parked == "fork"

    def test_of_the_branch_that_the_other_side_has_not_seen_is_refused(self, world: World) -> None:
        number, twin = forked(world)
        with pytest.raises(settling.BranchSeen) as refused:
            self.settled(world, number, twin.hash)
        assert refused.value.code == "branch_seen"

    def test_is_not_for_who_does_not_supervise_nor_for_what_is_no_fork(self, world: World) -> None:
        number, _ = forked(world)
        with world.on("jiashan"):
            more = {"keep": "sm3:" + "0" * 64, "basis": "x", "minutes": "", "at": world.at}
            with pytest.raises(NotPermitted):
                settling.propose(
                    subject=number, chain="handling/1", by=world["jiashan"].staff("window"), **more
                )
            with pytest.raises(NotFound):
                settling.propose(subject=number, chain="handling/1", by=world["jiashan"].operator(), **more)
            with pytest.raises(NotFound):
                settling.propose(subject=number, chain="intake/1", by=world["jiashan"].operator(), **more)

    def test_heard_again_afterwards_changes_nothing(self, world: World) -> None:
        number, _ = forked(world)
        complete = self.settled(world, number, self.held(world, number))
        with world.on("jiashan"):
            settling.carry_out(complete, by=world["jiashan"].operator(), at=world.at)
            Outstanding.objects.update(acknowledged={}, lacking=True, next_at=world.at)
        world.settle()
        assert stories.case_on(world, "qingyang", number).parked == ""

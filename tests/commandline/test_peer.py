"""The operator pauses, resumes and removes a peer, sees what does not get through, and waits for one no longer."""

import json
from datetime import datetime, timedelta

import pytest

from tests.commandline.operators import call
from tests.nodes import Node, node
from tongban.exchange.models import Peer
from tongban.kernel.models import ClockWitness, Outstanding, SelfNode
from tongban.kernel.time import clock
from tongban.procedures import register

__all__ = ("node",)

NODE = f"sm3:{'ab' * 32}"


@pytest.fixture
def peer(db: None) -> Peer:
    return Peer.objects.create(
        node=NODE,
        name="js",
        url="http://127.0.0.1:8002",
        division="330421",
        organisation="12330421DEM0100055",
        added_at=clock.now(),
    )


@pytest.mark.parametrize("typed", ["ABAB ABAB", "sm3:abababab", "SM3: abab abab abab"])
@pytest.mark.parametrize("what, state", [("pause", "paused"), ("resume", "active"), ("remove", "removed")])
def test_changes_how_we_stand_with_a_peer(peer: Peer, what: str, state: str, typed: str) -> None:
    result = call("peer", what, typed)
    assert result.exit_code == 0, result.output

    peer.refresh_from_db()
    assert peer.state == state


def test_needs_enough_of_the_fingerprint(peer: Peer) -> None:
    result = call("peer", "remove", "abab")
    assert result.exit_code == 1
    assert "至少给出前 8 位" in result.stderr

    peer.refresh_from_db()
    assert peer.state == Peer.State.ACTIVE


class TestShow:
    SUBJECT = "341723QYAB20260302ABCDEFGH1"

    @pytest.fixture
    def stuck(self, node: Node, peer: Peer) -> datetime:
        """Give the time at which something is tried again that does not get through."""
        at = clock.now().replace(microsecond=0) + timedelta(minutes=4)
        Outstanding.objects.create(
            procedure="case", subject=self.SUBJECT, node=NODE, attempts=3, next_at=at, trouble="对方没有采用：越出界限。"
        )  # fmt: skip
        return at

    def test_says_what_does_not_get_through_and_when_it_is_tried_again(self, stuck: datetime) -> None:
        told = call("peer", "show").output
        again = stuck.astimezone(clock.OFFICIAL)
        assert f"办件 {self.SUBJECT}：失败 3 次，下次尝试 {again:%Y-%m-%d %H:%M:%S}，对方没有采用" in told
        assert "最近来信 无  时钟未知" in told

    def test_says_when_it_last_spoke_how_its_clock_stands_and_that_it_is_older(self, stuck: datetime) -> None:
        heard = datetime(2026, 3, 2, 9, 30, 5, tzinfo=clock.OFFICIAL)
        Peer.objects.update(heard_at=heard, speaks={"case": [{"version": 0, "digest": f"sm3:{'0' * 64}"}]})
        ClockWitness.objects.create(node=NODE, skew=-61, at=heard)
        told = call("peer", "show").output
        assert "最近来信 2026-03-02 09:30:05  时钟比本节点慢 61 秒" in told
        assert "case 第 0 版（对方节点尚未升级）" in told

    def test_says_nothing_of_an_upgrade_to_whoever_has_it(self, stuck: datetime) -> None:
        Peer.objects.update(speaks=register.speaks())
        told = call("peer", "show").output
        assert "case 第 1 版" in told
        assert "尚未升级" not in told

    def test_tells_machines_the_same(self, stuck: datetime) -> None:
        ClockWitness.objects.create(node=NODE, skew=7, at=stuck)
        (told,) = json.loads(call("peer", "show", "--json").output)["peers"]
        assert (told["skew"], told["speaks"], told["speaks_ours"]) == (7, {}, False)
        (line,) = told["troubles"]
        assert datetime.fromisoformat(line.pop("next_at")) == stuck
        assert line == {"subject": self.SUBJECT, "attempts": 3, "trouble": "对方没有采用：越出界限。"}


class TestSkip:
    def test_is_refused_while_nothing_is_waited_for(self, node: Node, peer: Peer) -> None:
        result = call("peer", "skip", NODE, "--reason", "机房火灾")
        assert result.exit_code == 1
        assert "没有在恢复" in result.stderr
        peer.refresh_from_db()
        assert peer.skipped == ""

    def test_is_noted_with_its_reason_while_the_node_is_restored(self, node: Node, peer: Peer) -> None:
        SelfNode.objects.update(recovering=True)
        assert call("peer", "skip", "abab abab", "--reason", " ").exit_code == 1
        assert call("peer", "skip", "cdcd cdcd", "--reason", "机房火灾").exit_code == 1
        result = call("peer", "skip", "abab abab", "--reason", "机房火灾，节点不再恢复")
        assert result.exit_code == 0, result.output
        peer.refresh_from_db()
        assert peer.skipped == "机房火灾，节点不再恢复"
        assert "恢复时不再等待：机房火灾，节点不再恢复" in call("peer", "show").output

    def test_wants_a_reason(self, node: Node, peer: Peer) -> None:
        assert call("peer", "skip", NODE).exit_code == 2

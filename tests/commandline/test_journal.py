"""The operator reads what the node itself has done, and has everything audited."""

import json

import pytest

from tests.commandline.operators import call
from tongban.kernel.crypto import digest
from tongban.kernel.journal import nodechain
from tongban.kernel.models import Event, SelfNode
from tongban.kernel.time import clock

OPERATOR = {**nodechain.SYSTEM, "kind": "staff", "org": "12341723DEM0100052", "post": "operator"}


@pytest.fixture
def node(db: None) -> str:
    """Give a node that has done three things."""
    SelfNode.objects.create(fingerprint=digest.of(b"a node"))
    for epoch, day in ((2, 1), (3, 2)):
        at = clock.now().replace(year=2026, month=3, day=day, hour=17, minute=0)
        nodechain.write("epoch_begun", given={"epoch": epoch}, by=OPERATOR, at=at)
    return SelfNode.objects.get().journal


class TestNode:
    def test_lists_what_the_node_did_in_words(self, node: str) -> None:
        result = call("journal", "node")
        lines = result.stdout.splitlines()

        assert result.exit_code == 0, result.output
        assert [line.split("  ")[2] for line in lines] == ["建立节点链", *["从备份恢复，开始新纪元"] * 2]
        assert "2026-03-02 01:00" in lines[1], "in the official time"
        assert "系统" in lines[0]
        assert "12341723DEM0100052/operator" in lines[1]
        assert lines[1].endswith("epoch 2（未封存）")

    def test_lists_one_kind_and_from_a_day_on(self, node: str) -> None:
        of_one_kind = call("journal", "node", "--kind", "node_founded").stdout.splitlines()
        since = call("journal", "node", "--since", "2026-03-03").stdout.splitlines()
        assert (len(of_one_kind), len(since)) == (1, 1)
        assert "epoch 3" in since[0]

    def test_is_read_by_programs(self, node: str) -> None:
        told = json.loads(call("journal", "node", "--json").stdout)
        assert [(entry["seq"], entry["kind"]) for entry in told] == [
            (1, "node_founded"), (2, "epoch_begun"), (3, "epoch_begun")
        ]  # fmt: skip
        assert told[2]["given"] == {"epoch": 3}
        assert told[2]["actor"]["post"] == "operator"

    def test_refuses_a_kind_there_is_not(self, node: str) -> None:
        assert call("journal", "node", "--kind", "nothing").exit_code == 2

    def test_says_that_an_entry_was_damaged(self, node: str) -> None:
        Event.objects.filter(seq=2).update(raw="{}")
        result = call("journal", "node")
        assert result.exit_code == 1
        assert "journal verify" in result.stderr

    def test_of_a_node_that_did_nothing_yet_is_empty(self, db: None) -> None:
        assert call("journal", "node").stdout == ""

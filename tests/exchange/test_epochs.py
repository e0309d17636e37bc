"""What a restored node confesses to have lost, by the newest of its own seals that its peers still hold."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.nodes import BIRTH, Node, node
from tongban.exchange import epochs, gateway
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.crypto import digest
from tongban.kernel.journal import nodechain
from tongban.kernel.journal.events import format_time
from tongban.kernel.models import EpochRecord, SelfNode

__all__ = ("node",)

Answer = Callable[[], dict[str, Any]]


def seal(epoch: int, size: int) -> dict[str, Any]:
    """Return a seal as this node would have signed it."""
    return identity.sign(
        {
            "format": "tongban-seal/2", "node": identity.fingerprint(), "epoch": epoch, "size": size,
            "root": digest.of(b"%d of %d" % (size, epoch)), "at": format_time(BIRTH), "previous": "",
        }
    )  # fmt: skip


def holding(shown: Any, left: int = 0) -> Answer:
    return lambda: {"your_chain": [], "left": left, "seal": shown}


def unreached() -> dict[str, Any]:
    raise gateway.Unreachable("ConnectError")


@pytest.fixture
def restored(node: Node, monkeypatch: pytest.MonkeyPatch) -> dict[str, Answer]:
    """Return what each peer of a node that was restored into its third epoch answers; nobody does yet."""
    answers: dict[str, Answer] = {}
    SelfNode.objects.update(epoch=3, recovering=True)

    def ask(peer: Peer, kind: str, at: datetime, **members: Any) -> dict[str, Any]:
        return answers[peer.node]()

    monkeypatch.setattr(epochs, "ask", ask)
    for name in ("first", "second"):
        Peer.objects.create(node=name, name=name, url="", division="330421", organisation="", added_at=BIRTH)
        answers[name] = unreached
    return answers


def show(restored: dict[str, Answer], *seals: dict[str, Any], turned: bool) -> None:
    """Let the two peers hold these two seals, this way round or the other."""
    restored["first"], restored["second"] = (holding(one) for one in seals[:: -1 if turned else 1])


def declared() -> dict[str, Any]:
    """Return the record by which the recovery ended."""
    return dict(json.loads(EpochRecord.objects.get().raw))


def recovered() -> dict[str, Any]:
    # The first asking begins the return of what a peer holds, the second hears that nothing is left.
    assert not epochs.recover(BIRTH)
    assert epochs.recover(BIRTH)
    return declared()


class TestConfession:
    @pytest.mark.parametrize("turned", [False, True])
    def test_rests_on_the_newest_seal_of_an_earlier_epoch(
        self, restored: dict[str, Answer], turned: bool
    ) -> None:
        show(restored, seal(1, 9), seal(2, 5), turned=turned)
        record = recovered()
        assert record["previous"] == {"epoch": 2, "size": 5, "root": seal(2, 5)["root"]}
        assert (record["epoch"], record["lost"], record["skipped"]) == (3, 5, [])
        assert not SelfNode.objects.get().recovering
        told = next(entry for entry in nodechain.entries() if entry.kind == "epoch_declared")
        assert (told.given["epoch"], told.given["lost"], told.given["skipped"]) == (3, 5, 0)

    @pytest.mark.parametrize("turned", [False, True])
    def test_of_two_seals_of_one_epoch_the_larger_counts(
        self, restored: dict[str, Answer], turned: bool
    ) -> None:
        show(restored, seal(2, 3), seal(2, 4), turned=turned)
        assert recovered()["lost"] == 4

    def test_believes_no_seal_that_it_has_not_signed_nor_one_of_its_new_epoch(
        self, restored: dict[str, Answer]
    ) -> None:
        restored["first"] = holding({**seal(2, 4), "size": 99})
        restored["second"] = holding(seal(3, 7))
        record = recovered()
        assert (record["previous"], record["lost"]) == (None, 0)

    def test_without_any_seal_nothing_is_lost(self, restored: dict[str, Answer]) -> None:
        restored["first"] = restored["second"] = holding(None)
        assert recovered()["lost"] == 0


class TestWaiting:
    def test_waits_for_who_does_not_answer_or_has_more_to_give(self, restored: dict[str, Answer]) -> None:
        restored["first"] = holding(None, left=2)
        for _ in range(3):
            assert not epochs.recover(BIRTH)
        restored["first"] = holding(None)
        assert not epochs.recover(BIRTH)
        assert Peer.objects.get(node="second").trouble == "ConnectError"
        assert SelfNode.objects.get().recovering

    def test_waits_for_nobody_whom_a_human_skipped_and_says_whom(self, restored: dict[str, Answer]) -> None:
        restored["first"] = holding(seal(2, 1))
        Peer.objects.filter(node="second").update(skipped="节点已毁")
        Peer.objects.update(held_epoch=2, held_size=7)
        record = recovered()
        assert (record["skipped"], record["lost"]) == (["second"], 1)
        # What peers held of the old tree says nothing of the new one.
        columns = ("skipped", "returned", "held_epoch", "held_size")
        assert set(Peer.objects.values_list(*columns)) == {("", False, 0, 0)}

    def test_a_refusal_is_told_and_waited_for(self, restored: dict[str, Answer]) -> None:
        restored["first"] = holding(None)
        restored["second"] = lambda: {"refused": {"code": "x", "sentence": "请稍后再试。"}}
        for _ in range(2):
            assert not epochs.recover(BIRTH)
        assert Peer.objects.get(node="second").trouble == "请稍后再试。"

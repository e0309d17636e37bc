"""A node comes back from yesterday's backup; another runs as a copy of itself."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests import databases, stories
from tests.forging import deliver
from tests.world import Node, World
from tongban.cases import commands
from tongban.cases.words import Act, Phase
from tongban.exchange import wire
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.journal import nodechain
from tongban.kernel.models import EpochRecord, Event, Fork, Outstanding, SelfNode


def back_up(world: World, key: str, folder: Path) -> object:
    """Keep a node's database and vault as they are now."""
    node = world[key]
    return databases.snapshot(node.connection, folder)


def restore(world: World, key: str, kept: object) -> None:
    """Do what `tongban restore` does: yesterday's database, a new epoch, reading only."""
    databases.restore(world[key].connection, kept)
    with world.on(key):
        node = SelfNode.objects.get()
        node.epoch += 1
        node.recovering, node.restored_at = True, world.at
        node.save()
        nodechain.write("epoch_begun", given={"epoch": node.epoch}, at=world.at)


class TestRestore:
    @pytest.mark.prove("a node put back to yesterday, among peers")
    def test_peers_return_what_the_backup_lacks(self, world: World, tmp_path: Path) -> None:
        number = stories.acknowledged(world)
        kept = back_up(world, "jiashan", tmp_path)
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        later = stories.forwarded(world)
        world.settle()
        before = stories.case_on(world, "jiashan", number).state

        restore(world, "jiashan", kept)
        with world.on("jiashan"), pytest.raises(identity.NodeNotReady):
            identity.require_writable()
        world.settle()

        assert stories.case_on(world, "jiashan", number).state == before
        assert stories.case_on(world, "jiashan", later).phase == Phase.FORWARDED
        with world.on("jiashan"):
            assert not identity.me().recovering
            record = EpochRecord.objects.get()
        assert '"epoch":2' in record.raw
        assert '"lost":0' in record.raw

    def test_work_goes_on_in_the_new_epoch(self, world: World, tmp_path: Path) -> None:
        number = stories.acknowledged(world)
        kept = back_up(world, "jiashan", tmp_path)
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        world.settle()
        restore(world, "jiashan", kept)
        world.settle()

        stories.review_all(world, number)
        world.settle()

        with world.on("qingyang"):
            epochs = list(
                Event.objects.filter(subject=number, role="handling")
                .order_by("seq")
                .values_list("epoch", flat=True)
            )
            assert Peer.objects.get().state == Peer.State.ACTIVE
        assert epochs == [1, 1, 1, 2]

    def test_what_no_peer_holds_is_declared_lost(self, world: World, tmp_path: Path) -> None:
        number = stories.acknowledged(world)
        kept = back_up(world, "jiashan", tmp_path)
        # Taken in at the window here and never sent: only the seal, which went out with other news, counts it.
        lost = stories.filed(world, intake="jiashan", handling="qingyang")
        world.settle()
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        world.settle()
        restore(world, "jiashan", kept)
        world.settle()

        assert stories.case_on(world, "jiashan", number).phase == Phase.ACCEPTED
        with world.on("jiashan"):
            assert not Event.objects.filter(subject=lost).exists()
            assert '"lost":1' in EpochRecord.objects.get().raw

    def test_asking_twice_to_begin_puts_nothing_on_the_list_again(self, world: World, tmp_path: Path) -> None:
        stories.acknowledged(world)
        world.settle()
        for epoch, begin, listed in ((2, True, 1), (2, True, 0), (2, False, 0), (3, False, 0), (3, True, 1)):
            with world.on("jiashan"):
                raw = wire.message(
                    wire.RECOVERY, world["qingyang"].fingerprint, world.at, epoch=epoch, begin=begin
                )
            assert deliver(world, raw)["left"] == listed, (epoch, begin)
            with world.on("qingyang"):
                Outstanding.objects.update(lacking=False)

    @pytest.mark.prove("a node put back to yesterday, among peers")
    def test_whoever_holds_what_it_wrote_returns_it_though_it_was_never_sent_there(
        self, make_world: Any
    ) -> None:
        """The second authority holds the chain of the first, which went on to it with the case."""
        world = make_world("qingyang", "jiashan", "third")
        number = stories.acknowledged(world)
        officer = stories.officer(world, number)
        stories.do(world, "jiashan", number, Act.REDIRECT, officer, texts={"reason": "非本机关职权"})
        world.settle()
        with world.on("qingyang") as node:
            commands.redirect_to(
                case=number,
                offering=world["third"].offering(stories.PROXY),
                by=node.staff("window"),
                at=world.at,
            )
        world.settle()
        with world.on("third"):
            assert not Outstanding.objects.filter(node=world["jiashan"].fingerprint).exists()
        with world.on("jiashan"):
            raw = wire.message(wire.RECOVERY, world["third"].fingerprint, world.at, epoch=2, begin=True)
        assert deliver(world, raw, "third")["left"] == 1

    def test_a_tree_that_is_begun_anew_does_not_claim_to_go_on_from_the_old(
        self, world: World, tmp_path: Path
    ) -> None:
        number = stories.acknowledged(world)
        kept = back_up(world, "jiashan", tmp_path)
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        world.settle()
        restore(world, "jiashan", kept)
        told: list[dict[str, Any]] = []

        def listening(node: Node, raw: bytes) -> bytes:
            document = json.loads(raw)
            if node.key == "qingyang" and document["format"] == wire.TRANSFER:
                told.append(document)
            return raw

        world.network.before = listening
        world.settle()
        first = next(one for one in told if one["seal"]["epoch"] == 2)
        assert first["proof"] is None


class TestClone:
    def test_two_nodes_with_one_key_are_found_out(self, world: World, tmp_path: Path) -> None:
        number = stories.acknowledged(world)
        kept = back_up(world, "jiashan", tmp_path)
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        world.settle()

        databases.restore(world["jiashan"].connection, kept)  # a copy that does not know it is one
        world.at = world.at.replace(hour=15)
        stories.do(
            world, "jiashan", number, Act.REFUSE, stories.officer(world, number),
            texts={"reason": "不属于"},
        )  # fmt: skip
        with suppress(AssertionError):  # the copy goes on trying; what counts is that it is found out
            world.settle()

        with world.on("qingyang"):
            assert (
                Fork.objects.filter(subject=number).exists()
                or Peer.objects.get().state == Peer.State.QUESTIONED
            )
        case = stories.case_on(world, "qingyang", number)
        # Of the two stories none counts until it is settled; what was before both stands.
        assert (case.phase, case.parked) == (Phase.ACKNOWLEDGED, "fork")

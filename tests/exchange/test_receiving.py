"""What a node keeps of a transfer, also when it is cut off in the middle of taking it in; and what it says of it again."""

import json
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from tests import stories
from tests.world import Node, World
from tongban.cases.words import Act
from tongban.exchange import sending, worker
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.models import Event, Outstanding
from tongban.procedures import holding


class PowerCut(BaseException):
    """Nothing catches it, as nothing survives a power cut."""


def test_events_and_the_signature_over_them_are_kept_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = stories.acknowledged(world)
    stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))

    def cut(*_: object) -> None:
        raise PowerCut

    monkeypatch.setattr(holding, "keep_statements", cut)
    with suppress(PowerCut):
        world.round("jiashan")

    with world.on("qingyang"):
        assert not Event.objects.filter(subject=number, kind=Act.ACCEPT).exists()


def test_who_signed_for_all_that_was_sent_is_not_told_of_it_again(world: World) -> None:
    number = stories.pushed(world)
    with world.on("qingyang"):
        worker.seal(world.at)
        sending.send_to(Peer.objects.get(), world.at)
        state = holding.state_held(number)
    with world.on("jiashan"):
        row = Outstanding.objects.get(subject=number)
        assert state is not None
        assert (row.lacking, row.acknowledged) == (
            False,
            {name: list(head[:2]) for name, head in state.heads.items()},
        )
    world.settle()
    with world.on("jiashan"):
        row = Outstanding.objects.get(subject=number)
        assert row.acknowledged.keys() == {"intake/1", "handling/1"}, (
            "its own arrival was told of all the same"
        )


def test_of_many_matters_one_that_is_refused_keeps_its_place_and_no_other(world: World) -> None:
    numbers = [stories.pushed(world) for _ in range(3)]
    came: list[str] = []

    def spoil(node: Node, raw: bytes) -> bytes:
        document = json.loads(raw)
        came.append(document["subject"])
        other = b"1" if raw[-40:-39] == b"0" else b"0"
        return raw[:-40] + other + raw[-39:] if document["subject"] == numbers[1] else raw

    world.network.before = spoil
    with world.on("qingyang"):
        worker.seal(world.at)
        sending.send_to(Peer.objects.get(), world.at)
    assert came == numbers[:2], "who does not answer as a node is left alone for a while"
    world.network.before = lambda node, raw: raw
    world.settle()
    with world.on("jiashan"):
        assert set(Event.objects.values_list("subject", flat=True)) >= set(numbers)


def test_news_that_comes_while_its_matter_is_sent_still_waits(world: World) -> None:
    number = stories.pushed(world)

    def act(node: Node, raw: bytes) -> bytes:
        if node.key == "jiashan":
            world.network.after = lambda node, raw: raw
            stories.do(world, "qingyang", number, Act.URGE, world["qingyang"].staff("window"))
        return raw

    world.network.after = act
    with world.on("qingyang"):
        worker.seal(world.at)
        sending.send_to(Peer.objects.get(), world.at)
        row = Outstanding.objects.get(subject=number)
        assert (row.lacking, row.acknowledged["intake/1"][0]) == (True, 5)
    world.settle()
    with world.on("qingyang"):
        assert not Outstanding.objects.get(subject=number).lacking


def test_a_message_names_the_keys_that_are_known_by_one_question(world: World) -> None:
    with world.on("qingyang"), identity.keys_looked_up_once():
        asked, me = list[str](), identity.fingerprint()

        def note(execute: Any, sql: str, *rest: Any) -> Any:
            asked.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            theirs = identity.chain_of(world["jiashan"].fingerprint)
            assert identity.chain_of(me).root == me
            assert identity.chain_of(theirs.root) is theirs
        assert len(asked) == 1
        identity.remember(theirs)  # what is remembered meanwhile is looked up again
        with connection.execute_wrapper(note):
            identity.chain_of(theirs.root)
        assert len(asked) > 1
        with pytest.raises(identity.UnknownNode):
            identity.chain_of("sm3:" + "0" * 64)

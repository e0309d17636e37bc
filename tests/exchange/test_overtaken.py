"""What overtakes what: a receipt and the peer's own news, a lost answer and what comes after it, seals and the witness of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import stories
from tests.world import Node, World
from tongban.cases.words import Act
from tongban.exchange import gateway, queries, sending, witnessing, worker
from tongban.exchange.models import Peer
from tongban.kernel.journal import nodechain, seals
from tongban.kernel.models import Outstanding
from tongban.procedures import holding
from tongban.procedures.audit import journal_audit


def sent(world: World, key: str) -> None:
    with world.on(key):
        worker.seal(world.at)
        sending.send_to(Peer.objects.get(), world.at)


def once_answered(world: World, then: Callable[[], None]) -> None:
    """Do something when the next answer of 嘉善 is on its way."""

    def after(node: Node, raw: bytes) -> bytes:
        if node.key == "jiashan":
            world.network.after = lambda _node, raw: raw
            then()
        return raw

    world.network.after = after


def lose() -> None:
    raise gateway.Unreachable("answer lost")


def urged(world: World) -> str:
    """Return a case of which 青阳 has news for 嘉善."""
    number = stories.acknowledged(world)
    world.settle()
    stories.do(world, "qingyang", number, Act.URGE, world["qingyang"].staff("window"))
    return number


def accepted_there(world: World, number: str) -> None:
    stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
    sent(world, "jiashan")


def test_an_older_receipt_does_not_take_back_the_newer_word_of_a_peer(world: World) -> None:
    number = urged(world)
    once_answered(world, lambda: accepted_there(world, number))
    sent(world, "qingyang")
    world.settle()
    with world.on("qingyang"):
        row, state = Outstanding.objects.get(subject=number), holding.state_held(number)
        assert state is not None
        assert not row.lacking
        assert {chain: head[0] for chain, head in row.acknowledged.items()} == {
            chain: head[0] for chain, head in state.heads.items()
        }
        assert journal_audit.verify_journal().findings == []


def test_no_trouble_is_shown_once_the_peer_signs_for_what_was_lost_on_the_way(world: World) -> None:
    number = urged(world)
    once_answered(world, lose)
    sent(world, "qingyang")
    with world.on("qingyang"):
        assert queries.troubles()
        assert Peer.objects.get().attempts == 1
    accepted_there(world, number)
    with world.on("qingyang"):
        peer = Peer.objects.get()
        assert queries.troubles() == {}
        assert (peer.attempts, peer.next_at, peer.trouble) == (0, None, "")


def test_a_peer_that_lacks_something_still_stays_in_trouble(world: World) -> None:
    number = urged(world)
    other = stories.pushed(world)
    once_answered(world, lose)
    sent(world, "qingyang")
    accepted_there(world, number)
    with world.on("qingyang"):
        assert Outstanding.objects.get(subject=other).lacking
        assert Peer.objects.get().attempts == 1


def test_what_a_peer_said_it_holds_is_kept_and_the_next_proof_begins_there(world: World) -> None:
    stories.pushed(world)
    once_answered(world, lose)
    sent(world, "qingyang")
    world.at += timedelta(minutes=1)
    sent(world, "qingyang")
    with world.on("jiashan"):
        held = seals.latest(world["qingyang"].fingerprint)
    assert held is not None
    with world.on("qingyang"):
        assert Peer.objects.get().held_size == held["size"]
    stories.pushed(world)
    sent(world, "qingyang")
    with world.on("jiashan"):
        assert Peer.objects.get().seal_misses == 0


@pytest.mark.prove("many days of seals")
def test_seals_that_take_the_place_of_others_are_witnessed_day_after_day(world: World) -> None:
    told = []
    for day in range(3):
        stories.delivered(world)
        with world.on("qingyang"):
            witnessing.note_seals(world.at + timedelta(days=2 * day))
            told.append(nodechain.seals_told()[world["jiashan"].fingerprint][1])
    assert len(set(told)) == 3
    with world.on("qingyang"):
        entries = len(list(nodechain.entries(kind="seals_held")))
        witnessing.note_seals(world.at + timedelta(days=20))  # nothing came since
        assert len(list(nodechain.entries(kind="seals_held"))) == entries == 3

"""A peer that lies, a line that loses, a week away."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests import stories
from tests.world import Node, World
from tongban.cases import adoption
from tongban.cases.words import Act, Phase
from tongban.exchange import commands, gateway, receiving, wire
from tongban.exchange.models import Peer
from tongban.kernel import canon, events, identity, journal, statements
from tongban.kernel.models import Content, Event, Fork, Outstanding


def transfer(world: World, case: str, raws: list[str], sender: str = "jiashan", heads: Any = None) -> bytes:
    """Make a transfer as `sender` would, with a statement over whatever heads the test likes."""
    with world.on(sender):
        if heads is None:
            last = [events.read(raw.encode()) for raw in raws]
            heads = {event.chain: [event.seq, event.hash] for event in last}
        return wire.message(
            wire.TRANSFER, world["qingyang"].fingerprint, world.at, case=case, events=raws,
            statements=[statements.make(case, heads, world.at)], seal=None, proof=None, epochs=[],
            keys={}, guides=[], agreements=[],
        )  # fmt: skip


def deliver(world: World, raw: bytes) -> dict[str, Any]:
    """Hand a message to 青阳 and return the answer's document."""
    with world.on("qingyang"):
        return dict(json.loads(receiving.receive(raw, world.at)))


def forged(event: events.Event, **changes: Any) -> events.Event:
    """Return the event with members changed and everything hashed again."""
    members = {k: v for k, v in event.document.items() if k not in ("format", "suite", "hash")}
    return events.mint(**{**members, **changes})


def last_of(world: World, node: str, case: str, role: str) -> events.Event:
    """Return the last event of a role's chain as a node holds it."""
    with world.on(node):
        return max((e for e in journal.events_of(case) if e.role == role), key=lambda e: e.seq)


class TestAPeerThatLies:
    def test_an_unlawful_act_is_adopted_and_parked(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        org = stories.case_on(world, "jiashan", number).handling_org
        head = {
            **arrived.document["actor"],
            "kind": "staff",
            "org": org,
            "post": "decider",
            "staff": "JSDECIDE",
        }
        # Deciding before accepting: authentic, well chained, and not lawful.
        decided = forged(
            arrived, actor=head, seq=2, prev=arrived.hash, kind="decide", given={"outcome": "granted"},
            effects={"phase": ["forwarded", "decided"], "facts": {"outcome": "granted"}},
            content=[{"label": "decision", "digest": "0" * 64, "size": 1}],
        )  # fmt: skip

        answer = deliver(world, transfer(world, number, [decided.raw.decode()]))

        assert answer["statement"]["heads"]["handling/1"] == [2, decided.hash]
        case = stories.case_on(world, "qingyang", number)
        assert case.parked == "not_allowed"
        with world.on("qingyang"):
            assert Event.objects.filter(case=number, kind="decide").exists()

    def test_an_act_of_a_person_by_nobody_is_parked_too(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        done = forged(
            arrived, seq=2, prev=arrived.hash, kind="acknowledge", given={},
            effects={"phase": ["forwarded", "acknowledged"]},
        )  # fmt: skip

        deliver(world, transfer(world, number, [done.raw.decode()]))

        assert stories.case_on(world, "qingyang", number).parked == "wrong_actor"

    def test_an_unknown_kind_is_adopted_and_waits_for_an_upgrade(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        strange = forged(
            arrived, seq=2, prev=arrived.hash, kind="levitate", rules=99, given={}, effects={}, content=[]
        )

        deliver(world, transfer(world, number, [strange.raw.decode()]))

        assert stories.case_on(world, "qingyang", number).parked == "newer_rules"

    def test_time_that_goes_backwards_is_adopted_and_put_before_a_human(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        early = forged(
            arrived, seq=2, prev=arrived.hash, kind="acknowledge", at="2026-01-01T00:00:00.000Z", given={}
        )

        deliver(world, transfer(world, number, [early.raw.decode()]))

        assert stories.case_on(world, "qingyang", number).parked == "time_backwards"

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda e, case: [e.raw.decode().replace("arrive", "arrivf")],
            lambda e, case: [e.raw.decode()[:-1]],
            lambda e, case: [forged(e, seq=2, prev=e.hash, case=case[:-1] + "X").raw.decode()],
            lambda e, case: ["{}"],
        ],
    )
    def test_broken_bytes_change_nothing(
        self, world: World, spoil: Callable[[events.Event, str], list[str]]
    ) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        before = stories.case_on(world, "qingyang", number).state

        answer = deliver(
            world, transfer(world, number, spoil(arrived, number), heads={"handling/1": [1, arrived.hash]})
        )

        assert answer["refused"]["code"] == "transfer_not_authentic"
        assert "请" in answer["refused"]["sentence"]
        assert stories.case_on(world, "qingyang", number).state == before

    def test_an_event_nobody_signed_for_is_refused(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        nxt = forged(arrived, seq=2, prev=arrived.hash, kind="acknowledge", given={})

        answer = deliver(
            world, transfer(world, number, [nxt.raw.decode()], heads={"handling/1": [1, arrived.hash]})
        )

        assert answer["refused"]["code"] == "transfer_not_authentic"

    def test_nobody_writes_in_anothers_chain(self, world: World) -> None:
        number = stories.forwarded(world)
        ours = last_of(world, "qingyang", number, "intake")
        faked = forged(ours, seq=ours.seq + 1, prev=ours.hash, kind="urge", given={})

        answer = deliver(world, transfer(world, number, [faked.raw.decode()]))

        # The bytes claim to be ours, and we never wrote them: kept as evidence, nothing adopted.
        assert answer.get("refused") or answer["forked"] == []
        with world.on("qingyang"):
            assert not Event.objects.filter(hash=faked.hash).exists()

    def test_nobody_goes_on_with_the_chain_of_a_term_that_has_ended(self, make_world: Any) -> None:
        world = make_world("qingyang", "jiashan", "third")
        number = stories.forwarded(world)
        officer = stories.officer(world, number)
        stories.do(world, "jiashan", number, Act.REDIRECT, officer, texts={"reason": "不属本机关"})
        world.settle()
        ended = last_of(world, "qingyang", number, "handling")
        forged_on = forged(
            ended, seq=ended.seq + 1, prev=ended.hash, node=world["third"].fingerprint, kind="arrive",
            given={"duties": []}, effects={"phase": ["redirected", "delivered"]}, content=[],
        )  # fmt: skip

        answer = deliver(world, transfer(world, number, [forged_on.raw.decode()], sender="third"))

        assert answer["refused"]["code"] == "transfer_not_authentic"
        assert stories.case_on(world, "qingyang", number).phase == Phase.REDIRECTED

    def test_two_versions_of_one_event_freeze_the_case_on_both_sides(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.settle()
        true = last_of(world, "jiashan", number, "handling")
        other = forged(true, at="2026-03-02T01:30:00.000Z")

        answer = deliver(world, transfer(world, number, [other.raw.decode()]))
        assert answer["forked"] == [true.raw.decode()]
        world.settle()

        assert stories.case_on(world, "qingyang", number).parked == "fork"
        with world.on("qingyang"):
            assert Fork.objects.get(case=number).hash == other.hash
        # The parked event travels like any other, so the other side knows.
        assert stories.case_on(world, "jiashan", number).state["facts"]["intake"]["parked"] == "fork"

    def test_a_message_for_another_node_or_with_another_signature_is_not_answered(self, world: World) -> None:
        number = stories.forwarded(world)
        raw = transfer(world, number, [])
        document = json.loads(raw)
        for change in ({"to": "0" * 64}, {"case": "X"}, {"from": world["qingyang"].fingerprint}):
            with world.on("qingyang"), pytest.raises(wire.MessageRefused, match="请"):
                receiving.receive(canon.encode({**document, **change}), world.at)

    def test_a_removed_peer_is_not_answered(self, world: World) -> None:
        number = stories.forwarded(world)
        raw = transfer(world, number, [])
        with world.on("qingyang") as node:
            commands.remove(node=world["jiashan"].fingerprint, by=node.operator(), at=world.at)
            with pytest.raises(receiving.PeerNotActive):
                receiving.receive(raw, world.at)


class TestABadLine:
    def test_loss_duplication_and_replay_do_no_harm(self, world: World) -> None:
        letters: list[tuple[Node, bytes]] = []
        turns = iter(range(10_000))

        def before(node: Node, raw: bytes) -> bytes:
            letters.append((node, raw))
            if next(turns) % 3 == 0:
                raise gateway.Unreachable("lost")
            return raw

        def after(node: Node, raw: bytes) -> bytes:
            if next(turns) % 4 == 0:
                raise gateway.Unreachable("receipt lost")
            return raw

        world.network.before, world.network.after = before, after
        number = stories.reviewed(world)
        stories.do(world, "qingyang", number, Act.FORWARD, world["qingyang"].staff("window"))
        for _ in range(60):
            world.at = world.at.replace(second=0) + timedelta(minutes=6)
            world.round()
        for node, raw in letters:
            with world.on(node):
                receiving.receive(raw, world.at)

        states = [stories.case_on(world, key, number).state for key in ("qingyang", "jiashan")]
        assert states[0] == states[1]
        assert states[0]["phase"] == Phase.FORWARDED

    def test_a_peer_seven_days_away_catches_up_in_order(self, world: World) -> None:
        world["jiashan"].reachable = False
        numbers = []
        for day in range(2, 9):
            world.wait_until(f"2026-03-0{day}")
            numbers.append(stories.reviewed(world))
            stories.do(world, "qingyang", numbers[-1], Act.FORWARD, world["qingyang"].staff("window"))
            world.round("qingyang")
        with world.on("qingyang"):
            assert Outstanding.objects.filter(lacking=True).count() == 7
            assert world.watch() > 0  # the undelivered ones were escalated to a human, not dropped

        world["jiashan"].reachable = True
        world.wait_until("2026-03-09", 12)
        world.settle()

        with world.on("jiashan"):
            arrived = list(Event.objects.filter(kind="file").order_by("id").values_list("case", flat=True))
        assert arrived == numbers
        for number in numbers:
            a, b = (stories.case_on(world, key, number).state for key in ("qingyang", "jiashan"))
            assert a == b

    def test_a_file_cut_off_in_the_middle_goes_on_where_it_stopped(self, world: World) -> None:
        from tongban.kernel import vault

        number = stories.reviewed(world)
        with world.on("qingyang"):
            from tongban.kernel.db import write

            with write():
                big = vault.put(number, "opinion", b"x" * (vault.CHUNK * 3 + 5))
        stories.do(
            world, "qingyang", number, Act.FORWARD, world["qingyang"].staff("window"), content=[big.to_dict()]
        )
        asked: list[int] = []

        def before(node: Node, raw: bytes) -> bytes:
            document = json.loads(raw)
            if document["format"] == wire.CONTENT_REQUEST and document["digest"] == big.digest:
                asked.append(document["index"])
                if len(asked) == 3:
                    raise gateway.Unreachable("cut")
            return raw

        world.network.before = before
        world.at = world.at.replace(minute=30)
        for _ in range(8):
            world.at += timedelta(seconds=6)
            world.round()

        assert asked == [0, 1, 2, 2, 3]
        with world.on("jiashan"):
            assert vault.get(number, big.digest) == b"x" * (vault.CHUNK * 3 + 5)
            assert not Content.objects.filter(complete=False).exists()

    def test_content_travels_encrypted_and_only_to_the_nodes_of_the_case(self, make_world: Any) -> None:
        world = make_world("qingyang", "jiashan", "third")
        number = stories.forwarded(world)
        with world.on("jiashan"):
            digest = Content.objects.filter(case=number).first().digest
        with world.on("third"):
            raw = wire.message(
                wire.CONTENT_REQUEST,
                world["qingyang"].fingerprint,
                world.at,
                case=number,
                digest=digest,
                index=0,
            )
        assert deliver(world, raw)["refused"]["code"] == "not_found"


class TestPeers:
    def test_a_wrong_fingerprint_adds_nobody(self, make_world: Any) -> None:
        world = make_world("qingyang", "jiashan")
        with world.on("jiashan"):
            card = commands.card(world.at)
        with world.on("qingyang") as node:
            Peer.objects.all().delete()
            with pytest.raises(commands.FingerprintDiffers):
                commands.add(card=card, fingerprint="ab" * 32, by=node.operator(), at=world.at)
            assert not Peer.objects.exists()

    def test_two_nodes_that_claim_one_organisation_are_a_question_to_a_human(self, make_world: Any) -> None:
        world = make_world("qingyang", "jiashan", "third")
        with world.on("third"):
            card = commands.card(world.at)
            rival = identity.sign({**card, "organisation": world["jiashan"].centre})
        with world.on("qingyang") as node:
            Peer.objects.filter(node=world["third"].fingerprint).delete()
            with pytest.raises(commands.OrganisationClaimedTwice, match="核对"):
                commands.add(
                    card=rival, fingerprint=world["third"].fingerprint, by=node.operator(), at=world.at
                )
            assert not Peer.objects.filter(node=world["third"].fingerprint).exists()

    def test_a_key_that_was_changed_is_still_known(self, world: World) -> None:
        number = stories.forwarded(world)
        with world.on("jiashan"):
            identity.rotate(world.at)
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        world.settle()
        assert stories.case_on(world, "qingyang", number).phase == Phase.ACKNOWLEDGED

    def test_heads_held_are_told(self, world: World) -> None:
        number = stories.forwarded(world)
        with world.on("jiashan"):
            assert set(adoption.heads_held(number)) == {"intake/1", "handling/1"}

"""A peer that lies, a line that loses, a week away."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests import stories
from tests.exchange.successions import events_on
from tests.forging import after, deliver, forged, last_of, officer, shown, statement, transfer
from tests.journeys.checks import consistent, kinds, same_on_both
from tests.world import Node, World
from tongban.cases import commands as commands_of_cases
from tongban.cases.words import Act, Duty, Phase
from tongban.exchange import commands, gateway, receiving, trust, wire
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.crypto import canon, digest
from tongban.kernel.errors import InvalidInput
from tongban.kernel.journal import events, keychanges, merkle, seals
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import ClockWitness, Content, Event, Fork, Outstanding, SealedHead, Statement
from tongban.procedures import deciding, forks, holding

pytestmark = pytest.mark.once("what is lawful is decided before anything is stored")


def came_back(make_world: Any) -> tuple[World, str]:
    """Return a world of three and a case that its authority sent back, so that its term is about to end."""
    world: World = make_world("qingyang", "jiashan", "third")
    number = stories.forwarded(world)
    by = stories.officer(world, number)
    stories.do(world, "jiashan", number, Act.REDIRECT, by, texts={"reason": "不属本机关"})
    world.settle()
    return world, number


class TestAPeerThatLies:
    def test_an_unlawful_act_is_adopted_and_parked(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        # Deciding before accepting: authentic, well chained, within what the role may change, and not lawful.
        decided = after(
            arrived, actor=officer(world, number), kind="decide", given={"outcome": "granted"},
            effects={"phase": ["forwarded", "decided"], "facts": {"outcome": "granted"}},
            content=[{"label": "decision", "digest": f"sm3:{0:064}", "size": 1}],
        )  # fmt: skip

        answer = deliver(world, transfer(world, number, [decided]))

        assert answer["statement"]["heads"]["handling/1"] == [2, decided.hash]
        case = stories.case_on(world, "qingyang", number)
        assert case.parked == "not_allowed"
        # It waits for a human, and so does what it would do.
        assert (case.phase, case.facts.get("outcome")) == (Phase.FORWARDED, None)
        park = last_of(world, "qingyang", number, "intake")
        assert (park.kind, park.effects["withhold"]) == (
            Act.PARK,
            {"chain": "handling/1", "seq": 2, "hash": decided.hash},
        )
        assert case.state["withheld"] == {park.hash: ["handling/1", 2, None, "intake"]}
        assert kinds(case.state) == sorted([Duty.ACKNOWLEDGE, Duty.RESOLVE])
        with world.on("qingyang"):
            assert Event.objects.filter(subject=number, kind="decide").exists()

    def test_an_act_of_a_person_by_nobody_is_parked_too(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        done = after(arrived, kind="acknowledge", effects={"phase": ["forwarded", "acknowledged"]})

        deliver(world, transfer(world, number, [done]))

        case = stories.case_on(world, "qingyang", number)
        assert (case.parked, case.phase) == ("wrong_actor", Phase.FORWARDED)

    def test_an_unknown_kind_is_adopted_and_waits_for_an_upgrade(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        newer = {"version": 99, "digest": f"sm3:{9:064}"}
        strange = after(arrived, kind="levitate", rules=newer)

        deliver(world, transfer(world, number, [strange]))

        assert stories.case_on(world, "qingyang", number).parked == "newer_rules"

    def test_a_kind_that_the_table_it_names_does_not_have_is_no_newer_rule(self, world: World) -> None:
        number = stories.forwarded(world)
        strange = after(last_of(world, "jiashan", number, "handling"), kind="levitate")

        deliver(world, transfer(world, number, [strange]))

        assert stories.case_on(world, "qingyang", number).parked == "unknown_kind"

    def test_time_that_goes_backwards_is_adopted_and_put_before_a_human(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        early = after(arrived, kind="acknowledge", at="2026-01-01T00:00:00.000Z")

        deliver(world, transfer(world, number, [early]))

        assert stories.case_on(world, "qingyang", number).parked == "time_backwards"

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda sent: {**sent, "event": sent["event"].replace("arrive", "arrivf")},
            lambda sent: {**sent, "event": sent["event"][:-1]},
            lambda sent: {**sent, "event": sent["event"].replace('"subject":"', '"subject":" ')},
            lambda sent: {**sent, "event": "{}"},
            lambda sent: {**sent, "body": sent["body"].replace('"salt":"', '"salt":"0')},
            lambda sent: {**sent, "body": "{}"},
        ],
    )
    def test_broken_bytes_change_nothing(
        self, world: World, spoil: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        before = stories.case_on(world, "qingyang", number).state

        spoiled = [spoil(forks.as_sent(arrived))]
        answer = deliver(world, transfer(world, number, [arrived], events=spoiled))

        assert answer["refused"]["code"] == "event_malformed"
        assert "请" in answer["refused"]["sentence"]
        assert stories.case_on(world, "qingyang", number).state == before

    def test_an_event_of_another_matter_is_malformed_here(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        elsewhere = after(arrived, subject=number[:-1] + ("X" if number[-1] != "X" else "Y"))

        answer = deliver(world, transfer(world, number, [elsewhere]))

        assert answer["refused"]["code"] == "event_malformed"

    @pytest.mark.parametrize("name", ["format", "suite"])
    def test_algorithms_that_are_not_ours_are_never_taken_for_ours(self, world: World, name: str) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        foreign = canon.encode({**arrived.document, name: "ed25519-sha512-aes"}).decode()
        sent = {**forks.as_sent(arrived), "event": foreign}

        answer = deliver(world, transfer(world, number, [arrived], events=[sent]))

        assert answer["refused"]["code"] == "unknown_suite"

    def test_an_event_nobody_signed_for_is_refused(self, world: World) -> None:
        number = stories.forwarded(world)
        arrived = last_of(world, "jiashan", number, "handling")
        nxt = after(arrived, kind="acknowledge")

        answer = deliver(world, transfer(world, number, [nxt], heads={"handling/1": [1, arrived.hash]}))

        assert answer["refused"]["code"] == "transfer_not_authentic"

    def test_who_has_seen_what_was_never_written_is_refused(self, world: World) -> None:
        number = stories.forwarded(world)
        world.settle()
        arrived = last_of(world, "jiashan", number, "handling")
        seq = arrived.seen["intake/1"][0]
        before = stories.case_on(world, "qingyang", number)
        for seen in ([seq, f"sm3:{0:064}"], [seq - 1, arrived.seen["intake/1"][1]]):
            wrong = after(arrived, kind="acknowledge", seen={"intake/1": seen})
            answer = deliver(world, transfer(world, number, [wrong]))
            assert answer["refused"]["code"] == "transfer_not_authentic"
            assert "从未写过" in answer["refused"]["sentence"]
        assert stories.case_on(world, "qingyang", number).version == before.version

    def test_nobody_writes_in_anothers_chain(self, world: World) -> None:
        number = stories.forwarded(world)
        ours = last_of(world, "qingyang", number, "intake")
        faked = after(ours, kind="urge")

        answer = deliver(world, transfer(world, number, [faked]))

        # The bytes claim to be ours, and we never wrote nor signed them.
        assert answer["refused"]["code"] == "transfer_not_authentic"
        as_theirs = after(ours, kind="urge", node=world["jiashan"].fingerprint)
        answer = deliver(world, transfer(world, number, [as_theirs]))
        assert answer["refused"]["code"] == "transfer_not_authentic"
        with world.on("qingyang"):
            assert not Event.objects.filter(hash__in=[faked.hash, as_theirs.hash]).exists()
            assert not Fork.objects.exists()

    def test_nobody_goes_on_with_the_chain_of_a_term_that_has_ended(self, make_world: Any) -> None:
        world, number = came_back(make_world)
        ended = last_of(world, "qingyang", number, "handling")
        forged_on = after(ended, node=world["third"].fingerprint, kind="arrive", given={"duties": []})

        # By itself it is nobody here; brought by who is a party, it is still not whose chain this is.
        answer = deliver(world, transfer(world, number, [forged_on], sender="third"))
        assert answer["refused"]["code"] == "not_a_party"
        signed_for = [statement(world, "third", number, {"handling/1": [forged_on.seq, forged_on.hash]})]
        answer = deliver(world, transfer(world, number, [forged_on], statements=signed_for))
        assert answer["refused"]["code"] == "transfer_not_authentic"
        assert stories.case_on(world, "qingyang", number).phase == Phase.REDIRECTED

    def test_whose_term_has_ended_moves_the_case_no_more(self, make_world: Any) -> None:
        world, number = came_back(make_world)
        with world.on("qingyang") as node:
            commands_of_cases.redirect_to(
                case=number, offering=world["third"].offering(stories.PROXY), by=node.staff("window"), at=world.at
            )  # fmt: skip
        world.settle()
        ended = max(
            (e for e in events_on(world, "qingyang", number) if e.chain == "handling/1"), key=lambda e: e.seq
        )
        intake = last_of(world, "qingyang", number, "intake")
        taken = after(
            ended, actor=officer(world, number, "qingyang"), kind="acknowledge", seen={"intake/1": [intake.seq, intake.hash]},
            effects={"phase": ["forwarded", "acknowledged"]},
        )  # fmt: skip

        answer = deliver(world, transfer(world, number, [taken]))

        assert answer["refused"]["code"] == "out_of_bounds"
        assert "B2" in answer["refused"]["sentence"]
        assert stories.case_on(world, "qingyang", number).phase == Phase.FORWARDED

    def test_two_versions_of_one_event_freeze_the_case_on_both_sides(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.settle()
        true = last_of(world, "jiashan", number, "handling")
        other = forged(true, at="2026-03-02T01:30:00.000Z")

        answer = deliver(world, transfer(world, number, [other]))
        assert answer["forked"] == [forks.as_sent(true)]
        world.settle()

        ours = stories.case_on(world, "qingyang", number)
        # Nobody knows yet what happened at that place: until it is settled, nothing of it counts.
        assert (ours.parked, ours.phase) == ("fork", Phase.FORWARDED)
        with world.on("qingyang"):
            assert Fork.objects.get(subject=number).hash == other.hash
        # The parked event travels like any other, so the other side knows.
        theirs = stories.case_on(world, "jiashan", number)
        assert theirs.state["facts"]["intake"]["parked"] == "fork"
        assert theirs.state == ours.state

    def test_a_message_for_another_node_or_with_another_signature_is_not_answered(self, world: World) -> None:
        number = stories.forwarded(world)
        raw = transfer(world, number, [])
        document = json.loads(raw)
        for change in (
            {"to": f"sm3:{0:064}"}, {"subject": "X"}, {"from": world["qingyang"].fingerprint},
            {"at": "2026-03-01T00:59:59.000Z"},
        ):  # fmt: skip
            with world.on("qingyang"), pytest.raises(wire.MessageRefused, match="请"):
                receiving.receive(canon.encode({**document, **change}), world.at)

    def test_a_message_of_another_day_is_refused_by_an_answer_and_tells_nothing_of_the_senders_clock(
        self, world: World
    ) -> None:
        number = stories.forwarded(world)
        raw = transfer(world, number, [])
        with world.on("qingyang"):
            ClockWitness.objects.all().delete()
            reply = json.loads(receiving.receive(raw, world.at + timedelta(days=1, seconds=1)))
            assert reply["refused"]["code"] == "message_refused"
            assert "时钟" in reply["refused"]["sentence"]
            assert not ClockWitness.objects.exists()

    def test_a_removed_peer_is_not_answered(self, world: World) -> None:
        number = stories.forwarded(world)
        raw = transfer(world, number, [])
        with world.on("qingyang") as node:
            commands.remove(node=world["jiashan"].fingerprint, by=node.operator(), at=world.at)
            with pytest.raises(receiving.PeerNotActive):
                receiving.receive(raw, world.at)

    def test_a_peer_in_question_is_neither_answered_nor_sent_to(self, world: World) -> None:
        number = stories.forwarded(world)
        raw = transfer(world, number, [])
        with world.on("qingyang"):
            trust.question(world["jiashan"].fingerprint, "请核查", world.at)
            with pytest.raises(receiving.PeerNotActive):
                receiving.receive(raw, world.at)
            assert not Peer.active()
        with world.on("qingyang") as node:
            commands.resume(node=world["jiashan"].fingerprint, by=node.operator(), at=world.at)
            assert receiving.receive(raw, world.at)


class TestWhatAHumanDecides:
    """An unlawful act of the neighbour waits; whoever supervises lets it in, or strikes it out, and both sides agree."""

    @pytest.fixture
    def number(self, world: World) -> str:
        number = stories.forwarded(world)
        world.settle()
        arrived = last_of(world, "jiashan", number, "handling")
        decided = after(
            arrived, actor=officer(world, number), kind="decide", given={"outcome": "granted"},
            effects={"phase": ["forwarded", "decided"], "facts": {"outcome": "granted"}},
            content=[{"label": "decision", "digest": f"sm3:{0:064}", "size": 1}],
        )  # fmt: skip
        deliver(world, transfer(world, number, [decided]))
        assert stories.case_on(world, "qingyang", number).parked == "not_allowed"
        return number

    def test_a_parked_side_does_nothing_but_annotate(self, world: World, number: str) -> None:
        with pytest.raises(deciding.MatterParked):
            stories.do(world, "qingyang", number, Act.URGE, world["qingyang"].staff("window"))

    def test_what_is_struck_never_counts_and_what_follows_does(self, world: World, number: str) -> None:
        park = last_of(world, "qingyang", number, "intake")
        released = stories.do(
            world, "qingyang", number, Act.RELEASE, world["qingyang"].staff("supervisor"),
            given={"release": {"park": park.hash, "struck": 2}}, texts={"note": "已与对方核对，不予采用"},
        )  # fmt: skip
        world.settle()
        assert (released.parked, released.phase) == ("", Phase.FORWARDED)
        # The liar's own node did not know of it: it came back, and waits for a human there too.
        assert stories.case_on(world, "jiashan", number).parked == "not_allowed"
        supervisor = world["jiashan"].staff("supervisor")
        stories.do(world, "jiashan", number, Act.RELEASE, supervisor, texts={"note": "已核对"})
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        world.settle()
        state = same_on_both(world, number)
        assert (state["phase"], state["withheld"]) == (
            Phase.ACKNOWLEDGED,
            {park.hash: ["handling/1", 2, 2, "intake"]},
        )
        assert "outcome" not in state["facts"].get("handling", {})
        consistent(world)

    def test_what_is_let_in_counts_on_both_sides(self, world: World, number: str) -> None:
        stories.do(
            world, "qingyang", number, Act.RELEASE, world["qingyang"].staff("supervisor"), texts={"note": "已核对"}
        )  # fmt: skip
        world.settle()
        state = same_on_both(world, number)
        assert (state["phase"], state["withheld"]) == (Phase.DECIDED, {})
        assert state["facts"]["handling"]["outcome"] == "granted"
        consistent(world)

    def test_what_follows_what_was_let_in_is_judged_anew(self, world: World, number: str) -> None:
        wrong = last_of(world, "qingyang", number, "handling")
        again = after(wrong, kind="levitate")
        deliver(world, transfer(world, number, [wrong, again]))
        assert stories.case_on(world, "qingyang", number).parked == "not_allowed"
        released = stories.do(
            world, "qingyang", number, Act.RELEASE, world["qingyang"].staff("supervisor"), texts={"note": "已核对"}
        )  # fmt: skip
        assert (released.parked, released.phase) == ("unknown_kind", Phase.DECIDED)
        park = last_of(world, "qingyang", number, "intake")
        assert park.effects["withhold"] == {"chain": "handling/1", "seq": 3, "hash": again.hash}

    def test_a_fork_before_what_waits_is_held_back_too_and_each_is_told(
        self, world: World, number: str
    ) -> None:
        wrong = last_of(world, "qingyang", number, "handling")
        (arrived,) = (e for e in events_on(world, "qingyang", number) if (e.role, e.seq) == ("handling", 1))
        deliver(world, transfer(world, number, [forged(arrived, at="2026-03-02T01:00:02.000Z")]))
        case = stories.case_on(world, "qingyang", number)
        assert sorted(case.state["withheld"].values()) == [
            ["handling/1", 1, None, "intake"],
            ["handling/1", 2, None, "intake"],
        ]
        assert kinds(case.state).count("resolve") == 2

        supervisor = world["qingyang"].staff("supervisor")
        first = stories.do(world, "qingyang", number, Act.RELEASE, supervisor, texts={"note": "已核对"})
        assert (first.parked, first.phase) == ("not_allowed", Phase.FORWARDED)
        assert kinds(first.state).count("resolve") == 1
        told = last_of(world, "qingyang", number, "intake")
        assert (told.effects["withhold"], told.given["event"]) == (None, wrong.hash)
        with pytest.raises(deciding.MatterParked):
            stories.do(world, "qingyang", number, Act.URGE, world["qingyang"].staff("window"))

        second = stories.do(world, "qingyang", number, Act.RELEASE, supervisor, texts={"note": "已核对"})
        assert (second.parked, second.phase, second.state["withheld"]) == ("", Phase.DECIDED, {})
        assert "resolve" not in kinds(second.state)
        assert wrong.hash == second.state["heads"]["handling/1"][1]

    def test_nothing_is_struck_beyond_what_is_there(self, world: World, number: str) -> None:
        park = last_of(world, "qingyang", number, "intake")
        with pytest.raises(InvalidInput):
            stories.do(
                world, "qingyang", number, Act.RELEASE, world["qingyang"].staff("supervisor"),
                given={"release": {"park": park.hash, "struck": 9}}, texts={"note": "已核对"},
            )  # fmt: skip


def keys_of(world: World, key: str) -> Any:
    with world.on(key) as node:
        return identity.chain_of(node.fingerprint).documents()


class TestWhoMayTestify:
    def test_a_stranger_s_statement_is_neither_heard_nor_kept(self, make_world: Any) -> None:
        world = make_world("qingyang", "jiashan", "third")
        number = stories.forwarded(world)
        before = self.statements(world, number)
        heads = {"intake/1": [1, f"sm3:{1:064}"]}
        answer = deliver(world, transfer(world, number, [], sender="third", heads=heads))
        assert answer["refused"]["code"] == "not_a_party"
        # Brought by a party it is still a stranger's.
        theirs = statement(world, "third", number, heads)
        assert "refused" not in deliver(world, transfer(world, number, [], statements=[theirs]))
        assert self.statements(world, number) == before

    def test_a_party_s_statement_over_another_history_is_not_kept(self, world: World) -> None:
        number = stories.forwarded(world)
        before = self.statements(world, number)
        for heads in ({"intake/1": [1, f"sm3:{1:064}"]}, {"intake/1": [99, f"sm3:{1:064}"]}):
            assert "refused" not in deliver(world, transfer(world, number, [], heads=heads))
        assert self.statements(world, number) == before

    def test_a_statement_that_knows_more_keys_of_ours_than_there_are_is_not_kept(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.settle()
        last = last_of(world, "jiashan", number, "handling")
        heads = {"handling/1": [last.seq, last.hash]}
        before = self.statements(world, number)
        for claimed, more in ((2, 0), (1, 1)):
            keys = {world[name].fingerprint: count for name, count in (("jiashan", 1), ("qingyang", claimed))}
            theirs = statement(world, "jiashan", number, heads, keys=keys)
            assert "refused" not in deliver(world, transfer(world, number, [], statements=[theirs]))
            assert len(self.statements(world, number)) == len(before) + more

    def test_a_statement_over_a_chain_to_which_nobody_was_called_is_not_kept(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.settle()
        before = self.statements(world, number)
        for heads in ({"handling/7": [1, f"sm3:{1:064}"]}, {"review/1": [1, f"sm3:{1:064}"]}):
            theirs = statement(world, "jiashan", number, heads)
            assert "refused" not in deliver(world, transfer(world, number, [], statements=[theirs]))
        assert self.statements(world, number) == before

    def test_a_party_s_statement_over_what_has_not_come_here_yet_is_kept(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.settle()
        before = self.statements(world, number)
        theirs = statement(world, "jiashan", number, {"handling/1": [99, f"sm3:{1:064}"]})
        assert "refused" not in deliver(world, transfer(world, number, [], statements=[theirs]))
        assert len(self.statements(world, number)) == len(before) + 1

    def test_a_case_to_which_this_node_is_not_bound_is_not_taken_in(self, make_world: Any) -> None:
        world = make_world("qingyang", "jiashan", "third")
        number = stories.acknowledged(world)
        with world.on("jiashan"):
            whole = journal.events_of(number)
        own = {
            key: [one for one in whole if one.node == world[key].fingerprint]
            for key in ("qingyang", "jiashan")
        }
        signed_for = [
            statement(world, key, number, {one.chain: [one.seq, one.hash] for one in written})
            for key, written in own.items()
        ]
        keys = {world["qingyang"].fingerprint: keys_of(world, "qingyang")}
        raw = transfer(world, number, whole, receiver="third", statements=signed_for, keys=keys)
        assert deliver(world, raw, "third")["refused"]["code"] == "not_a_party"
        with world.on("third"):
            assert not Event.objects.filter(subject=number).exists()

    def test_keys_that_are_no_chain_are_refused_and_nothing_is_kept(self, world: World) -> None:
        number = stories.acknowledged(world)
        fresh = last_of(world, "jiashan", number, "handling")
        for records in ([{"number": 1}], []):
            raw = transfer(world, number, [fresh], keys={world["jiashan"].fingerprint: records})
            assert deliver(world, raw)["refused"]["code"] == "message_refused"
        with world.on("qingyang"):
            assert not Event.objects.filter(hash=fresh.hash).exists()

    @staticmethod
    def statements(world: World, number: str) -> list[str]:
        with world.on("qingyang"):
            return list(
                Statement.objects.filter(subject=number).order_by("id").values_list("hash", flat=True)
            )

    def test_a_fork_needs_the_signature_of_the_chain_s_own_node(self, make_world: Any) -> None:
        world = make_world("qingyang", "jiashan", "third")
        number = stories.acknowledged(world)
        world.settle()
        true = last_of(world, "jiashan", number, "handling")
        other = forged(true, at="2026-03-02T01:30:00.000Z")
        heads = {"handling/1": [other.seq, other.hash]}
        unsigned = transfer(world, number, [other], heads={"handling/1": [true.seq, true.hash]})
        by_another = transfer(world, number, [other], statements=[statement(world, "third", number, heads)])
        # What another wrote in that chain is no second face of its node, though he signed for it himself.
        strange = forged(other, node=world["third"].fingerprint)
        at_strange = {"handling/1": [strange.seq, strange.hash]}
        by_stranger = transfer(
            world, number, [strange], heads={}, statements=[statement(world, "third", number, at_strange)],
            keys={world["third"].fingerprint: keys_of(world, "third")},
        )  # fmt: skip
        for raw in (unsigned, by_another, by_stranger):
            assert deliver(world, raw)["refused"]["code"] == "transfer_not_authentic"
        brought = transfer(
            world, number, [other], sender="third", statements=[statement(world, "jiashan", number, heads)]
        )
        assert deliver(world, brought)["refused"]["code"] == "not_a_party"
        with world.on("qingyang"):
            assert not Fork.objects.exists()
        assert stories.case_on(world, "qingyang", number).parked == ""


class TestASealThatDoesNotBind:
    """What comes without a seal that counts it, and goes on from the one held, is not taken."""

    @pytest.fixture
    def number(self, world: World) -> str:
        return stories.acknowledged(world)

    @pytest.fixture
    def fresh(self, world: World, number: str) -> events.Event:
        world.settle()
        return after(
            last_of(world, "jiashan", number, "handling"), actor=officer(world, number), kind="levitate"
        )

    @pytest.mark.parametrize(
        "less",
        [
            {"seal": None, "proof": None, "inclusion": []},
            {"proof": None},
            {"proof": {"from": 1, "path": []}},
            {"inclusion": []},
        ],
        ids=["no seal", "no proof", "from elsewhere", "not included"],
    )
    def test_is_asked_for_and_held_against_who_leaves_it_out(
        self, world: World, number: str, fresh: events.Event, less: dict[str, Any]
    ) -> None:
        for miss in range(1, 4):
            answer = deliver(world, transfer(world, number, [fresh], **less))
            assert answer["refused"]["code"] == "seal_missing"
            with world.on("qingyang"):
                held = seals.latest(world["jiashan"].fingerprint)
                peer = Peer.objects.get()
                assert peer.seal_misses == miss
            assert answer["held_seal"] == {"epoch": held["epoch"], "size": held["size"]}
        assert peer.state == Peer.State.QUESTIONED
        with world.on("qingyang"):
            assert not Event.objects.filter(hash=fresh.hash).exists()

    def test_who_sends_again_with_it_is_trusted_as_before(
        self, world: World, number: str, fresh: events.Event
    ) -> None:
        for _ in range(2):
            deliver(world, transfer(world, number, [fresh], seal=None, proof=None, inclusion=[]))
        assert "statement" in deliver(world, transfer(world, number, [fresh]))
        with world.on("qingyang"):
            assert (Peer.objects.get().state, Peer.objects.get().seal_misses) == (Peer.State.ACTIVE, 0)

    def test_that_denies_the_one_held_puts_its_node_in_question_at_once(
        self, world: World, number: str, fresh: events.Event
    ) -> None:
        true = shown(world, "jiashan", "qingyang", [fresh])
        # A tree of the right size, with another past.
        with world.on("jiashan"):
            lie = {**true["seal"], "root": f"sm3:{5:064}"}
            denying = identity.sign({name: value for name, value in lie.items() if name != "signatures"})
        path = merkle_path_to_itself(fresh)
        answer = deliver(
            world, transfer(world, number, [fresh], seal=denying, inclusion=[{**true["inclusion"][0], "path": path}])
        )  # fmt: skip
        assert answer["refused"]["code"] == "seal_does_not_extend"
        with world.on("qingyang"):
            assert Peer.objects.get().state == Peer.State.QUESTIONED
            assert not Event.objects.filter(hash=fresh.hash).exists()

    def test_that_nobody_signed_is_not_kept_for_dossiers_when_nothing_new_comes(
        self, world: World, number: str
    ) -> None:
        world.settle()
        head = last_of(world, "jiashan", number, "handling")
        with world.on("qingyang"):
            before = list(SealedHead.objects.order_by("pk").values())
            held = seals.latest(world["jiashan"].fingerprint)
        root = digest.write(merkle.leaf_hash(digest.raw(head.hash)))
        made_up = {**held, "size": 1, "root": root, "signatures": [{"key": 1, "value": "sm2:30"}]}
        here = {"chain": head.chain, "seq": head.seq, "leaf": 0, "path": []}

        answer = deliver(world, transfer(world, number, [head], seal=made_up, proof=None, inclusion=[here]))

        assert "statement" in answer
        with world.on("qingyang"):
            assert before
            assert list(SealedHead.objects.order_by("pk").values()) == before


def merkle_path_to_itself(event: events.Event) -> list[str]:
    """Return a path of a well-formed shape that leads nowhere."""
    return [event.hash]


class TestABadLine:
    def test_whose_answers_are_lost_is_shown_no_seal_that_looks_like_a_miss(self, world: World) -> None:
        number = stories.forwarded(world)
        world.settle()

        def lost(node: Node, answer: bytes) -> bytes:
            raise gateway.Unreachable("the answer is lost")

        officer = stories.officer(world, number)
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, officer)
        world.network.after = lost
        for act in (Act.ACCEPT, None, None, None):
            world.round("jiashan")
            world.at += timedelta(minutes=6)
            if act:
                stories.do(world, "jiashan", number, act, officer)
        world.network.after = lambda node, answer: answer
        world.settle()
        with world.on("qingyang"):
            (peer,) = Peer.objects.all()
            assert (peer.state, peer.seal_misses) == (Peer.State.ACTIVE, 0)
        assert stories.case_on(world, "qingyang", number).phase == "accepted"

    def test_many_matters_are_one_question_for_a_peer_that_answers_badly(self, world: World) -> None:
        for _ in range(4):
            stories.pushed(world)
        asked: list[bytes] = []

        def badly(node: Node, raw: bytes) -> bytes:
            asked.append(raw)
            raise gateway.Unreachable("no answer of a peer")

        world.network.before = badly
        since = world.at
        for _ in range(10):
            world.at += timedelta(milliseconds=90)
            world.round("qingyang")
        assert world.at - since < timedelta(seconds=1)
        assert len(asked) == 1
        # What is news since is worth a try of its own, at once; then the peer has its pause.
        stories.pushed(world)
        for _ in range(10):
            world.round("qingyang")
        assert len(asked) == 2

    def test_a_matter_at_which_the_peer_breaks_down_keeps_no_other_waiting(self, world: World) -> None:
        numbers = [stories.pushed(world) for _ in range(4)]
        poison = numbers[0].encode()

        def breaks_down(node: Node, raw: bytes) -> bytes:
            if poison in raw and node.key == "jiashan":
                raise gateway.Unreachable("500")
            return raw

        world.network.before = breaks_down
        for _ in range(6):
            world.at += timedelta(seconds=2)
            world.round()
        with world.on("jiashan"):
            assert {row.subject for row in Event.objects.filter(kind="forward")} == set(numbers[1:])
        world.network.before = lambda node, raw: raw
        world.at += timedelta(minutes=6)
        world.settle()
        same_on_both(world, numbers[0])

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
            arrived = list(Event.objects.filter(kind="file").order_by("id").values_list("subject", flat=True))
        assert arrived == numbers
        for number in numbers:
            a, b = (stories.case_on(world, key, number).state for key in ("qingyang", "jiashan"))
            assert a == b

    def test_a_file_cut_off_in_the_middle_goes_on_where_it_stopped(self, world: World) -> None:
        from tongban.kernel import vault

        number = stories.reviewed(world)
        files = {"opinion": b"x" * (vault.CHUNK * 3 + 5)}
        stories.do(world, "qingyang", number, Act.FORWARD, world["qingyang"].staff("window"), files=files)
        with world.on("qingyang"):
            pieces = [piece for event in journal.events_of(number) for piece in event.content]
        big = next(piece for piece in pieces if piece["label"] == "opinion")
        asked: list[int] = []

        def before(node: Node, raw: bytes) -> bytes:
            document = json.loads(raw)
            if document["format"] == wire.CONTENT_REQUEST and document["digest"] == big["digest"]:
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
            assert vault.get(number, big["digest"]) == b"x" * (vault.CHUNK * 3 + 5)
            assert not Content.objects.filter(complete=False).exists()

    def test_content_travels_encrypted_and_only_to_the_nodes_of_the_case(self, make_world: Any) -> None:
        world = make_world("qingyang", "jiashan", "third")
        number = stories.forwarded(world)
        with world.on("jiashan"):
            digest = Content.objects.filter(subject=number).first().digest
        with world.on("third"):
            raw = wire.message(
                wire.CONTENT_REQUEST,
                world["qingyang"].fingerprint,
                world.at,
                procedure="case",
                subject=number,
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
            keychanges.rotate(world.at)
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        world.settle()
        assert stories.case_on(world, "qingyang", number).phase == Phase.ACKNOWLEDGED

    def test_heads_held_are_told(self, world: World) -> None:
        number = stories.forwarded(world)
        with world.on("jiashan"):
            state = holding.state_held(number)
            assert state is not None
            assert set(state.heads) == {"intake/1", "handling/1"}

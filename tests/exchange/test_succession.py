"""A peer is gone for good: another node takes its place in what was shared, and what the old one writes after counts for nothing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import stories
from tests.commandline.operators import call
from tests.exchange.successions import UNDER, brought_by_the_heir, proved, succeeded, take_over
from tests.forging import deliver, last_of, transfer
from tests.journeys.checks import consistent, same_on_both
from tests.world import World, add_heir
from tongban.accounts.access.actor import Permission
from tongban.cases import commands as commands_of_cases
from tongban.cases.words import Act, Phase
from tongban.exchange import commands
from tongban.exchange.models import Peer
from tongban.exchange.receiving import PeerNotActive
from tongban.kernel.crypto import canon
from tongban.kernel.errors import InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Event, Outstanding
from tongban.procedures.audit import journal_audit
from tongban.web.supervisor import cases as pages

TOLD = ("peer", "succeed", "--under", UNDER)


def sound(world: World, *keys: str) -> None:
    consistent(world)
    for key in keys:
        with world.on(key):
            assert journal_audit.verify_journal().findings == []


class TestTheAuthority:
    @pytest.mark.prove("three nodes, one of which succeeds another")
    def test_is_succeeded_in_the_middle_and_the_case_goes_on_to_its_end(self, world: World) -> None:
        number = stories.accepted(world)
        world.settle()
        add_heir(world, "jiashan")
        world["jiashan"].reachable = False
        found = take_over(world, "jiashan")
        assert (found.done, found.left, len(found.agreements)) == (1, {}, 1)
        world.settle()
        state = same_on_both(world, number, "qingyang", "heir")
        heir = world["heir"].fingerprint
        assert (state["roles"]["handling"]["node"], state["roles"]["handling"]["term"]) == (heir, 2)
        theirs = [duty for name, duty in state["duties"].items() if name.startswith("handling/")]
        assert theirs
        assert {duty["holder"]["node"] for duty in theirs} == {heir}

        stories.review_all(world, number, "heir")
        stories.decide(world, number, "heir")
        stories.conclude(world, number, "heir")
        stories.deliver(world, number)
        assert same_on_both(world, number, "qingyang", "heir")["phase"] == Phase.DELIVERED
        for key in ("qingyang", "heir"):
            assert proved(world, key, number) == (0, 0)
            assert proved(world, key, number, "qingyang", "heir") == (1, 1)  # who began it must be known too
        sound(world, "qingyang", "heir")

    @pytest.mark.prove("three nodes, one of which succeeds another")
    def test_what_was_on_its_way_reaches_the_new_one(self, world: World) -> None:
        world["jiashan"].reachable = False
        number = stories.pushed(world)
        add_heir(world, "jiashan")
        take_over(world, "jiashan")
        world.settle()
        state = same_on_both(world, number, "qingyang", "heir")
        assert [duty["kind"] for duty in state["duties"].values()] == ["acknowledge"]
        assert stories.case_on(world, "heir", number).handling_node == world["heir"].fingerprint
        with world.on("qingyang"):
            lacking = set(Outstanding.objects.filter(lacking=True).values_list("node", flat=True))
        assert lacking == {world["jiashan"].fingerprint}  # should it come back, it hears of what it was sent
        for key in ("qingyang", "heir"):
            assert proved(world, key, number, "qingyang", "heir", "jiashan") == (0, 0)
        sound(world, "qingyang", "heir")

    def test_what_the_old_one_writes_afterwards_has_no_effect_wherever_it_comes(self, world: World) -> None:
        number = succeeded(world, stories.acknowledged(world))
        before = same_on_both(world, number, "qingyang", "heir")
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        late = last_of(world, "jiashan", number, "handling")
        with pytest.raises(PeerNotActive) as refused:
            deliver(world, transfer(world, number, [late]))
        assert refused.value.code == "peer_not_active"

        assert "refused" not in brought_by_the_heir(world, number, late)
        world.settle()
        state = same_on_both(world, number, "qingyang", "heir")
        assert state["heads"][late.chain][:2] == [late.seq, late.hash]
        differing = {name for name in state if state[name] != before[name]}
        assert differing == {"heads", "version"}
        assert (state["phase"], state["closed"]) == ("acknowledged", {"handling/1": late.seq - 1})
        for key in ("qingyang", "heir"):
            assert proved(world, key, number) == (0, 0)
        sound(world, "qingyang", "heir")

    @pytest.mark.prove("three nodes, one of which succeeds another")
    def test_that_is_still_there_is_asked_first(self, world: World) -> None:
        number = stories.accepted(world)
        world.settle()
        heir = add_heir(world, "jiashan").fingerprint
        with world.on("qingyang") as node:
            named = {"role": "handling", "term": 2, "from": world["jiashan"].fingerprint, "node": heir}
            commands_of_cases.act(
                case=number, act=Act.SUCCEED, by=node.operator(), at=world.at, given={"succeed": named, "under": UNDER}
            )  # fmt: skip
        world.settle()
        state = same_on_both(world, number)
        assert state["roles"]["handling"]["node"] == world["jiashan"].fingerprint
        assert state["facts"]["handling"]["parked"] == "own_succession"
        assert state["closed"] == {}
        assert proved(world, "jiashan", number) == (5, 5)
        sound(world, "jiashan")
        with world.on("jiashan") as node:
            (_, let_in, _), *_ = pages._ways(stories.case_on(world, "jiashan", number), node.operator(), "")
        assert UNDER in let_in
        assert "本节点不再办理" in let_in

        stories.do(
            world, "jiashan", number, Act.RELEASE, world["jiashan"].operator(), texts={"note": "确已停用"}
        )
        world.settle()
        state = same_on_both(world, number)
        assert state["roles"]["handling"]["node"] == heir
        assert state["closed"]["handling/1"] < state["heads"]["handling/1"][0]


@pytest.mark.prove("three nodes, one of which succeeds another")
class TestTheWindow:
    def test_is_succeeded_and_hands_out_what_the_old_one_took_in(self, world: World) -> None:
        number = stories.decided(world)
        world.settle()
        add_heir(world, "qingyang")
        world["qingyang"].reachable = False
        assert take_over(world, "qingyang").done == 1
        world.settle()
        stories.conclude(world, number)
        stories.deliver(world, number, "heir")
        assert same_on_both(world, number, "jiashan", "heir")["phase"] == Phase.DELIVERED
        for key in ("jiashan", "heir"):
            assert proved(world, key, number) == (0, 0)
        sound(world, "jiashan", "heir")


class TestTheCommand:
    @pytest.mark.prove("three nodes, one of which succeeds another")
    def test_done_again_does_what_was_left(self, world: World) -> None:
        numbers = [stories.accepted(world) for _ in range(3)]
        world.settle()
        add_heir(world, "jiashan")
        assert take_over(world, "jiashan").done == 3
        found = take_over(world, "jiashan")
        assert (found.done, found.left) == (0, {})
        world.settle()
        for number in numbers:
            same_on_both(world, number, "qingyang", "heir")
        with world.on("qingyang"):
            states = dict(Peer.objects.values_list("node", "state"))
            assert Event.objects.filter(kind="peer_succeeded").exists()
        assert states == {world["jiashan"].fingerprint: "removed", world["heir"].fingerprint: "active"}

    @pytest.mark.prove("three nodes, one of which succeeds another")
    def test_leaves_what_cannot_be_done_now_and_says_why(self, world: World) -> None:
        number = stories.accepted(world)
        stories.do(world, "qingyang", number, Act.URGE, world["qingyang"].staff("window"))
        world.settle()
        add_heir(world, "jiashan")
        world.at -= timedelta(hours=1)  # before what this node wrote last
        found = take_over(world, "jiashan")
        assert (found.done, list(found.left)) == (0, [number])
        assert "请核对服务器时间" in found.left[number]
        assert stories.case_on(world, "qingyang", number).handling_node == world["jiashan"].fingerprint
        world.at += timedelta(hours=2)
        found = take_over(world, "jiashan")
        assert (found.done, found.left) == (1, {})
        assert stories.case_on(world, "qingyang", number).handling_node == world["heir"].fingerprint

    @pytest.mark.prove("three nodes, one of which succeeds another")
    def test_is_given_at_the_command_line(self, world: World, tmp_path: Path) -> None:
        stories.accepted(world)
        world.settle()
        with world.on(add_heir(world, "jiashan")) as heir:
            card = tmp_path / "heir.card"
            card.write_bytes(canon.encode(commands.card(world.at)))
        told = (*TOLD, world["jiashan"].fingerprint[:16], str(card))
        with world.on("qingyang"):
            refused = call(*told, "--fingerprint", world["jiashan"].fingerprint)
            assert (refused.exit_code, Peer.objects.get().state) == (1, "active")
            assert "指纹" in refused.stderr
            done = call(*told, "--fingerprint", heir.fingerprint)
        assert done.exit_code == 0, done.output
        assert "1 个办件转由新节点续办" in done.stdout
        with world.on("qingyang"):
            shown = call("peer", "show").stdout
            told = Event.objects.filter(kind="peer_succeeded").count()
            again = call(*TOLD, world["jiashan"].fingerprint, str(card), "--fingerprint", heir.fingerprint)
            assert (again.exit_code, Event.objects.filter(kind="peer_succeeded").count()) == (0, told)
        assert "已移除" in shown
        assert "待送达办件 0  已由 heir 接替" in shown
        assert "重新签订通办协议" in done.stdout

    @pytest.mark.prove("three nodes, one of which succeeds another")
    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"fingerprint": "sm3:" + "0" * 64}, commands.FingerprintDiffers),
            ({"old": "sm3:" + "0" * 64}, NotFound),
            ({"under": " "}, InvalidInput),
            ({"under": "依" * 121}, InvalidInput),
        ],
    )
    def test_refuses_and_changes_nothing(self, world: World, changes: dict[str, Any], refusal: type) -> None:
        number = stories.accepted(world)
        world.settle()
        add_heir(world, "jiashan")
        with pytest.raises(refusal) as refused:
            take_over(world, "jiashan", **changes)
        assert refused.type is refusal
        with world.on("qingyang"):
            assert [peer.state for peer in Peer.objects.all()] == ["active"]
            assert "succeed" not in [event.kind for event in journal.events_of(number)]

    def test_refuses_who_may_not_and_a_node_of_another_place(self, world: World) -> None:
        add_heir(world, "jiashan")
        with pytest.raises(NotPermitted):
            take_over(world, "jiashan", by=world["qingyang"].staff("window"))
        peers_only = replace(world["qingyang"].operator(), permissions=frozenset({Permission.PEERS_MANAGE}))
        with pytest.raises(NotPermitted):
            take_over(world, "jiashan", by=peers_only)
        with world.on("jiashan") as old:
            own = commands.card(world.at)
        with pytest.raises(InvalidInput, match="原节点自己"):
            take_over(world, "jiashan", card=own, fingerprint=old.fingerprint)
        with world.on("qingyang") as node:
            other = commands.card(world.at)
        with pytest.raises(InvalidInput, match="机构、区划"):
            take_over(world, "jiashan", card=other, fingerprint=node.fingerprint)

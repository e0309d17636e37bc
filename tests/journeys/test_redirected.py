"""退回转办: not our competence. Only intake forwards, and the next authority gets the whole history."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import stories
from tests.journeys.checks import acts, consistent, kinds, same_on_both
from tests.world import World
from tongban.cases import commands
from tongban.cases.words import Act, Duty, Phase
from tongban.kernel import vault
from tongban.kernel.journal import statements
from tongban.kernel.journal import writer as journal
from tongban.procedures.audit import journal_audit
from tongban.procedures.deciding import ActNotAllowed

pytestmark = pytest.mark.slow


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world("qingyang", "jiashan", "third")


def redirected(world: World, number: str, key: str) -> None:
    """The authority sends it back."""
    stories.do(
        world,
        key,
        number,
        Act.REDIRECT,
        stories.officer(world, number, key),
        texts={"reason": "非本机关职权"},
    )
    world.settle()


def forward(world: World, number: str, key: str, **more: Any) -> None:
    """The window sends it to the same office of another county."""
    by = more.get("by") or world["qingyang"].staff("window")
    with world.on("qingyang"):
        commands.redirect_to(case=number, offering=world[key].offering(stories.PROXY), by=by, at=world.at)
    world.settle()


class TestRedirected:
    def test_to_a_third_node_with_the_whole_history(self, world: World) -> None:
        number = stories.acknowledged(world)
        redirected(world, number, "jiashan")
        assert kinds(same_on_both(world, number)) == [Duty.DROP, Duty.FORWARD]
        forward(world, number, "third")

        state = same_on_both(world, number, "qingyang", "third")
        assert (state["phase"], kinds(state)) == (Phase.FORWARDED, [Duty.ACKNOWLEDGE, Duty.DROP])
        assert sorted(state["heads"]) == ["handling/1", "handling/2", "intake/1"]
        with world.on("third"):
            known = journal.events_of(number)
            chain = [event for event in known if event.chain == "handling/1"]
            assert [event.kind for event in chain] == [Act.ARRIVE, Act.ACKNOWLEDGE, Act.REDIRECT]
            signers = {
                s["signer"] for s in statements.kept(number) if s["heads"].get("handling/1", [0])[0] == 3
            }
            assert world["jiashan"].fingerprint in signers
            for event in known:
                for piece in event.content:
                    assert vault.get(number, piece["digest"])
        consistent(world)

    @pytest.mark.prove("a case over three nodes")
    def test_is_no_discrepancy_for_who_hears_no_more_of_it(self, world: World) -> None:
        number = stories.acknowledged(world)
        redirected(world, number, "jiashan")
        forward(world, number, "third")
        stories.do(world, "third", number, Act.ACKNOWLEDGE, stories.officer(world, number, "third"))
        world.settle()
        for key in world.nodes:
            with world.on(key):
                assert not [str(finding) for finding in journal_audit.verify_journal().findings]

    def test_is_decided_there(self, world: World) -> None:
        number = stories.acknowledged(world)
        redirected(world, number, "jiashan")
        forward(world, number, "third")
        officer = stories.officer(world, number, "third")
        stories.do(world, "third", number, Act.ACKNOWLEDGE, officer)
        stories.do(world, "third", number, Act.ACCEPT, officer)
        stories.review_all(world, number, "third")
        head = stories.officer(world, number, "third", "decider")
        given, texts = {"outcome": "granted"}, {"decision": "准予"}
        stories.do(world, "third", number, Act.DECIDE, head, given=given, texts=texts)
        stories.conclude(world, number, "third")
        stories.deliver(world, number)

        state = same_on_both(world, number, "qingyang", "third")
        assert (state["phase"], kinds(state)) == (Phase.DELIVERED, [Duty.DROP])  # of who sent it back
        consistent(world)

    def test_leaves_nothing_to_do_for_the_first_authority(self, world: World) -> None:
        number = stories.acknowledged(world)
        redirected(world, number, "jiashan")
        forward(world, number, "third")
        by = stories.officer(world, number, "jiashan")
        with pytest.raises(ActNotAllowed):
            stories.do(world, "jiashan", number, Act.ACCEPT, by)
        assert Act.ACCEPT not in acts(world, "jiashan", number)

    @pytest.mark.prove("a case over three nodes")
    def test_twice_goes_to_the_service_centre_of_intake(self, world: World) -> None:
        number = stories.acknowledged(world)
        redirected(world, number, "jiashan")
        forward(world, number, "third")
        redirected(world, number, "third")

        state = same_on_both(world, number, "qingyang", "third")
        holders = [d["holder"]["org"] for d in state["duties"].values() if d["kind"] == Duty.FORWARD]
        assert holders == [world["qingyang"].centre]
        consistent(world)

    @pytest.mark.prove("a case over three nodes")
    def test_comes_back_to_the_first_authority_in_a_third_term(self, world: World) -> None:
        number = stories.acknowledged(world)
        redirected(world, number, "jiashan")
        forward(world, number, "third")
        redirected(world, number, "third")
        forward(world, number, "jiashan")
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        world.settle()

        state = same_on_both(world, number)
        assert (state["phase"], state["roles"]["handling"]["term"]) == (Phase.ACKNOWLEDGED, 3)
        consistent(world)

    def test_while_the_applicant_asks_to_withdraw_ends_at_the_window(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.settle()
        clerk = world["qingyang"].staff("window")
        stories.do(world, "qingyang", number, Act.REQUEST_WITHDRAWAL, clerk)
        redirected(world, number, "jiashan")
        with pytest.raises(ActNotAllowed, match="请求撤回"):
            forward(world, number, "third")
        stories.do(world, "qingyang", number, Act.WITHDRAW, clerk)
        world.settle()

        assert stories.case_on(world, "qingyang", number).phase == Phase.WITHDRAWN
        consistent(world)

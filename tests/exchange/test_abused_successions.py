"""What attackers tried of successions with their own true keys, or the lost node's: each gets the right answer."""

from datetime import timedelta
from typing import Any

import pytest

from tests import stories
from tests.exchange.successions import (
    brought_by_the_heir,
    events_on,
    late,
    lost,
    proved,
    rounds,
    signed_by_the_old_one,
    succeeded,
    take_back,
    take_over,
)  # fmt: skip
from tests.forging import after, deliver, last_of, officer, statement, transfer
from tests.world import World, add_heir, agree
from tongban.accounts import demo
from tongban.agreements.queries import NoAgreement
from tongban.cases.words import Act, Phase
from tongban.catalogue import queries as catalogue
from tongban.catalogue import seed
from tongban.exchange import catalogues, commands, wire, worker
from tongban.exchange.models import Peer
from tongban.exchange.worker import Loop
from tongban.kernel import identity
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import events
from tongban.kernel.journal.events import Event
from tongban.procedures import tasks as watch

pytestmark = pytest.mark.once("what is lawful is decided before anything is stored")

NOTE = [{"label": "note", "digest": f"sm3:{0:064}", "size": 1}]


def handling(world: World, key: str, number: str) -> str:
    """Return which node handles a case as a node sees it."""
    return str(stories.case_on(world, key, number).state["roles"]["handling"]["node"])


def releasing(world: World, number: str, park: str) -> dict[str, Any]:
    """Return the members of an event that lets in what a park holds back."""
    duties = stories.case_on(world, "heir", number).state["duties"].items()
    release = {"park": park, "struck": None}
    return {
        "kind": "release", "given": {"release": release}, "content": NOTE,
        "effects": {"release": release, "close": [n for n, d in duties if d["kind"] == "resolve"], "facts": {"parked": ""}},
    }  # fmt: skip


class TestAPuppet:
    """The window's node says that another takes the authority's place, which is alive."""

    @pytest.fixture
    def number(self, world: World) -> str:
        """Give a case that the puppet has decided, and of which the authority has heard since."""
        number = stories.accepted(world)
        world.settle()
        add_heir(world, "jiashan")
        world["jiashan"].reachable = False
        assert take_over(world).done == 1
        world.settle()
        stories.review_all(world, number, "heir")
        stories.decide(world, number, "heir")
        world.settle()
        take_back(world, number)
        return number

    def test_did_what_goes_with_the_succession_that_was_parked(self, world: World, number: str) -> None:
        assert handling(world, "jiashan", number) == world["jiashan"].fingerprint
        case = stories.case_on(world, "jiashan", number)
        assert (case.phase, case.state["facts"]["handling"].get("outcome")) == ("accepted", None)

    def test_does_not_release_the_park_of_the_one_it_displaces(self, world: World, number: str) -> None:
        state = stories.case_on(world, "heir", number).state
        mine = [one for one in events_on(world, "heir", number) if one.chain == "handling/2"]
        decide = next(one for one in mine if one.kind == "decide")
        heads = {chain: head[:2] for chain, head in state["heads"].items() if chain != "handling/2"}
        release = after(
            mine[-1], actor=decide.actor, seen=heads, at=events.format_time(world.at),
            **releasing(world, number, next(iter(state["withheld"]))),
        )  # fmt: skip
        answer = deliver(world, transfer(world, number, [release], sender="heir"))
        assert answer["refused"]["code"] == "out_of_bounds"
        assert "B9" in answer["refused"]["sentence"]
        world.settle()
        assert handling(world, "jiashan", number) == world["jiashan"].fingerprint


def test_one_that_leaves_out_what_was_signed_for_is_contested(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = stories.accepted(world)
    world.settle()
    seen = last_of(world, "jiashan", number, "handling")
    stories.review_all(world, number)
    stories.decide(world, number)
    with monkeypatch.context() as patched:
        # The liar takes it in, signs for it, and writes nothing of its own.
        patched.setattr(watch, "arrive", lambda **_: False)
        world.at += timedelta(seconds=1)
        world.round("jiashan")
    case = stories.case_on(world, "qingyang", number)
    assert (case.phase, case.outcome) == (Phase.DECIDED, "granted")

    add_heir(world, "jiashan")
    world["jiashan"].reachable = False
    mint = events.mint

    def with_less(**members: Any) -> Event:
        if members["kind"] == "succeed":
            members["seen"] = {**members["seen"], seen.chain: [seen.seq, seen.hash]}
        return mint(**members)

    with monkeypatch.context() as patched:
        patched.setattr(events, "mint", with_less)
        take_over(world)
    world.settle()
    for key in ("qingyang", "heir"):
        assert proved(world, key, number) == (5, 5)


def test_one_behind_what_was_parked_is_asked_for_itself(world: World) -> None:
    number = stories.accepted(world)
    world.settle()
    heir = add_heir(world, "jiashan").fingerprint
    head, at = last_of(world, "jiashan", number, "handling"), events.format_time(world.at)
    heads = {"handling/1": [head.seq, head.hash]}
    strange = after(last_of(world, "qingyang", number, "intake"), kind="levitate", seen=heads, at=at)
    named = {"role": "handling", "term": 2, "from": world["jiashan"].fingerprint, "node": heir}
    org = stories.case_on(world, "qingyang", number).intake_org
    succession = after(
        strange, kind="succeed", seen=heads, at=at, actor={**officer(world, number, "qingyang"), "org": org},
        given={"succeed": named, "under": "x"}, effects={"succeed": named},
    )  # fmt: skip
    deliver(world, transfer(world, number, [strange, succession], "qingyang", "jiashan"), "jiashan")
    operator = world["jiashan"].operator()
    stories.do(world, "jiashan", number, Act.RELEASE, operator, texts={"note": "放行 levitate"})
    assert handling(world, "jiashan", number) == world["jiashan"].fingerprint
    state = stories.case_on(world, "jiashan", number).state
    assert state["facts"]["handling"]["parked"] == "own_succession"


@pytest.mark.prove("three nodes, one of which succeeds another and is abused")
class TestWhoWasSucceeded:
    """Its key may be a thief's: behind the end of its chain it can protest, and nothing else."""

    def test_does_not_release_the_park_of_the_present_one(self, world: World) -> None:
        number = succeeded(world, stories.accepted(world))
        heads = stories.case_on(world, "heir", number).state["heads"].items()
        seen = {chain: head[:2] for chain, head in heads if not chain.startswith("intake/")}
        strange = after(last_of(world, "qingyang", number, "intake"), kind="levitate", seen=seen)
        deliver(world, transfer(world, number, [strange], "qingyang", "heir"), "heir")
        (park,) = stories.case_on(world, "heir", number).state["withheld"]
        accept = next(one for one in events_on(world, "heir", number) if one.kind == "accept")
        release = late(world, number, actor=accept.actor, **releasing(world, number, park))
        signed_for = [
            statement(world, "qingyang", number, {strange.chain: [strange.seq, strange.hash]}),
            signed_by_the_old_one(world, number, release),
        ]
        sent = transfer(world, number, [strange, release], "qingyang", "heir", statements=signed_for)
        answer = deliver(world, sent, "heir")
        assert answer["refused"]["code"] == "out_of_bounds"
        assert "B9" in answer["refused"]["sentence"]
        assert park in stories.case_on(world, "heir", number).state["withheld"]

    def test_parks_nothing_but_that(self, world: World) -> None:
        number = succeeded(world, stories.accepted(world))
        stories.do(world, "qingyang", number, Act.URGE, world["qingyang"].staff("window"))
        world.settle()
        named = last_of(world, "qingyang", number, "intake")
        place = {"chain": named.chain, "seq": named.seq, "hash": named.hash}
        park = late(
            world, number, actor={**events.NOBODY, "kind": "system", "channel": "system"}, kind="park",
            given={"reason": "unknown_kind", "event": named.hash, "withhold": place},
            effects={"withhold": place, "facts": {"parked": "unknown_kind"}},
        )  # fmt: skip
        assert "refused" not in brought_by_the_heir(world, number, park)
        world.settle()
        for key in ("qingyang", "heir"):
            case = stories.case_on(world, key, number)
            assert (case.parked, case.state["withheld"]) == ("", {})
            assert case.state["heads"]["handling/1"][:2] == [park.seq, park.hash]

    @pytest.mark.parametrize("kind", ["redact", "levitate"])
    def test_destroys_nothing_of_the_new_one(self, world: World, kind: str) -> None:
        number = succeeded(world, stories.accepted(world))
        stories.review_all(world, number, "heir")
        world.settle()
        known = events_on(world, "heir", number)
        target = next(one for one in known if (one.chain, one.kind) == ("handling/2", "review"))
        accept = next(one for one in known if one.kind == "accept")
        given = {"events": [target.hash], "under": "x"} if kind == "redact" else {}
        redact = late(
            world, number, actor=accept.actor, kind=kind, given=given, effects={"redact": {target.hash: "x"}}
        )
        answer = brought_by_the_heir(world, number, redact)
        assert answer["refused"]["code"] == "out_of_bounds"
        assert "B10" in answer["refused"]["sentence"]
        world.settle()
        for key in ("qingyang", "heir"):
            assert stories.case_on(world, key, number).state["redacted"] == {}
            held = {one.hash: one for one in events_on(world, key, number)}
            assert held[target.hash].body is not None

    def test_before_its_first_event_arrived_is_no_stranger(self, world: World) -> None:
        number, first = self.unheard(world)
        rounds(world, 3, timedelta(minutes=6))
        assert first.hash not in {event.hash for event in events_on(world, "qingyang", number)}
        take_back(world, number)
        assert first.hash in {event.hash for event in events_on(world, "qingyang", number)}

    def test_nor_is_what_it_wrote_if_the_new_one_brings_it(self, world: World) -> None:
        number, first = self.unheard(world)
        world["jiashan"].reachable = False
        world.settle()
        assert "refused" not in brought_by_the_heir(world, number, first)

    @staticmethod
    def unheard(world: World) -> tuple[str, Event]:
        """Return a case that reached the authority, and the word of it that was still on its way when it was succeeded."""
        number = stories.pushed(world)
        with lost(world, wire.TRANSFER, "qingyang"):
            rounds(world, 5)
        add_heir(world, "jiashan")
        assert take_over(world).done == 1
        return number, last_of(world, "jiashan", number, "handling")

    def test_is_told_so_if_it_is_taken_back(self, world: World) -> None:
        number = succeeded(world, stories.accepted(world))
        take_back(world, number)
        assert "succeed" in [event.kind for event in events_on(world, "jiashan", number)]

    def test_is_sent_nothing_by_a_lane_that_waited_meanwhile(self, world: World) -> None:
        stories.pushed(world)
        with world.on("qingyang") as node:
            worker.seal(world.at)
            commands.remove(node=world["jiashan"].fingerprint, by=node.operator(), at=world.at)
            before = world.network.sent
            Loop()._lane(world["jiashan"].fingerprint, world.at)
        assert world.network.sent == before


@pytest.mark.prove("three nodes, one of which succeeds another and is abused")
class TestWhatIsLeftBehind:
    def test_if_not_forwarded_yet_goes_to_the_new_node(self, world: World) -> None:
        number, clerk = stories.reviewed(world), world["qingyang"].staff("window")
        add_heir(world, "jiashan")
        take_over(world)
        with pytest.raises(NotFound, match="还没有发布办事指南"):
            stories.do(world, "qingyang", number, Act.FORWARD, clerk)
        with world.on("qingyang"):
            catalogues.pull(Peer.objects.get(state="active"), world.at)
        with pytest.raises(NoAgreement):
            stories.do(world, "qingyang", number, Act.FORWARD, clerk)
        agree(world, world["qingyang"], world["heir"])
        case = stories.do(world, "qingyang", number, Act.FORWARD, clerk)
        assert case.handling_node == world["heir"].fingerprint

    def test_of_papers_keeps_the_new_one_from_publishing_nothing(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = stories.accepted(world)
        world.settle()
        with monkeypatch.context() as patched:
            patched.setattr(seed, "publish", lambda *_, **__: None)  # the heir hears of the old papers first
            heir = add_heir(world, "jiashan")
        assert take_over(world).done == 1
        world.settle()
        offices = demo.offices_of("jiashan")
        county = {"division": heir.config.division, "node": heir.fingerprint, "organisations": offices}
        with world.on(heir):
            seed.publish(county, at=world.at, sign=identity.sign)
            offering = stories.case_on(world, heir, number).offering
            assert catalogue.current_guide(offering).node == heir.fingerprint

    def test_of_content_unsent_holds_up_nothing(self, world: World) -> None:
        number = stories.accepted(world)
        world.settle()
        stories.review_all(world, number)
        with lost(world, wire.CONTENT_REQUEST, "jiashan"):
            rounds(world, 3)
        add_heir(world, "jiashan")
        world["jiashan"].reachable = False
        assert take_over(world).missing > 0
        world.settle()
        stories.decide(world, number, "heir")
        stories.conclude(world, number, "heir")
        rounds(world, 10, timedelta(minutes=6))
        duties = stories.case_on(world, "qingyang", number).state["duties"].values()
        assert [duty["kind"] for duty in duties if duty["to"]] == []

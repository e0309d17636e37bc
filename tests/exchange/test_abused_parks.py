"""What attackers tried of parks, forks and facts with their own true keys: each gets the right answer."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests import stories
from tests.exchange.successions import events_on, proved
from tests.forging import after, deliver, forged, last_of, officer, statement, transfer
from tests.world import World
from tongban.cases.words import Act
from tongban.catalogue import commands as catalogue
from tongban.catalogue.models import Guide
from tongban.kernel import identity
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import events
from tongban.kernel.journal.events import Event
from tongban.procedures import settlements, settling

pytestmark = pytest.mark.once("what is lawful is decided before anything is stored")

LATER = events.format_time(datetime(2026, 3, 2, 1, 30, tzinfo=UTC))


def decided_at_once(world: World, number: str) -> Event:
    """Return a decision that the authority had no right to take yet."""
    return after(
        last_of(world, "jiashan", number, "handling"), actor=officer(world, number), kind="decide",
        given={"outcome": "granted"}, effects={"phase": ["forwarded", "decided"], "facts": {"outcome": "granted"}},
        content=[{"label": "decision", "digest": f"sm3:{0:064}", "size": 1}],
    )  # fmt: skip


class TestAParkOfNothing:
    """It can be named by no park, so it says no more than that something is parked."""

    @staticmethod
    def saying(wrong: Event, **effects: Any) -> Event:
        return after(
            wrong, actor={**events.NOBODY, "kind": "system", "channel": "system"}, kind="park",
            given={"reason": "x", "event": wrong.hash, "withhold": None}, effects={"withhold": None, **effects},
        )  # fmt: skip

    @pytest.mark.parametrize("together", [True, False])
    @pytest.mark.parametrize(
        "facts", [{"outcome": "granted", "result_way": "electronic"}, {"accepted_on": "rubbish"}]
    )
    def test_behind_what_is_parked_says_nothing_else(
        self, world: World, facts: dict[str, Any], together: bool
    ) -> None:
        number = stories.forwarded(world)
        world.settle()
        wrong = decided_at_once(world, number)
        if not together:
            deliver(world, transfer(world, number, [wrong]))
        answer = deliver(world, transfer(world, number, [wrong, self.saying(wrong, facts=facts)]))
        assert answer["refused"]["code"] == "out_of_bounds"
        assert "B8" in answer["refused"]["sentence"]
        assert not facts.keys() & stories.case_on(world, "qingyang", number).state["facts"].get(
            "handling", {}
        )

    def test_sends_nothing(self, world: World) -> None:
        number = stories.forwarded(world)
        world.settle()
        wrong = after(last_of(world, "jiashan", number, "handling"), kind="levitate")
        duty = {
            "id": f"handling/1.{wrong.seq + 1}.0", "kind": "deliver", "limit": None, "basis": "x", "within": [], "about": None,
            "holder": {"org": "11330421DEM0200044", "node": world["jiashan"].fingerprint}, "to": "intake/1",
            "to_node": world["qingyang"].fingerprint, "from": "2026-03-02", "due": None, "calendar": None,
            "then": {"kind": "hand_out", "holder": "org", "limit": None, "basis": "x", "within": []},
        }  # fmt: skip
        answer = deliver(world, transfer(world, number, [wrong, self.saying(wrong, open=[duty])]))
        assert answer["refused"]["code"] == "out_of_bounds"
        assert "B8" in answer["refused"]["sentence"]


def test_rubbish_may_be_let_in_and_says_nothing(world: World) -> None:
    number = stories.forwarded(world)
    world.settle()
    arrived = last_of(world, "jiashan", number, "handling")
    wrong = after(arrived, kind="levitate", effects={"facts": {"accepted_on": "rubbish"}})
    deliver(world, transfer(world, number, [wrong]))
    supervisor = world["qingyang"].staff("supervisor")
    case = stories.do(world, "qingyang", number, Act.RELEASE, supervisor, texts={"note": "x"})
    assert (case.accepted_on, case.state["facts"]["handling"]["accepted_on"]) == (None, "rubbish")


class TestWhatIsSaidToBeSeen:
    def test_in_one_chain_is_not_what_stands_in_another(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.settle()
        true = last_of(world, "jiashan", number, "handling")
        other = forged(true, at=LATER)
        deliver(world, transfer(world, number, [other]))
        seq = true.seen["intake/1"][0]
        lie = after(true, kind="levitate", seen={"intake/1": [seq, other.hash]})  # intake/1 was never that
        answer = deliver(world, transfer(world, number, [lie]))
        assert answer["refused"]["code"] == "transfer_not_authentic"

    def test_if_it_goes_back_is_parked_and_both_verifiers_say_so(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.settle()
        first = next(
            one for one in events_on(world, "qingyang", number) if (one.chain, one.seq) == ("intake/1", 1)
        )
        last = last_of(world, "jiashan", number, "handling")
        lie = after(last, kind="levitate", seen={"intake/1": [1, first.hash]})
        deliver(world, transfer(world, number, [lie]))
        assert stories.case_on(world, "qingyang", number).parked == "seen_went_back"
        assert proved(world, "qingyang", number) == (5, 5)


class TestSettlingAFork:
    def test_lets_in_nothing_that_was_parked_before_it(self, world: World) -> None:
        number = stories.forwarded(world)
        world.settle()
        wrong = decided_at_once(world, number)
        later = after(wrong, kind="levitate")
        deliver(world, transfer(world, number, [wrong, later]))
        twin = forged(later, at=LATER)
        deliver(world, transfer(world, number, [twin]))
        writer = world["jiashan"].fingerprint
        with world.on("jiashan"):
            document = settlements.build(
                procedure="case", subject=number, chain="handling/1", seq=later.seq, kept=later.hash, dropped=[twin.hash],
                basis="核处", minutes="", writer=writer, counterpart=world["qingyang"].fingerprint, at=world.at,
            )  # fmt: skip
            document = settlements.sign_for(document, writer, identity.sign)
        with world.on("qingyang") as node:
            settling.countersign(document, by=node.operator(), at=world.at)
        case = stories.case_on(world, "qingyang", number)
        assert (case.outcome, case.parked) == ("", "not_allowed")

    def test_of_ones_own_lets_in_nothing_of_the_other_side(self, world: World) -> None:
        """The forked chain is the honest side's (a clone of it); what is parked is the neighbour's."""
        number = stories.acknowledged(world)
        world.settle()
        stories.do(world, "qingyang", number, Act.URGE, world["qingyang"].staff("window"))
        world.settle()
        mine = last_of(world, "qingyang", number, "intake")
        theirs = last_of(world, "jiashan", number, "handling")
        wrong = after(theirs, kind="levitate", effects={"facts": {"outcome": "granted"}})
        deliver(world, transfer(world, number, [wrong]))
        twin = forged(mine, at=LATER)
        signed_for = statement(world, "qingyang", number, {mine.chain: [twin.seq, twin.hash]})
        deliver(world, transfer(world, number, [twin], statements=[signed_for]))
        with world.on("qingyang") as node:
            document = settling.propose(
                subject=number, chain="intake/1", keep=mine.hash, basis="x", minutes="", by=node.operator(), at=world.at
            )  # fmt: skip
        with world.on("jiashan"):
            signed = settlements.sign_for(document, world["jiashan"].fingerprint, identity.sign)
        with world.on("qingyang") as node:
            settling.carry_out(signed, by=node.operator(), at=world.at)
        assert stories.case_on(world, "qingyang", number).outcome == ""


@pytest.mark.parametrize("change", [{"version": 2**40}, {"name": "名" * 250}, {"name": "a\0b"}])
def test_guides_that_no_database_can_store_are_refused(world: World, change: dict[str, Any]) -> None:
    with world.on("jiashan"):
        guide = Guide.objects.filter(node=identity.fingerprint()).first()
        document = {**guide.body, **change}
        form = f"urn:tongban:form:{document['offering']}:{document['version']}"
        signed = identity.sign({**document, "form": {**document["form"], "$id": form}})
        chain = identity.chain_of(identity.fingerprint())
    with world.on("qingyang"), pytest.raises(DomainError):
        catalogue.import_guide(signed_document=signed, chain=chain, at=world.at)

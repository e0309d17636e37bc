"""The state of a matter is the fold of its events, in whatever order they became known."""

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.courses import NUMBER
from tests.cases.two_views import random_course
from tests.kernel.matters import (
    NODES,
    NOWHERE,
    PROCEDURE,
    Matter,
    applied,
    binding,
    clock,
    delivery,
    duty,
    number_of,
    shuffled,
)  # fmt: skip
from tongban.cases.words import Role
from tongban.kernel.journal import events, fold
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import BrokenChain, State

DATES = {"due": "2026-03-09", "calendar": "2026.1"}
CHANCE = st.integers(0, 2**32).map(random.Random)


def folded(ordered: Sequence[Event]) -> State:
    """Apply events one by one."""
    *_, last = State(PROCEDURE, NUMBER), *applied(ordered, NUMBER)
    return last


@pytest.mark.slow
class TestTheSameEvents:
    @settings(max_examples=40)
    @given(CHANCE)
    def test_give_the_same_state_in_any_lawful_order(self, chance: random.Random) -> None:
        written = random_course(chance).written
        expected = folded(written).to_dict()
        for _ in range(3):
            assert folded(shuffled(written, chance)).to_dict() == expected
        mixed = list(written)
        chance.shuffle(mixed)
        assert fold.fold(PROCEDURE, NUMBER, mixed).to_dict() == expected
        assert folded(fold.in_order(State(PROCEDURE, NUMBER), mixed)).to_dict() == expected

    @settings(max_examples=20)
    @given(CHANCE)
    def test_give_both_sides_the_same_state_once_all_has_arrived(self, chance: random.Random) -> None:
        case = random_course(chance)
        assert case.views[Role.INTAKE].to_dict() == case.views[Role.HANDLING].to_dict()

    @settings(max_examples=20)
    @given(CHANCE)
    def test_give_the_same_state_from_any_point_on(self, chance: random.Random) -> None:
        written = random_course(chance).written
        known = chance.randint(0, len(written))
        state = State.from_dict(fold.fold(PROCEDURE, NUMBER, written[:known]).to_dict())
        held = list(written[:known])
        for event in fold.in_order(state, written[known:]):
            before = state.to_dict()
            after = fold.apply(state, event, held)
            assert state.to_dict() == before
            state = after
            held.append(event)
        assert state.to_dict() == fold.fold(PROCEDURE, NUMBER, written).to_dict()
        assert state.version == len(written)


@pytest.fixture(scope="module")
def written() -> list[Event]:
    """Give the events of one course that both sides wrote to."""
    courses = (random_course(random.Random(seed)).written for seed in range(100))
    return next(
        events for events in courses if len({event.chain for event in events}) > 1 and len(events) > 12
    )


@pytest.mark.slow
class TestABrokenChain:
    def test_lacks_an_event(self, written: list[Event]) -> None:
        for gap in range(len(written) - 1):
            rest = written[:gap] + written[gap + 1 :]
            missing = written[gap]
            if all(
                event.chain != missing.chain and event.seen.get(missing.chain, [0])[0] < missing.seq
                for event in written[gap + 1 :]
            ):
                continue
            with pytest.raises(BrokenChain):
                fold.fold(PROCEDURE, NUMBER, rest)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda document: document | {"prev": NOWHERE},
            lambda document: document | {"seq": document["seq"] + 1},
            lambda document: document | {"subject": str(number_of(NOWHERE))},
            lambda document: document | {"procedure": "case_of_another_kind"},
            lambda document: document | {"term": document["term"] + 1},
            lambda document: document | {"seen": {"handling/1": [99, NOWHERE]}},
        ],
        ids=["prev", "seq", "subject", "procedure", "term", "seen"],
    )
    def test_is_refused(
        self, written: list[Event], spoil: Callable[[dict[str, object]], dict[str, object]]
    ) -> None:
        left = ("hash", "format", "suite", "body", "content")
        document = spoil({k: v for k, v in written[5].document.items() if k not in left})
        event = events.mint(
            actor=written[5].actor, given=written[5].given, content=written[5].content, **document
        )
        with pytest.raises(BrokenChain):
            fold.apply(folded(written[:5]), event, written[:5])
        with pytest.raises(BrokenChain):
            fold.fold(PROCEDURE, NUMBER, [*written[:5], event])

    def test_takes_no_event_twice(self, written: list[Event]) -> None:
        with pytest.raises(BrokenChain):
            fold.apply(folded(written[:6]), written[5], written[:6])


class TestAnEffect:
    """What each effect does, and nothing besides (docs/protocol.md §5)."""

    @pytest.fixture
    def matter(self) -> Matter:
        """Give a matter that has just begun."""
        matter = Matter()
        matter.found()
        return matter

    def test_of_founding_is_a_state_with_pen_binding_and_head(self) -> None:
        matter = Matter()
        assert matter.state == State(PROCEDURE, matter.subject)
        event = matter.found()
        bound = {key: value for key, value in binding("intake/1").items() if key != "role"}
        assert matter.state == State(
            PROCEDURE, matter.subject, version=1, phase="filed", pen="intake", roles={"intake": bound},
            heads={"intake/1": [1, event.hash, event.document["at"]]}, nodes={"intake/1": NODES["intake/1"]},
            bound={"intake/1": NODES["intake/1"]}, moved=event.document["at"],
        )  # fmt: skip

    def test_none_changes_head_and_version_only(self, matter: Matter) -> None:
        before, event = matter.state, matter.write("intake/1")
        heads = {"intake/1": [2, event.hash, event.document["at"]]}
        assert matter.state.to_dict() == before.to_dict() | {"version": 2, "heads": heads}

    def test_facts_are_kept_by_role(self, matter: Matter) -> None:
        matter.forward(facts={"a": 1, "b": 1})
        matter.write("handling/1", {"facts": {"a": [2]}})
        matter.write("intake/1", {"facts": {"b": None}})
        state = matter.state
        assert state.facts == {"intake": {"a": 1, "b": None}, "handling": {"a": [2]}}
        assert (state.fact("intake", "a"), state.fact("handling", "b", 7), state.fact("x", "a")) == (
            1,
            7,
            None,
        )

    def test_open_look_claim_due_and_close(self, matter: Matter) -> None:
        name, other = "intake/1.2.0", "intake/1.9.0"
        opened = matter.write("intake/1", {"open": [duty(name)]})
        plain = {key: value for key, value in duty(name).items() if key != "id"}
        expected = {**plain, "since": opened.document["at"], "first_opened": None, "claimed": None}
        assert matter.state.duties == {name: expected}
        looked = matter.write("intake/1", {"look": {name: "P", other: "P"}})
        matter.write("intake/1", {"look": {name: "Q"}, "claim": {name: "Q", other: "Q"}})
        expected |= {"first_opened": [looked.document["at"], "P"], "claimed": "Q"}
        assert matter.state.duties == {name: expected}
        matter.write("intake/1", {"claim": {name: ""}, "due": {name: DATES, other: DATES}})
        assert matter.state.duties == {name: {**expected, "claimed": "", **DATES}}
        matter.write("intake/1", {"close": [name, other]})
        assert matter.state.duties == {}

    def test_clocks_are_replaced_and_dated(self, matter: Matter) -> None:
        matter.write("intake/1", {"clocks": {"notice": clock(basis="x"), "decision": clock()}})
        matter.write("intake/1", {"clocks": {"notice": clock(state="stopped", ended="2026-03-05")}})
        matter.write("intake/1", {"due": {"notice": DATES, "other": DATES}})
        assert matter.state.clocks == {
            "notice": clock(state="stopped", ended="2026-03-05", **DATES), "decision": clock()
        }  # fmt: skip

    def test_redact_remembers_each_basis(self, matter: Matter) -> None:
        first, second = matter.written[0], matter.write("intake/1")
        matter.write("intake/1", {"redact": {first.hash: "x"}})
        matter.write("intake/1", {"redact": {second.hash: "y", first.hash: "z"}})
        assert matter.state.redacted == {first.hash: "z", second.hash: "y"}

    def test_a_phase_makes_void_what_is_not_of_it_and_what_was_about_that(self, matter: Matter) -> None:
        opened = [
            duty("intake/1.2.0", within=["filed", "taken"]), duty("intake/1.2.1", within=["filed"]),
            duty("intake/1.2.2", about="intake/1.2.1"), duty("intake/1.2.3"), duty("intake/1.2.4", within=["other"]),
        ]  # fmt: skip
        matter.write("intake/1", {"open": opened})
        assert list(matter.state.duties) == [f"intake/1.2.{n}" for n in range(4)]
        matter.write("intake/1", {"phase": ["filed", "taken"]})
        assert list(matter.state.duties) == ["intake/1.2.0", "intake/1.2.3"]
        matter.write("intake/1", {"open": [duty("intake/1.4.0", about="intake/1.2.1")]})
        assert list(matter.state.duties) == ["intake/1.2.0", "intake/1.2.3"]

    def test_a_binding_moves_a_role_to_its_next_term(self, matter: Matter) -> None:
        matter.forward("handling/1", open=[delivery("intake/1.2.0", "handling/1")])
        matter.write("handling/1", {"pen": "intake"})
        matter.write("intake/1", {"bind": [binding("handling/2", org="OTHER")]})
        state = matter.state
        assert (state.term_of("handling"), state.term_of("review")) == (2, 0)
        assert state.roles["handling"]["org"] == "OTHER"
        owners = {
            chain: state.owner(chain)
            for chain in ("intake/1", "handling/1", "handling/2", "handling/3", "review/1")
        }
        assert owners == {
            "intake/1": NODES["intake/1"], "handling/1": NODES["handling/1"], "handling/2": NODES["handling/2"],
            "handling/3": None, "review/1": None,
        }  # fmt: skip
        assert state.parties() == {NODES[chain] for chain in ("intake/1", "handling/1", "handling/2")}

    def test_of_an_event_left_out_is_none(self, matter: Matter) -> None:
        event = matter.write("intake/1", {"facts": {"a": 1}, "phase": ["filed", "taken"]})
        matter.write("intake/1", {"facts": {"b": 1}})
        state = fold.fold(PROCEDURE, matter.subject, matter.written, without={event.hash})
        assert (state.facts, state.phase, state.version) == ({"intake": {"b": 1}}, "filed", 3)

    def test_of_a_park_left_out_is_none(self, matter: Matter) -> None:
        matter.forward()
        park = matter.park("handling/1", matter.written[1], facts={"parked": "x"})
        assert matter.state.pen == "intake"
        state = fold.fold(PROCEDURE, matter.subject, matter.written, without={park.hash})
        assert (state.pen, state.withheld, state.facts) == ("handling", {}, {})


def test_a_story_is_told_state_by_state() -> None:
    matter = Matter()
    matter.found()
    matter.forward()
    matter.park("handling/1", matter.written[1])
    told = fold.states(PROCEDURE, matter.subject, matter.written)
    assert [event for event, _ in told] == matter.written
    assert [state for _, state in told] == list(applied(matter.written))
    with pytest.raises(BrokenChain):
        fold.states(PROCEDURE, matter.subject, matter.written[::-1])

"""The state of a case is the fold of its events, in whatever order they became known."""

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.courses import NUMBER
from tests.cases.two_views import random_course
from tongban.cases.words import Role
from tongban.kernel import events, fold
from tongban.kernel.events import Event
from tongban.kernel.fold import BrokenChain, State

CHANCE = st.integers(0, 2**32).map(random.Random)


def shuffled(written: Sequence[Event], chance: random.Random) -> list[Event]:
    """Return the events in another order in which each follows all it rests on."""
    heads: dict[str, int] = {}
    waiting, ordered = list(written), []
    while waiting:
        ready = [
            event
            for event in waiting
            if event.seq == heads.get(event.chain, 0) + 1
            and all(heads.get(chain, 0) >= head[0] for chain, head in event.seen.items())
        ]
        event = chance.choice(ready)
        waiting.remove(event)
        heads[event.chain] = event.seq
        ordered.append(event)
    return ordered


def folded(ordered: Sequence[Event]) -> State:
    """Apply events one by one."""
    state = State(NUMBER)
    for event in ordered:
        state = fold.apply(state, event)
    return state


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
        assert fold.fold(NUMBER, mixed).to_dict() == expected
        assert folded(fold.in_order(State(NUMBER), mixed)).to_dict() == expected

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
        state = State.from_dict(fold.fold(NUMBER, written[:known]).to_dict())
        for event in fold.in_order(state, written[known:]):
            before = state.to_dict()
            after = fold.apply(state, event)
            assert state.to_dict() == before
            state = after
        assert state.to_dict() == fold.fold(NUMBER, written).to_dict()
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
                fold.fold(NUMBER, rest)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda document: document | {"prev": "0" * 64},
            lambda document: document | {"seq": document["seq"] + 1},
            lambda document: document | {"case": "341723-TEST-0002"},
            lambda document: document | {"term": document["term"] + 1},
            lambda document: document | {"seen": {"handling/1": [99, "0" * 64]}},
        ],
        ids=["prev", "seq", "case", "term", "seen"],
    )
    def test_is_refused(
        self, written: list[Event], spoil: Callable[[dict[str, object]], dict[str, object]]
    ) -> None:
        document = spoil(
            {k: v for k, v in written[5].document.items() if k not in ("hash", "format", "suite")}
        )
        with pytest.raises(BrokenChain):
            fold.apply(folded(written[:5]), events.mint(**document))

    def test_takes_no_event_twice(self, written: list[Event]) -> None:
        with pytest.raises(BrokenChain):
            fold.apply(folded(written[:6]), written[5])

"""What parks withhold, on every node alike, and what releases let in or strike (docs/protocol.md §5)."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.kernel.matters import NODES, Matter, applied, binding, delivery, duty, shuffled
from tests.kernel.wandering import Wandering
from tongban.kernel.journal import fold, withholding
from tongban.kernel.journal.events import Event


@pytest.fixture
def matter() -> Matter:
    """Give a matter at handling's pen; both have said something, and intake two things more that handling may dislike."""
    matter = Matter()
    matter.found(open=[duty("intake/1.1.0")], facts={"item": "x"})
    matter.forward("handling/1", open=[delivery("intake/1.2.0", "handling/1")])
    matter.write("handling/1", {"facts": {"said": 1}, "open": [duty("handling/1.1.0")]})
    matter.write("intake/1", {"facts": {"bad": True}, "close": ["intake/1.1.0"]})
    matter.write("intake/1", {"facts": {"worse": True}, "open": [duty("intake/1.4.0")]})
    return matter


def place(event: Event, last: int | None = None) -> list[Any]:
    """Return what a state says of a park that names this event."""
    return [event.chain, event.seq, last, "handling" if event.role == "intake" else "intake"]


def plain(matter: Matter) -> dict[str, Any]:
    """Return the state but for what every event changes."""
    state = matter.state.to_dict()
    for name in ("version", "heads", "withheld"):
        del state[name]
    return state


def same_in_steps(matter: Matter) -> bool:
    """Return whether events applied one by one come to what they all come to."""
    *_, last = applied(matter.written)
    return last == matter.state


class TestAPark:
    def test_withholds_an_event_and_all_that_follow_it_in_its_chain(self, matter: Matter) -> None:
        third, fourth = matter.written[3:]
        before, version = matter.state.heads["intake/1"], matter.state.version
        park = matter.park("handling/1", third)
        state = matter.state
        assert state.facts == {"intake": {"item": "x"}, "handling": {"said": 1}}
        assert list(state.duties) == ["intake/1.1.0", "intake/1.2.0", "handling/1.1.0"]
        assert state.withheld == {park.hash: place(third)}
        # The chain goes on all the same.
        assert (state.heads["intake/1"], state.version) == (before, version + 1)
        assert state.is_withheld(third)
        assert state.is_withheld(fourth)
        assert not state.is_withheld(matter.written[1])
        assert same_in_steps(matter)

    def test_withholds_what_comes_later_too(self, matter: Matter) -> None:
        matter.park("handling/1", matter.written[3])
        before = plain(matter)
        matter.write(
            "intake/1", {"facts": {"more": 1}, "open": [duty("intake/1.5.0")], "claim": {"intake/1.1.0": "P"}}
        )
        assert plain(matter) == before
        assert same_in_steps(matter)

    def test_withholds_what_was_written_before_its_writer_knew_of_it(self, matter: Matter) -> None:
        matter.write(
            "handling/1",
            {"withhold": {"chain": "intake/1", "seq": 3, "hash": matter.written[3].hash}},
            seen={"intake/1": 3},
        )
        assert "worse" not in matter.state.facts["intake"]

    def test_leaves_alone_what_precedes_and_what_others_write(self, matter: Matter) -> None:
        matter.park(
            "handling/1", matter.written[4], facts={"parked": "not_allowed"}, open=[duty("handling/1.2.0")]
        )
        matter.write("handling/1", {"facts": {"said": 2}, "phase": ["forwarded", "accepted"]})
        state = matter.state
        assert state.facts == {
            "intake": {"item": "x", "bad": True},
            "handling": {"said": 2, "parked": "not_allowed"},
        }
        # What the park itself opens counts: no peer can take it from whoever must decide.
        assert list(state.duties) == ["intake/1.2.0", "handling/1.1.0", "handling/1.2.0"]
        assert state.phase == "accepted"
        assert same_in_steps(matter)

    def test_takes_back_phase_pen_binding_and_clocks(self, matter: Matter) -> None:
        move = matter.write(
            "handling/1",
            {"phase": ["forwarded", "sent"], "pen": "review", "bind": [binding("review/1")],
             "open": [delivery("handling/1.2.0", "review/1")]},
        )  # fmt: skip
        assert (matter.state.phase, matter.state.pen, matter.state.term_of("review")) == ("sent", "review", 1)
        before = matter.state
        park = matter.park("intake/1", move)
        state = matter.state
        assert (state.phase, state.pen, state.term_of("review")) == ("forwarded", "handling", 0)
        assert before.duties.keys() - state.duties.keys() == {"handling/1.2.0"}
        assert state.withheld == {park.hash: place(move)}
        assert same_in_steps(matter)

    def test_names_a_chain_not_a_role(self, matter: Matter) -> None:
        matter.park("intake/1", matter.written[2])
        matter.write("handling/1", {"facts": {"first": 1}})
        matter.park("handling/1", matter.written[-2])  # so that handling may go on
        matter.write("handling/1", {"pen": "intake"})
        matter.park("intake/1", matter.written[-1])
        assert matter.state.is_withheld(matter.written[-2])
        second = matter.mint("handling/2", {"facts": {"second": 1}})
        assert not matter.state.is_withheld(second)

    def test_of_two_the_earlier_place_counts(self, matter: Matter) -> None:
        late = matter.park("handling/1", matter.written[4])
        early = matter.park("handling/1", matter.written[3])
        assert matter.state.withheld == {
            late.hash: ["intake/1", 4, None, "handling"],
            early.hash: ["intake/1", 3, None, "handling"],
        }
        assert matter.state.facts["intake"] == {"item": "x"}
        matter.release("handling/1", early)
        assert matter.state.facts["intake"] == {"item": "x", "bad": True}
        matter.release("handling/1", late)
        assert matter.state.facts["intake"] == {"item": "x", "bad": True, "worse": True}
        assert same_in_steps(matter)


class TestAParkToCome:
    """The view of a park is what it would be if that park stood: what it names cannot keep it from being written."""

    def test_withholds_already(self, matter: Matter) -> None:
        third = matter.written[3]
        park = matter.mint("handling/1", {"withhold": {"chain": "intake/1", "seq": 3, "hash": third.hash}})
        view = fold.fold("case", matter.subject, matter.written, under=park)
        before = matter.state
        assert view.facts == {"intake": {"item": "x"}, "handling": {"said": 1}}
        # But it has not been applied.
        assert (view.withheld, view.version, view.heads) == ({}, before.version, before.heads)

    def test_leaves_bound_who_writes_it(self, matter: Matter) -> None:
        forward = matter.written[1]
        park = matter.mint("handling/1", {"withhold": {"chain": "intake/1", "seq": 2, "hash": forward.hash}})
        view = fold.fold("case", matter.subject, matter.written[:2], under=park)
        assert (view.pen, view.term_of("handling"), view.phase) == ("intake", 1, "filed")

    def test_is_written_though_what_it_names_took_its_binding(self, matter: Matter) -> None:
        """Intake closes the news by which handling learns of it, and binds another: handling parks that all the same."""
        matter.write("handling/1", {"pen": "intake"})
        stolen = matter.write("intake/1", {"bind": [binding("handling/2")]})
        named = {"chain": "intake/1", "seq": stolen.seq, "hash": stolen.hash}
        park = matter.mint("handling/1", {"withhold": named, "open": [duty("handling/1.3.0")]})
        assert matter.fault(park) is None
        matter.written.append(park)
        assert matter.state.term_of("handling") == 1


class TestARelease:
    def test_lets_in_all_that_was_withheld(self, matter: Matter) -> None:
        before = plain(matter)
        park = matter.park("handling/1", matter.written[3])
        assert plain(matter) != before
        matter.release("handling/1", park)
        assert plain(matter) == before
        assert matter.state.withheld == {}
        assert same_in_steps(matter)

    @pytest.mark.parametrize(
        ("struck", "facts"),
        [(3, {"item": "x", "worse": True, "after": 1}), (4, {"item": "x", "after": 1}), (5, {"item": "x"})],
    )
    def test_strikes_as_far_as_it_says_and_lets_in_the_rest(
        self, matter: Matter, struck: int, facts: dict[str, Any]
    ) -> None:
        park = matter.park("handling/1", matter.written[3])
        matter.write("intake/1", {"facts": {"after": 1}})
        matter.release("handling/1", park, struck)
        assert matter.state.facts["intake"] == facts
        assert matter.state.withheld == {park.hash: ["intake/1", 3, struck, "handling"]}
        later = matter.write("intake/1", {"facts": {"later": 1}})
        assert matter.state.facts["intake"] == {**facts, "later": 1}
        assert not matter.state.is_withheld(later)
        assert same_in_steps(matter)

    def test_may_close_what_the_park_opened(self, matter: Matter) -> None:
        park = matter.park(
            "handling/1", matter.written[3], open=[duty("handling/1.2.0")], facts={"parked": "x"}
        )
        matter.release("handling/1", park, close=["handling/1.2.0"], facts={"parked": None})
        assert "handling/1.2.0" not in matter.state.duties
        assert matter.state.facts["handling"] == {"said": 1, "parked": None}

    def test_of_one_park_leaves_the_others(self, matter: Matter) -> None:
        first, second = (matter.park("handling/1", matter.written[place]) for place in (3, 4))
        matter.release("handling/1", first, 3)
        assert matter.state.withheld == {
            first.hash: ["intake/1", 3, 3, "handling"],
            second.hash: ["intake/1", 4, None, "handling"],
        }
        assert matter.state.facts["intake"] == {"item": "x"}

    def test_is_for_who_parked_not_for_who_follows_in_the_role(self, matter: Matter) -> None:
        park = matter.park("handling/1", matter.written[3])
        matter.write("handling/1", {"pen": "intake"})
        matter.write("intake/1", {"bind": [binding("handling/2")]})
        release = {"release": {"park": park.hash, "struck": None}}
        assert matter.fault(matter.mint("handling/2", release)) == "B9"
        assert matter.fault(matter.mint("handling/1", release)) is None

    def test_is_for_the_successor_of_a_node_that_is_gone(self, matter: Matter) -> None:
        park = matter.park("handling/1", matter.written[2 + 1])
        matter.write("review/1", {"succeed": {**HEIR, "role": "handling"}}) if False else None
        release = {"release": {"park": park.hash, "struck": None}}
        assert matter.fault(matter.mint("handling/2", release)) == "B9"

    def test_that_comes_last_decides(self, matter: Matter) -> None:
        park = matter.park("handling/1", matter.written[3])
        matter.release("handling/1", park, 3)
        matter.release("handling/1", park, 4)
        assert matter.state.withheld == {park.hash: ["intake/1", 3, 4, "handling"]}
        matter.release("handling/1", park)
        assert matter.state.withheld == {}
        assert same_in_steps(matter)
        # By its place in its chain, not by when it came.
        assert fold.fold("case", matter.subject, matter.written[::-1]) == matter.state


class TestWhatNoParkMayName:
    """Else whoever lies could let its lie in by itself, by parking the park."""

    def test_a_park(self, matter: Matter) -> None:
        park = matter.park("handling/1", matter.written[3])
        answer = matter.mint(
            "intake/1", {"withhold": {"chain": park.chain, "seq": park.seq, "hash": park.hash}}
        )
        assert matter.fault(answer) == "B8"

    def test_a_release(self, matter: Matter) -> None:
        park = matter.park("handling/1", matter.written[3])
        release = matter.release("handling/1", park, 3)
        named = {"chain": release.chain, "seq": release.seq, "hash": release.hash}
        assert matter.fault(matter.mint("intake/1", {"withhold": named})) == "B8"

    @pytest.mark.parametrize("name", ["withhold", "release"])
    def test_not_even_one_of_nothing_which_says_no_more_either(self, matter: Matter, name: str) -> None:
        said = matter.write("handling/1", {name: None, "facts": {"parked": "x"}})
        assert matter.fault(said) is None
        named = {"chain": said.chain, "seq": said.seq, "hash": said.hash}
        assert matter.fault(matter.mint("intake/1", {"withhold": named})) == "B8"
        bound = "B8" if name == "withhold" else "B9"
        for more in ({"facts": {"outcome": "granted"}}, {"open": [delivery("handling/1.3.0", "intake/1")]}):
            assert matter.fault(matter.mint("handling/1", {name: None, **more})) == bound

    def test_and_it_takes_nothing_in_that_is_addressed_to_it(self, matter: Matter) -> None:
        assert matter.fault(matter.mint("handling/1", {"close": ["intake/1.2.0"]})) is None
        assert matter.fault(matter.mint("handling/1", {"release": None, "close": ["intake/1.2.0"]})) == "B6"

    def test_says_only_that_something_is_parked(self, matter: Matter) -> None:
        named = matter.written[3]
        withhold = {"chain": named.chain, "seq": named.seq, "hash": named.hash}
        park = matter.park("handling/1", named)
        release = {"park": park.hash, "struck": None}
        for effects, bound in (({"withhold": withhold}, "B8"), ({"release": release}, "B9")):
            said = {**effects, "facts": {"parked": "x", "settlement": "y"}}
            assert matter.fault(matter.mint("handling/1", said)) is None
            assert (
                matter.fault(matter.mint("handling/1", {**effects, "facts": {"outcome": "granted"}})) == bound
            )
        news = delivery("handling/1.3.0", "intake/1")
        assert matter.fault(matter.mint("handling/1", {"withhold": withhold, "open": [news]})) == "B8"


class TestWhatWithholdsOrReleases:
    """Such an event is never withheld by a park that names what precedes it."""

    def test_counts_in_a_chain_that_is_withheld(self, matter: Matter) -> None:
        own = matter.park("handling/1", matter.written[3])
        theirs = matter.park(
            "intake/1", matter.written[2], facts={"parked": "y"}, open=[duty("intake/1.5.0")]
        )
        state = matter.state
        assert state.withheld == {
            own.hash: ["intake/1", 3, None, "handling"],
            theirs.hash: ["handling/1", 1, None, "intake"],
        }
        assert state.facts == {"intake": {"item": "x", "parked": "y"}}
        assert "intake/1.5.0" in state.duties
        matter.release("intake/1", theirs, close=["intake/1.5.0"])
        assert matter.state.withheld == {own.hash: ["intake/1", 3, None, "handling"]}
        assert "intake/1.5.0" not in matter.state.duties
        assert same_in_steps(matter)

    def test_each_side_may_withhold_all_of_the_other_and_both_can_end_it(self, matter: Matter) -> None:
        before = plain(matter)
        own, theirs = matter.park("handling/1", matter.written[3]), matter.park("intake/1", matter.written[2])
        matter.release("handling/1", own)
        matter.release("intake/1", theirs)
        assert plain(matter) == before

    def test_may_name_nothing_and_counts_all_the_same(self, matter: Matter) -> None:
        park = matter.park("intake/1", matter.written[2])
        before = matter.state
        matter.write(
            "handling/1", {"withhold": None, "facts": {"parked": "fork"}, "open": [duty("handling/1.2.0")]}
        )
        state = matter.state
        assert state.withheld == {park.hash: ["handling/1", 1, None, "intake"]}
        assert state.facts["handling"] == {"parked": "fork"}
        assert state.duties.keys() - before.duties.keys() == {"handling/1.2.0"}
        matter.write("handling/1", {"release": None, "facts": {"parked": ""}, "close": ["handling/1.2.0"]})
        assert matter.state.facts["handling"] == {"parked": ""}
        assert matter.state.duties.keys() == before.duties.keys()
        assert same_in_steps(matter)

    @pytest.mark.parametrize(
        ("effects", "is_guard"),
        [
            ({}, False),
            ({"facts": {}}, False),
            ({"redact": {}}, False),
            ({"withhold": None}, True),
            ({"release": None}, True),
            ({"withhold": {"chain": "handling/1", "seq": 1, "hash": "sm3:" + "0" * 64}}, True),
            ({"release": {"park": "sm3:" + "0" * 64, "struck": None}}, True),
        ],
    )
    def test_is_known_by_its_effects(self, matter: Matter, effects: dict[str, Any], is_guard: bool) -> None:
        assert withholding.is_guard(matter.mint("intake/1", effects)) == is_guard


class TestTheFoundingEvent:
    def test_is_never_withheld(self, matter: Matter) -> None:
        founding = matter.written[0]
        park = matter.mint("handling/1", {"withhold": {"chain": "intake/1", "seq": 1, "hash": founding.hash}})
        assert matter.fault(park) == "B8"
        # All that follows it can be; then the matter is as it began.
        matter.park("handling/1", matter.written[1])
        state = matter.state
        assert (state.phase, state.pen, state.facts["intake"]) == ("filed", "intake", {"item": "x"})
        assert not state.is_withheld(founding)


class TestWhoParksWhatBindsIt:
    def test_stays_bound(self, matter: Matter) -> None:
        forward = matter.written[1]
        park = matter.park("handling/1", forward)
        state = matter.state
        assert (state.phase, state.pen) == ("filed", "intake")
        assert state.roles["handling"] == {
            key: value for key, value in binding("handling/1").items() if key != "role"
        }
        assert state.owner("handling/1") == NODES["handling/1"]
        assert "intake/1.2.0" not in state.duties
        assert same_in_steps(matter)
        # So it can end it.
        assert matter.fault(matter.release("handling/1", park)) is None
        assert matter.state.pen == "handling"

    def test_stays_bound_after_striking(self, matter: Matter) -> None:
        park = matter.park("handling/1", matter.written[1])
        matter.release("handling/1", park, 2)
        assert matter.state.pen == "intake"
        assert matter.state.term_of("handling") == 1
        assert same_in_steps(matter)

    def test_does_not_keep_others_bound(self) -> None:
        matter = Matter()
        matter.found()
        forward = matter.forward("handling/1", bind=[binding("handling/1"), binding("review/1")])
        matter.park("handling/1", forward)
        assert (matter.state.term_of("handling"), matter.state.term_of("review")) == (1, 0)
        matter.park("review/1", forward)
        assert (matter.state.term_of("handling"), matter.state.term_of("review")) == (1, 1)
        assert same_in_steps(matter)

    def test_stays_bound_where_it_parks_what_precedes(self) -> None:
        matter = Matter()
        matter.found()
        second = matter.write("intake/1", {"facts": {"x": 1}})
        matter.forward("handling/1")
        matter.park("handling/1", second)
        assert (matter.state.term_of("handling"), matter.state.pen) == (1, "intake")
        assert same_in_steps(matter)

    def test_is_not_bound_by_the_park_of_another(self, matter: Matter) -> None:
        move = matter.write("handling/1", {"bind": [binding("review/1")]})
        matter.park("intake/1", move)
        assert matter.state.term_of("review") == 0
        assert same_in_steps(matter)


@pytest.mark.parametrize(
    ("standing", "held"),
    [
        ([], False),
        ([["intake/1", 3, None, "handling"]], True),
        ([["intake/1", 4, None, "handling"]], True),
        ([["intake/1", 5, None, "handling"]], False),
        ([["intake/1", 3, 4, "handling"]], True),
        ([["intake/1", 3, 3, "handling"]], False),
        ([["handling/1", 1, None, "intake"], ["intake/2", 1, None, "handling"]], False),
        ([["handling/1", 1, None, "intake"], ["intake/1", 4, 4, "handling"]], True),
    ],
)
def test_a_park_holds_back_a_stretch_of_a_chain(
    matter: Matter, standing: Sequence[list[Any]], held: bool
) -> None:
    fourth = matter.written[4]
    assert (fourth.chain, fourth.seq) == ("intake/1", 4)
    assert withholding.holds_back(standing, fourth) == held


CHANCE = st.integers(0, 2**32).map(random.Random)


@pytest.mark.slow
class TestTheSameEvents:
    """Whoever holds the same events holds the same state, in whatever order they came."""

    @examples(max_examples=60)
    @given(chance=CHANCE)
    def test_come_to_one_state_in_any_order_of_arrival(self, chance: random.Random) -> None:
        matter = Wandering(chance).go_on(chance.randint(5, 40))
        expected = matter.state
        mixed = list(matter.written)
        for _ in range(3):
            chance.shuffle(mixed)
            assert fold.fold("case", matter.subject, mixed) == expected
        for _ in range(3):
            *_, last = applied(shuffled(matter.written, chance))
            assert last == expected

    @examples(max_examples=30)
    @given(chance=CHANCE)
    def test_applied_one_by_one_come_to_what_they_come_to_at_once(self, chance: random.Random) -> None:
        matter = Wandering(chance).go_on(chance.randint(5, 30))
        arrived = shuffled(matter.written, chance)
        for place, state in enumerate(applied(arrived), start=1):
            assert state == fold.fold("case", matter.subject, arrived[:place])
            assert state.version == place


HEIR = {"role": "handling", "term": 2, "from": NODES["handling/1"], "node": NODES["handling/2"]}


class TestASuccession:
    def test_hands_over_what_the_old_node_owed_and_what_is_on_its_way_to_it(self, matter: Matter) -> None:
        matter.write("intake/1", {"succeed": HEIR})
        state = matter.state
        assert {name: state.roles["handling"][name] for name in ("term", "node", "org")} == {
            "term": 2, "node": NODES["handling/2"], "org": "ORG",
        }  # fmt: skip
        assert state.pen == "handling"
        assert state.duties["handling/1.1.0"]["holder"]["node"] == NODES["handling/2"]
        coming = state.duties["intake/1.2.0"]
        assert (coming["to"], coming["to_node"]) == ("handling/2", NODES["handling/2"])
        assert coming["holder"]["node"] == NODES["intake/1"]
        assert state.closed == {"handling/1": 1}
        assert same_in_steps(matter)

    def test_ends_the_old_chain_where_its_writer_had_seen_it(self, matter: Matter) -> None:
        matter.write("handling/1", {"facts": {"said": 2}})
        matter.write("intake/1", {"succeed": HEIR})
        late = matter.write(
            "handling/1", {"phase": ["forwarded", "decided"], "facts": {"said": 3}}, seen={"intake/1": 4}
        )
        state = matter.state
        assert state.is_withheld(late)
        assert not state.is_withheld(matter.written[2])
        assert (state.phase, state.facts["handling"], state.closed) == (
            "forwarded",
            {"said": 2},
            {"handling/1": 2},
        )
        assert state.heads["handling/1"][0] == 3
        assert same_in_steps(matter)

    def test_ends_a_chain_that_was_never_begun(self) -> None:
        matter = Matter()
        matter.found()
        matter.forward("handling/1")
        matter.write("intake/1", {"succeed": HEIR})
        assert matter.state.closed == {"handling/1": 0}
        late = matter.write("handling/1", {"facts": {"said": 1}}, seen={"intake/1": 2})
        assert matter.state.is_withheld(late)
        assert matter.state.facts == {}
        matter.write("handling/2", {"facts": {"said": 2}, "phase": ["forwarded", "decided"]})
        assert (matter.state.phase, matter.state.facts) == ("decided", {"handling": {"said": 2}})
        assert same_in_steps(matter)

    def test_that_is_withheld_does_nothing(self, matter: Matter) -> None:
        before = plain(matter)
        succession = matter.write("intake/1", {"succeed": HEIR})
        park = matter.park("handling/1", succession)
        assert plain(matter) == before
        late = matter.write("handling/1", {"facts": {"said": 2}})
        assert matter.state.facts["handling"] == {"said": 2}
        matter.release("handling/1", park)
        state = matter.state
        # The release comes after the end of its chain and counts all the same; what the old node said meanwhile does not.
        assert (state.term_of("handling"), state.closed) == (2, {"handling/1": 1})
        assert state.is_withheld(late)
        assert state.facts["handling"] == {"said": 1}
        assert same_in_steps(matter)

    def test_parked_by_the_one_it_binds_binds_it_all_the_same(self, matter: Matter) -> None:
        succession = matter.write("intake/1", {"succeed": HEIR})
        matter.park("handling/2", succession)
        state = matter.state
        assert (state.term_of("handling"), state.closed) == (2, {})
        assert state.duties["handling/1.1.0"]["holder"]["node"] == NODES["handling/1"]
        assert same_in_steps(matter)

    def test_of_two_at_once_the_first_by_role_counts(self, matter: Matter) -> None:
        first = matter.mint("intake/1", {"succeed": HEIR})
        other = {"role": "intake", "term": 2, "from": NODES["intake/1"], "node": NODES["review/1"]}
        second = matter.mint("handling/1", {"succeed": other})
        for written in ([first, second], [second, first]):
            state = fold.fold("case", matter.subject, [*matter.written, *written])
            assert state.closed == {"intake/1": 4}
            assert (state.term_of("intake"), state.term_of("handling")) == (2, 1)
        matter.written += [first, second]
        assert same_in_steps(matter)

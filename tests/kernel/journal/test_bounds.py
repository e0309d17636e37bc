"""What an event may change at all (docs/protocol.md §5, B1–B11): each bound by good events and by every way to overstep it."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.kernel.matters import (
    FOUNDER,
    NODES,
    NOWHERE,
    NUMBER,
    Matter,
    binding,
    clock,
    delivery,
    duty,
    number_of,
)  # fmt: skip
from tongban.kernel.crypto import digest
from tongban.kernel.journal import bounds
from tongban.kernel.journal.events import Event, MalformedEvent

FOUNDING: dict[str, Any] = {"phase": ["", "filed"], "pen": "intake", "bind": [binding("intake/1")]}


@pytest.fixture
def matter() -> Matter:
    """Give a matter of intake and review, at intake's pen; handling is not bound yet."""
    matter = Matter()
    matter.found(open=[duty("intake/1.1.0")])
    matter.write(
        "intake/1",
        {"phase": ["filed", "taken"], "bind": [binding("review/1")], "clocks": {"notice": clock()}},
    )
    matter.write("review/1", {"open": [duty("review/1.1.0"), delivery("review/1.1.1", "intake/1")]})
    return matter


@pytest.fixture
def later(matter: Matter) -> Matter:
    """Give the matter after handling was bound twice and holds the pen in its second term."""
    matter.forward("handling/1", open=[delivery("intake/1.3.0", "handling/1")])
    matter.write("handling/1", {"open": [duty("handling/1.1.0")]})
    matter.write("handling/1", {"pen": "intake"})
    matter.write("intake/1", {"phase": ["forwarded", "taken"]})
    matter.forward("handling/2", open=[delivery("intake/1.5.0", "handling/2")])
    return matter


def test_bear_the_names_of_the_protocol() -> None:
    assert list(bounds.names()) == [f"B{number}" for number in range(1, 12)]


def test_every_event_of_the_stories_keeps_to_them(later: Matter) -> None:
    assert [later.fault(event) for event in later.written] == [None] * len(later.written)


class TestB1Founding:
    @staticmethod
    def fault(effects: Mapping[str, Any], subject: str = NUMBER, **members: Any) -> str | None:
        matter = Matter(subject)
        return matter.fault(matter.mint("intake/1", effects, **members))

    def test_binds_its_own_role_to_its_own_node(self) -> None:
        assert self.fault(FOUNDING) is None
        assert self.fault({"bind": FOUNDING["bind"]}) is None

    def test_may_be_of_any_role(self) -> None:
        matter = Matter(str(number_of(NODES["review/1"])))
        assert matter.fault(matter.mint("review/1", {"bind": [binding("review/1")]})) is None

    @pytest.mark.parametrize(
        "bind",
        [
            None,
            [binding("handling/1")],
            [binding("intake/1"), binding("handling/1")],
            [binding("intake/1"), binding("intake/1")],
            [binding("intake/1", term=2)],
            [binding("intake/1", node=NOWHERE)],
        ],
    )
    def test_binds_nothing_else(self, bind: list[dict[str, Any]] | None) -> None:
        assert self.fault({} if bind is None else {"bind": bind}) == "B1"

    @pytest.mark.parametrize(("issued", "written"), [(1, 1), (1, 3), (3, 3), (2, 22)])
    def test_has_a_number_of_its_node_in_this_epoch_or_an_earlier_one(
        self, issued: int, written: int
    ) -> None:
        assert self.fault(FOUNDING, str(number_of(FOUNDER, issued)), epoch=written) is None

    def test_may_have_the_number_of_a_part(self) -> None:
        assert self.fault(FOUNDING, str(number_of(FOUNDER).child(7))) is None

    @pytest.mark.parametrize(
        "subject",
        [
            str(number_of(NODES["handling/1"])),  # in another's name
            str(number_of(FOUNDER, 2)),  # of an epoch to come
            f"{NUMBER[:6]}-{NUMBER[6:]}",
            NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"),
            NUMBER + "-00",
            NUMBER[:-1],
            "X",
        ],
    )
    def test_has_no_other_number(self, subject: str) -> None:
        assert self.fault(FOUNDING, subject) == "B1"

    @pytest.mark.parametrize("chain", ["intake/2", "handling/2"])
    def test_is_of_a_first_term(self, chain: str) -> None:
        matter = Matter()
        effects = {"bind": [binding(chain, term=1, node=FOUNDER)]}
        assert matter.fault(matter.mint(chain, effects, node=FOUNDER)) == "B1"

    def test_is_the_only_one_of_its_matter(self, matter: Matter) -> None:
        """Else its founder could take the pen anew in any role nobody has begun to write in, having seen nothing."""
        second = matter.mint(
            "other/1", {"bind": [binding("other/1", node=FOUNDER)], "pen": "other"}, node=FOUNDER, seen={}
        )
        assert matter.fault(second) == "B1"
        matter.written.append(second)
        assert [matter.fault(event) for event in (matter.written[0], second)] == ["B1", "B1"]

    def test_nothing_else_begins_from_nothing(self, matter: Matter) -> None:
        assert matter.fault(matter.mint("handling/1", {}, seen={})) == "B1"
        assert matter.fault(matter.mint("handling/1", FOUNDING, seen={})) == "B1"
        # In its own name neither: the number is not its own.
        assert matter.fault(matter.mint("handling/1", {"bind": [binding("handling/1")]}, seen={})) == "B1"


OF_THE_PEN = {
    "phase": ["taken", "accepted"], "pen": "intake", "bind": [binding("handling/1")], "clocks": {"decision": clock()}
}  # fmt: skip


class TestB2Pen:
    @pytest.mark.parametrize("name", OF_THE_PEN)
    def test_is_needed_for(self, matter: Matter, name: str) -> None:
        assert matter.fault(matter.mint("intake/1", {name: OF_THE_PEN[name]})) is None
        assert matter.fault(matter.mint("review/1", {name: OF_THE_PEN[name]})) == "B2"

    def test_is_needed_to_lay_the_pen_down(self, matter: Matter) -> None:
        assert matter.fault(matter.mint("review/1", {"pen": ""})) == "B2"
        assert matter.fault(matter.mint("review/1", {"pen": "review"})) == "B2"

    def test_is_that_of_the_present_term(self, later: Matter) -> None:
        effects = {"phase": ["forwarded", "accepted"]}
        assert later.fault(later.mint("handling/2", effects)) is None
        assert later.fault(later.mint("handling/1", effects)) == "B2"

    def test_is_judged_by_what_the_writer_saw(self, later: Matter) -> None:
        # Before the second binding the pen was intake's; who has not seen it pass on writes in good faith.
        first = {event.chain: event.seq for event in later.written[:4]}
        assert later.fault(later.mint("handling/1", {"pen": ""}, seen=first)) == "B2"
        matter = Matter()
        matter.found()
        matter.forward()
        matter.write("handling/1", {"pen": "intake"})
        assert matter.fault(matter.mint("intake/1", {"pen": "intake"}, seen={})) == "B2"
        assert matter.fault(matter.mint("intake/1", {"pen": "intake"})) is None

    def test_nobody_has_who_parked_what_gave_it(self, matter: Matter) -> None:
        given = matter.forward()
        matter.park("handling/1", given)
        assert matter.fault(matter.mint("handling/1", {"pen": ""})) == "B2"
        assert matter.fault(matter.mint("intake/1", {"pen": ""})) is None


class TestB3Phase:
    @pytest.mark.parametrize(
        ("start", "fault"), [("taken", None), ("filed", "B3"), ("", "B3"), ("accepted", "B3")]
    )
    def test_begins_at_the_phase_that_is(self, matter: Matter, start: str, fault: str | None) -> None:
        assert matter.fault(matter.mint("intake/1", {"phase": [start, "accepted"]})) == fault

    def test_of_a_founding_event_begins_at_nothing(self) -> None:
        matter = Matter()
        assert matter.fault(matter.mint("intake/1", {**FOUNDING, "phase": ["draft", "filed"]})) == "B3"


class TestB4NextPen:
    @pytest.mark.parametrize(
        ("pen", "fault"),
        [("", None), ("intake", None), ("review", None), ("handling", "B4"), ("nobody", "B4")],
    )
    def test_is_a_role_that_is_bound(self, matter: Matter, pen: str, fault: str | None) -> None:
        assert matter.fault(matter.mint("intake/1", {"pen": pen})) == fault

    def test_may_be_bound_by_the_same_event(self, matter: Matter) -> None:
        effects = {"pen": "handling", "bind": [binding("handling/1")]}
        assert matter.fault(matter.mint("intake/1", effects)) is None

    def test_of_a_founding_event_is_its_own_or_nobody_s(self) -> None:
        matter = Matter()
        assert matter.fault(matter.mint("intake/1", {**FOUNDING, "pen": ""})) is None
        assert matter.fault(matter.mint("intake/1", {**FOUNDING, "pen": "handling"})) == "B4"


class TestB5Bind:
    @pytest.mark.parametrize(
        "chains", [["handling/1"], ["review/2"], ["handling/1", "review/2"], ["other/1", "handling/1"]]
    )
    def test_is_of_the_next_term_of_another_role(self, matter: Matter, chains: list[str]) -> None:
        assert matter.fault(matter.mint("intake/1", {"bind": [binding(chain) for chain in chains]})) is None

    @pytest.mark.parametrize(
        "chains",
        [
            ["intake/1"], ["intake/2"],  # its own role
            ["handling/2"], ["review/1"], ["review/3"],  # not the next term
            ["handling/1", "handling/1"], ["handling/1", "handling/2"], ["review/2", "review/3"],  # a role twice
            ["handling/1", "intake/2"],
        ],
    )  # fmt: skip
    def test_is_nothing_else(self, matter: Matter, chains: list[str]) -> None:
        assert matter.fault(matter.mint("intake/1", {"bind": [binding(chain) for chain in chains]})) == "B5"

    def test_goes_on_from_the_present_term(self, later: Matter) -> None:
        later.write("handling/2", {"pen": "intake"})
        assert later.fault(later.mint("intake/1", {"bind": [binding("handling/3")]})) is None
        assert later.fault(later.mint("intake/1", {"bind": [binding("handling/2")]})) == "B5"


DATES = {"due": "2026-03-09", "calendar": "2026.1"}


class TestB6OwnDuties:
    @pytest.mark.parametrize("effect", ["close", "look", "claim", "due"])
    @pytest.mark.parametrize(
        ("chain", "name", "fault"),
        [
            ("intake/1", "intake/1.1.0", None),
            ("intake/1", "intake/1.9.9", None),  # no longer open, or never
            ("intake/1", "review/1.1.0", "B6"),
            ("review/1", "intake/1.1.0", "B6"),
            ("review/1", "intake/1.9.9", "B6"),
            ("handling/2", "handling/1.1.0", None),  # of its own role's earlier term
            ("handling/1", "handling/2.1.0", None),
            ("handling/2", "intake/1.3.0", "B6"),  # news for the first term
        ],
    )
    def test_are_those_named(
        self, later: Matter, effect: str, chain: str, name: str, fault: str | None
    ) -> None:
        effects: dict[str, Any] = {
            "close": [name], "look": {name: ""}, "claim": {name: ""}, "due": {name: DATES}
        }  # fmt: skip
        assert later.fault(later.mint(chain, {effect: effects[effect]})) == fault

    def test_begin_with_the_whole_name_of_the_role(self, matter: Matter) -> None:
        matter.write("intake/1", {"bind": [binding("in/1")]})
        assert matter.fault(matter.mint("in/1", {"close": ["intake/1.1.0"]})) == "B6"
        assert matter.fault(matter.mint("in/1", {"close": ["in/1.1.0"]})) is None

    @pytest.mark.parametrize(
        ("effects", "fault"),
        [
            ({"close": ["intake/1.3.0"]}, None),  # news that has arrived
            ({"close": ["intake/1.3.0", "handling/1.1.0"]}, None),
            ({"close": ["intake/1.3.0", "intake/1.1.0"]}, "B6"),
            ({"close": ["intake/1.5.0"]}, "B6"),  # news for the second term
            ({"close": ["review/1.1.1"]}, "B6"),  # news for intake
            ({"look": {"intake/1.3.0": ""}}, "B6"),
            ({"claim": {"intake/1.3.0": ""}}, "B6"),
            ({"due": {"intake/1.3.0": DATES}}, "B6"),
        ],
    )
    def test_or_for_closing_what_is_addressed_there(
        self, later: Matter, effects: dict[str, Any], fault: str | None
    ) -> None:
        assert later.fault(later.mint("handling/1", effects)) == fault

    def test_news_is_closed_once(self, later: Matter) -> None:
        later.write("handling/1", {"close": ["intake/1.3.0"]})
        assert later.fault(later.mint("handling/1", {"close": ["intake/1.3.0"]})) == "B6"

    @pytest.mark.parametrize(
        ("chain", "name", "fault"),
        [
            ("intake/1", "notice", None),
            ("intake/1", "decision", "B6"),  # no such clock
            ("review/1", "notice", "B6"),  # without the pen
        ],
    )
    def test_or_for_dates_a_clock_while_the_pen_is_held(
        self, matter: Matter, chain: str, name: str, fault: str | None
    ) -> None:
        assert matter.fault(matter.mint(chain, {"due": {name: DATES}})) == fault
        assert matter.fault(matter.mint(chain, {"due": {f"{chain}.1.0": DATES, name: DATES}})) == fault

    def test_a_clock_is_not_dated_by_an_ended_term(self, later: Matter) -> None:
        assert later.fault(later.mint("handling/2", {"due": {"notice": DATES}})) is None
        assert later.fault(later.mint("handling/1", {"due": {"notice": DATES}})) == "B6"


THEN = {"kind": "check", "holder": "org", "limit": None, "basis": "", "within": []}


class TestB7Opening:
    """The next event of intake is `intake/1`, seq 3."""

    @pytest.mark.parametrize(
        "opened",
        [
            [],
            [duty("intake/1.3.0")],
            [duty("intake/1.3.0"), duty("intake/1.3.1"), delivery("intake/1.3.2", "review/1")],
            [duty("intake/1.3.0", about="intake/1.1.0"), duty("intake/1.3.1", about="intake/1.3.0")],
            [duty("intake/1.3.0", holder={"org": "", "node": FOUNDER})],
            [delivery("intake/1.3.0", "review/1", then=THEN)],
        ],
    )
    def test_names_its_own_duties_in_order(self, matter: Matter, opened: list[dict[str, Any]]) -> None:
        assert matter.fault(matter.mint("intake/1", {"open": opened})) is None

    @pytest.mark.parametrize(
        "opened",
        [
            [duty("intake/1.2.0")],
            [duty("intake/1.4.0")],
            [duty("intake/1.3.1")],
            [duty("intake/1.3.00")],
            [duty("intake/1.3.1"), duty("intake/1.3.0")],
            [duty("intake/1.3.0"), duty("intake/1.3.0")],
            [duty("intake/1.3.0"), duty("intake/1.3.2")],
            [duty("review/1.3.0", holder={"org": "ORG", "node": FOUNDER})],
            [duty("intake/1.3.0", holder={"org": "ORG", "node": NODES["review/1"]})],
            [duty("intake/1.3.0", about="review/1.1.0")],
            [duty("intake/1.3.0", to="review/1")],
            [duty("intake/1.3.0", to_node=NODES["review/1"])],
            [duty("intake/1.3.0", then=THEN)],
            [delivery("intake/1.3.0", "intake/1")],
            [delivery("intake/1.3.0", "handling/1")],  # not bound yet
            [delivery("intake/1.3.0", "review/2")],
            [delivery("intake/1.3.0", "review/1", to_node=NODES["handling/1"])],
            [delivery("intake/1.3.0", "review/2", to_node=NODES["review/1"])],
            [duty("intake/1.3.0"), delivery("intake/1.3.1", "handling/1")],
        ],
    )
    def test_names_nothing_else(self, matter: Matter, opened: list[dict[str, Any]]) -> None:
        assert matter.fault(matter.mint("intake/1", {"open": opened})) == "B7"

    def test_sends_to_whom_it_binds(self, matter: Matter) -> None:
        effects = {"bind": [binding("handling/1")], "open": [delivery("intake/1.3.0", "handling/1")]}
        assert matter.fault(matter.mint("intake/1", effects)) is None
        anew = {"bind": [binding("review/2")], "open": [delivery("intake/1.3.0", "review/1")]}
        assert matter.fault(matter.mint("intake/1", anew)) == "B7"

    def test_of_an_ended_term_sends_to_the_present_one(self, later: Matter) -> None:
        for to, fault in (("handling/2", None), ("intake/1", None), ("handling/1", "B7")):
            assert later.fault(later.mint("handling/1", {"open": [delivery("handling/1.3.0", to)]})) == fault

    def test_of_a_founding_event_is_its_own(self) -> None:
        matter = Matter()
        good = {**FOUNDING, "open": [duty("intake/1.1.0")]}
        assert matter.fault(matter.mint("intake/1", good)) is None
        bad = {**FOUNDING, "open": [delivery("intake/1.1.0", "handling/1")]}
        assert matter.fault(matter.mint("intake/1", bad)) == "B7"


def named(event: Event, **changes: Any) -> dict[str, Any]:
    """Return how a park names an event."""
    return {"chain": event.chain, "seq": event.seq, "hash": event.hash, **changes}


OTHERS = {
    "phase": ["taken", "accepted"], "pen": "review", "bind": [binding("handling/1")], "clocks": {}, "look": {}, "claim": {},
    "due": {}, "redact": {},
}  # fmt: skip


class TestB8Withhold:
    def test_names_an_event_of_another_role_that_it_has_seen(self, matter: Matter) -> None:
        second = matter.written[1]
        more = {"open": [duty("review/1.2.0")], "facts": {"parked": "not_allowed"}}
        for effects in ({}, more):
            for name in (named(second), None):  # None: it is put before a human, and nothing withheld
                park = matter.mint("review/1", {"withhold": name, **effects})
                assert matter.fault(park) is None

    def test_never_names_what_founded_the_matter(self, matter: Matter) -> None:
        assert matter.fault(matter.mint("review/1", {"withhold": named(matter.written[0])})) == "B8"

    def test_may_name_the_first_event_of_another_chain(self, matter: Matter) -> None:
        assert matter.fault(matter.mint("intake/1", {"withhold": named(matter.written[2])})) is None

    def test_names_no_event_of_its_own_role(self, later: Matter) -> None:
        own = next(event for event in later.written if event.chain == "handling/1")
        assert later.fault(later.mint("handling/1", {"withhold": named(own)})) == "B8"
        assert later.fault(later.mint("handling/2", {"withhold": named(own)})) == "B8"
        assert later.fault(later.mint("intake/1", {"withhold": named(own)})) is None

    @pytest.mark.parametrize(
        "changes", [{"seq": 1}, {"seq": 3}, {"chain": "intake/2"}, {"chain": "handling/1"}, {"hash": NOWHERE}]
    )
    def test_names_place_and_hash_that_fit(self, matter: Matter, changes: dict[str, Any]) -> None:
        effects = {"withhold": named(matter.written[1], **changes)}
        assert matter.fault(matter.mint("review/1", effects)) == "B8"

    def test_names_nothing_it_has_not_seen(self, matter: Matter) -> None:
        unseen = matter.write("intake/1", {"facts": {"more": 1}})
        effects = {"withhold": named(unseen)}
        assert matter.fault(matter.mint("review/1", effects, seen={"intake/1": 2})) == "B8"
        assert matter.fault(matter.mint("review/1", effects, seen={"intake/1": 3})) is None

    @pytest.mark.parametrize("name", [*OTHERS, "close", "release"])
    def test_does_nothing_besides(self, matter: Matter, name: str) -> None:
        # Intake holds the pen, so that no other bound stands in the way.
        other = matter.written[2]
        matter.write("intake/1", {"withhold": named(other)})
        effects = {**OTHERS, "close": [], "release": {"park": matter.written[-1].hash, "struck": None}}
        park = matter.mint("intake/1", {"withhold": named(other), name: effects[name]})
        assert matter.fault(park) == "B8"
        assert matter.fault(matter.mint("intake/1", {"withhold": None, name: effects[name]})) == "B8"
        del park.effects["withhold"]  # type: ignore[attr-defined]
        assert matter.fault(park) is None


class TestB9Release:
    @pytest.fixture
    def parked(self, matter: Matter) -> Matter:
        """Give the matter after review parked intake's third event, having seen its fourth as well."""
        for count in range(2):
            matter.write("intake/1", {"facts": {"count": count}})
        matter.park("review/1", matter.written[-2])
        matter.write("intake/1", {})
        return matter

    @pytest.mark.parametrize(
        ("struck", "fault"), [(None, None), (3, None), (4, None), (5, None), (2, "B9"), (1, "B9"), (6, "B9")]
    )
    def test_strikes_from_the_event_that_was_parked_to_what_it_has_seen(
        self, parked: Matter, struck: int | None, fault: str | None
    ) -> None:
        effects = {"release": {"park": parked.written[-2].hash, "struck": struck}}
        assert parked.fault(parked.mint("review/1", effects)) == fault

    def test_strikes_nothing_it_has_not_seen(self, parked: Matter) -> None:
        park = parked.written[-2].hash
        for struck, fault in ((5, "B9"), (4, None), (None, None)):
            effects = {"release": {"park": park, "struck": struck}}
            assert parked.fault(parked.mint("review/1", effects, seen={"intake/1": 4})) == fault

    def test_may_close_duties_and_say_facts(self, parked: Matter) -> None:
        effects = {
            "release": {"park": parked.written[-2].hash, "struck": None}, "close": ["review/1.1.0"], "facts": {"parked": None},
        }  # fmt: skip
        assert parked.fault(parked.mint("review/1", effects)) is None

    def test_names_an_earlier_park_of_its_own_role(self, parked: Matter) -> None:
        park, plain = parked.written[-2], parked.written[2]
        for chain, name in (("review/1", NOWHERE), ("review/1", plain.hash), ("intake/1", park.hash)):
            event = parked.mint(chain, {"release": {"park": name, "struck": None}})
            assert parked.fault(event) == "B9"

    def test_is_not_for_another_node_that_follows_in_the_role(self, parked: Matter) -> None:
        park = parked.written[-2]
        # Bound by who knew of no park, so that the new term may know of none either.
        parked.written.pop()
        parked.write("intake/1", {"bind": [binding("review/2")]}, seen={"review/1": 1})
        effects = {"release": {"park": park.hash, "struck": None}}
        seen = {"intake/1": 5, "review/1": 2}
        assert parked.fault(parked.mint("review/2", effects, seen=seen)) == "B9"
        assert parked.fault(parked.mint("review/1", effects)) is None

    def test_is_for_who_succeeded_the_one_that_parked(self, parked: Matter) -> None:
        park = parked.written[-2]
        heir = {"role": "review", "term": 2, "from": NODES["review/1"], "node": NODES["review/2"]}
        parked.write("intake/1", {"succeed": heir})
        effects = {"release": {"park": park.hash, "struck": None}}
        assert parked.fault(parked.mint("review/2", effects)) is None
        later = parked.mint("review/1", effects)
        parked.written.append(later)
        assert parked.state.withheld.keys() == {park.hash}  # behind the end of its chain

    @pytest.mark.parametrize("name", [*OTHERS, "open"])
    def test_does_nothing_besides(self, parked: Matter, name: str) -> None:
        # Of intake, which holds the pen, so that no other bound stands in the way.
        park = parked.park("intake/1", parked.written[2])
        effects = {**OTHERS, "open": []}
        for named_park in ({"park": park.hash, "struck": None}, None):
            release = {"release": named_park}
            assert parked.fault(parked.mint("intake/1", {**release, name: effects[name]})) == "B9"
            assert parked.fault(parked.mint("intake/1", release)) is None


class TestB10Redact:
    def test_names_earlier_events_of_its_own_role(self, later: Matter) -> None:
        first = [event for event in later.written if event.chain == "handling/1"]
        effects = {"redact": {event.hash: "个人信息保护法" for event in first}, "facts": {"redacted": 2}}
        assert later.fault(later.mint("handling/1", effects)) is None
        assert later.fault(later.mint("handling/2", effects)) == "B10"  # of another node

    def test_names_no_other(self, later: Matter) -> None:
        own = next(event for event in later.written if event.chain == "handling/1")
        for name in (NOWHERE, later.written[0].hash):
            for redact in ({name: ""}, {own.hash: "", name: ""}):
                assert later.fault(later.mint("handling/1", {"redact": redact})) == "B10"

    def test_names_nothing_it_has_not_written_yet(self, later: Matter) -> None:
        third = later.mint("handling/1", {})
        assert later.fault(later.mint("handling/1", {"redact": {third.hash: ""}})) == "B10"

    @pytest.mark.parametrize("name", [*(name for name in OTHERS if name != "redact"), "close", "open"])
    def test_does_nothing_besides(self, matter: Matter, name: str) -> None:
        effects = {**OTHERS, "close": [], "open": []}
        redact = {"redact": {matter.written[1].hash: ""}}
        assert matter.fault(matter.mint("intake/1", {**redact, name: effects[name]})) == "B10"
        assert matter.fault(matter.mint("intake/1", redact)) is None


class TestB11Succeed:
    """Handling is in its second term, at the pen, on the third node; review in its first."""

    HEIR = digest.of(b"heir")

    def effects(self, **changes: Any) -> dict[str, Any]:
        named = {"role": "handling", "term": 3, "from": NODES["handling/2"], "node": self.HEIR}
        return {"succeed": {**named, **changes}}

    def test_puts_another_node_in_the_place_of_the_one_bound_now(self, later: Matter) -> None:
        for chain in ("intake/1", "review/1"):
            assert later.fault(later.mint(chain, {**self.effects(), "facts": {"told": 1}})) is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"term": 2}, {"term": 4}, {"from": NODES["handling/1"]}, {"from": FOUNDER}, {"node": NODES["handling/2"]},
            {"node": FOUNDER}, {"role": "intake", "term": 2, "from": FOUNDER},
            {"role": "courier", "term": 1}, {"role": "courier", "term": 1, "from": NOWHERE},
        ],
    )  # fmt: skip
    def test_names_nothing_else(self, later: Matter, changes: dict[str, Any]) -> None:
        assert later.fault(later.mint("intake/1", self.effects(**changes))) == "B11"

    def test_is_not_for_whose_own_term_has_ended(self, later: Matter) -> None:
        of_review = {"role": "review", "term": 2, "from": NODES["review/1"], "node": self.HEIR}
        assert later.fault(later.mint("handling/2", {"succeed": of_review})) is None
        assert later.fault(later.mint("handling/1", {"succeed": of_review})) == "B11"

    @pytest.mark.parametrize("name", [*OTHERS, "close", "open"])
    def test_does_nothing_besides(self, later: Matter, name: str) -> None:
        effects = {**OTHERS, "close": [], "open": []}
        fault = later.fault(later.mint("intake/1", {**self.effects(), name: effects[name]}))
        other = {"redact": "B10", "phase": "B2", "pen": "B2", "bind": "B2", "clocks": "B2"}
        assert fault == other.get(name, "B11")


def test_b12_facts_are_a_matter_of_shape(matter: Matter) -> None:
    assert matter.fault(matter.mint("review/1", {"facts": {f"f{n}": "x" * 4094 for n in range(15)}})) is None
    for facts in ({f"f{n}": 1 for n in range(65)}, {"f": ["x" * 4093]}):
        with pytest.raises(MalformedEvent):
            matter.mint("review/1", {"facts": facts})

"""Reading what another node sends: what is new, what contradicts, whose signature covers it. No database, no keys."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.forging import forged
from tests.kernel.matters import FOUNDER, NODES, NUMBER, PROCEDURE, Matter
from tongban.kernel.crypto import canon
from tongban.kernel.journal.events import Event
from tongban.procedures import forks, transfers
from tongban.procedures.transfers import EventMalformed, Transfer, TransferNotAuthentic, UnknownSuite

OTHER = NODES["handling/1"]


@pytest.fixture
def matter() -> Matter:
    """Return three events of the intake and two of the authority."""
    matter = Matter()
    matter.found()
    matter.write("intake/1")
    matter.forward()
    matter.write("handling/1")
    matter.write("handling/1")
    return matter


def of(matter: Matter, chain: str) -> list[Event]:
    return [event for event in matter.written if event.chain == chain]


def signed(signer: str, *heads: Event) -> dict[str, Any]:
    """Return what is read of a statement whose signature has been checked."""
    return {"signer": signer, "heads": {event.chain: [event.seq, event.hash] for event in heads}}


def sent(events: Sequence[Any], subject: str = NUMBER) -> Transfer:
    return Transfer(PROCEDURE, subject, [forks.as_sent(event) for event in events], [], OTHER)


def branch_of(event: Event) -> Event:
    """Return another event at the same place of the same chain."""
    return forged(event, kind="other")


class TestReading:
    def test_gives_back_what_was_written(self, matter: Matter) -> None:
        read = transfers.read(sent(matter.written))
        assert [event.hash for event in read] == [event.hash for event in matter.written]
        assert [event.body for event in read] == [event.body for event in matter.written]

    @pytest.mark.parametrize(
        "row",
        [
            {}, {"event": "{}"}, {"body": None}, {"event": "{}", "body": None}, {"event": None, "body": None},
            {"event": "\ud800", "body": None}, {"event": "{}", "body": 1}, "row", None,
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_event(self, row: Any) -> None:
        with pytest.raises(EventMalformed):
            transfers.read(Transfer(PROCEDURE, NUMBER, [row], [], OTHER))

    def test_refuses_another_suite_by_a_name_of_its_own(self, matter: Matter) -> None:
        row = forks.as_sent(matter.written[0])
        row["event"] = row["event"].replace('"tongban-event/2"', '"tongban-event/9"')
        with pytest.raises(UnknownSuite):
            transfers.read(Transfer(PROCEDURE, NUMBER, [row], [], OTHER))

    @pytest.mark.parametrize("stated", [(PROCEDURE, "OTHER"), ("complaint", NUMBER)])
    def test_refuses_events_of_another_matter(self, matter: Matter, stated: tuple[str, str]) -> None:
        rows = [forks.as_sent(event) for event in matter.written]
        with pytest.raises(EventMalformed, match="混入"):
            transfers.read(Transfer(*stated, rows, [], OTHER))


class TestBodies:
    def test_may_be_missing_only_where_redacted(self, matter: Matter) -> None:
        bare = Event(matter.written[1].document, matter.written[1].raw, None)
        redaction = matter.mint("intake/1", {"redact": {bare.hash: "under"}})
        transfers.demand_bodies([redaction], [bare])
        transfers.demand_bodies([], [bare, redaction])
        for held in ([], [matter.mint("intake/1", {"redact": {matter.written[0].hash: "under"}})]):
            with pytest.raises(EventMalformed, match="附文"):
                transfers.demand_bodies(held, [bare])


class TestSorting:
    def test_drops_what_is_held_and_keeps_what_is_new(self, matter: Matter) -> None:
        held, new = matter.written[:3], matter.written[3:]
        assert transfers.sort(held, [*matter.written, *new]) == (new, [])

    def test_what_rests_on_a_branch_belongs_to_it_however_it_comes(self, matter: Matter) -> None:
        first, second = of(matter, "handling/1")
        other = branch_of(first)
        following = forged(second, prev=other.hash)
        last = forged(second, prev=following.hash, seq=3)
        fresh, branch = transfers.sort(matter.written, [last, following, other])
        assert fresh == []
        assert {event.hash for event in branch} == {other.hash, following.hash, last.hash}

    def test_two_events_of_one_place_sent_together_are_a_branch(self, matter: Matter) -> None:
        first = of(matter, "handling/1")[0]
        other = branch_of(first)
        assert transfers.sort(matter.written[:3], [first, other]) == ([first], [other])

    def test_a_branch_waits_for_what_it_contradicts(self, matter: Matter) -> None:
        first, second = of(matter, "handling/1")
        at_first, at_second = branch_of(first), branch_of(second)
        held = matter.written[:4]
        assert transfers.by_what_is_held(held, [at_first]) == ([at_first], [])
        assert transfers.by_what_is_held(held, [at_second]) == ([], [at_second])
        assert transfers.by_what_is_held(held, [at_first, at_second]) == ([at_first, at_second], [])
        assert transfers.by_what_is_held(held[:3], [at_first]) == ([], [at_first])
        # The branch begins where its first event stands, what is held ends with its last, whatever the order.
        on_intake = [branch_of(event) for event in of(matter, "intake/1")[1:]]
        for turned in (on_intake, on_intake[::-1]):
            assert transfers.by_what_is_held(held[:2], turned) == (turned, [])
            assert transfers.by_what_is_held(held[:2][::-1], turned) == (turned, [])
            assert transfers.by_what_is_held(held[:1], turned) == ([], turned)


class TestCovering:
    def test_a_signed_head_covers_the_run_before_it(self, matter: Matter) -> None:
        intake, handling = of(matter, "intake/1"), of(matter, "handling/1")
        good = [signed(FOUNDER, intake[-1]), signed(OTHER, handling[-1])]
        for run in (intake, intake[1:], handling[::-1], matter.written, []):
            transfers.check_covered(NUMBER, run, good)

    def test_each_link_is_asked_for(self, matter: Matter) -> None:
        first, second, third = of(matter, "intake/1")
        broken = {
            "another past": [first, forged(second, prev=third.hash), third],
            "a gap": [first, third],
            "a place skipped": [forged(first, seq=1), forged(second, seq=3, prev=first.hash)],
            "another writer": [
                forged(first, node=OTHER),
                forged(second, prev=forged(first, node=OTHER).hash),
            ],
        }
        for name, run in broken.items():
            good = [signed(run[-1].node, run[-1])]
            with pytest.raises(TransferNotAuthentic):
                transfers.check_covered(NUMBER, run, good)
            transfers.check_covered(NUMBER, run[-1:], good)  # alone it has no links
            assert name

    def test_only_the_writer_signs_for_its_chain_and_only_for_its_last(self, matter: Matter) -> None:
        *_, before, last = intake = of(matter, "intake/1")
        for good in (
            [], [signed(OTHER, last)], [signed(FOUNDER, before)], [signed(FOUNDER, branch_of(last))],
            [signed(FOUNDER, *of(matter, "handling/1"))],
        ):  # fmt: skip
            with pytest.raises(TransferNotAuthentic):
                transfers.check_covered(NUMBER, intake, good)

    def test_one_chain_covered_covers_no_other(self, matter: Matter) -> None:
        good = [signed(FOUNDER, of(matter, "intake/1")[-1])]
        with pytest.raises(TransferNotAuthentic, match="handling/1"):
            transfers.check_covered(NUMBER, matter.written, good)


def test_events_travel_as_canonical_text(matter: Matter) -> None:
    row = forks.as_sent(matter.written[0])
    assert canon.encode(canon.decode(row["event"].encode())).decode() == row["event"]

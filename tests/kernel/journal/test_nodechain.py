"""The node's own chain: what a node does outside any matter is an event, sealed and sent to nobody."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests import stories
from tests.databases import undone
from tests.world import World
from tongban.accounts.access.actor import actor_document
from tongban.exchange import witnessing
from tongban.kernel import attempts
from tongban.kernel.accesses import FORGOTTEN, SOURCE
from tongban.kernel.crypto import digest
from tongban.kernel.journal import blocks, bounds, events, kept, nodechain, nodekinds, numbers
from tongban.kernel.journal import fold as folding
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.nodekinds import KINDS
from tongban.kernel.models import Access, CalendarYear, Event, Outstanding, Seal, SelfNode
from tongban.kernel.time import clock
from tongban.procedures.audit import journal_audit


def chain() -> list[events.Event]:
    rows = Event.objects.filter(procedure="node").order_by("seq")
    return [journal.read_row(row.raw, row.body) for row in rows]


def last() -> nodechain.Entry:
    return list(nodechain.entries())[-1]


@pytest.fixture
def node(world: World) -> Iterator[World]:
    with world.on("qingyang"):
        yield world


class TestWrite:
    def test_founds_the_chain_with_the_first_entry(self, node: World) -> None:
        first, me = chain()[0], SelfNode.objects.get()
        state = folding.State("node", first.subject)

        assert (first.kind, first.chain, first.seq, first.subject) == (
            "node_founded",
            "node/1",
            1,
            me.journal,
        )
        assert numbers.was_issued_by(me.journal, me.fingerprint, me.epoch)
        assert me.journal.startswith(node["qingyang"].config.division)
        assert bounds.fault(state, first, bounds.Known.of([])) is None
        assert folding.apply(state, first).roles["node"]["node"] == me.fingerprint

    def test_every_entry_is_a_lawful_next_of_the_chain_without_effects(self, node: World) -> None:
        written = chain()
        state = folding.State("node", written[0].subject)
        for place, event in enumerate(written):
            assert bounds.fault(state, event, bounds.Known.of(written[:place])) is None
            state = folding.apply(state, event)
        assert not any(event.effects for event in written[1:])
        assert {event.document["rules"]["digest"] for event in written} == {nodekinds.TABLE}

    def test_names_people_by_pseudonyms_of_the_chain(self, node: World) -> None:
        by = actor_document(node["qingyang"].staff("window"))
        row = nodechain.write(
            "accesses_forgotten", given={"last": 0}, by={**by, "staff": "CLERK7"}, at=node.at
        )
        assert row is not None

        assert "CLERK7" not in row.body + row.raw
        assert last().actor["staff"] == "CLERK7"

    def test_refuses_what_the_kind_does_not_carry(self, node: World) -> None:
        before = len(chain())
        for given in ({}, {"last": 1, "why": "so"}):
            with pytest.raises(ValueError, match="accesses_forgotten"):
                nodechain.write("accesses_forgotten", given=given, at=node.at)
        assert len(chain()) == before

    def test_comes_and_goes_with_what_it_tells(self, node: World) -> None:
        before = len(chain())
        with undone():
            nodechain.write("accesses_forgotten", given={"last": 0}, at=node.at)
            assert len(chain()) == before + 1
        assert len(chain()) == before

    def test_is_sealed_and_sent_to_nobody(self, node: World) -> None:
        node.settle()
        size = (
            Seal.objects.filter(node=node["qingyang"].fingerprint)
            .order_by("-size")
            .values_list("size", flat=True)[0]
        )

        assert size == len(chain()) == Event.objects.filter(leaf__isnull=False).count()
        assert not Outstanding.objects.exists()
        with node.on("jiashan"):
            assert not Event.objects.filter(node=node["qingyang"].fingerprint).exists()

    def test_writes_nothing_where_there_is_no_node(self, db: None) -> None:
        assert nodechain.write("accesses_forgotten", given={"last": 0}, at=clock.now()) is None
        assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_each_have_their_place() -> None:
    SelfNode.objects.create(fingerprint=digest.of(b"node"))
    failed: list[Exception] = []

    def writer(name: int) -> None:
        try:
            for step in range(5):
                nodechain.write("accesses_forgotten", given={"last": name * 10 + step}, at=clock.now())
        except Exception as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=writer, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    written = chain()
    assert [event.seq for event in written] == list(range(1, 22))
    assert [event.prev for event in written[1:]] == [event.hash for event in written[:-1]]


class TestKept:
    def test_every_table_has_kinds_and_every_kind_its_table(self) -> None:
        assert {kind.table for kind in KINDS.values() if kind.table} == set(kept.tables())

    def test_a_mark_follows_what_counts_and_nothing_else(self, node: World) -> None:
        table, row = kept.tables()["CalendarYear"], CalendarYear.objects.order_by("pk").first()
        assert row is not None
        before = table.mark(row)
        assert table.mark(CalendarYear.objects.get(pk=row.pk)) == before
        row.data = {**row.data, "note": "x"}
        assert table.mark(row) != before


class TestEntries:
    def test_are_read_by_kind_and_day(self, node: World) -> None:
        kinds = [entry.kind for entry in nodechain.entries()]
        assert kinds[0] == "node_founded"
        assert kinds.count("calendar_loaded") == CalendarYear.objects.count()
        assert [entry.kind for entry in nodechain.entries(kind="peer_added")] == ["peer_added"]
        assert not list(nodechain.entries(since=clock.now() + timedelta(days=1)))


class TestBlocks:
    def noted(self, world: World, who: str) -> None:
        attempts.note(code="not_permitted", doing="queue", who=who, at=world.at)

    def test_take_what_can_no_longer_change(self, node: World) -> None:
        self.noted(node, "A")
        assert blocks.take(SOURCE, node.at + timedelta(minutes=4)) is None
        self.noted(node, "B")
        node.at += timedelta(hours=2)
        self.noted(node, "C")

        block = blocks.take(SOURCE, node.at)
        assert block is not None
        given, ids = last().given, list(Access.objects.order_by("pk").values_list("pk", flat=True))
        assert (given["count"], given["first"], given["last"]) == (2, ids[0], ids[1])
        assert given == SOURCE.facts(0, ids[1])
        assert blocks.take(SOURCE, node.at + timedelta(minutes=5)) is None, "not so soon again"

        node.at += timedelta(hours=2)
        assert blocks.take(SOURCE, node.at) is not None
        assert (last().given["first"], last().given["count"]) == (ids[2], 1)

    def test_rows_are_forgotten_when_they_are_old_and_sealed_and_not_before(self, node: World) -> None:
        self.noted(node, "A")
        taken = node.at + timedelta(hours=2)
        blocks.take(SOURCE, taken)
        late = taken + timedelta(days=181)

        def forgotten(at: datetime) -> int:
            return blocks.forget(SOURCE, FORGOTTEN, at, kept=timedelta(days=180))

        assert forgotten(taken + timedelta(days=179)) == 0
        assert forgotten(late) == 0, "its block is not sealed"
        node.round()
        assert forgotten(late) == 1
        assert not Access.objects.exists()
        assert forgotten(late) == 0

    def test_are_forgotten_one_by_one_and_what_is_kept_still_verifies(self, node: World) -> None:
        for _ in range(3):
            self.noted(node, "A")
            node.at += timedelta(hours=1)
            blocks.take(SOURCE, node.at)
        node.round()
        ends = [entry.given["last"] for entry in nodechain.entries(kind="accesses")]
        # The first two are old enough; the third is not yet.
        at = node.at + timedelta(days=180) - timedelta(minutes=30)
        assert blocks.forget(SOURCE, FORGOTTEN, at, kept=timedelta(days=180)) == 2
        assert [entry.given["last"] for entry in nodechain.entries(kind=FORGOTTEN)] == ends[:2]
        assert list(Access.objects.values_list("pk", flat=True)) == [ends[2]]
        node.round()
        assert not journal_audit.verify_journal().findings

        Access.objects.filter(id=ends[2]).update(id=ends[0])
        assert {one.table for one in journal_audit.verify_journal().findings} == {"Access"}

    def test_the_node_forgets_after_what_it_was_told(self, node: World) -> None:
        self.noted(node, "A")
        node.at += timedelta(hours=1)
        blocks.take(SOURCE, node.at)
        node.round()
        witnessing.forget_accesses(node.at + timedelta(days=1095))
        assert Access.objects.exists()
        witnessing.forget_accesses(node.at + timedelta(days=1097))
        assert not Access.objects.exists()


class TestWorker:
    def test_takes_views_and_the_seals_of_peers_into_the_chain(self, world: World) -> None:
        from tongban.cases.models import Case
        from tongban.procedures import viewing

        number = stories.acknowledged(world)
        with world.on("jiashan"):
            viewing.note(
                Case.objects.get(number=number),
                "sm3:" + "0" * 64,
                by=world["jiashan"].staff("officer"),
                at=world.at,
            )
        world.at += timedelta(minutes=30)
        world.watch()
        world.watch()

        with world.on("jiashan"):
            assert [entry.given["count"] for entry in nodechain.entries(kind="accesses")] == [1]
            (held,) = nodechain.entries(kind="seals_held")
            assert set(held.given["held"]) == {world["qingyang"].fingerprint}

"""What follows an event: at least once, nothing missed, and nobody kept waiting by another."""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from tests import stories
from tests.patience import PATIENCE
from tests.procedures.following import (
    AT,
    Book,
    Ear,
    Happenings,
    Killed,
    acts,
    listen,
    new,
    newest,
    place_of,
    unheard,
)  # fmt: skip
from tests.world import World
from tongban.cases.words import Act
from tongban.exchange import lanes, worker
from tongban.kernel import committed
from tongban.kernel.db import write
from tongban.kernel.journal import events, nodechain, writing
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.models import CalendarYear, Fork
from tongban.kernel.models import Event as EventRow
from tongban.kernel.storage import StorageFull
from tongban.procedures import following, holding, settling
from tongban.procedures.following import Follower
from tongban.procedures.models import Mark, Unheard

pytestmark = pytest.mark.django_db(transaction=True)


def fails_with(*kinds: str) -> Callable[[Event], None]:
    """Return what fails with these events."""

    def fail(event: Event) -> None:
        if event.kind in kinds:
            raise ValueError("a bug")

    return fail


def dies_at(*kinds: str) -> Callable[[Event], None]:
    """Return what ends the process at these events, once each."""
    left = list(kinds)

    def die(event: Event) -> None:
        if event.kind in left:
            left.remove(event.kind)
            raise Killed

    return die


class TestHearing:
    def test_is_of_each_event_once_in_order(self) -> None:
        ear, happenings = Ear(), Happenings()
        follower = new(ear)
        happenings.happen(3)
        assert listen(follower) == 3
        assert listen(follower) == 0
        happenings.happen(2)
        assert listen(follower) == 2
        assert ear.heard == acts(1, 2, 3, 4, 5)

    def test_goes_on_beyond_what_is_done_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(following, "BATCH", 4)
        ear = Ear()
        Happenings().happen(11)
        assert listen(new(ear)) == 11
        assert ear.heard == acts(*range(1, 12))

    def test_is_of_what_was_subscribed_to_and_the_mark_passes_the_rest(self) -> None:
        cases, others = Happenings(), Happenings("two", procedure="other")
        cases.happen(2)
        others.happen(2)
        cases.happen(2)
        of_cases, of_kinds, of_both, of_all = Ear(), Ear(), Ear(), Ear()
        listen(new(of_cases, procedure="case"))
        listen(Follower("kinds", of_kinds, kinds=frozenset({"act2"}), history=True))
        listen(Follower("both", of_both, "other", frozenset({"act1"}), history=True))
        listen(Follower("all", of_all, history=True))
        assert of_cases.heard == acts(1, 2, 3, 4)
        assert of_kinds.heard == acts(2, 2)
        assert of_both.heard == acts(1)
        assert of_all.heard == acts(1, 2, 1, 2, 3, 4)
        assert set(Mark.objects.values_list("xact", "event")) == {newest()}

    def test_of_the_node_s_own_chain_is_for_who_names_it(self, world: World) -> None:
        every, own = Ear(), Ear()
        with world.on("qingyang"):
            nodechain.write("epoch_begun", given={"epoch": 9}, at=world.at)
            listen(Follower("every", every, history=True))
            listen(Follower("own", own, nodechain.PROCEDURE, history=True))
        assert every.heard == []
        assert own.heard[-1] == "epoch_begun"

    def test_tells_the_event_as_written_and_the_time(self) -> None:
        told: list[Any] = []
        happenings = Happenings()
        happenings.happen()
        listen(new(lambda event, at: told.append((event, at))))
        assert told == [(happenings.matter.written[0], AT)]
        assert told[0][0].actor["kind"] == "system"  # with its body

    def test_a_new_follower_begins_with_history_or_with_the_present(self) -> None:
        happenings, early, late = Happenings(), Ear(), Ear()
        happenings.happen(3)
        historian, newcomer = new(early), Follower("newcomer", late)
        listen(historian)
        assert following.turn(newcomer, AT) == 0
        happenings.happen(2)
        listen(historian)
        listen(newcomer)
        assert early.heard == acts(1, 2, 3, 4, 5)
        assert late.heard == acts(4, 5)

    def test_is_entered_by_a_line_above_the_function(self) -> None:
        with following.only():

            @following.follow("name", procedure="case", kinds=[Act.ACCEPT], history=True, together=3)
            def hear(event: Event, at: Any) -> None: ...

            @following.follow("plain")
            def hear_all(event: Event, at: Any) -> None: ...

            assert following.everyone() == [
                Follower("name", hear, "case", frozenset({"accept"}), history=True, together=3),
                Follower("plain", hear_all),
            ]
            assert Follower("plain", hear_all) == Follower("plain", hear_all, None, frozenset(), False, 1)
        assert "name" not in [one.name for one in following.everyone()]


class TestACrash:
    def test_before_the_mark_lets_the_event_be_heard_again(self) -> None:
        ear = Ear()
        die = dies_at("act2")

        def hear(event: Event, at: Any) -> None:
            ear(event, at)
            die(event)

        follower = new(hear)
        Happenings().happen(3)
        with pytest.raises(Killed):
            listen(follower)
        listen(follower)
        assert ear.heard == acts(1, 2, 2, 3)

    @pytest.mark.parametrize("together", [1, 10])
    def test_leaves_neither_what_was_written_nor_the_mark(self, together: int) -> None:
        book = Book(dies_at("act2"))
        follower = new(book, together=together)
        Happenings().happen(3)
        with pytest.raises(Killed):
            listen(follower)
        assert book.rows == (acts(1) if together == 1 else [])
        listen(follower)
        assert book.rows == acts(1, 2, 3)

    @pytest.mark.parametrize(("at", "kept"), [(4, 2), (5, 4)])
    def test_takes_back_no_more_than_shares_its_transaction(self, at: int, kept: int) -> None:
        book = Book(dies_at(f"act{at}"))
        Happenings().happen(6)
        with pytest.raises(Killed):
            listen(new(book, together=2))
        assert book.rows == acts(*range(1, kept + 1))

    def test_while_an_event_is_put_off_leaves_it_before_the_mark(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ear = Ear(fails_with("act1"))
        follower = new(ear)
        Happenings().happen(2)

        def die(*_: object) -> None:
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(following, "_put_off", die)
            with pytest.raises(Killed):
                listen(follower)
        assert unheard() == []
        ear.before = fails_with()
        listen(follower)
        assert ear.heard == acts(1, 2)

    def test_while_it_is_heard_again_lets_it_be_heard_once_more(self) -> None:
        book = Book(fails_with("act1"))
        follower = new(book)
        Happenings().happen(2)
        listen(follower)
        book.inside = dies_at("act1")
        later = AT + following.PAUSE
        with pytest.raises(Killed):
            following.turn(follower, later)
        assert (book.rows, unheard()) == (acts(2), [(1, "ValueError")])
        following.turn(follower, later)
        assert (book.rows, unheard()) == (acts(2, 1), [])


class TestAFailure:
    @pytest.mark.parametrize("together", [1, 2, 10])
    def test_with_one_event_stops_no_other(self, together: int, caplog: pytest.LogCaptureFixture) -> None:
        ear = Ear(fails_with("act2"))
        follower = new(ear, together=together)
        Happenings().happen(4)
        assert listen(follower) == 3
        assert list(dict.fromkeys(ear.heard)) == acts(1, 3, 4)
        assert unheard() == [(1, "ValueError")]
        assert place_of(follower) == newest()
        assert all(record.exc_info for record in caplog.records)

    @pytest.mark.parametrize("together", [1, 10])
    def test_in_writing_is_the_same_and_nothing_is_written_twice(self, together: int) -> None:
        book = Book(fails_with("act2"))
        Happenings().happen(4)
        listen(new(book, together=together))
        assert book.rows == acts(1, 3, 4)
        assert unheard() == [(1, "ValueError")]

    def test_does_again_no_more_than_shares_its_transaction(self) -> None:
        ear = Ear(fails_with("act2"))
        Happenings().happen(4)
        listen(new(ear))
        assert ear.heard == acts(1, 3, 4)

    def test_is_tried_again_after_pauses_that_grow(self) -> None:
        ear = Ear(fails_with("act1"))
        follower = new(ear)
        Happenings().happen()
        at, waited = AT, []
        listen(follower, at)
        for attempts in range(1, 9):
            one = Unheard.objects.get()
            assert one.attempts == attempts
            waited.append((one.next_at - at).total_seconds())
            assert following.turn(follower, one.next_at - timedelta(milliseconds=1)) == 0
            assert Unheard.objects.get().attempts == attempts
            at = one.next_at
            following.turn(follower, at)
        assert waited == [5, 10, 20, 40, 80, 160, 300, 300]
        ear.before = fails_with()
        assert following.turn(follower, at + timedelta(minutes=5)) == 1
        assert (ear.heard, unheard()) == (acts(1), [])
        assert following.turn(follower, at + timedelta(days=1)) == 0

    def test_with_several_is_over_for_each_alone(self) -> None:
        ear = Ear(fails_with("act1", "act2", "act3"))
        follower = new(ear)
        Happenings().happen(3)
        listen(follower)
        ear.before = fails_with("act1", "act3")
        assert following.turn(follower, AT + following.PAUSE) == 1
        assert (ear.heard, unheard()) == (acts(2), [(2, "ValueError")] * 2)
        ear.before = fails_with()
        assert following.turn(follower, AT + timedelta(hours=1)) == 2
        assert (ear.heard, unheard()) == (acts(2, 1, 3), [])

    def test_among_what_is_for_others_stops_nothing(self) -> None:
        cases, others = Happenings(), Happenings("two", procedure="other")
        for _ in range(3):
            cases.happen()
            others.happen(2)
        ear = Ear(fails_with("act2"))
        follower = new(ear, procedure="case", together=10)
        assert following.turn(follower, AT) + listen(follower) == 2
        assert (list(dict.fromkeys(ear.heard)), unheard()) == (acts(1, 3), [(1, "ValueError")])

    def test_is_heard_again_by_nobody_else(self) -> None:
        good, bad = Ear(), Ear(fails_with("act1"))
        Happenings().happen()
        listen(new(bad))
        other = Follower("good", good, history=True)
        listen(other)
        assert following.turn(other, AT + timedelta(hours=1)) == 0
        assert (good.heard, unheard()) == (acts(1), [(1, "ValueError")])

    def test_is_the_follower_s_own(self) -> None:
        bad, good = Ear(fails_with("act1", "act2")), Ear()
        Happenings().happen(2)
        with following.only(new(bad), Follower("good", good, history=True)):
            for _ in range(1000):
                following.follow_all(AT)
                if len(good.heard) == 2:
                    break
        assert (bad.heard, good.heard) == ([], acts(1, 2))
        assert set(Unheard.objects.values_list("follower", flat=True)) == {"ear"}

    def test_of_the_disk_is_about_no_event(self) -> None:
        def full(event: Event) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        ear = Ear(full)
        follower = new(ear)
        Happenings().happen()
        with pytest.raises((OSError, StorageFull)):
            listen(follower)
        assert unheard() == []
        ear.before = fails_with()
        assert listen(follower) == 1

    def test_of_the_mark_alone_is_raised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError

        Happenings().happen()
        monkeypatch.setattr(following, "_move", broken)
        with pytest.raises(ZeroDivisionError):
            listen(new(Ear(), kinds=frozenset({"nothing of that kind"})))


class TestTwoProcesses:
    def test_write_what_follows_an_event_once(self) -> None:
        book, deep = Book(), []
        happenings = Happenings()
        happenings.happen(2)

        def hear(event: Event, at: Any) -> following.Write:
            if not deep:
                deep.append(event)
                listen(follower)  # the other process is quicker
            return book(event, at)

        follower = new(hear)
        assert listen(follower) == 0
        assert book.rows == acts(1, 2)
        happenings.happen(1)
        listen(follower)
        assert book.rows == acts(1, 2, 3)

    def test_hear_again_once(self) -> None:
        ear, book, deep = Ear(fails_with("act1")), Book(), []
        happenings = Happenings()
        happenings.happen(1)
        listen(new(ear))
        later = AT + following.PAUSE

        def hear(event: Event, at: Any) -> following.Write:
            if not deep:
                deep.append(event)
                following.turn(follower, later)
            return book(event, at)

        follower = new(hear)
        following.turn(follower, later)
        assert (book.rows, unheard()) == (acts(1), [])


@pytest.mark.postgres
class TestWhatCommitsLate:
    @pytest.fixture
    def other(self) -> Iterator[Any]:
        """Give a second connection to the same database."""
        second = connection.copy()
        yield second
        second.close()

    def test_is_waited_for(self, other: Any) -> None:
        """An event gets its row and its transaction first, and is committed last."""
        ear, early, late = Ear(), Happenings(), Happenings("two")
        follower = new(ear)
        (row,) = early.happen()
        columns = {field.attname: getattr(row, field.attname) for field in EventRow._meta.concrete_fields}
        del columns["id"]
        EventRow.objects.all().delete()
        insert = writing.Insert(
            EventRow, ({**columns, "xact": writing.Sql("pg_current_xact_id()::text::bigint")},)
        )
        with transaction.atomic(), other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(*writing.statement(insert))
        late.happen(1, kind="late")
        assert following.turn(follower, AT) == 0
        assert ear.heard == []
        other.cursor().execute("COMMIT")
        assert listen(follower) == 2
        assert sorted(ear.heard) == acts(1, 1)
        assert following.turn(follower, AT) == 0

    def test_though_its_row_was_numbered_before_what_was_heard(self) -> None:
        """The number of a row says nothing: one that was drawn early stands in a later transaction."""
        ear, happenings = Ear(), Happenings()
        follower = new(ear)
        happenings.happen(1, id=1_000_101)
        listen(follower)
        happenings.happen(1, id=1_000_100)
        listen(follower)
        assert ear.heard == acts(1, 2)

    def test_counts_as_present_for_who_begins_with_it(self, other: Any) -> None:
        ear, happenings = Ear(), Happenings()
        follower = new(ear, history=False)
        happenings.happen(2)
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()")
            assert following.turn(follower, AT) == 0
            happenings.happen(1)
            cursor.execute("COMMIT")
        listen(follower)
        assert ear.heard[-1:] == acts(3)

    def test_of_one_transaction_is_heard_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(following, "BATCH", 2)
        ear = Ear()
        with write():
            Happenings().happen(5)
        assert listen(new(ear)) == 5
        assert ear.heard == acts(1, 2, 3, 4, 5)


class TestARestore:
    @pytest.mark.postgres
    def test_keeps_what_was_not_heard_though_transactions_mean_nothing_any_more(self) -> None:
        ear, happenings = Ear(), Happenings()
        follower = new(ear)
        happenings.happen(1, id=11, xact=5)
        happenings.happen(1, id=13, xact=6)
        listen(follower)
        happenings.happen(1, id=12, xact=2**60)  # of a server that had counted much further
        assert following.turn(follower, AT) == 0
        following.keep_places()
        committed.forget_transactions()
        happenings.happen()
        listen(follower)
        assert ear.heard == acts(1, 2, 3, 2, 4)  # one twice, for it stands behind the one that was not heard

    def test_of_a_follower_that_had_heard_all_changes_nothing(self) -> None:
        ear, happenings = Ear(), Happenings()
        follower = new(ear)
        happenings.happen(2)
        listen(follower)
        following.keep_places()
        committed.forget_transactions()
        assert following.turn(follower, AT) == 0
        happenings.happen(1)
        listen(follower)
        assert ear.heard == acts(1, 2, 3)

    def test_of_a_node_without_events_begins_at_the_beginning(self) -> None:
        Mark.objects.create(follower="ear", xact=0, event=0)
        following.keep_places()
        assert place_of(new(Ear())) == committed.BEGINNING


class TestASettlement:
    def acknowledged_twice(self, world: World) -> tuple[str, Event]:
        """Return a case and what a copy of 嘉善 might have written at the place of its last event."""
        number = stories.acknowledged(world)
        with world.on("jiashan"):
            last = max((e for e in journal.events_of(number) if e.role == "handling"), key=lambda e: e.seq)
        made = ("format", "suite", "hash", "body", "content", "at")
        members = {name: value for name, value in last.document.items() if name not in made}
        at = events.format_time(world.at)
        return number, events.mint(**members, at=at, actor=last.actor, given=last.given)

    def exchange(self, world: World, number: str, twin: Event) -> str:
        """Let 嘉善 put its own last event aside and the twin in its place; return what it put aside."""
        state = holding.state_held(number)
        assert state is not None
        own = state.heads[twin.chain][1]
        Fork.objects.create(
            subject=number, chain=twin.chain, seq=twin.seq, hash=twin.hash, raw=twin.raw.decode(),
            body=(twin.body_raw or b"").decode(), sender=twin.node, at=world.at,
        )  # fmt: skip
        with write():
            settling._exchange(state, twin.chain, twin.seq, twin.hash, world.at)
        return str(own)

    def test_is_heard_as_the_branch_that_it_puts_into_the_chain(self, world: World) -> None:
        number, twin = self.acknowledged_twice(world)
        heard: list[str] = []
        follower = new(lambda event, at: heard.append(event.hash))
        with world.on("jiashan"):
            listen(follower)
            assert twin.hash not in heard
            own = self.exchange(world, number, twin)
            listen(follower)
            assert own in heard
            assert heard[-1] == twin.hash

    def test_takes_from_the_unheard_what_it_puts_aside(self, world: World) -> None:
        number, twin = self.acknowledged_twice(world)
        heard: list[str] = []
        with world.on("jiashan"):
            state = holding.state_held(number)
            assert state is not None
            own = state.heads[twin.chain][1]

            def hear(event: Event, at: Any) -> None:
                if event.hash == own:
                    raise ValueError
                heard.append(event.hash)

            follower = new(hear)
            listen(follower)
            assert len(unheard()) == 1
            self.exchange(world, number, twin)
            assert listen(follower, AT + timedelta(days=300)) == 1
            assert (heard[-1], unheard()) == (twin.hash, [])


class TestTheWorker:
    def test_hears_own_and_adopted_events_as_nodes_work(self, world: World) -> None:
        ear = Ear()
        with following.only(new(ear)):
            number = stories.forwarded(world)
            with world.on("jiashan"):
                of_it = EventRow.objects.filter(subject=number)
                assert set(of_it.values_list("own", flat=True)) == {True, False}
            world.settle()
        for key in ("qingyang", "jiashan"):
            with world.on(key):
                assert place_of(new(ear)) == newest()
        assert ear.heard.count(Act.FORWARD) == 2  # here and there

    def test_waits_for_no_follower_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lanes, "close_old_connections", connections.close_all)
        hangs, done = threading.Event(), threading.Event()
        slow, bad = Ear(lambda event: hangs.wait(PATIENCE)), Ear(fails_with("act1"))

        def hear(event: Event, at: Any) -> None:
            if event.kind == "act3":
                done.set()

        followers = (new(slow), Follower("bad", bad, history=True), Follower("quick", hear, history=True))
        with following.only(*followers):
            loop = worker.Loop()
        happenings = Happenings()
        happenings.happen(3)
        try:
            until = time.monotonic() + PATIENCE
            while not done.wait(0.01) and time.monotonic() < until:
                loop.followers.start(AT)
            assert done.is_set()
            assert slow.heard == []
        finally:
            hangs.set()
            loop.followers._pool.shutdown(wait=True)
            loop.stop()

    def test_rests_for_a_follower_that_can_store_nothing_and_for_no_other(self, world: World) -> None:
        asked: list[str] = []

        def full(event: Event, at: Any) -> None:
            asked.append("full")
            raise OSError(errno.ENOSPC, "No space left on device")

        well = Follower(
            "well", lambda event, at: asked.append("well"), kinds=frozenset({"file"}), history=True
        )
        ill = new(full, kinds=frozenset({"file"}))
        stories.filed(world)
        with world.on("qingyang"), following.only(ill, well):
            loop = worker.Loop()
            for _ in range(2):
                assert loop._follow(ill, world.at) == 0
            for _ in range(1000):
                if loop._follow(well, world.at):
                    break
            loop.stop()
        assert asked == ["full", "well"]


def test_an_act_pays_nothing_for_its_followers(world: World) -> None:
    number = stories.received(world)
    with world.on("qingyang"):
        before = Mark.objects.count(), Unheard.objects.count(), CalendarYear.objects.count()
        stories.do(
            world, "qingyang", number, Act.CHECK_IDENTITY, world["qingyang"].staff("window"),
            given={"method": "id_card"},
        )  # fmt: skip
        assert (Mark.objects.count(), Unheard.objects.count(), CalendarYear.objects.count()) == before

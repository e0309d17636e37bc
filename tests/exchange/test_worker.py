"""The loop of the background work: what it does when a step fails."""

import errno
import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests import stories
from tests.disks import unwritable
from tests.world import MONDAY, Node, World
from tongban.cases.words import Act
from tongban.exchange import catalogues, fetching, gateway, sending, wire, worker
from tongban.exchange.models import Peer
from tongban.exchange.worker import Loop, Step, seal
from tongban.kernel.models import Content
from tongban.kernel.time import clock as kernel_clock
from tongban.kernel.time.clock import Jump
from tongban.procedures import tasks as watch


class Work:
    """A step's work, that fails as often as it is told."""

    __name__ = "work"

    def __init__(self, *, failures: int) -> None:
        self.failures, self.calls = failures, 0

    def __call__(self, at: datetime) -> int:
        self.calls += 1
        if self.calls <= self.failures:
            raise ValueError("a bug")
        return 7


class Clock:
    """The monotonic clock, as the worker sees it."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(worker, "time", clock)
    return clock


def by_itself(loop: Loop) -> Loop:
    """Let nothing run in threads: it would not find the world's databases, and leave its connections open."""
    loop.lanes.start = loop.followers.start = loop.errands.start = lambda at: 0  # type: ignore[method-assign]
    return loop


def fail(step: Step, clock: Clock) -> float:
    """Let a step fail once more; return for how many seconds it rests, and let them pass."""
    assert step.take(MONDAY) == 0
    rest, clock.now = step.rests_until - clock.now, step.rests_until
    return round(rest, 3)


def test_a_failing_step_rests_ever_longer_up_to_half_a_minute(clock: Clock) -> None:
    step = Step(Work(failures=100))
    rests = [fail(step, clock) for _ in range(30)]
    assert rests[:4] == [0.2, 0.4, 0.8, 1.6]
    assert rests[8:] == [30.0] * 22


def test_a_resting_step_is_left_alone(clock: Clock) -> None:
    work = Work(failures=1)
    step = Step(work)
    step.take(MONDAY)
    clock.now += 0.19
    assert (step.take(MONDAY), work.calls) == (0, 1)
    clock.now += 0.01
    assert (step.take(MONDAY), work.calls) == (7, 2)


def test_a_step_that_works_again_begins_anew(clock: Clock) -> None:
    work = Work(failures=5)
    step = Step(work)
    for _ in range(5):
        fail(step, clock)
    assert step.take(MONDAY) == 7
    work.calls = 0
    assert fail(step, clock) == 0.2


def test_a_bug_is_logged_with_its_place(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    Step(Work(failures=1)).take(MONDAY)
    assert caplog.records[0].exc_info


def test_a_full_disk_is_one_line_each_time_and_so_is_its_end(
    world: World, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    stories.filed(world)
    step = Step(worker.run_once)
    with unwritable(world, "qingyang"), world.on("qingyang"):
        for _ in range(3):
            fail(step, clock)
    lines = [record.getMessage() for record in caplog.records]
    assert ["can store nothing" in line for line in lines] == [True] * 3, lines
    assert [record.exc_info for record in caplog.records] == [None] * 3
    with world.on("qingyang"):
        assert step.take(world.at) > 0
    assert caplog.records[-1].getMessage().endswith("run_once works again")


class TestTheLoop:
    @pytest.fixture
    def loop(self, world: World) -> Iterator[Loop]:
        """Give the loop of a node whose lanes do not run by themselves."""
        with world.on("qingyang"):
            loop = by_itself(Loop())
            yield loop
            loop.stop()

    def test_asks_each_peer_in_its_own_lane_once(self, world: World, loop: Loop) -> None:
        asked: list[str] = []

        def away(node: Node, raw: bytes) -> bytes:
            asked.append(json.loads(raw)["format"])
            raise gateway.Unreachable("silent")

        world.network.before = away
        loop.turn(world.at)
        assert asked == []  # a turn waits for nobody
        (peer,) = Peer.objects.all()
        for _ in range(2):
            loop._exchange(peer, world.at)
        assert sorted(asked) == sorted([wire.SEALS, wire.PAPERS_REQUEST])

    def test_asks_a_peer_that_answers_badly_ever_more_rarely(self, world: World, loop: Loop) -> None:
        for _ in range(4):
            stories.pushed(world)
        asked: list[float] = []
        start = world.at

        def badly(node: Node, raw: bytes) -> bytes:
            asked.append((world.at - start).total_seconds())
            raise gateway.Unreachable("no answer of a peer")

        seal(world.at)
        world.network.before = badly
        (peer,) = Peer.objects.all()
        for _ in range(200):
            loop._exchange(peer, world.at)
            world.at += timedelta(milliseconds=100)
        assert asked == [0.0, 1.0, 3.0, 7.0, 15.0]

    def test_watches_only_after_the_peers_were_asked(
        self, world: World, loop: Loop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        watched: list[datetime] = []
        monkeypatch.setattr(loop, "_watch", lambda at: watched.append(at) or 0)
        start = world.at
        for seconds in (0, 1, 2, 3, 31, 32, 33):
            loop.turn(start + timedelta(seconds=seconds))
        assert [(at - start).seconds for at in watched] == [2, 32]
        monkeypatch.setattr(kernel_clock, "_jump", Jump(start, time.monotonic()))
        for seconds in (34, 35, 36):
            loop.turn(start + timedelta(seconds=seconds))
        assert [(at - start).seconds for at in watched] == [2, 32, 36]


class TestAFullDisk:
    def test_is_about_no_matter_and_no_case_but_ends_the_step(
        self, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        number = stories.forwarded(world)
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(sending, "_sent", full)
        monkeypatch.setattr(fetching, "fetch", full)
        monkeypatch.setattr(watch, "arrive", full)
        with world.on("jiashan"):
            Content.objects.update(complete=False, next_at=world.at)
            steps = (
                lambda: sending.send_to(Peer.objects.get(), world.at),
                lambda: fetching.fetch_from(world["qingyang"].fingerprint, world.at),
                lambda: watch.arrive_alone(number, world.at),
            )
            for step in steps:
                with pytest.raises(OSError, match="No space"):
                    step()
        assert not caplog.records


class TestContentThatDoesNotCome:
    def test_is_asked_for_after_pauses_that_grow(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        stories.forwarded(world)
        source = world["qingyang"].fingerprint

        def away(*_: object) -> bool:
            raise gateway.Unreachable("down")

        monkeypatch.setattr(fetching, "fetch", away)
        with world.on("jiashan"):
            Content.objects.exclude(pk=Content.objects.order_by("pk")[0].pk).delete()
            Content.objects.update(complete=False, next_at=world.at, source=source, attempts=0)
            at, waited = world.at, []
            for _ in range(8):
                assert fetching.fetch_from(source, at) == set()
                next_at = Content.objects.get().next_at
                waited.append((next_at - at).total_seconds())
                assert fetching.fetch_from(source, next_at - timedelta(milliseconds=1)) == set()
                assert Content.objects.get().next_at == next_at
                at = next_at
        assert waited == [5, 10, 20, 40, 80, 160, 300, 300]


class TestPulling:
    def test_is_done_once_in_its_time_and_again_after_a_clock_set_back(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[datetime] = []
        with world.on("jiashan"):
            loop = by_itself(Loop())
            monkeypatch.setattr(
                loop, "_ask_all", lambda errand: asked.append(at) if errand is catalogues.pull else None
            )
            every, moment = catalogues.EVERY, timedelta(seconds=1)
            for at in (
                world.at, world.at, world.at + every - moment, world.at + every, world.at + every, world.at + every - moment,
            ):  # fmt: skip
                loop.turn(at)
            loop.stop()
            assert asked == [world.at, world.at + every, world.at + every - moment]

"""
The background work of a node: one loop, a few steps, each safe to be cut off and done again.

Each peer has a lane of its own, so that one that is slow, lies or is away keeps nobody else waiting.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import close_old_connections

from tongban.cases import tasks
from tongban.exchange import catalogues, epochs, fetching, sending, trust
from tongban.exchange.models import Peer
from tongban.kernel import clock, identity, seals, timekeeping
from tongban.materials import tasks as materials

log = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between rounds: how soon news leaves
WATCH_EVERY = timedelta(seconds=30)
STEP = 5.0  # seconds by which a clock may be set right without anybody minding
LANES = 8  # peers that are exchanged with at the same time


def run_once(at: datetime) -> int:
    """Do one round of what is due, one peer after the other; return how much was done, 0 when all is quiet."""
    if identity.row().recovering:
        return int(epochs.recover(at))
    # Sealed first: nothing of ours leaves before a seal counts it.
    done = int(seals.seal_pending(at) is not None)
    for peer in sending.active():
        done += lane(peer, at)
    return done + tasks.arrive_all(at)


def lane(peer: Peer, at: datetime) -> int:
    """Exchange with one peer: send what it lacks, fetch what it holds for us; return how much was done."""
    done = _guarded(lambda at: sending.send_to(peer, at), at)
    return done + sum(_arrive(subject, at) for subject in fetching.fetch_from(peer.node, at))


def _arrive(subject: str, at: datetime) -> int:
    return _guarded(lambda at: int(tasks.arrive(case=subject, at=at)), at)


def watch(at: datetime) -> int:
    """Do what need not be done every second: deemed acceptance, late duties, dates, destruction, online service, uploads."""
    if identity.row().recovering:
        return 0
    why = timekeeping.disagreement(at)
    if why is not None:
        log.warning("%s；时限监察暂停，校准后自动继续。", why)
        return 0
    steps: tuple[Callable[[datetime], int], ...] = (
        tasks.deem_all, tasks.set_dues, tasks.escalate_all, tasks.destroy_all, tasks.serve_online_all,
        materials.expire_uploads, materials.rescan_all,
    )  # fmt: skip
    return sum(_guarded(step, at) for step in steps)


class Looks:
    """
    The two looks that what cannot be undone needs: a clock that jumped between them is not believed.

    In between the server's clock must have gone as far as time has, by a count that nobody sets. A demo node's own day does
    not matter here: it is shifted from the server's.
    """

    def __init__(
        self, shows: Callable[[], float] = time.time, count: Callable[[], float] = time.monotonic
    ) -> None:
        self._shows, self._count = shows, count
        self._last = shows(), count()

    def agree(self) -> bool:
        """Return whether this look fits the one before."""
        before, self._last = self._last, (self._shows(), self._count())
        gone, passed = self._last[0] - before[0], self._last[1] - before[1]
        return abs(gone - passed) < STEP


class Lanes:
    """The peers' lanes as threads; a peer whose lane is still busy is left alone."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(LANES, thread_name_prefix="tongban-lane")
        self._busy: dict[str, Future[int]] = {}
        self._done = 0

    def start(self, at: datetime) -> int:
        """Start the lanes that are idle; return how much those that ended have done."""
        done = 0
        for node, future in list(self._busy.items()):
            if future.done():
                del self._busy[node]
                done += future.result()
        for peer in sending.active():
            if peer.node not in self._busy:
                self._busy[peer.node] = self._pool.submit(_run_lane, peer, at)
        return done

    def stop(self) -> None:
        """Wait for nobody: what was not finished is done again."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _hear_clocks(at: datetime) -> int:
    trust.ask_clocks(at)
    return 0


def _run_lane(peer: Peer, at: datetime) -> int:
    try:
        return _guarded(lambda at: lane(peer, at), at)
    finally:
        close_old_connections()


def _round(lanes: Lanes, at: datetime) -> int:
    if identity.row().recovering:
        return int(epochs.recover(at))
    done = int(seals.seal_pending(at) is not None)
    return done + lanes.start(at) + tasks.arrive_all(at)


def run_forever(stop: threading.Event) -> None:
    """Run until `stop` is set. A step that fails is logged, without content, and tried again."""
    next_watch = next_pull = datetime.min.replace(tzinfo=clock.OFFICIAL)
    lanes, looks = Lanes(), Looks()
    while not stop.is_set():
        at = clock.now()
        done = _guarded(lambda at: _round(lanes, at), at)
        if at >= next_watch or next_watch - at > WATCH_EVERY:
            _guarded(_hear_clocks, at)
            if looks.agree():
                done += _guarded(watch, at)
            next_watch = at + WATCH_EVERY
        if at >= next_pull:
            done += _guarded(catalogues.pull_all, at)
            next_pull = at + catalogues.EVERY
        close_old_connections()
        if not done:
            stop.wait(PAUSE)
    lanes.stop()


def start_in_background() -> threading.Event:
    """Start the loop in a thread of this process (embedded mode) and return what stops it."""
    stop = threading.Event()
    threading.Thread(target=run_forever, args=(stop,), name="tongban-worker", daemon=True).start()
    return stop


def _guarded(step: Callable[[datetime], int], at: datetime) -> int:
    try:
        return int(step(at))
    except Exception:
        log.exception("background step %s failed; it will be tried again", getattr(step, "__name__", "lane"))
        return 0

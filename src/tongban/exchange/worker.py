"""The background work of a node: one loop, a few steps, each safe to be cut off and done again, each failing alone."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections

from tongban.accounts.people import sweeping
from tongban.exchange import catalogues, epochs, lanes, trust, witnessing
from tongban.exchange.lanes import Lanes
from tongban.exchange.looks import Looks
from tongban.exchange.models import Peer
from tongban.kernel import checkpointing, identity, storage
from tongban.kernel.journal import seals
from tongban.kernel.time import clock, timekeeping
from tongban.materials import tasks as materials
from tongban.procedures import following, tasks
from tongban.procedures.following import Follower

type Errand = Callable[[Peer, datetime], int]

log = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between rounds: how soon news leaves
LONGEST_REST = 30.0  # seconds: how long a step that goes on failing is left alone
WATCH_EVERY = timedelta(seconds=30)
HEARD_WITHIN = timedelta(seconds=2)  # a peer that is there has answered by then

ERRANDS: tuple[Errand, ...] = (trust.hear, catalogues.pull)
WATCHES: tuple[Callable[[datetime], int], ...] = (
    materials.expire_uploads, materials.expire_drafts, materials.rescan_all, sweeping.sweep, *witnessing.STEPS,
)  # fmt: skip


def run_once(at: datetime) -> int:
    """Do one round of what is due, one peer after the other; return how much was done, 0 when all is quiet."""
    if identity.row().recovering:
        return int(epochs.recover(at))
    done = seal(at) + sum(lanes.exchange(peer, at) for peer in Peer.active())
    return done + tasks.arrive_all(at) + tasks.gather_fresh(at) + following.follow_all(at)


def seal(at: datetime) -> int:
    """Seal what was written: nothing of ours leaves before a seal counts it."""
    # A seal of a false time would make the next, of the right one, look like that of a copy.
    if timekeeping.disagreement(at) is not None:
        return 0
    return int(seals.seal_pending(at) is not None)


def watches() -> list[Callable[[datetime], int]]:
    """Return all that need not be done every second, of matters first."""
    return [*tasks.watches(), *WATCHES]


def watch(at: datetime) -> int:
    """Do what need not be done every second: deemed acceptance, late duties, dates, destruction, online service, uploads, drafts."""
    return sum(step(at) for step in watches()) if may_watch(at) else 0


def may_watch(at: datetime) -> bool:
    """Return whether what cannot be undone may be written now, by the state of the node and by its clock."""
    if identity.row().recovering:
        return False
    why = timekeeping.disagreement(at)
    if why is not None:
        log.warning("%s；时限监察暂停，校准后自动继续。", why)
    return why is None


def run_forever(stop: threading.Event) -> None:
    """Run until `stop` is set. A step that fails is logged, without content, and tried again, ever more rarely."""
    loop = Loop()
    turn = Step(loop.turn, "turn")
    clock.watch()
    checkpointing.start_in_background(stop)
    while not stop.is_set():
        done = turn.take(clock.now())
        close_old_connections()
        if not done:
            stop.wait(PAUSE)
    loop.stop()


def start_in_background() -> threading.Event:
    """Start the loop in a thread of this process (embedded mode) and return what stops it."""
    stop = threading.Event()
    threading.Thread(target=run_forever, args=(stop,), name="tongban-worker", daemon=True).start()
    return stop


class Loop:
    """The steps of the loop, how each has been faring, and when the rarer ones are due."""

    def __init__(self) -> None:
        self.lanes = Lanes(self._exchange, Peer.active, lambda peer: peer.node, lanes.LANES)
        followers = following.everyone()
        self.followers = Lanes(self._follow, lambda: followers, lambda one: one.name, max(1, len(followers)))
        self._following = {one.name: _step_of(one) for one in followers}
        errands = {name: Step(work, f"errand {name}") for name, work in tasks.errands().items()}
        self.errands = Lanes(
            lambda name, at: errands[name].take(at), lambda: errands, str, max(1, len(errands))
        )
        self._looks = Looks()
        self._sealing, self._arriving = Step(seal), Step(tasks.arrive_all)
        self._gathering = Step(tasks.gather_fresh)
        self._recovering = Step(_recover)
        self._watching = [Step(work) for work in watches()]
        self._peers: dict[str, Step] = {}
        self._besides: set[tuple[str, Errand]] = set()  # what is to be asked of a peer, in its own lane
        self._next_watch = self._next_pull = datetime.min.replace(tzinfo=clock.OFFICIAL)
        self._jump, self._asked = clock.jump(), False

    def turn(self, at: datetime) -> int:
        """Do one round; return how much was done."""
        if self._recovering.take(at):
            return 1
        if identity.row().recovering:
            return 0
        done = self._sealing.take(at) + self.lanes.start(at) + self._arriving.take(at)
        done += self.followers.start(at) + self.errands.start(at)
        done += self._gathering.take(at)
        # A clock set back must not put the watch off until the false date.
        jumped = self._jumped()
        if at >= self._next_watch or self._next_watch - at > WATCH_EVERY or jumped:
            # What cannot be undone waits until the peers' clocks were asked for, whatever else there is to say to them.
            first, self._asked = jumped or not self._asked, True
            self._next_watch = at + (HEARD_WITHIN if first else WATCH_EVERY)
            self._ask_all(trust.hear)
            done += 0 if first else self._watch(at)
        if at >= self._next_pull or self._next_pull - at > catalogues.EVERY:
            self._next_pull = at + catalogues.EVERY
            self._ask_all(catalogues.pull)
        return done

    def stop(self) -> None:
        """Let go of the lanes."""
        self.lanes.stop()
        self.followers.stop()
        self.errands.stop()

    def _ask_all(self, errand: Errand) -> None:
        """Let each peer's lane do something besides: who does not answer keeps nobody waiting."""
        for peer in Peer.active():
            self._besides.add((peer.node, errand))

    def _jumped(self) -> bool:
        """Return whether the clock has jumped since the last watch: then the peers are asked at once."""
        before, self._jump = self._jump, clock.jump()
        return self._jump is not before

    def _watch(self, at: datetime) -> int:
        if not self._looks.agree() or not may_watch(at):
            return 0
        return sum(step.take(at) for step in self._watching)

    def _follow(self, follower: Follower, at: datetime) -> int:
        """Do what a follower's lane does, resting after failures for itself alone."""
        return self._following[follower.name].take(at)

    def _exchange(self, peer: Peer, at: datetime) -> int:
        """Do what a peer's lane does, resting after failures for itself alone."""
        node = peer.node
        if node not in self._peers:
            self._peers[node] = Step(lambda at: self._lane(node, at), f"exchange with {node[:16]}")
        return self._peers[node].take(at)

    def _lane(self, node: str, at: datetime) -> int:
        # As it stands now: how often it failed, when it was heard, whether it was removed while this lane waited.
        peer = Peer.active().filter(node=node).first()
        if peer is None:
            return 0
        done = 0
        for errand in ERRANDS:
            if (node, errand) in self._besides:
                self._besides.discard((node, errand))
                done += errand(peer, at)
        return done + lanes.exchange(peer, at)


def _step_of(follower: Follower) -> "Step":
    return Step(lambda at: following.turn(follower, at), f"follower {follower.name}")


def _recover(at: datetime) -> int:
    return int(identity.row().recovering and epochs.recover(at))


@dataclass(slots=True)
class Step:
    """A step of the loop, and how it has been faring."""

    work: Callable[[datetime], int]
    called: str = ""
    failures: int = 0  # in a row
    rests_until: float = 0.0  # by the monotonic clock: a demo node may move the other one

    def take(self, at: datetime) -> int:
        """Do the step and return how much was done; while it rests after a failure, do nothing."""
        if time.monotonic() < self.rests_until:
            return 0
        try:
            done = int(self.work(at))
        except Exception as error:
            rest = self._rest()
            if full := storage.refusal_of(error):
                # One line and no traceback: the log may lie on the very disk that is full.
                log.error(
                    "background step %s can store nothing: %s; again in %.1f s", self.name, full.reason, rest
                )
            else:
                log.exception("background step %s failed; it will be tried again in %.1f s", self.name, rest)
            return 0
        if self.failures:
            log.warning("background step %s works again", self.name)
        self.failures = 0
        return done

    @property
    def name(self) -> str:
        """What the log calls it."""
        return self.called or self.work.__name__

    def _rest(self) -> float:
        """Leave the step alone for a while, twice as long each time; return for how many seconds."""
        rest: float = min(PAUSE * 2**self.failures, LONGEST_REST)
        self.failures, self.rests_until = min(self.failures + 1, 20), time.monotonic() + rest
        return rest

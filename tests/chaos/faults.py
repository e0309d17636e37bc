"""What is done to the nodes: drawn beforehand from a seed, and each undone again before the next on the same node."""

import logging
import random
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos import lines
from tests.chaos.nodes import Laid, Nodes
from tests.chaos.people import Book, Place
from tongban.demonstration.building import DemonstrationFailed
from tongban.demonstration.courses import PROXY
from tongban.demonstration.errand import Errand
from tongban.demonstration.people import Person
from tongban.kernel.crashpoints import POINTS

log = logging.getLogger(__name__)

KILL, CRASH, CLOCK, DISK, LINE = "kill", "crash_point", "clock", "disk", "line"
SHARES = {KILL: 30, CRASH: 22, CLOCK: 12, DISK: 12, LINE: 24}  # of a hundred
HOUR, DAY = 3600, 86400
JUMPS = (-9 * DAY, -2 * DAY, -5 * HOUR, -HOUR // 2, HOUR // 2, 5 * HOUR, 2 * DAY, 9 * DAY)
REACHED = 12.0  # seconds of serving in which work should bring a node to its crash point; then it is killed
NOTICED = 120.0  # seconds in which a node must notice what is wrong, and that it is right again


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is done: to which node (or to the lines between which two), how, for how long."""

    kind: str
    node: str
    how: Any = None
    other: str = ""
    seconds: float = 0.0
    before: float = 0.0  # seconds of peace before it


def plan(seed: int, count: int, keys: Sequence[str]) -> list[Fault]:
    """Return the faults of a run: of every kind its share, on every node about as many, in an order drawn from the seed."""
    rng = random.Random(f"faults/{seed}")
    kinds = [kind for kind, share in SHARES.items() for _ in range(max(2, round(count * share / 100)))]
    kinds = (kinds + [KILL] * count)[:count] if len(kinds) < count else rng.sample(kinds, count)
    rng.shuffle(kinds)
    return [_drawn(kind, turn, rng, keys) for turn, kind in enumerate(kinds)]


def _drawn(kind: str, turn: int, rng: random.Random, keys: Sequence[str]) -> Fault:
    node, other = rng.sample(list(keys), 2)
    how: dict[str, Callable[[], Any]] = {
        CRASH: lambda: f"{rng.choice(POINTS)}:{rng.randint(1, 3)}",
        CLOCK: lambda: rng.choice(JUMPS),
        LINE: lambda: rng.choice(list(lines.TROUBLES)),
    }
    return Fault(kind, node, how.get(kind, lambda: None)(), other, rng.uniform(1, 6), rng.uniform(0.2, 2.0))


@dataclass(slots=True)
class Tormentor:
    """Does the faults of a plan: those of one node one after the other, those of different nodes beside each other."""

    nodes: Nodes
    laid: Laid
    book: Book
    until: float  # of the monotonic clock: nothing new is begun after that
    done: Counter[str] = field(default_factory=Counter)
    how: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    _one_clock: threading.Lock = field(default_factory=threading.Lock)
    _probes: dict[str, "Probe"] = field(default_factory=dict)

    def prepare(self) -> None:
        """Let each node have a case on which its clock can be asked."""
        for key in self.nodes:
            self._probes[key] = Probe(Place.of(self.nodes, self.book), key, self._another(key))

    def torment(self, faults: Sequence[Fault]) -> None:
        """Do faults that must not meet, one after the other."""
        for fault in faults:
            if time.monotonic() + fault.before > self.until:
                return
            time.sleep(fault.before)
            log.info("%s %s %s %s", fault.kind, fault.node, fault.other, fault.how)
            try:
                getattr(self, f"_{fault.kind}")(fault)
                self.done[fault.kind] += 1
            except Exception as error:  # noqa: BLE001  # the others go on; this is what the run is for
                self.violations.append(f"{fault}: {type(error).__name__}: {error}")
            log.info("%s %s is over", fault.kind, fault.node)

    def lanes(self, faults: Sequence[Fault]) -> list[list[Fault]]:
        """Return the plan by what its faults are done to: each node, and the lines."""
        apart = [[f for f in faults if f.kind != LINE and f.node == key] for key in self.nodes]
        return [*apart, [f for f in faults if f.kind == LINE]]

    def _kill(self, fault: Fault) -> None:
        node = self.nodes[fault.node]
        node.kill()
        node.start()

    def _crash_point(self, fault: Fault) -> None:
        node = self.nodes[fault.node]
        before = len(node.died_at())
        node.kill()
        node.start(fault.how, ready=False)
        _eventually(lambda: node.answers() or node.has_ended(), NOTICED)
        _eventually(lambda: len(node.died_at()) > before or node.has_ended(), REACHED)
        reached = len(node.died_at()) > before
        self.how["crash_point:" + (fault.how.partition(":")[0] if reached else "not reached, killed")] += 1
        node.kill()
        node.start()

    def _clock(self, fault: Fault) -> None:
        node, probe = self.nodes[fault.node], self._probes[fault.node]
        # Of three clocks one is wrong: with two, nobody could say which.
        with self._one_clock:
            began = time.monotonic()
            node.set_clock(fault.how)
            try:
                if not _eventually(lambda: probe.asks() == "clock_disagrees", NOTICED):
                    self.violations.append(f"{fault}: a clock wrong by {fault.how} s was not noticed")
                self.how["clock: seconds until noticed"] += round(time.monotonic() - began)
                time.sleep(fault.seconds)
            finally:
                node.set_clock()
            began = time.monotonic()
            if not _eventually(lambda: probe.asks() == "act_not_allowed", NOTICED):
                self.violations.append(f"{fault}: acts are still refused though the clock is right again")
            self.how["clock: seconds until right again"] += round(time.monotonic() - began)
        self.how["clock: ahead" if fault.how > 0 else "clock: behind"] += 1

    def _disk(self, fault: Fault) -> None:
        node, probe = self.nodes[fault.node], self._probes[fault.node]
        process = node.process
        node.disk.fill()
        try:
            full = _eventually(lambda: probe.writes() == "storage_full", 10.0)
            self.how["disk: refused with storage_full" if full else "disk: found room until the end"] += 1
            time.sleep(fault.seconds)
        finally:
            node.disk.free()
        if not _eventually(lambda: probe.writes() == "", NOTICED):
            self.violations.append(f"{fault}: there is room again, and the node refuses to write")
        if node.has_ended() or node.process != process:
            self.violations.append(f"{fault}: the node ended over a full disk")

    def _line(self, fault: Fault) -> None:
        both = (self.laid[fault.node, fault.other], self.laid[fault.other, fault.node])
        with _become(both if fault.how != lines.DEAF else both[:1], fault.how):
            time.sleep(fault.seconds)
        self.how[f"line: {fault.how}"] += 1

    def _another(self, key: str) -> str:
        return next(other for other in self.nodes if other != key)


class Probe:
    """Somebody at a node's window who asks, without changing anything, whether acts and writing are refused, and why."""

    def __init__(self, place: Place, key: str, other: str) -> None:
        errand = Errand(place, intake_key=key, handling_key=other)
        errand.file(PROXY, "PROXY_INTAKE")
        self._number, self._node = errand.number, place.nodes[key]
        self._version = errand.clerk.case(errand.number)["version"]
        self._offering = errand.offering(errand.clerk, errand.handling.node.division)
        self._person: Asking | None = None

    def asks(self) -> str:
        """Ask for an act that the phase does not allow: `act_not_allowed` where the clock is believed."""
        path = f"/api/v1/cases/{self._number}/acts/pass_review"
        return self._said("POST", path, json={"version": self._version})

    def writes(self) -> str:
        """Open a draft that nobody files; return `` where there was room."""
        return self._said("POST", "/api/v1/drafts", json={"offering": self._offering})

    def _said(self, method: str, path: str, **more: Any) -> str:
        if self._person is None:
            self._person = Asking(self._node, f"{self._node.node.prefix}-window2", post="counter")
        return self._person.code_of(method, path, **more)


class Asking(Person):
    """Somebody who takes the first answer, and asks anew another time."""

    def code_of(self, method: str, path: str, **more: Any) -> str:
        """Return the code of the refusal, or nothing if there was none."""
        try:
            reply = self._request(method, path, headers={"Idempotency-Key": uuid.uuid4().hex}, **more)
        except httpx.TransportError:
            return "no answer"
        except DemonstrationFailed as refusal:  # of signing in
            found = re.search(r'"code": ?"(\w+)"', str(refusal))
            return found[1] if found else str(refusal)
        if reply.status_code < 300:
            return ""
        return (
            str(reply.json()["code"]) if "json" in reply.headers["content-type"] else str(reply.status_code)
        )


@contextmanager
def _become(both: Sequence[lines.Line], state: str) -> Iterator[None]:
    for line in both:
        line.become(state)
    try:
        yield
    finally:
        for line in both:
            line.become(lines.OPEN)


def _eventually(holds: Callable[[], bool], seconds: float) -> bool:
    patience = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > patience:
            return False
        time.sleep(0.3)
    return True

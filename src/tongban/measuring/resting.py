"""
Starting and resting: how soon a node answers after `serve`, and whether its memory grows as it answers.

The floor of a start is what importing the application takes, in a process that does nothing else.
"""

import itertools
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tongban.demonstration import running
from tongban.measuring import bench, load, processor
from tongban.measuring.bench import Figure
from tongban.measuring.places import Place, place

WARM = 500  # requests before the memory is read first
A_SECOND = 2000  # requests for each second that a round is said to take: 10,000 by default
OPEN = 100  # open duties of the department
LONGEST = 3600.0  # seconds
MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Rested(Figure):
    """What starts came to, and the memory of the node before and after so many requests, in MB."""

    requests: int = 0
    memory_mb: float = 0.0
    grown_mb: float = 0.0

    @property
    def besides(self) -> str:
        """In words, what only this measurement has."""
        return f"；内存 {self.memory_mb} MB，{self.requests} 次请求后多 {self.grown_mb} MB"


def measure(
    name: str, database: str, *, rows: int, seconds: float, rounds: int, tell: Callable[[str], Any]
) -> Rested:
    """
    Start a node some times, then let it answer.

    Raises:
        NotMeasured: PostgreSQL is missing. BadAnswer: an answer is no success.
    """
    with place(database, callers=8) as there:
        from tongban.kernel.time import clock
        from tongban.measuring import cases, history

        history.copies(cases.delivered(clock.now()), rows)
        starts, floors = [], []
        for turn in range(rounds):
            floors.append(_importing(there) * 1000)
            starts.append(_start(there) * 1000)
            tell(f"第 {turn + 1} 轮：{starts[-1]:.0f} 毫秒后应答，下限 {floors[-1]:.0f}")
        requests = max(WARM, round(seconds * A_SECOND))
        before, after = _memory(there, requests)
    return bench.figure_of(
        Rested, name, database, "ms to the first answer", starts, floors, starts, rows, bench.Costs(),
        requests=requests, memory_mb=round(before / MB, 1), grown_mb=round((after - before) / MB, 1),
    )  # fmt: skip


def _importing(there: Place) -> float:
    said = "import django; django.setup(); import tongban.assembly.wsgi"
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", said], env=there.built.environment(), check=True)
    return time.perf_counter() - begun


def _start(there: Place) -> float:
    begun = time.perf_counter()
    process = there.serve()
    try:
        with httpx.Client(base_url=there.built.url, trust_env=False) as http:
            while True:
                try:
                    http.get("/").raise_for_status()
                    return time.perf_counter() - begun
                except httpx.TransportError:
                    time.sleep(0.005)
                if process.poll() is not None:
                    raise load.BadAnswer("the node ended as it started")
    finally:
        running.stop([process])


def _memory(there: Place, requests: int) -> tuple[int, int]:
    """Return the bytes that the node takes after its first requests, and after so many more: pages and the API, in turn."""
    from tongban.kernel.time import clock
    from tongban.measuring import cases, history

    number = cases.arrived(clock.now())
    history.copies(number, OPEN)
    officer, anybody = there.caller(cases.OFFICER), there.caller("")
    paths = [
        ("/desk/", officer),
        (f"/desk/{number}/", officer),
        ("/api/v1/duties?limit=50", officer),
        ("/", anybody),
        ("/items/", anybody),
    ]
    with there.served() as server:
        read = []
        for count in (WARM, requests):
            each = itertools.cycle([who.request("GET", path) for path, who in paths])
            callers = [itertools.islice(each, count // there.callers) for _ in range(there.callers)]
            load.drive(there.port, callers, LONGEST)
            read.append(processor.memory([server]))
    return read[0], read[1]

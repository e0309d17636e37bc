"""Whose processor time it was: what /proc says of the application, of PostgreSQL, of this process, and of everybody else."""

import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_CORES = os.cpu_count() or 1
QUIET = 0.10  # of the machine: with more of it in other hands, a figure is none (docs/performance.md)


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds of processor time spent until a moment."""

    application: float
    database: float
    load: float
    everybody: float

    def since(self, before: "Reading") -> "Reading":
        """Return what was spent between two readings."""
        return Reading(
            self.application - before.application, self.database - before.database, self.load - before.load,
            self.everybody - before.everybody,
        )  # fmt: skip

    def foreign(self, seconds: float) -> float:
        """Return the share of the machine that others had during so many seconds."""
        others = self.everybody - self.application - self.database - self.load
        return max(0.0, others / (seconds * _CORES))


def read(application: Iterable[int], database: Iterable[int] = ()) -> Reading:
    """Take a reading; the processes are given by number, and count with all that they have started."""
    tree = _children()
    return Reading(_spent(application, tree), _spent(database, tree), time.process_time(), _of_the_machine())


def postmaster(backend: int) -> list[int]:
    """Return the server that a backend belongs to, by its process; nothing where it runs on another machine."""
    found = _stat(backend)
    return [found[0]] if found and _is_postgres(found[0]) else []


def _is_postgres(process: int) -> bool:
    try:
        return "postgres" in Path(f"/proc/{process}/comm").read_text(encoding="utf-8")
    except OSError:
        return False


def memory(processes: Iterable[int]) -> int:
    """Return the bytes of memory that processes and all that they have started take; what several share counts once."""
    return sum(map(_memory, _family(processes, _children())))


def _memory(process: int) -> int:
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _children() -> dict[int, list[int]]:
    tree: dict[int, list[int]] = {}
    for one in Path("/proc").iterdir():
        if one.name.isdigit() and (found := _stat(int(one.name))):
            tree.setdefault(found[0], []).append(int(one.name))
    return tree


def _spent(processes: Iterable[int], tree: dict[int, list[int]]) -> float:
    return sum(found[1] for one in _family(processes, tree) if (found := _stat(one))) / _TICK


def _family(processes: Iterable[int], tree: dict[int, list[int]]) -> Iterator[int]:
    waiting = list(processes)
    while waiting:
        process = waiting.pop()
        waiting += tree.get(process, [])
        yield process


def _stat(process: int) -> tuple[int, int] | None:
    """Return the parent of a process, and the ticks that it and its children that are gone have spent."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = told.rpartition(")")[2].split()
    return int(fields[1]), sum(int(one) for one in fields[11:15])


def _of_the_machine() -> float:
    told = Path("/proc/stat").read_text(encoding="ascii")
    user, nice, system, _idle, _waiting, irq, softirq, steal = (
        int(one) for one in re.split(r"\s+", told.partition("\n")[0])[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / _TICK

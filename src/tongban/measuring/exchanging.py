"""
Cases handed over by many peers at once: each posts one message after another and waits for its receipt.

The node that is measured does all that it does in earnest; the peers' messages are made beforehand, and their receipts are
asked afterwards whether they are ones (`peers`). What is measured is thus the receiving node alone.
"""

import itertools
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongban.demonstration.building import Built
from tongban.demonstration.counties import JIASHAN
from tongban.measuring import bench, load
from tongban.measuring.bench import Figure
from tongban.measuring.load import BadAnswer, Run
from tongban.measuring.places import Place, place

FIRST = 25  # cases of each peer before the first round: what is only slow the first time, and how many a round needs
MORE = 1.6  # times what the round before came to are made for the next


@dataclass(frozen=True, slots=True)
class Exchanged(Figure):
    """What a measurement of the exchange came to; beside the rest, cases a second of the slowest and the fastest peer."""

    slowest: float = 0.0
    fastest: float = 0.0

    @property
    def besides(self) -> str:
        """In words, what only this measurement has."""
        return f"；最慢的对方节点 {self.slowest}，最快的 {self.fastest}"


def measure(
    name: str, database: str, *, rows: int, seconds: float, rounds: int, tell: Callable[[str], Any]
) -> Exchanged:
    """
    Measure the exchange with a node of its own, whose neighbour takes in the case that is copied.

    Raises:
        NotMeasured: PostgreSQL is missing. BadAnswer: an answer is no success, or no receipt for what was sent.
    """
    with place(database, beside=[JIASHAN]) as there:
        from tongban.kernel.time import clock
        from tongban.measuring import cases, history

        tell(f"正在放入 {rows} 件已办结的办件……")
        history.copies(cases.delivered(clock.now()), rows)
        runs, floors = _rounds(there, seconds=seconds, rounds=rounds, tell=tell)
    each = [[count / run.seconds for count in run.by_caller] for run in runs]
    return bench.figure_of(
        Exchanged, name, database, "cases/s", [run.per_second for run in runs], [run.per_second for run in floors],
        [wait for run in runs for wait in run.waits], rows, bench.Costs(),
        slowest=round(statistics.median(min(one) for one in each), 1),
        fastest=round(statistics.median(max(one) for one in each), 1),
    )  # fmt: skip


def _rounds(
    there: Place, *, seconds: float, rounds: int, tell: Callable[[str], Any]
) -> tuple[list[Run], list[Run]]:
    from tongban.measuring import posting

    lanes = posting.lanes_with(_taken_in(there.beside[0]))
    runs: list[Run] = []
    floors: list[Run] = []
    with there.served():
        posting.prepare(lanes, FIRST)
        run = posting.hand_over(there.port, lanes, 600.0)
        for turn in range(rounds):
            posting.prepare(lanes, max(FIRST, round(run.per_second * seconds * MORE / len(lanes))))
            floors.append(_floor(there, posting.bodies(lanes), posting.answered(lanes), seconds))
            run = posting.hand_over(there.port, lanes, seconds)
            runs.append(run)
            tell(f"第 {turn + 1} 轮：{run.per_second:.0f} cases/s，下限 {floors[-1].per_second:.0f}")
    posting.check(lanes)
    return runs, floors


def _taken_in(neighbour: Built) -> bytes:
    command = [sys.executable, "-m", "tongban.measuring.handing_over"]
    done = subprocess.run(command, env=neighbour.environment(), capture_output=True, check=False)
    if done.returncode:
        raise BadAnswer(done.stderr.decode(errors="replace")[-1500:])
    return done.stdout


def _floor(there: Place, bodies: Sequence[Sequence[bytes]], size: int, seconds: float) -> Run:
    with _barest(there.built.home.parent / "floor", size) as port:
        callers = [
            itertools.cycle(
                [b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw for raw in own]
            )
            for own in bodies
        ]
        return load.drive(port, callers, seconds)


@contextmanager
def _barest(file: Path, size: int) -> Iterator[int]:
    command = [sys.executable, "-m", "tongban.measuring.barest", str(file), str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield int(process.stdout.readline() if process.stdout else b"")
        finally:
            process.kill()
            file.unlink(missing_ok=True)

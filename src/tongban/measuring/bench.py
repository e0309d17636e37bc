"""One measurement: build, lay history behind it, serve, then floor and figure in turn, and the medians of both."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tongban.measuring import floor, load
from tongban.measuring.places import Place, place

WORKLOADS = ("submit", "advance", "queue", "page", "verify")


@dataclass(frozen=True, slots=True)
class Figure:
    """What a measurement came to; `ratio` is figure ÷ floor of the same run."""

    name: str
    database: str
    figure: float
    unit: str
    floor: float
    ratio: float
    p50_ms: float
    p99_ms: float
    rows_before: int

    def to_json(self) -> str:
        """Return it for machines, on one line."""
        return json.dumps(asdict(self), ensure_ascii=False)


def measure(
    name: str, database: str, *, rows: int, seconds: float, rounds: int, tell: Callable[[str], Any]
) -> Figure:
    """
    Measure one workload on a node of its own.

    Raises:
        NotMeasured: PostgreSQL or pgbench is missing. BadAnswer: the node did not answer as it should.
    """
    tell(f"正在建立测量用的节点（{database}）……")
    with place(database) as there:
        from tongban.kernel.time import clock
        from tongban.measuring import cases, history, verifying, workloads

        tell(f"正在放入 {rows} 件已办结的办件……")
        history.copies(cases.delivered(clock.now()), rows, "H")
        if name == "verify":
            figures, floors, waits = verifying.measure(clock.now(), seconds=seconds, rounds=rounds)
            return _figure(name, database, "dossiers/s", figures, floors, waits, rows)
        workload = getattr(workloads, name)(there)
        floors, runs = [], []
        with there.served():
            load.drive(there.port, workload.callers(1), 1)  # what is only slow the first time
            for turn in range(rounds):
                floors.append(_floor(there, workload, seconds))
                runs.append(load.drive(there.port, workload.callers(seconds), seconds))
                tell(f"第 {turn + 1} 轮：{runs[-1].per_second:.0f} {workload.unit}，下限 {floors[-1]:.0f}")
    figures = [run.per_second for run in runs]
    return _figure(
        name, database, workload.unit, figures, floors, [wait for run in runs for wait in run.waits], rows
    )


def _floor(there: Place, workload: Any, seconds: float) -> float:
    if there.database == "postgresql":
        return floor.pgbench(there.url, workload.scripts(), max(1, round(seconds)))
    return floor.bare_loop(there.built.home / "tongban.sqlite3", workload.turns(), seconds)


def _figure(
    name: str, database: str, unit: str, figures: Sequence[float], floors: Sequence[float], waits: Sequence[float],
    rows: int,
) -> Figure:  # fmt: skip
    ordered, figure, ground = sorted(waits), statistics.median(figures), statistics.median(floors)
    return Figure(
        name=name, database=database, figure=round(figure, 1), unit=unit, floor=round(ground, 1),
        ratio=round(figure / ground, 3), p50_ms=round(ordered[len(ordered) // 2], 2),
        p99_ms=round(ordered[len(ordered) * 99 // 100], 2), rows_before=rows,
    )  # fmt: skip

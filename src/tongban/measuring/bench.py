"""Measurements: build, lay history around them, serve, then floor and figure in turn, and the medians of both."""

import itertools
import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tongban.measuring import floor, load, processor
from tongban.measuring.places import Place, place

WORKLOADS = (
    "submit", "advance", "queue", "page", "case_page", "window_page", "supervision_page", "item_page", "home_page", "verify",
    "letters", "find", "exchange", "resting",
)  # fmt: skip
ALONE = 300  # requests at most that are made in this process, one after another
A_SECOND = 100  # of them for each second of a round


@dataclass(frozen=True, slots=True)
class Costs:
    """
    Processor time of one request, in microseconds, by who spent it; nothing where nobody can say.

    `alone` is in the process that answers, without a line and with nothing beside it; `foreign` is the share of the machine that
    others had during the rounds.
    """

    application_us: float | None = None
    database_us: float | None = None
    load_us: float | None = None
    alone_us: float | None = None
    foreign: float | None = None


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
    p95_ms: float
    p99_ms: float
    rows_before: int
    costs: Costs

    @property
    def besides(self) -> str:
        """What only this measurement has, in words."""
        return ""

    @property
    def is_quiet(self) -> bool:
        """Whether the machine was left alone enough for this to be called a figure."""
        return self.costs.foreign is None or self.costs.foreign <= processor.QUIET

    def to_json(self) -> str:
        """Return it for machines, on one line."""
        told = asdict(self)
        told |= {**told.pop("costs"), "quiet": self.is_quiet}
        return json.dumps(told, ensure_ascii=False)

    def to_text(self) -> str:
        """Return it for people."""
        costs = self.costs
        spent = [
            f"{what} {value:.0f} 微秒"
            for what, value in (
                ("应用", costs.application_us), ("数据库", costs.database_us), ("发起方", costs.load_us),
                ("单独在进程内", costs.alone_us),
            )
            if value is not None
        ]  # fmt: skip
        lines = [
            f"{self.name}（{self.database}，已有 {self.rows_before} 件）：{self.figure:.1f} {self.unit}，"
            f"下限 {self.floor:.1f}，比值 {self.ratio}；p50 {self.p50_ms} 毫秒，p95 {self.p95_ms} 毫秒，p99 {self.p99_ms} 毫秒"
        ]
        lines[0] += self.besides
        if spent:
            lines.append(f"  每次的处理器时间：{'，'.join(spent)}")
        if costs.foreign is not None:
            lines.append(f"  其间他人占用本机 {costs.foreign:.0%}")
        if not self.is_quiet:
            lines.append("  他人占用过多，以上不作为数字，只可与同轮的另一版本相比。")
        return "\n".join(lines)


def measure(
    names: Sequence[str], database: str, *, rows: int, seconds: float, rounds: int, callers: int, waiting: int,
    tell: Callable[[str], Any],
) -> Iterator[Figure]:  # fmt: skip
    """
    Measure workloads one after another on a node of their own.

    Raises:
        NotMeasured: PostgreSQL or pgbench is missing. BadAnswer: the node did not answer as it should.
    """
    with place(database, callers=callers, waiting=waiting) as there:
        from tongban.kernel.time import clock
        from tongban.measuring import cases, finding, history, lettering, verifying, workloads

        # What is measured in this process, with a floor of its own.
        within = {
            "verify": (verifying.measure, "dossiers/s"), "letters": (lettering.measure, "letters/s"),
            "find": (finding.measure, "look-ups/s"),
        }  # fmt: skip

        tell(f"正在放入 {rows} 件已办结的办件……")
        ended = cases.delivered(clock.now())
        history.copies(ended, rows // 2)
        cases.sit_down(clock.now())
        prepared = {name: getattr(workloads, name)(there) for name in names if name not in within}
        history.copies(ended, rows - rows // 2)  # half of it is newer than what is open
        # What the floor writes is no true record; the node that is measured must not come upon it.
        with there.copied() as ground, there.served() as server:
            for name in names:
                if name in within:
                    work, unit = within[name]
                    told = work(clock.now(), seconds=seconds, rounds=rounds)
                    yield figure_of(Figure, name, database, unit, *told, rows, Costs())
                else:
                    yield _measured(name, there, ground, server, prepared[name], rows, seconds, rounds, tell)


def _measured(
    name: str, there: Place, ground: str, server: int, workload: Any, rows: int, seconds: float, rounds: int,
    tell: Callable[[str], Any],
) -> Figure:  # fmt: skip
    floors, runs, spent, database = [], [], [], there.database_server()
    load.drive(there.port, workload.callers(1), min(1, seconds))  # what is only slow the first time
    for turn in range(rounds):
        floors.append(_floor(ground, workload, seconds))
        callers, before = workload.callers(seconds), processor.read([server], database)
        runs.append(load.drive(there.port, callers, seconds))
        spent.append(processor.read([server], database).since(before))
        tell(f"第 {turn + 1} 轮：{runs[-1].per_second:.0f} {workload.unit}，下限 {floors[-1]:.0f}")
    figures, waits = [run.per_second for run in runs], [wait for run in runs for wait in run.waits]
    costs = _costs(workload, runs, spent, has_database=bool(database))
    return figure_of(Figure, name, there.database, workload.unit, figures, floors, waits, rows, costs)


def _costs(
    workload: Any, runs: Sequence[load.Run], spent: Sequence[processor.Reading], *, has_database: bool
) -> Costs:
    from tongban.measuring import inprocess, workloads

    answers = sum(run.answers for run in runs)
    each = {
        what: round(sum(getattr(one, what) for one in spent) / answers * 1e6, 1)
        for what in ("application", "database", "load")
    }
    foreign = statistics.mean(one.foreign(run.seconds) for one, run in zip(spent, runs, strict=True))
    count = min(ALONE, max(10, round(runs[0].seconds * A_SECOND)))
    # With work for these, and no more: what is filed for nothing takes longer than what is measured.
    requests = workload.callers((inprocess.WARM + count) / workloads.FASTEST)
    alone = inprocess.cost(itertools.chain(*requests), count)
    return Costs(
        each["application"], each["database"] if has_database else None, each["load"], round(alone, 1), round(foreign, 3)
    )  # fmt: skip


def _floor(ground: str, workload: Any, seconds: float) -> float:
    if ground.startswith("postgresql:"):
        return floor.pgbench(ground, workload.scripts(), max(1, round(seconds)))
    return floor.bare_loop(Path(ground), workload.turns(), seconds)


def figure_of[F: Figure](
    kind: type[F], name: str, database: str, unit: str, figures: Sequence[float], floors: Sequence[float], waits: Sequence[float],
    rows: int, costs: Costs, **besides: float,
) -> F:  # fmt: skip
    """Return what figures, floors and waits of some rounds come to, with what this kind of figure has `besides`."""
    ordered, figure, ground = sorted(waits), statistics.median(figures), statistics.median(floors)
    return kind(
        name=name, database=database, figure=round(figure, 3), unit=unit, floor=round(ground, 3),
        ratio=round(figure / ground, 3), p50_ms=round(ordered[len(ordered) // 2], 2), p95_ms=round(ordered[len(ordered) * 95 // 100], 2),
        p99_ms=round(ordered[len(ordered) * 99 // 100], 2), rows_before=rows, costs=costs, **besides,
    )  # fmt: skip

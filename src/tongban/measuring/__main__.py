"""`python -m tongban.measuring`: what `tongban bench` runs, in a process that belongs to no node yet."""

import sys
from collections.abc import Iterator

import click

from tongban.measuring import bench, exchanging, resting
from tongban.measuring.bench import Figure
from tongban.measuring.load import BadAnswer
from tongban.measuring.places import NotMeasured

# What is measured on a node of its own.
ALONE = {("exchange",): exchanging.measure, ("resting",): resting.measure}


@click.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--database", required=True)
@click.option("--rows", type=int, required=True)
@click.option("--seconds", type=float, required=True)
@click.option("--rounds", type=int, required=True)
@click.option("--callers", type=int, required=True)
@click.option("--open", "waiting", type=int, default=800)
@click.option("--json", "as_json", is_flag=True)
def main(
    names: tuple[str, ...], database: str, rows: int, seconds: float, rounds: int, callers: int, waiting: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Measure workloads and print what came of each."""

    def tell(line: str) -> None:
        click.echo(line, err=True)

    tell(f"正在建立测量用的节点（{database}）……")
    try:
        if names in ALONE:
            measure = ALONE[names]
            told: Iterator[Figure] = iter(
                [measure(*names, database, rows=rows, seconds=seconds, rounds=rounds, tell=tell)]
            )
        else:
            told = bench.measure(
                names,
                database,
                rows=rows,
                seconds=seconds,
                rounds=rounds,
                callers=callers,
                waiting=waiting,
                tell=tell,
            )
        for found in told:
            click.echo(found.to_json() if as_json else found.to_text())
    except (NotMeasured, BadAnswer) as failure:
        tell(str(failure))
        sys.exit(1)


if __name__ == "__main__":
    main()

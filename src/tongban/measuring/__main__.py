"""`python -m tongban.measuring`: what `tongban bench` runs, in a process that belongs to no node yet."""

import sys

import click

from tongban.measuring import bench
from tongban.measuring.load import BadAnswer
from tongban.measuring.places import NotMeasured


@click.command()
@click.argument("name")
@click.option("--database", required=True)
@click.option("--rows", type=int, required=True)
@click.option("--seconds", type=float, required=True)
@click.option("--rounds", type=int, required=True)
@click.option("--json", "as_json", is_flag=True)
def main(name: str, database: str, rows: int, seconds: float, rounds: int, as_json: bool) -> None:
    """Measure one workload and print what came of it."""

    def tell(line: str) -> None:
        click.echo(line, err=True)

    try:
        found = bench.measure(name, database, rows=rows, seconds=seconds, rounds=rounds, tell=tell)
    except (NotMeasured, BadAnswer) as failure:
        tell(str(failure))
        sys.exit(1)
    if as_json:
        click.echo(found.to_json())
        return
    click.echo(
        f"{found.name}（{found.database}，已有 {found.rows_before} 件）：{found.figure} {found.unit}，"
        f"下限 {found.floor}，比值 {found.ratio}；p50 {found.p50_ms} 毫秒，p99 {found.p99_ms} 毫秒"
    )


if __name__ == "__main__":
    main()

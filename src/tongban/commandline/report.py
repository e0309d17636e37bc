"""`tongban report`: not yet."""

import click


@click.command("report", context_settings={"ignore_unknown_options": True})
@click.argument("rest", nargs=-1, type=click.UNPROCESSED, metavar="")
def command(rest: tuple[str, ...]) -> None:
    """统计报表（本版本未提供）。"""
    click.echo("本版本尚未提供统计报表（report）。", err=True)
    raise SystemExit(3)

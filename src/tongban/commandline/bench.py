"""`tongban bench`: not yet."""

import click


@click.command("bench", context_settings={"ignore_unknown_options": True})
@click.argument("rest", nargs=-1, type=click.UNPROCESSED, metavar="")
def command(rest: tuple[str, ...]) -> None:
    """性能测量（本版本未提供）。"""
    click.echo("本版本尚未提供性能测量（bench）。", err=True)
    raise SystemExit(3)

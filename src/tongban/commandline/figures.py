"""`tongban figures`: what the organisations of this node have done, month by month."""

import re
from typing import Any

import click

from tongban.commandline.node import as_json, on_a_node, operator, show_json

HEADINGS = ("承办", "了结", "挂起", "责任", "按期", "逾期", "未结", "未结逾期")


def _month(context: click.Context, option: click.Parameter, value: str | None) -> str:
    if value and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", value):
        raise click.BadParameter("请写成 2026-03 的样子。")
    return value or ""


@click.command("figures")
@click.option("--month", metavar="YYYY-MM", callback=_month, help="只列这一个月（北京时间）；缺省为全部。")
@click.option("--recompute", is_flag=True, help="先从全部记录重新计算，并说明原有数字是否有误。")
@as_json
@on_a_node
def command(month: str, recompute: bool, as_json: bool) -> None:
    """
    按机构、程序、月份列出当前数字：承办、了结、挂起的事项，产生、按期了结、逾期了结的责任，以及其中现在未结的。

    数字由后台处理随办随计，可能晚片刻；都从记录算出，可随时用 --recompute 重新计算。
    """
    from tongban.figures import commands, queries
    from tongban.kernel.time import clock

    done = commands.recompute() if recompute else None
    lines = queries.figures(operator(), clock.now(), month)
    if as_json:
        show_json(_document(lines, done))
        return
    if done is not None:
        click.echo(_said(done), err=True)
    names = _names(lines)
    for line in lines:
        numbers = (*_counted(line).values(), line.open, line.overdue)
        told = "，".join(f"{heading} {number}" for heading, number in zip(HEADINGS, numbers, strict=True))
        click.echo(f"{line.month}  {names[line.organisation]}  {_title(line.procedure)}  {told}")
    click.echo(f"共 {len(lines)} 行。", err=True)


def _said(done: Any) -> str:
    if not done.different:
        return f"已从记录重新计算 {done.counted} 件，原有数字无误。"
    return (
        f"已从记录重新计算 {done.counted} 件，原有数字有误，已更正："
        f"{len(done.matters)} 件所计不同，{len(done.sums)} 行合计不同。"
    )


def _document(lines: list[Any], done: Any) -> dict[str, Any]:
    figures = [
        {
            "organisation": line.organisation,
            "procedure": line.procedure,
            "month": line.month,
            **_counted(line),
        }
        | {"open": line.open, "overdue": line.overdue}
        for line in lines
    ]
    if done is None:
        return {"figures": figures}
    different = {"matters": done.matters, "sums": done.sums}
    return {"figures": figures, "recomputed": done.counted, "different": different}


def _counted(line: Any) -> dict[str, int]:
    from dataclasses import asdict

    return asdict(line.counts)


def _names(lines: list[Any]) -> dict[str, str]:
    from tongban.procedures.queries import names_of

    usccs = {line.organisation for line in lines}
    return {uscc: uscc for uscc in usccs} | names_of(usccs)


def _title(procedure: str) -> str:
    from tongban.procedures import register

    found = register.find(procedure)
    return found.title if found else procedure

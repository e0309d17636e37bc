"""`tongban audit`: who looked, who acted, who was refused; for people here, and for systems that collect it."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongban.commandline.group import Refused
from tongban.commandline.node import DAY, WRITABLE, on_a_node, write_file

if TYPE_CHECKING:
    from tongban.kernel.models import Access

EVERY = 1.0  # seconds between two looks of `--follow`


@click.group("audit")
def command() -> None:
    """访问与管理记录：谁、何时、从哪里、看了或办了什么、结果如何。"""


@command.command("export")
@click.option("--from", "first", type=DAY, required=True, metavar="DATE", help="起始日（北京时间）。")
@click.option("--to", "last", type=DAY, required=True, metavar="DATE", help="截止日，含当日。")
@click.option("--json-lines", "form", flag_value="json", default=True, help="每行一个 JSON 对象（缺省）。")
@click.option("--syslog", "form", flag_value="syslog", help="每行一条 RFC 5424 syslog 消息。")
@click.option("--out", type=WRITABLE, default="-", help="写入的文件；缺省为标准输出。")
@click.option("--send", "target", metavar="ADDRESS", help="改为发往 tls://主机:端口，或 tcp://…、udp://…。")
@on_a_node
def export(first: datetime, last: datetime, form: str, out: Path, target: str | None) -> None:
    """导出一段时间的访问与管理记录；导出本身也记一行。字段见 docs/operations.md。"""
    from tongban.kernel.time.clock import OFFICIAL
    from tongban.supervision import records

    since, until = first.replace(tzinfo=OFFICIAL), last.replace(tzinfo=OFFICIAL) + timedelta(days=1)
    if until <= since:
        raise click.UsageError("--to 不得早于 --from。")
    shown = records.as_json if form == "json" else records.as_syslog
    lines = (shown(row) for row in records.between(since, until).iterator())
    if target is None:
        data = "".join(f"{line}\n" for line in lines).encode()
        write_file(out, data)
        click.echo(f"已导出 {data.count(b'\n')} 条。", err=True)
        return
    try:
        count = records.send(lines, target)
    except OSError as error:
        reason = error.strerror or "没有应答"
        raise Refused(f"{target} 不接收（{reason}），没有导出完。请检查地址和网络后重新导出。") from error
    click.echo(f"已发出 {count} 条。", err=True)


@command.command("tail")
@click.option("-n", "most", type=click.IntRange(1, 1000), default=20, show_default=True, help="最近多少条。")
@click.option("--follow", is_flag=True, help="继续显示新写入的，按 Ctrl-C 停止。")
@on_a_node
def tail(most: int, follow: bool) -> None:
    """列出最近的访问与管理记录。"""
    last = _show(most, after=0)
    while follow:
        time.sleep(EVERY)
        last = _show(1000, after=last)


def _show(most: int, *, after: int) -> int:
    """Print the latest records after one, at most so many; return the last one printed."""
    from tongban.kernel.models import Access

    rows = Access.objects.filter(pk__gt=after).order_by("-pk")[:most]
    for row in reversed(list(rows)):
        click.echo(_line(row))
        after = row.pk
    return after


def _line(row: "Access") -> str:
    from tongban.kernel.time.clock import OFFICIAL
    from tongban.supervision import records

    who = "/".join(filter(None, (row.organisation, row.post, row.who))) or "不明"
    of = f"  {row.matter}" if row.matter else ""
    times = f"  ×{row.count}" if row.count > 1 else ""
    return (
        f"{row.pk}  {row.at.astimezone(OFFICIAL):%Y-%m-%d %H:%M:%S}  {who}  {records.address(row) or '-'}  "
        f"{row.doing}{of}  {row.result}{times}"
    )

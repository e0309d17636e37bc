"""`tongban journal`: does everything this node has written still hold?"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from tongban.commandline.group import Refused
from tongban.commandline.node import DAY, as_json, on_a_node, show_json
from tongban.kernel.crypto import canon
from tongban.kernel.journal.nodekinds import KINDS


@click.group("journal")
def command() -> None:
    """本节点的全部记录。"""


@command.command("verify")
@click.option("--deep", is_flag=True, help="连同每份材料内容逐一解密核对。")
@click.option(
    "--with-peers", is_flag=True, help="并向各对方节点取其所存的本节点封存声明，与本节点的记录核对。"
)
@as_json
@on_a_node
def verify(deep: bool, with_peers: bool, as_json: bool) -> None:
    """
    查验每条链、封存树，以及每个办件的状态与其记录是否一致；不符的退出码为 1。

    用 --with-peers 时，记录一致而有对方节点没有应答的，退出码为 3：那里的封存声明没有核对。
    """
    from tongban.exchange import audit_of_witnesses
    from tongban.kernel.time import clock
    from tongban.procedures.audit import journal_audit

    report = journal_audit.verify_journal(deep=deep)
    if with_peers:
        report.findings.extend(audit_of_witnesses.check(report, clock.now()))
    if as_json:
        show_json(asdict(report) | {"ok": report.ok})
    else:
        for finding in report.findings:
            click.echo(f"不符：{finding}", err=True)
        counted = "，".join(f"{name} {count}" for name, count in report.checked.items())
        click.echo(f"已查验：{counted}。{'全部成立。' if report.ok else '有不符之处。'}")
        if report.unasked:
            click.echo(
                f"有 {report.unasked} 个对方节点没有应答，其所存的封存声明没有核对。请稍后再查验。", err=True
            )
    raise SystemExit(1 if not report.ok else 3 if report.unasked else 0)


@command.command("node")
@click.option("--since", type=DAY, metavar="DATE", help="只列自这一天（北京时间）起的记录。")
@click.option("--kind", type=click.Choice(sorted(KINDS)), help="只列这一种记录。")
@as_json
@on_a_node
def node(since: datetime | None, kind: str | None, as_json: bool) -> None:
    """列出节点链：节点本身做过什么（对方节点、协议、岗位、密码、日历、导出等），何时、由谁。"""
    from tongban.kernel.journal import events, nodechain
    from tongban.kernel.time import clock

    begin = since.replace(tzinfo=clock.OFFICIAL) if since else None
    try:
        entries = list(nodechain.entries(since=begin, kind=kind or ""))
    except events.MalformedEvent as error:
        raise Refused("节点链中有记录的原文已损坏，未列出。请运行 tongban journal verify 查明。") from error
    if as_json:
        show_json([asdict(entry) for entry in entries])
        return
    for entry in entries:
        at = entry.at.astimezone(clock.OFFICIAL)
        sealed = "" if entry.sealed else "（未封存）"
        told = "，".join(f"{name} {_short(value)}" for name, value in entry.given.items() if name != "mark")
        click.echo(f"{entry.seq}  {at:%Y-%m-%d %H:%M:%S}  {entry.title}  {_who(entry.actor)}  {told}{sealed}")
    click.echo(f"共 {len(entries)} 条。", err=True)


def _who(actor: Mapping[str, Any]) -> str:
    """Return who acted, by the node's own codes."""
    person = actor["staff"] or actor["applicant"]
    return (
        "系统" if actor["kind"] == "system" else "/".join(filter(None, (actor["org"], actor["post"], person)))
    )


def _short(value: Any) -> str:
    """Return a value in words; a digest by its first digits."""
    if isinstance(value, dict):
        return f"{len(value)} 个"
    text = value if isinstance(value, str) else canon.encode(value).decode()
    return f"{text[:20]}…" if text.startswith("sm3:") else text

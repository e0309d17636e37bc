"""`tongban journal`: does everything this node has written still hold?"""

from dataclasses import asdict

import click

from tongban.commandline.node import as_json, on_a_node, show_json


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
    """查验每条链、封存树，以及每个办件的状态与其记录是否一致；不符的退出码为 1。"""
    from tongban.cases import audit
    from tongban.exchange import audit_of_witnesses
    from tongban.kernel import clock

    report = audit.verify_journal(deep=deep)
    if with_peers:
        report.findings.extend(audit_of_witnesses.check(report, clock.now()))
    if as_json:
        show_json(
            {"ok": report.ok, "findings": [asdict(f) for f in report.findings], "checked": report.checked}
        )
    else:
        for finding in report.findings:
            click.echo(f"不符：{finding}", err=True)
        counted = "，".join(f"{name} {count}" for name, count in report.checked.items())
        click.echo(f"已查验：{counted}。{'全部成立。' if report.ok else '有不符之处。'}")
    raise SystemExit(0 if report.ok else 1)

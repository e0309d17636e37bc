"""`tongban fork`: two events at one place of a chain, and how both sides settle which one counts."""

from pathlib import Path

import click

from tongban.commandline.node import (
    READABLE,
    WRITABLE,
    as_json,
    on_a_node,
    operator,
    read_json,
    show_json,
    write_file,
)


@click.group("fork")
def command() -> None:
    """分叉：查看、提出核处、会签、采用。"""


@command.command("list")
@as_json
@on_a_node
def list_(as_json: bool) -> None:
    """列出本节点所知的分叉。"""
    from dataclasses import asdict

    from tongban.procedures import settling

    found = settling.open_forks()
    if as_json:
        show_json([asdict(one) for one in found])
        return
    for one in found:
        click.echo(
            f"{one.subject} {one.chain} 第 {one.seq} 条：{len(one.others) + 1} 个分支{'，已核处' if one.settled else ''}"
        )
    if not found:
        click.echo("没有分叉。")


@command.command("show")
@click.argument("subject")
@as_json
@on_a_node
def show(subject: str, as_json: bool) -> None:
    """并列显示一个办件的各分支：各是什么、何时、谁签过、哪些记录以它为前提。"""
    from tongban.kernel.errors import NotFound
    from tongban.procedures import forks

    found = forks.side_by_side(subject)
    if not found:
        raise NotFound(f"{subject} 没有分叉。请用 tongban fork list 查看。")
    if as_json:
        show_json(found)
        return
    for one in found:
        where = "现有分支" if one["held"] else "另一分支"
        click.echo(f"{one['chain']} 第 {one['seq']} 条（{where}） {one['kind']} {one['at']}")
        click.echo(f"  摘要 {one['hash']}")
        for label in ("signed_by", "sealed_by", "seen_by"):
            click.echo(f"  {_LABELS[label]}：{'、'.join(one[label]) or '无'}")


_LABELS = {"signed_by": "签过的节点", "sealed_by": "封存含它的节点", "seen_by": "以它为前提的记录"}


@command.command("settle")
@click.argument("subject", required=False)
@click.option("--chain", help="分叉的链，如 handling/1。")
@click.option("--keep", metavar="HASH", help="保留哪一分支（其第一条的摘要）。")
@click.option("--basis", help="核处依据。")
@click.option("--minutes", type=READABLE, help="双方核对的记录文件；只把其摘要写入核处书。")
@click.option("--out", type=WRITABLE, help="核处书写入的新文件，交对方会签。")
@click.option("--countersign", type=READABLE, help="会签对方出具的核处书，并在本节点执行。")
@click.option("--adopt", type=READABLE, help="采用双方都已签署的核处书，并在本节点执行。")
@on_a_node
def settle(
    subject: str | None, chain: str | None, keep: str | None, basis: str | None, minutes: Path | None,
    out: Path | None, countersign: Path | None, adopt: Path | None,
) -> None:  # fmt: skip
    """核处分叉：写链的节点用 SUBJECT --chain --keep --basis --out 提出，相对方 --countersign，写链的节点再 --adopt。"""
    from tongban.kernel.crypto import canon, digest
    from tongban.kernel.time import clock
    from tongban.procedures import settling

    by, at = operator(), clock.now()
    if adopt is not None:
        settling.carry_out(read_json(adopt), by=by, at=at)
        click.echo("已采用核处书，挂起已解除。")
        return
    if out is None:
        raise click.UsageError("请用 --out 指定核处书写入的新文件。")
    if countersign is not None:
        complete = settling.countersign(read_json(countersign), by=by, at=at)
        write_file(out, canon.encode(complete))
        click.echo(f"已会签并执行；请把 {out} 交回对方采用（tongban fork settle --adopt）。", err=True)
        return
    if not (subject and chain and keep and basis):
        raise click.UsageError("提出核处须给出 SUBJECT、--chain、--keep 和 --basis。")
    told = digest.of(minutes.read_bytes()) if minutes else ""
    document = settling.propose(
        subject=subject, chain=chain, keep=keep, basis=basis, minutes=told, by=by, at=at
    )
    write_file(out, canon.encode(document))
    click.echo(f"核处书已写入 {out}；请交对方会签（tongban fork settle --countersign）。", err=True)

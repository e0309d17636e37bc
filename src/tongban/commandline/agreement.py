"""`tongban agreement`: two places agree, by files that either side can read."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tongban.agreements import documents
from tongban.commandline.node import (
    DAY,
    READABLE,
    WRITABLE,
    as_json,
    day_of,
    on_a_node,
    operator,
    read_json,
    show_json,
    write_file,
)


@click.group("agreement")
def command() -> None:
    """通办协议：一方拟定，另一方签署，双方导入。"""


@command.command("propose")
@click.argument("file", type=WRITABLE)
@click.option("--with", "peer", required=True, metavar="FINGERPRINT", help="对方节点指纹（至少前 8 位）。")
@click.option("--name", help="对方名称；缺省按其区划。")
@click.option(
    "--power",
    "powers",
    multiple=True,
    required=True,
    type=click.Choice(list(documents.POWERS)),
    help="授予的权限，可多次。",
)
@click.option("--item", "items", multiple=True, help="事项或实施编码，可多次；缺省为全部事项。")
@click.option("--limit", "limits", multiple=True, metavar="SEGMENT=N", help="缩短的时限（工作日），可多次。")
@click.option("--from", "first", type=DAY, help="生效日；缺省为今天。")
@click.option("--to", "last", type=DAY, help="失效日；缺省为长期。")
@click.option("--id", "agreement_id", default="", help="已有协议的编号，拟定其下一版本。")
@on_a_node
def propose(
    file: Path, peer: str, name: str | None, powers: tuple[str, ...], items: tuple[str, ...], limits: tuple[str, ...],
    first: datetime | None, last: datetime | None, agreement_id: str,
) -> None:  # fmt: skip
    """拟定一份协议并由本节点签名，写入 FILE 交对方签署。"""
    from tongban.agreements import commands, course
    from tongban.kernel.time import clock

    course.demand_no_matter(agreement_id)
    row = commands.propose(
        by=operator(), at=clock.now(), other=_party(peer, name), powers=powers, items=items or documents.ALL_ITEMS,
        limits=_limits(limits), valid_from=day_of(first), valid_to=day_of(last), agreement_id=agreement_id,
    )  # fmt: skip
    write_file(file, row.raw.encode())
    click.echo(f"已拟定：{row}，摘要 {row.digest}，请把 {file} 交对方签署。", err=True)


@command.command("sign")
@click.argument("file", type=READABLE)
@click.argument("signed_file", metavar="SIGNED", type=WRITABLE)
@on_a_node
def sign(file: Path, signed_file: Path) -> None:
    """签署对方拟定的协议，把双方签名的文本写入 SIGNED 交还对方导入。"""
    from tongban.agreements import commands
    from tongban.kernel.time import clock

    row = commands.countersign(by=operator(), at=clock.now(), document=read_json(file))
    write_file(signed_file, row.raw.encode())
    click.echo(f"已签署：{row}，摘要 {row.digest}，自 {row.valid_from} 起有效。", err=True)


@command.command("import")
@click.argument("file", type=READABLE)
@on_a_node
def import_file(file: Path) -> None:
    """导入双方都已签名的协议，或对方的终止通知。"""
    from tongban.agreements import commands
    from tongban.kernel.time import clock

    document = read_json(file)
    if document.get("format") == documents.END_FORMAT:
        row = commands.import_end(notice=document, by=operator(), at=clock.now())
    else:
        row = commands.import_signed(document=document, by=operator(), at=clock.now())
    click.echo(f"已导入：{row}，{row.get_state_display()}，摘要 {row.digest}")


@command.command("list")
@as_json
@on_a_node
def list_agreements(as_json: bool) -> None:
    """列出本节点的协议。"""
    from tongban.agreements import queries

    rows = list(queries.visible_to(operator()))
    if as_json:
        show_json([_facts(row) for row in rows])
        return
    for row in rows:
        names = " — ".join(dict.fromkeys(party["name"] for party in row.document["parties"]))
        until = row.ended_on or row.valid_to or "长期"
        click.echo(
            f"{row.digest[:16]}  {row}  {row.get_state_display()}  {row.valid_from} 至 {until}  {names}"
        )


@command.command("show")
@click.argument("digest")
@click.option("--file", type=WRITABLE, help="把协议文本写入文件。")
@on_a_node
def show(digest: str, file: Path | None) -> None:
    """显示一份协议；DIGEST 为其摘要（至少前 8 位）。"""
    row = _row(digest)
    if file is not None:
        write_file(file, row.raw.encode())
        return
    show_json(_facts(row) | {"document": row.document})


@command.command("end")
@click.argument("digest")
@click.argument("file", type=WRITABLE)
@click.option("--last-day", type=DAY, help="最后有效的一天；缺省为今天。")
@on_a_node
def end(digest: str, file: Path, last_day: datetime | None) -> None:
    """终止一份协议，把终止通知写入 FILE 交对方导入；已收件的办件仍按原协议办完。"""
    from tongban.agreements import course
    from tongban.kernel.time import clock

    row = course.end(by=operator(), at=clock.now(), digest=_row(digest).digest, last_day=day_of(last_day))
    write_file(file, row.ending.encode())
    click.echo(f"已终止：{row}，最后有效日 {row.ended_on}。", err=True)


def _facts(row: Any) -> dict[str, Any]:
    return {
        "id": row.agreement_id, "version": row.version, "digest": row.digest, "state": row.state,
        "valid_from": row.valid_from, "valid_to": row.valid_to, "ended_on": row.ended_on,
        "parties": row.document["parties"],
    }  # fmt: skip


def _row(digest: str) -> Any:
    from tongban.agreements import queries
    from tongban.kernel.crypto.keychain import fingerprint_typed
    from tongban.kernel.errors import NotFound

    typed = fingerprint_typed(digest)  # a digest is written as a fingerprint is
    found = (
        list(queries.visible_to(operator()).filter(digest__startswith=typed)[:2]) if len(typed) >= 12 else []
    )
    if len(found) != 1:
        raise NotFound("没有（或不止一份）摘要以此开头的协议。请用 tongban agreement list 查看摘要。")
    return found[0]


def _party(fingerprint: str, name: str | None) -> dict[str, str]:
    """Return the party that a peer we know would be."""
    from tongban.exchange import queries
    from tongban.kernel.crypto.keychain import fingerprint_typed
    from tongban.kernel.errors import NotFound

    given = fingerprint_typed(fingerprint)
    peer = queries.peers().filter(node__startswith=given).first() if len(given) >= 12 else None
    if peer is None:
        raise NotFound("没有这个对方节点，协议未拟定。请先用 tongban peer add 添加并核对指纹。")
    party = queries.party_of(peer)
    return {**party, "name": name or party["name"]}


def _limits(given: tuple[str, ...]) -> dict[str, int]:
    limits = {}
    for entry in given:
        segment, _, days = entry.partition("=")
        if segment not in documents.SEGMENTS or not (days.isascii() and days.isdigit()):
            raise click.UsageError(
                f"--limit {entry} 应为 时限=天数，时限为 {'、'.join(sorted(documents.SEGMENTS))} 之一"
            )
        limits[segment] = int(days)
    return limits

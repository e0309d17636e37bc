"""`tongban catalogue`: items, offerings, and their guides as files."""

from pathlib import Path
from typing import Any

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


@click.group("catalogue")
def command() -> None:
    """事项与办事指南：发布、查看、与对方节点交换。"""


@command.command("load")
@click.argument("file", type=READABLE)
@click.option("--organisation", metavar="USCC", help="以此机构名义发布；缺省为指南所写的实施机构。")
@on_a_node
def load(file: Path, organisation: str | None) -> None:
    """发布一份办事指南文件，作为其事项的下一版本，由本节点签名。"""
    from dataclasses import replace

    from tongban.catalogue import commands
    from tongban.kernel import identity
    from tongban.kernel.time import clock

    document = read_json(file)
    stated = document.get("organisation")
    uscc = organisation or (stated.get("uscc", "") if isinstance(stated, dict) else "")
    document = {**document, "node": document.get("node") or identity.fingerprint()}
    # The operator publishes for any organisation of the node, as its guide clerk would.
    by = replace(operator(), organisation=uscc)
    guide = commands.publish_guide(document=document, by=by, at=clock.now(), sign=identity.sign)
    click.echo(f"已发布：{guide}，摘要 {guide.digest}")


@command.command("list")
@as_json
@on_a_node
def list_offerings(as_json: bool) -> None:
    """列出本节点所知的事项（实施清单）。"""
    from tongban.catalogue import queries

    rows = [
        {"code": row.code, "name": row.name, "division": row.division, "state": row.state, "node": row.node}
        for row in queries.offerings_visible_to(operator())
    ]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['code']}  {row['division']}  {row['name']}")
    if not rows:
        click.echo("还没有事项。请用 tongban catalogue load 发布办事指南，或 import 导入对方的指南。")


@command.command("show")
@click.argument("code")
@as_json
@on_a_node
def show(code: str, as_json: bool) -> None:
    """显示一个事项现行的办事指南。"""
    from tongban.catalogue import queries

    guide = queries.current_guide(code)
    body: dict[str, Any] = guide.body
    if as_json:
        show_json(body)
        return
    click.echo(f"{guide}，摘要 {guide.digest}")
    click.echo(f"实施机构：{body['organisation']['name']}")
    click.echo(f"通办模式：{'、'.join(body['modes']) or '未开通'}")
    for material in body["materials"]:
        click.echo(f"材料：{material['name']}")


@command.command("export")
@click.argument("code")
@click.argument("file", type=WRITABLE)
@on_a_node
def export(code: str, file: Path) -> None:
    """把一个事项现行的办事指南连同签名写入文件。"""
    from tongban.catalogue import queries
    from tongban.kernel.crypto import canon

    write_file(file, canon.encode(queries.current_guide(code).signed))


@command.command("import")
@click.argument("file", type=READABLE)
@on_a_node
def import_file(file: Path) -> None:
    """导入对方节点签名的办事指南；签名不符的不采用。"""
    from tongban.catalogue import commands
    from tongban.kernel import identity
    from tongban.kernel.time import clock

    document = read_json(file)
    chain = identity.chain_of(str(document.get("node")))
    guide = commands.import_guide(signed_document=document, chain=chain, at=clock.now())
    click.echo(f"已导入：{guide}，摘要 {guide.digest}")

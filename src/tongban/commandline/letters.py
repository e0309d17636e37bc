"""`tongban letters`: what the letters of this node's organisations need to say of them."""

from pathlib import Path

import click

from tongban.commandline.node import READABLE, as_json, on_a_node, read_json, show_json


@click.group("letters")
def command() -> None:
    """文书：各机关的代字、复议机关、管辖法院和常用语。"""


@command.command("load")
@click.argument("file", type=READABLE)
@on_a_node
def load(file: Path) -> None:
    """
    登记文件（一个列表，每项一个机关）所列的内容；有一项不符，就全部不登记。

    每项写 organisation（统一社会信用代码）、authority（机关类别）、word（机关代字）、review（复议机关）、court（管辖法院），
    另可写 review_url（网上复议渠道）、contact（承办和联系方式）、phrases（本机关常用语）。
    """
    from tongban.letters import commands

    listed = read_json(file)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise click.ClickException("文件须是一个列表，每项一个机关。请改正后重试。")
    click.echo(f"已登记 {commands.load(listed)} 个机关。")


@command.command("list")
@as_json
@on_a_node
def show(as_json: bool) -> None:
    """列出已登记的机关；没有登记复议机关或法院的，不能签发对申请人不利的文书。"""
    from tongban.letters import queries

    found = queries.issuers()
    if as_json:
        show_json(found)
        return
    for one in found:
        click.echo(
            f"{one['organisation']} {one['word']} {one['authority']} 复议：{one['review'] or '没有登记'} 法院：{one['court'] or '没有登记'}"
        )
    if not found:
        click.echo("还没有登记。各机关登记后才能签发文书：tongban letters load 文件.json")

"""`tongban peer`: other nodes, added by a human who compared the fingerprint."""

from pathlib import Path
from typing import Any

import click

from tongban.commandline.node import WRITABLE, as_json, on_a_node, operator, show_json, write_file
from tongban.kernel.keychain import fingerprint_groups


@click.group("peer")
def command() -> None:
    """对方节点：添加（须核对指纹）、查看、暂停、移除。"""


@command.command("add")
@click.argument("source", metavar="URL|FILE")
@click.option("--fingerprint", required=True, help="通过当面、电话等另一途径得到的对方节点指纹。")
@on_a_node
def add(source: str, fingerprint: str) -> None:
    """添加对方节点；名片与指纹不符的不添加。"""
    from tongban.exchange import commands
    from tongban.kernel import clock
    from tongban.kernel.errors import InvalidInput

    if source.startswith(("http://", "https://")):
        card = commands.fetch_card(source)
    elif Path(source).is_file():
        card = commands.read_card(Path(source).read_bytes())
    else:
        raise InvalidInput(f"{source} 既不是网址，也不是名片文件，没有添加。请核对后重试。")
    peer = commands.add(card=card, fingerprint=fingerprint, by=operator(), at=clock.now())
    click.echo(f"已添加 {peer.name}（{peer.division}）{peer.url}")


@command.command("show")
@click.option("--card", type=WRITABLE, help="把本节点的名片写入文件（- 为标准输出），交对方添加。")
@as_json
@on_a_node
def show(card: Path | None, as_json: bool) -> None:
    """显示本节点的指纹和各对方节点的情况。"""
    from tongban.exchange import commands, queries
    from tongban.kernel import canon, clock, identity

    if card is not None:
        write_file(card, canon.encode(commands.card(clock.now())))
        return
    lag = queries.lag()
    peers = [_facts(peer, lag) for peer in queries.visible_to(operator())]
    me = identity.fingerprint()
    if as_json:
        show_json({"node": me, "peers": peers})
        return
    click.echo(f"本节点指纹：{fingerprint_groups(me)}")
    for peer in peers:
        click.echo(
            f"{peer['name']}（{peer['division']}） {peer['state_name']}  {peer['url']}  待送达办件 {peer['waiting']}"
            f"{'  ' + peer['trouble'] if peer['trouble'] else ''}\n  {fingerprint_groups(peer['node'])}"
        )


@command.command("pause")
@click.argument("fingerprint")
@on_a_node
def pause(fingerprint: str) -> None:
    """暂停与一个节点往来；待送达的内容保留。"""
    _change("pause", fingerprint, "已暂停")


@command.command("resume")
@click.argument("fingerprint")
@on_a_node
def resume(fingerprint: str) -> None:
    """恢复与一个节点往来。"""
    _change("resume", fingerprint, "已恢复")


@command.command("remove")
@click.argument("fingerprint")
@on_a_node
def remove(fingerprint: str) -> None:
    """移除一个节点；其密钥与所签内容作为证据保留。"""
    _change("remove", fingerprint, "已移除")


def _change(what: str, fingerprint: str, done: str) -> None:
    from tongban.exchange import commands
    from tongban.kernel import clock

    change = {"pause": commands.pause, "resume": commands.resume, "remove": commands.remove}[what]
    peer = change(node="".join(fingerprint.split()).lower(), by=operator(), at=clock.now())
    click.echo(f"{done} {peer.name}（{peer.division}）")


def _facts(peer: Any, lag: dict[str, dict[str, object]]) -> dict[str, Any]:
    return {
        "node": peer.node, "name": peer.name, "url": peer.url, "division": peer.division,
        "organisation": peer.organisation, "state": peer.state, "state_name": peer.get_state_display(),
        "heard_at": peer.heard_at, "reached_at": peer.reached_at, "trouble": peer.trouble,
        "waiting": lag.get(peer.node, {}).get("waiting", 0),
    }  # fmt: skip

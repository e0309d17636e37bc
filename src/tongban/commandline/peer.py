"""`tongban peer`: other nodes, added by a human who compared the fingerprint."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tongban.commandline.node import WRITABLE, as_json, on_a_node, operator, show_json, write_file
from tongban.kernel.crypto.keychain import fingerprint_groups


@click.group("peer")
def command() -> None:
    """对方节点：添加（须核对指纹）、查看、暂停、移除、由新节点接替，恢复时跳过。"""


@command.command("add")
@click.argument("source", metavar="URL|FILE")
@click.option("--fingerprint", required=True, help="通过当面、电话等另一途径得到的对方节点指纹。")
@on_a_node
def add(source: str, fingerprint: str) -> None:
    """添加对方节点；名片与指纹不符的不添加。"""
    from tongban.exchange import commands
    from tongban.kernel.time import clock

    peer = commands.add(card=_card(source), fingerprint=fingerprint, by=operator(), at=clock.now())
    click.echo(f"已添加 {peer.name}（{peer.division}）{peer.url}")


def _card(source: str) -> dict[str, Any]:
    from tongban.exchange import commands
    from tongban.kernel.errors import InvalidInput

    if source.startswith(("http://", "https://")):
        return commands.fetch_card(source)
    if Path(source).is_file():
        return commands.read_card(Path(source).read_bytes())
    raise InvalidInput(f"{source} 既不是网址，也不是名片文件，没有添加。请核对后重试。")


@command.command("show")
@click.option("--card", type=WRITABLE, help="把本节点的名片写入文件（- 为标准输出），交对方添加。")
@as_json
@on_a_node
def show(card: Path | None, as_json: bool) -> None:
    """显示本节点的指纹和各对方节点的情况。"""
    from tongban.exchange import commands, queries
    from tongban.kernel import identity
    from tongban.kernel.crypto import canon
    from tongban.kernel.time import clock

    if card is not None:
        write_file(card, canon.encode(commands.card(clock.now())))
        return
    lag, troubles = queries.lag(), queries.troubles()
    peers = [_facts(peer, lag, troubles) for peer in queries.visible_to(operator())]
    me = identity.fingerprint()
    if as_json:
        show_json({"node": me, "peers": peers})
        return
    click.echo(f"本节点指纹：{fingerprint_groups(me)}")
    for peer in peers:
        for line in _lines(peer):
            click.echo(line)


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


@command.command("succeed")
@click.argument("old", metavar="OLD")
@click.argument("source", metavar="URL|FILE")
@click.option("--fingerprint", required=True, help="通过当面、电话等另一途径得到的新节点指纹。")
@click.option("--under", required=True, help="接替的依据（文件或核实记录），写入每个办件的记录。")
@on_a_node
def succeed(old: str, source: str, fingerprint: str, under: str) -> None:
    """新节点接替失效的对方节点 OLD：双方共有的办件转由新节点续办；再次执行时续办未完的。"""
    from tongban.exchange import succession
    from tongban.kernel.time import clock

    found = succession.succeed(
        old=old, card=_card(source), fingerprint=fingerprint, under=under, by=operator(), at=clock.now()
    )
    click.echo(
        f"已登记接替，{found.done} 个办件转由新节点续办；新节点用 tongban peer add 添加本节点后即到达。"
    )
    if found.missing:
        click.echo(f"有 {found.missing} 份材料原节点没有来得及送来，请向当事人或新节点另行索取。")
    for number, why in found.left.items():
        click.echo(f"  未转 {number}：{why}")
    if found.left:
        click.echo("处理后请再执行一次。")
    if found.agreements:
        click.echo(f"请与新节点重新签订通办协议：{'、'.join(found.agreements)}")
    if found.left:
        sys.exit(1)


@command.command("skip")
@click.argument("fingerprint")
@click.option("--reason", required=True, help="为何不再等待；记入本节点，恢复声明会列出被跳过的节点。")
@on_a_node
def skip(fingerprint: str, reason: str) -> None:
    """恢复期间不再等待一个联系不上的节点归还记录。"""
    from tongban.exchange import commands
    from tongban.kernel.time import clock

    peer = commands.skip(node=fingerprint, reason=reason, by=operator(), at=clock.now())
    click.echo(f"恢复时不再等待 {peer.name}（{peer.division}）")


def _change(what: str, fingerprint: str, done: str) -> None:
    from tongban.exchange import commands
    from tongban.kernel.time import clock

    change = {"pause": commands.pause, "resume": commands.resume, "remove": commands.remove}[what]
    peer = change(node=fingerprint, by=operator(), at=clock.now())
    click.echo(f"{done} {peer.name}（{peer.division}）")


def _lines(peer: dict[str, Any]) -> Iterator[str]:
    """Yield what people are told of a peer: how we stand, when it last spoke, and what does not get through."""
    from tongban.exchange.unreached import in_words
    from tongban.kernel.time.clock import OFFICIAL

    yield (
        f"{peer['name']}（{peer['division']}） {peer['state_name']}  {peer['url']}  待送达办件 {peer['waiting']}"
        f"{'  ' + in_words(peer['trouble']) if peer['trouble'] else ''}"
    )
    yield f"  {fingerprint_groups(peer['node'])}"
    heard = peer["heard_at"].astimezone(OFFICIAL) if peer["heard_at"] else None
    skew = peer["skew"]
    stands = "未知" if skew is None else f"比本节点{'快' if skew >= 0 else '慢'} {abs(skew)} 秒"
    yield f"  最近来信 {f'{heard:%Y-%m-%d %H:%M:%S}' if heard else '无'}  时钟{stands}  {_speech(peer)}"
    if peer["skipped"]:
        yield f"  恢复时不再等待：{peer['skipped']}"
    for row in peer["troubles"]:
        next_at = row["next_at"].astimezone(OFFICIAL)
        yield (
            f"  办件 {row['subject']}：失败 {row['attempts']} 次，下次尝试 {next_at:%Y-%m-%d %H:%M:%S}，{in_words(row['trouble'])}"
        )


def _speech(peer: dict[str, Any]) -> str:
    said = "、".join(
        f"{procedure} 第 {'、'.join(str(one['version']) for one in versions)} 版"
        for procedure, versions in sorted(peer["speaks"].items())
    )
    return f"所用规则 {said or '未知'}{'' if peer['speaks_ours'] else '（对方节点尚未升级）'}"


def _facts(
    peer: Any, lag: dict[str, dict[str, object]], troubles: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    from tongban.exchange import queries

    return {
        "node": peer.node, "name": peer.name, "url": peer.url, "division": peer.division,
        "organisation": peer.organisation, "state": peer.state, "state_name": peer.get_state_display(),
        "heard_at": peer.heard_at, "reached_at": peer.reached_at, "trouble": peer.trouble,
        "waiting": lag.get(peer.node, {}).get("waiting", 0), "skew": peer.skew,
        "speaks": peer.speaks, "speaks_ours": queries.speaks_ours(peer), "skipped": peer.skipped,
        "troubles": troubles.get(peer.node, []),
    }  # fmt: skip

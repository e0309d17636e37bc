"""`tongban key`: the chain of this node's keys."""

from datetime import datetime

import click

from tongban.accounts.access.actor import actor_document
from tongban.commandline import passphrases, serving
from tongban.commandline.group import Refused
from tongban.commandline.node import as_json, on_a_node, operator, show_json
from tongban.kernel.crypto.keychain import KeyChain, fingerprint_groups


@click.group("key")
def command() -> None:
    """本节点的密钥链。"""


@command.command("show")
@as_json
@on_a_node
def show(as_json: bool) -> None:
    """显示本节点的指纹和历次密钥。"""
    from tongban.kernel import identity

    _tell(identity.chain_of(identity.fingerprint()), as_json)


@command.command("rotate")
@click.option(
    "--revoke-from",
    metavar="TIME",
    help="旧密钥自何时起不再可信，如 2026-05-01T08:00:00+08:00；缺省为只换新、不吊销。",
)
@as_json
@on_a_node
def rotate(revoke_from: str | None, as_json: bool) -> None:
    """换用新密钥，由旧密钥签名交接；节点指纹不变。换后请重新启动节点。"""
    from tongban.kernel import db
    from tongban.kernel.journal import keychanges
    from tongban.kernel.time import clock

    with db.write():
        chain = keychanges.rotate(
            clock.now(), revoke_from=_moment(revoke_from), by=actor_document(operator())
        )
    _tell(chain, as_json)


@command.command("protect")
@as_json
@on_a_node
def protect(as_json: bool) -> None:
    """
    为全部密钥设置口令，或换用新口令；一个文件换不成，就都不换。

    新口令取自 TONGBAN_NEW_PASSPHRASE，没有设置的在终端中输入；现用口令取自 TONGBAN_KEY_PASSPHRASE。请先停止节点。
    """
    from django.conf import settings

    from tongban.kernel.crypto import rewrapping

    lock = serving.take_lock(settings.NODE)
    if lock is None:
        raise Refused(f"节点 {settings.NODE.name} 正在运行，口令未更改。请先停止节点。")
    with lock:
        passphrase = passphrases.new("TONGBAN_NEW_PASSPHRASE", "密钥口令")
        try:
            names = rewrapping.protect(settings.NODE.keys, passphrase)
        except OSError as error:
            raise Refused(
                f"新的密钥文件无法写入（{error.strerror}），口令未更改。请检查密钥目录与磁盘空间。"
            ) from error
    if as_json:
        show_json({"folder": settings.NODE.keys, "keys": names})
        return
    click.echo(f"已用新口令保护 {len(names)} 个密钥文件（{settings.NODE.keys}）。")
    click.echo("此后启动节点和执行命令，都须把 TONGBAN_KEY_PASSPHRASE 设为新口令。请重新保管密钥目录。")


def _moment(text: str | None) -> datetime | None:
    from tongban.kernel.time.clock import OFFICIAL

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError("--revoke-from 应为一个时间，如 2026-05-01T08:00:00+08:00。") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=OFFICIAL)


def _tell(chain: KeyChain, as_json: bool) -> None:
    if as_json:
        show_json({"node": chain.root, "keys": chain.documents()})
        return
    click.echo(f"节点指纹：{fingerprint_groups(chain.root)}")
    revoked = {number: since for record in chain.records for number, since in record.revokes}
    for record in chain.records:
        state = f"自 {revoked[record.number]:%Y-%m-%d %H:%M} 起吊销" if record.number in revoked else ""
        current = "现用" if record is chain.current else state
        click.echo(f"第 {record.number} 号密钥  {record.at:%Y-%m-%d %H:%M:%S} UTC  {current}")

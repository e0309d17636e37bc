"""`tongban key`: the chain of this node's keys."""

import functools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from tongban.accounts.access.actor import actor_document
from tongban.commandline import passphrases, serving
from tongban.commandline import recovery_key as recovery
from tongban.commandline.group import Refused
from tongban.commandline.node import as_json, on_a_node, operator, show_json
from tongban.configuration import config
from tongban.configuration.config import NodeConfig
from tongban.kernel.crypto import keyring, rewrapping, tokenfile
from tongban.kernel.crypto.keychain import KeyChain, fingerprint_groups
from tongban.kernel.crypto.token_refusals import TokenUnusable


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


def opened_by_recovery_key[R](function: Callable[[bool, bool], R]) -> Callable[[bool, Path | None, bool], R]:
    """Let a recovery key open what a lost token guarded, before anything asks for the token."""

    @functools.wraps(function)
    def wrapped(token: bool, recovery_key: Path | None, as_json: bool) -> R:
        if recovery_key is not None:
            key = recovery.load(recovery_key, option="--recovery-key", undone="未作任何更改")
            try:
                tokenfile.unlock_by_recovery(config.load().keys, key)
            except TokenUnusable as error:
                raise Refused(f"密钥未作任何更改：{error}") from None
        return function(token, as_json)

    return wrapped


@command.command("protect")
@click.option("--token", is_flag=True, help="改由 config.toml 写明的令牌保护，不再用口令。")
@click.option(
    "--recovery-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="原来的令牌已毁损或遗失：用恢复密钥文件代替它打开密钥。",
)
@as_json
@opened_by_recovery_key
@on_a_node
def protect(token: bool, as_json: bool) -> None:
    """
    为全部密钥设置口令，或换用新口令，或改由令牌保护；一个文件换不成，就都不换。

    新口令取自 TONGBAN_NEW_PASSPHRASE，没有设置的在终端中输入；现用口令取自 TONGBAN_KEY_PASSPHRASE，令牌的 PIN 见
    docs/operations.md。请先停止节点。
    """
    from django.conf import settings

    node = settings.NODE
    lock = serving.take_lock(node)
    if lock is None:
        raise Refused(f"节点 {node.name} 正在运行，口令未更改。请先停止节点。")
    with lock:
        change = _to_token(node) if token else _to_passphrase(node)
        try:
            names = change()
        except OSError as error:
            raise Refused(
                f"新的密钥文件无法写入（{error.strerror}），口令未更改。请检查密钥目录与磁盘空间。"
            ) from error
    if as_json:
        show_json({"folder": node.keys, "keys": names})
        return
    if token:
        click.echo(f"已改由令牌保护 {len(names)} 个密钥文件（{node.keys}）。")
        click.echo(
            "此后启动节点和执行命令，都须插好令牌、给出 PIN，不再用 TONGBAN_KEY_PASSPHRASE。请重新保管密钥目录。"
        )
        return
    click.echo(f"已用新口令保护 {len(names)} 个密钥文件（{node.keys}）。")
    click.echo("此后启动节点和执行命令，都须把 TONGBAN_KEY_PASSPHRASE 设为新口令。请重新保管密钥目录。")


def _to_passphrase(node: NodeConfig) -> Callable[[], list[str]]:
    passphrase = passphrases.new("TONGBAN_NEW_PASSPHRASE", "密钥口令")
    return lambda: rewrapping.protect(node.keys, passphrase)


def _to_token(node: NodeConfig) -> Callable[[], list[str]]:
    """Return what puts the keys under the token, once it is known that its loss would not be theirs."""
    place, public = node.token, keyring.recovery_key(node.keys)
    if place is None:
        raise Refused(
            "config.toml 没有写明令牌，未作任何更改。请写明 keys.token_module 和 keys.token_label 后重试。"
        )
    if public is None:
        raise Refused(
            "本节点还没有恢复密钥，未作任何更改：令牌一旦毁损，密钥就无法取回。请先执行 tongban recovery-key make --out 文件。"
        )
    return lambda: rewrapping.entrust(node.keys, place, public)


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

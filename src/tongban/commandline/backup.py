"""`tongban backup`: the whole node except its keys, while it runs, sealed for a key that is elsewhere."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from tongban.commandline import archive, postgres
from tongban.commandline.group import Refused
from tongban.commandline.node import as_json, on_a_node, show_json
from tongban.configuration import config, editing
from tongban.configuration.config import CONFIG_NAME, NodeConfig
from tongban.kernel.crypto import digest, keyring
from tongban.kernel.crypto.keychain import fingerprint_groups


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@on_a_node
def command(file: Path, as_json: bool) -> None:
    """
    把数据库、材料库和配置写入一个备份文件，加密给恢复密钥；节点可以在运行中。

    备份不含密钥：没有密钥目录，备份既不能恢复成节点，也读不出材料内容。密钥请另行保管。登录会话、登录失败计数、
    幂等键和数据库密码也不在其中。
    """
    from django.conf import settings

    from tongban.kernel import identity
    from tongban.kernel.time import clock

    node = settings.NODE
    recipient = keyring.recovery_key(node.keys)
    if recipient is None:
        raise Refused(
            "本节点还没有恢复密钥，未备份。请先执行 tongban recovery-key make --out 文件，并把该文件移出本机。"
        )
    about = {
        "node": identity.fingerprint(),
        "at": clock.now().isoformat(),
        "chain": identity.chain_of(identity.fingerprint()).documents(),
    }
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=node.home) as folder:
        # The database first: the vault only grows, so every row finds its file.
        database = _database(node, settings.DATABASES["default"], Path(folder))
        files = [
            (database.name, database),
            (archive.CONFIG, _configuration(node, Path(folder))),
            *_vault(settings.VAULT_FOLDER),
        ]
        manifest = archive.write(file, files, recipient=recipient, about=about, sign=identity.sign)
    facts = {"file": file, "files": len(manifest["files"]), "node": manifest["node"], "at": manifest["at"]}
    fingerprint = digest.of(recipient)
    if as_json:
        show_json(facts | {"recovery_key": fingerprint})
        return
    click.echo(f"已备份到 {file}（{facts['files']} 个文件）。密钥不在其中，请另行保管 {node.keys}。")
    click.echo(f"只有这个恢复密钥能打开它：{fingerprint_groups(fingerprint)}")


def _database(node: NodeConfig, settings: dict[str, Any], folder: Path) -> Path:
    """Return a file with the database as it is at this moment, without what must not live on in a backup."""
    if not node.is_sqlite:
        target = folder / archive.DUMP
        postgres.dump(node, target, empty=_left_out())
        return target
    target = folder / archive.SQLITE
    with closing(sqlite3.connect(settings["NAME"])) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA secure_delete=ON")  # not only forgotten, but overwritten
        for table in _left_out():
            copy.execute(f'DELETE FROM "{table}"')  # noqa: S608  # names of our own
        copy.commit()
    return target


def _left_out() -> list[str]:
    """Return the tables that are for the moment only: live keys to the node, and what is counted or kept for days."""
    from tongban.accounts.models import FailedAttempt, Session
    from tongban.api.models import IdempotencyKey

    return [model._meta.db_table for model in (Session, FailedAttempt, IdempotencyKey)]


def _configuration(node: NodeConfig, folder: Path) -> Path:
    """Return a file with the node's configuration, without the password of the database."""
    text = (node.home / CONFIG_NAME).read_text(encoding="utf-8")
    open_url = config.without_password(node.database)
    if open_url != node.database:
        text = editing.put(text, "database", "url", open_url)
    target = folder / archive.CONFIG
    target.write_text(text, encoding="utf-8")
    return target


def _vault(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        # What is still being written may be gone in a moment, and no row refers to it.
        if path.suffix != ".part" and path.is_file():
            yield f"{archive.VAULT}/{path.relative_to(folder)}", path

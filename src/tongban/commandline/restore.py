"""`tongban restore`: a node from its backup, read-only until its peers have returned what came later."""

import os
import shutil
from pathlib import Path
from typing import Any

import click

from tongban.accounts.access.actor import actor_document
from tongban.commandline import archive, checking, postgres, recovery_key
from tongban.commandline.group import Refused
from tongban.commandline.node import as_json, on_a_node, operator, show_json
from tongban.configuration import config, editing
from tongban.kernel.crypto import sm
from tongban.kernel.crypto.keychain import fingerprint_groups


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="恢复密钥文件；口令取自 TONGBAN_RECOVERY_PASSPHRASE 或在终端中输入。",
)
@click.option(
    "--check", is_flag=True, help="只查验备份能否打开、是否完整，不恢复；可以在任何装有本程序的机器上。"
)
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="新的节点目录，须为空。")
@click.option(
    "--keys", type=click.Path(exists=True, file_okay=False, path_type=Path), help="节点原来的密钥目录。"
)
@click.option("--database", help="PostgreSQL：空数据库的 URL；缺省为备份中的配置。")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PostgreSQL：存放数据库密码的文件。备份中没有密码。",
)
@as_json
def command(
    file: Path, key: Path, check: bool, home: Path | None, keys: Path | None, database: str | None,
    password_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """
    从备份恢复节点，开始新的纪元。

    恢复后的节点只读，直到各对方节点归还了备份之后的记录。请确认原节点已停止：同一身份不能有两个节点。
    """
    if check:
        if home or database or password_file:
            raise click.UsageError("--check 不恢复，不能与 --home、--database、--password-file 同用。")
        checking.show(checking.check(file, recovery_key.load(key), keys), as_json=as_json)
        return
    if home is None or keys is None:
        raise click.UsageError("恢复须给出 --home 与 --keys；只查验请用 --check。")
    home, keys = home.resolve(), keys.resolve()
    if home.exists() and any(home.iterdir()):
        raise Refused(f"节点目录 {home} 不是空目录，未恢复。请换一个目录。")
    private = recovery_key.load(key)
    was_there = home.exists()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        manifest = _unpack(file, private, home, keys)
        _settle(home, keys, database, password_file)
        os.environ["TONGBAN_HOME"] = str(home)
        facts = _begin_epoch(manifest["node"])
    except BaseException:
        for entry in home.iterdir() if home.exists() else ():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        if not was_there and home.exists():
            home.rmdir()
        raise
    if as_json:
        show_json(facts | {"home": home, "backup_at": manifest["at"]})
        return
    click.echo(f"节点已恢复到 {home}（备份于 {manifest['at']}），纪元 {facts['epoch']}。")
    click.echo(f"节点指纹：{fingerprint_groups(facts['node'])}")
    click.echo("启动后先只读，待各对方节点归还后来的记录，再恢复办理。")


def _unpack(file: Path, key: sm.Key, home: Path, keys: Path) -> archive.Document:
    """Check everything that can be checked before a database is touched; return the manifest."""
    manifest = archive.read(file, key, home, vault=True)
    checking.unlock(keys, key, home)
    checking.ask_keys(manifest, keys)
    checking.examine(home)
    return manifest


def _settle(home: Path, keys: Path, database: str | None, password_file: Path | None) -> None:
    """Put database and configuration where the new home expects them."""
    path = home / config.CONFIG_NAME
    text = editing.put(path.read_text(encoding="utf-8"), "keys", "folder", os.path.relpath(keys, home))
    is_sqlite = (home / archive.SQLITE).exists()
    if is_sqlite:
        if database or password_file:
            raise click.UsageError(
                "这是 SQLite 节点的备份，--database 与 --password-file 只用于 PostgreSQL。"
            )
        (home / archive.SQLITE).rename(home / "node.sqlite3")
        database = "sqlite:///node.sqlite3"
    if database:
        text = editing.put(text, "database", "url", database)
    if password_file:
        text = editing.put(text, "database", "password_file", str(password_file.resolve()))
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)  # the database URL may hold a password
    node = config.load(home)
    if not is_sqlite:
        postgres.load(node, home / archive.DUMP)
        (home / archive.DUMP).unlink()


@on_a_node
def _begin_epoch(fingerprint: str) -> dict[str, Any]:
    """Start the node's next epoch, read-only."""
    from django.core.management import call_command

    from tongban.kernel import committed, db, identity
    from tongban.kernel.journal import nodechain
    from tongban.kernel.time import clock
    from tongban.procedures import following

    call_command("migrate", verbosity=0, interactive=False)
    identity.chain_of(fingerprint)  # the database is that of the node that signed the manifest
    with db.write():
        # Transactions are numbered by the server, and the new one counts from where it stands.
        following.keep_places()
        committed.forget_transactions()
        me = identity.row()
        me.epoch, me.recovering, me.restored_at = me.epoch + 1, True, clock.now()
        me.save(update_fields=["epoch", "recovering", "restored_at"])
        nodechain.write(
            "epoch_begun", given={"epoch": me.epoch}, by=actor_document(operator()), at=me.restored_at
        )
    return {"node": me.fingerprint, "epoch": me.epoch, "recovering": True}

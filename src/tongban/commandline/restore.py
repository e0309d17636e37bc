"""`tongban restore`: a node from its backup, read-only until its peers have returned what came later."""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tongban.accounts.access.actor import actor_document
from tongban.commandline import archive, postgres
from tongban.commandline.group import Refused
from tongban.commandline.node import as_json, on_a_node, operator, show_json
from tongban.configuration import config
from tongban.kernel.crypto.keychain import fingerprint_groups


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), required=True, help="新的节点目录，须为空。"
)
@click.option(
    "--keys",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="节点原来的密钥目录。",
)
@click.option("--database", help="PostgreSQL：空数据库的 URL；缺省为备份中的配置。")
@as_json
def command(file: Path, home: Path, keys: Path, database: str | None, as_json: bool) -> None:
    """
    从备份恢复节点，开始新的纪元。

    恢复后的节点只读，直到各对方节点归还了备份之后的记录。请确认原节点已停止：同一身份不能有两个节点。
    """
    home, keys = home.resolve(), keys.resolve()
    if home.exists() and any(home.iterdir()):
        raise Refused(f"节点目录 {home} 不是空目录，未恢复。请换一个目录。")
    was_there = home.exists()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        manifest = archive.extract(file, home)
        _settle(home, keys, database)
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


def _settle(home: Path, keys: Path, database: str | None) -> None:
    """Put database and configuration where the new home expects them."""
    (home / archive.MANIFEST).unlink()
    node = config.load(home)
    if (home / archive.SQLITE).exists():
        if database:
            raise click.UsageError("这是 SQLite 节点的备份，--database 只用于 PostgreSQL。")
        (home / archive.SQLITE).rename(home / "node.sqlite3")
        node = replace(node, database="sqlite:///node.sqlite3")
    else:
        node = replace(node, database=database or node.database)
        postgres.load(node.database, home / archive.DUMP)
        (home / archive.DUMP).unlink()
    text = config.render(node, keys_folder=os.path.relpath(keys, home))
    (home / config.CONFIG_NAME).write_text(text, encoding="utf-8")
    (home / config.CONFIG_NAME).chmod(0o600)  # the database URL may hold a password


@on_a_node
def _begin_epoch(fingerprint: str) -> dict[str, Any]:
    """Check that the keys are this node's, and start its next epoch, read-only."""
    from django.conf import settings
    from django.core.management import call_command

    from tongban.kernel import committed, db, identity
    from tongban.kernel.crypto import keyring
    from tongban.kernel.journal import nodechain
    from tongban.kernel.time import clock
    from tongban.procedures import following

    call_command("migrate", verbosity=0, interactive=False)
    chain = identity.chain_of(fingerprint)
    if not (settings.NODE.keys / f"sign-{chain.current.number}.pem").exists() or (
        keyring.sign_key(settings.NODE.keys, chain.current.number).public != chain.current.sign
    ):
        raise Refused("密钥目录不是这个节点的，未恢复。请用 --keys 指明节点原来的密钥目录。")
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

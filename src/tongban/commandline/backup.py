"""`tongban backup`: the whole node except its keys, while it runs."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from tongban.commandline import archive, postgres
from tongban.commandline.node import as_json, on_a_node, show_json
from tongban.configuration.config import CONFIG_NAME, NodeConfig


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@on_a_node
def command(file: Path, as_json: bool) -> None:
    """
    把数据库、材料库和配置写入一个备份文件；节点可以在运行中。

    备份不含密钥：没有密钥目录，备份既不能恢复成节点，也读不出材料内容。密钥请另行保管。
    """
    from django.conf import settings

    from tongban.kernel import identity
    from tongban.kernel.time import clock

    node = settings.NODE
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=node.home) as folder:
        # The database first: the vault only grows, so every row finds its file.
        database = _database(node, settings.DATABASES["default"], Path(folder))
        files = [
            (database.name, database),
            (archive.CONFIG, node.home / CONFIG_NAME),
            *_vault(settings.VAULT_FOLDER),
        ]
        manifest = archive.write(file, files, node=identity.fingerprint(), at=clock.now())
    if as_json:
        show_json(
            {"file": file, "files": len(manifest["files"]), "node": manifest["node"], "at": manifest["at"]}
        )
        return
    click.echo(f"已备份到 {file}（{len(manifest['files'])} 个文件）。密钥不在其中，请另行保管 {node.keys}。")


def _database(node: NodeConfig, settings: dict[str, Any], folder: Path) -> Path:
    """Return a file with the database as it is at this moment."""
    if not node.is_sqlite:
        target = folder / archive.DUMP
        postgres.dump(node.database, target)
        return target
    target = folder / archive.SQLITE
    with closing(sqlite3.connect(settings["NAME"])) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    return target


def _vault(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        # What is still being written may be gone in a moment, and no row refers to it.
        if path.suffix != ".part" and path.is_file():
            yield f"vault/{path.relative_to(folder)}", path

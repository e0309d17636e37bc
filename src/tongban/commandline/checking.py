"""What `restore` asks of a backup before it counts, and `restore --check` asks of it without restoring anything."""

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tongban.commandline import archive, postgres
from tongban.commandline.group import Refused
from tongban.commandline.node import show_json
from tongban.configuration import config
from tongban.kernel.crypto import keyring, sm, tokenfile
from tongban.kernel.crypto.keychain import fingerprint_groups
from tongban.kernel.crypto.token_refusals import NoCopyForThisKey, TokenUnusable


def check(file: Path, key: sm.Key, keys: Path | None) -> dict[str, Any]:
    """
    Read a whole backup as a restore would, in a folder of its own that is gone afterwards; return what was found.

    Raises:
        Refused: as `archive.read`, `unlock`, `ask_keys` and `examine`.
    """
    with tempfile.TemporaryDirectory(prefix="tongban-check-") as folder:
        manifest = archive.read(file, key, Path(folder), vault=False)
        if keys is not None:
            unlock(keys, key, Path(folder))
            ask_keys(manifest, keys)
        kind = examine(Path(folder))
    names = manifest["files"]
    return {
        "file": file,
        "node": manifest["node"],
        "at": manifest["at"],
        "database": kind,
        "files": len(names),
        "contents": sum(name.startswith(f"{archive.VAULT}/") for name in names),
        "keys": None if keys is None else True,
    }


def show(found: Mapping[str, Any], *, as_json: bool) -> None:
    """Say what a check has found."""
    if as_json:
        show_json(found)
        return
    click.echo(f"备份 {found['file']} 完整，可以恢复；没有恢复任何内容。")
    click.echo(f"节点指纹：{fingerprint_groups(found['node'])}（请核对）")
    click.echo(f"备份于：{found['at']}")
    click.echo(
        f"数据库：{found['database']}，完整；材料库 {found['contents']} 个文件，共 {found['files']} 个文件。"
    )
    click.echo("密钥目录：是这个节点的。" if found["keys"] else "密钥目录：没有查验；请用 --keys 一并查验。")


def unlock(keys: Path, key: sm.Key, home: Path) -> None:
    """
    Open what a token guards in the folder of keys, if one does: by the recovery key, else by the token that the backup names.

    Raises:
        Refused: neither opens it.
    """
    try:
        try:
            tokenfile.unlock_by_recovery(keys, key)
        except NoCopyForThisKey:  # a backup of before the recovery key was replaced
            place = config.load(home).token
            if place is None:
                raise
            tokenfile.unlock(keys, replace(place, folder=keys))
    except TokenUnusable as error:
        raise Refused(f"节点密钥不可用，未恢复：{error}") from None


def ask_keys(manifest: Mapping[str, Any], keys: Path) -> None:
    """
    Return quietly if the folder holds the keys of the node that made the backup.

    Raises:
        Refused: it holds none of them, another node's, or they can't be read.
    """
    current = archive.chain_of(manifest).current
    try:
        is_ours = keyring.sign_key(keys, current.number).public == current.sign
        for name in keyring.SECRETS:
            keyring.secret(keys, name)
    except FileNotFoundError:
        is_ours = False
    except sm.KeyUnreadable as error:
        raise Refused(
            f"节点密钥不可用，未恢复：{error}请核对 --keys 与口令（TONGBAN_KEY_PASSPHRASE）。"
        ) from None
    if not is_ours:
        raise Refused("密钥目录不是这个节点的，或不完整，未恢复。请用 --keys 指明节点原来的密钥目录。")


def examine(folder: Path) -> str:
    """
    Return the kind of the unpacked database, which was read from its beginning to its end.

    Raises:
        Refused: it is not whole, or there is none.
    """
    if (folder / archive.DUMP).exists():
        postgres.examine(folder / archive.DUMP)
        return "PostgreSQL"
    try:
        with closing(sqlite3.connect(f"file:{folder / archive.SQLITE}?mode=rw", uri=True)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(1)")]
    except sqlite3.Error as error:
        found = [str(error)]
    if found != ["ok"]:
        first_line = found[0].removeprefix("*** in database main ***\n").partition("\n")[0]
        raise Refused(f"备份中的数据库不完整（{first_line}），未恢复。请换一份备份。")
    return "SQLite"

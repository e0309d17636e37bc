"""What the commands share: the node they work on, who the operator is, files in and out."""

import functools
import json
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from tongban.accounts.access.actor import OPERATOR, Actor, ActorKind, Channel
from tongban.commandline.group import Refused
from tongban.commandline.recording import recorded
from tongban.configuration import newest_sqlite
from tongban.kernel.errors import InvalidInput

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
WRITABLE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
DAY = click.DateTime(formats=["%Y-%m-%d"])
as_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")


def prepare() -> None:
    """Set Django up for the node that TONGBAN_HOME names; raises ConfigError if there is none."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.assembly.settings")
    import django

    django.setup()


def on_a_node[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Let a command work on a node: set Django up first, and record it; a database or key out of reach is a refusal."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        from tongban.kernel.crypto.sm import CryptoUnavailable, KeyUnreadable
        from tongban.kernel.crypto.token_refusals import TokenUnusable

        try:
            prepare()
            with recorded():
                return _with_database(function, *args, **kwargs)
        except TokenUnusable as error:  # says itself what to do
            raise Refused(f"节点密钥不可用：{error}") from error
        except (KeyUnreadable, CryptoUnavailable) as error:
            raise Refused(
                f"节点密钥不可用：{error}请检查 config.toml 的 keys.folder 与口令（TONGBAN_KEY_PASSPHRASE）。"
            ) from error

    return wrapped


def _with_database[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    from django.db import OperationalError, ProgrammingError

    from tongban.kernel import storage

    try:
        return function(*args, **kwargs)
    except (OperationalError, ProgrammingError) as error:
        if full := storage.refusal_of(error):
            raise full from error
        first_line = str(error).partition("\n")[0]
        raise Refused(
            f"节点的数据库不可用（{first_line}）。请检查 config.toml 的 database.url，或重新启动节点。"
        ) from error


def warn_of_sqlite() -> None:
    """Name the SQLite of the node on standard error where it is one that may damage the database."""
    from django.conf import settings

    warning = newest_sqlite.warning() if settings.NODE.is_sqlite else ""
    if warning:
        click.echo(f"注意：{warning}", err=True)


def operator() -> Actor:
    """Return who acts at the command line: the node's own operator, for its service centre."""
    from django.conf import settings

    from tongban.accounts import permissions

    return Actor(
        kind=ActorKind.STAFF,
        channel=Channel.DESK,
        organisation=settings.NODE.organisation,
        post=OPERATOR,
        staff=OPERATOR,
        assurance=3,
        permissions=permissions.known(),
        supervises=settings.NODE.division,
    )


def read_json(path: Path) -> dict[str, Any]:
    """
    Return the JSON object in a file.

    Raises:
        InvalidInput: the file holds something else.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InvalidInput(f"{path} 不是 JSON 文件，未处理。请核对文件。")
    return value


def write_file(path: Path, data: bytes) -> None:
    """
    Write a new file, or standard output for `-`.

    Raises:
        Refused: the file is there already, or cannot be written.
    """
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise Refused(f"{path} 已存在，未覆盖。请换一个文件名。") from None
    except OSError as error:
        raise Refused(f"{path} 无法写入（{error.strerror}）。请检查目录与磁盘空间。") from error


def show_json(value: object) -> None:
    """Print a value for machines."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def day_of(value: Any) -> date | None:
    """Return the day of a DAY option."""
    return value.date() if value is not None else None

"""PostgreSQL's own programs for backup and restore."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tongban.commandline.group import Refused
from tongban.configuration import database_line
from tongban.configuration.config import NodeConfig


def dump(node: NodeConfig, target: Path, *, empty: Sequence[str]) -> None:
    """Write the database to a file in pg_dump's custom format, of the tables `empty` no rows; raises Refused if that can't be."""
    without = [f"--exclude-table-data={table}" for table in empty]
    _run("pg_dump", _of(node), "--format=custom", "--no-owner", *without, f"--file={target}")


def load(node: NodeConfig, source: Path) -> None:
    """Load such a file into an empty database, whole or not at all; raises Refused if that cannot be done."""
    name = unquote(urlsplit(node.database).path.lstrip("/"))
    _run(
        "pg_restore",
        _of(node),
        "--no-owner",
        "--single-transaction",
        "--exit-on-error",
        f"--dbname={name}",
        str(source),
    )


def examine(source: Path) -> None:
    """Read such a file from its beginning to its end, without a database; raises Refused if that cannot be done."""
    _run("pg_restore", dict(os.environ), "--file=/dev/null", str(source))


def environment_of(url: str, password: str | None = None) -> dict[str, str]:
    """Return the environment in which PostgreSQL's programs reach the database of a URL; `password` in place of its own."""
    parts = urlsplit(url)
    # In the environment, not among the arguments: those are seen by everybody on the machine.
    given = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or "") if password is None else password,
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        **{database_line.VARIABLES[name]: value for name, value in database_line.read(url).items()},
    }
    return os.environ | {name: value for name, value in given.items() if value}


def _of(node: NodeConfig) -> dict[str, str]:
    return environment_of(node.database, node.database_password())


def _run(program: str, environment: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [newest(program), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error:" in line] or [
            f"退出码 {done.returncode}"
        ]
        raise Refused(
            f"{program} 未能完成（{said[0]}）。请检查数据库能否连接、恢复时是否为空，以及该程序的版本。"
        )


def newest(program: str, *, package: str = "postgresql-client") -> str:
    """Return the newest of the installed versions, since an older one may come first on PATH; raises Refused."""
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{program}"),
        key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0),
    )
    path = str(found[-1]) if found else shutil.which(program)
    if path is None:
        raise Refused(f"没有找到 {program}，未处理。请安装 PostgreSQL 17 的客户端程序（{package}）。")
    return path

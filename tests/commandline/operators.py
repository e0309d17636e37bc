"""How an operator calls the command: in a process of its own, or in this one."""

import atexit
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import click
from click.testing import CliRunner, Result

from tongban.cli import main
from tongban.configuration.config import CONFIG_NAME

USCC: Final = "12341723DEM0100052"


def call(*arguments: str | Path) -> Result:
    """Run a command in this process, on the node of the tests."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def command_line(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "tongban.cli", *map(str, arguments)]


def surroundings(home: Path | None) -> dict[str, str]:
    """Return the environment of an operator, who has nothing of the tests' settings; tests may run as root."""
    ours = {"DJANGO_SETTINGS_MODULE", "TONGBAN_HOME"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    return environment | {"TONGBAN_CONFINED": "1"} | ({"TONGBAN_HOME": str(home)} if home else {})


def run(*arguments: str | Path, home: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, on the node in `home`; `more` adds to its environment."""
    environment = surroundings(home) | more
    return subprocess.run(
        command_line(*arguments), env=environment, cwd="/", capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def words(folder: Path, *, url: str = "") -> tuple[str | Path, ...]:
    """Return the words that make a node in `folder`/home with its keys in `folder`/keys."""
    return (
        "init", "--home", folder / "home", "--keys", folder / "keys", "--name", "qy", "--division", "341723",
        "--organisation", USCC, "--url", url or f"http://127.0.0.1:{free_port()}",
    )  # fmt: skip


def init(folder: Path, *more: str, url: str = "") -> subprocess.CompletedProcess[str]:
    """Make that node; of words given twice the last counts."""
    return run(*words(folder, url=url), *more)


def node_in(folder: Path, *, url: str = "") -> Path:
    """Lay the node that `init` makes into `folder`, as a copy of one that was made once; return its home."""
    shutil.copytree(_original(os.environ.get("TONGBAN_KEY_PASSPHRASE", "")), folder, dirs_exist_ok=True)
    settings = folder / "home" / CONFIG_NAME
    # A port that is nobody else's: a node that must not start is told of a busy one first.
    url = url or f"http://127.0.0.1:{free_port()}"
    told = re.sub(
        r'^url = "http.*"$', f'url = "{url}"', settings.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    settings.write_text(told, encoding="utf-8")
    return folder / "home"


@cache
def _original(passphrase: str) -> Path:
    """Return the folder of a node made with the keys under this passphrase, which stands in the environment."""
    folder = Path(tempfile.mkdtemp(prefix="tongban-original-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = init(folder)
    assert made.returncode == 0, made.stderr
    return folder


def commands() -> list[tuple[str, ...]]:
    """Return every command and subcommand by its words."""
    context = click.Context(main)
    found: list[tuple[str, ...]] = []
    for name in main.list_commands(context):
        command: Any = main.get_command(context, name)
        found.append((name,))
        found += [(name, sub) for sub in getattr(command, "commands", {})]
    return found

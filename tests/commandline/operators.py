"""How an operator calls the command: in a process of its own, or in this one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import click
from click.testing import CliRunner, Result

from tongban.cli import main

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


def words(folder: Path, *, url: str = "http://127.0.0.1:8001") -> tuple[str | Path, ...]:
    """Return the words that make a node in `folder`/home with its keys in `folder`/keys."""
    return (
        "init", "--home", folder / "home", "--keys", folder / "keys", "--name", "qy", "--division", "341723",
        "--organisation", USCC, "--url", url,
    )  # fmt: skip


def init(folder: Path, *more: str, url: str = "http://127.0.0.1:8001") -> subprocess.CompletedProcess[str]:
    """Make that node; of words given twice the last counts."""
    return run(*words(folder, url=url), *more)


def commands() -> list[tuple[str, ...]]:
    """Return every command and subcommand by its words."""
    context = click.Context(main)
    found: list[tuple[str, ...]] = []
    for name in main.list_commands(context):
        command: Any = main.get_command(context, name)
        found.append((name,))
        found += [(name, sub) for sub in getattr(command, "commands", {})]
    return found

"""Passphrases: from the environment, or asked for at the terminal; never among the words of a command."""

import os
import sys

import click

from tongban.commandline.group import Refused

SHORTEST = 12


def new(variable: str, what: str) -> str:
    """
    Return a passphrase that is to be set, from `variable` or asked for twice.

    Raises:
        Refused: none was given, or it is too short.
    """
    given = os.environ.get(variable) or _ask(f"新的{what}", variable, twice=True)
    if len(given) < SHORTEST:
        raise Refused(f"{what}不足 {SHORTEST} 个字符，未作任何更改。请用更长的口令。")
    return given


def known(variable: str, what: str) -> str:
    """Return a passphrase that was set before, from `variable` or asked for; raises Refused if none was given."""
    return os.environ.get(variable) or _ask(what, variable, twice=False)


def _ask(what: str, variable: str, *, twice: bool) -> str:
    try:
        if not sys.stdin.isatty():  # a pipe has nobody to ask, and would show what comes through it
            raise click.Abort
        answer: str = click.prompt(what, hide_input=True, confirmation_prompt=twice, err=True)
    except click.Abort:
        raise Refused(f"没有给出{what}，未作任何更改。请在终端中输入，或设置 {variable}。") from None
    return answer

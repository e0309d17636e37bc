"""What an operator does by command is an act of administration: it stands in the record of access, with the account of the system."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager

import click

from tongban.kernel.errors import DomainError

# Commands of which nothing is written, and why.
UNRECORDED = {
    "init": "there is no node yet; its chain begins with it",
    "serve": "runs until it is stopped; what is done through it is recorded there",
    "worker": "as serve",
    "bench": "works on a node of its own",
    "report": "not there yet",
    "dossier verify": "needs no node",
    "dossier show": "needs no node",
    "restore": "the node that it makes has its epoch in the chain",
}


@contextmanager
def recorded() -> Iterator[None]:
    """Write down, once the block is over, that the present command was run: by whom, and what came of it."""
    result = "failed"
    try:
        yield
        result = "ok"
    except DomainError as refusal:
        result = refusal.code
        raise
    except click.UsageError:
        result = "usage"
        raise
    except SystemExit as end:
        result = "ok" if not end.code else "failed"
        raise
    finally:
        words = command_words()
        # What failed may have failed for want of a database.
        if words and words not in UNRECORDED and result != "failed":
            _write(words, result)


def command_words() -> str:
    """Return the words of the present command, without the program's own name; nothing outside of one."""
    context, words = click.get_current_context(silent=True), []
    while context is not None and context.parent is not None:
        words.append(context.info_name or "")
        context = context.parent
    return " ".join(reversed(words))


def account() -> str:
    """Return the account of the operating system, and whose rights it used."""
    name = pwd.getpwuid(os.getuid()).pw_name if _has_name() else str(os.getuid())
    before = os.environ.get("SUDO_USER", "")
    return f"{before}→{name}" if before and before != name else name


def _has_name() -> bool:
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:  # a container's user need not have one
        return False
    return True


def _write(words: str, result: str) -> None:
    from django.conf import settings

    from tongban.kernel import accesses
    from tongban.kernel.time import clock

    one = accesses.row(
        at=clock.now(), doing=f"tongban {words}", result=result, who=account()[:68], matter=_matter(),
        organisation=settings.NODE.organisation, post="operator", kind=accesses.Kind.OPERATOR, channel="command",
    )  # fmt: skip
    try:
        accesses.write_now(one)
    except DomainError as refusal:
        click.echo(f"注意：这次操作没有记入访问与管理记录（{refusal.code}）。请检查数据库和磁盘。", err=True)


def _matter() -> str:
    from tongban.kernel.journal import numbers

    context = click.get_current_context(silent=True)
    typed = context.params.get("number") if context else None
    try:
        return str(numbers.parse(typed)) if isinstance(typed, str) else ""
    except numbers.BadNumber:
        return ""

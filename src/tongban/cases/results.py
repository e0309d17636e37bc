"""Sending the result (寄出结果): in words, and where the result is a file, with the file; alone, or at one go after the decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from tongban.accounts.access.actor import Actor
from tongban.cases import commands
from tongban.cases.commands import CaseRef
from tongban.cases.in_turn import Came, in_turn
from tongban.cases.models import Case
from tongban.cases.reading import RESULT
from tongban.cases.words import Act
from tongban.materials import attaching
from tongban.procedures.recording import visible_as


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent: by which way, what it is in words, and the file if there is one, checked and ready to be kept."""

    way: str
    text: str
    files: Mapping[str, bytes]


def ready(*, way: str, text: str, file: tuple[str, bytes] | None) -> Sending:
    """
    Return what is to be sent; `file` is (name, bytes). To be called outside a transaction: decoding takes long.

    Raises:
        FileRefused: the file is disguised, too large, unreadable or dangerous.
        ScannerAway: the virus scanner gives no verdict, and a result cannot be held.
    """
    files = {RESULT: attaching.ready(*file, material="办理结果")} if file is not None else {}
    return Sending(way, text, files)


def send(*, case: CaseRef, sending: Sending, by: Actor, at: datetime, version: int | None = None) -> Case:
    """Send the result of a concluded case to where it was taken in; raises what `commands.act` raises."""
    return commands.act(
        case=visible_as(Case, case, by), act=Act.SEND_RESULT, by=by, at=at, given={"way": sending.way},
        texts={"result": sending.text}, version=version, files=dict(sending.files),
    )  # fmt: skip


def conclude_and_send(
    *, case: Case, sending: Sending, by: Actor, at: datetime, done: tuple[Act, ...]
) -> Came:
    """Conclude a case and send its result, after `done`, which decided it; each is recorded as the act it is (`in_turn`)."""
    steps = (
        (Act.CONCLUDE, partial(commands.act, act=Act.CONCLUDE, by=by, at=at)),
        (Act.SEND_RESULT, partial(send, sending=sending, by=by, at=at)),
    )
    return in_turn(case, steps, done=done)

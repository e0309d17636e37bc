"""Sending the result (寄出结果): in words, and where the result is a file, with the file."""

from datetime import datetime

from tongban.accounts.access.actor import Actor
from tongban.cases import commands
from tongban.cases.commands import CaseRef
from tongban.cases.models import Case
from tongban.cases.reading import RESULT
from tongban.cases.words import Act
from tongban.materials import attaching
from tongban.procedures.recording import visible_as


def send(
    *, case: CaseRef, way: str, text: str, file: tuple[str, bytes] | None, by: Actor, at: datetime,
    version: int | None = None,
) -> Case:  # fmt: skip
    """
    Send the result of a concluded case to where it was taken in; `file` is (name, bytes).

    Raises:
        FileRefused: the file is disguised, too large, unreadable or dangerous; nothing was sent.
        ScannerAway: the virus scanner gives no verdict, and a result cannot be held.
        and what `commands.act` raises.
    """
    row = visible_as(Case, case, by)
    # Before the transaction: decoding takes long, and other writers wait.
    files = {RESULT: attaching.ready(*file, material="办理结果")} if file is not None else {}
    return commands.act(
        case=row, act=Act.SEND_RESULT, by=by, at=at, given={"way": way}, texts={"result": text},
        version=version, files=files,
    )  # fmt: skip

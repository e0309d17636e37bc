"""
Private notes of an office about a matter (内部便笺): what colleagues leave each other, part of no event and of no dossier.

They lie under the node's data key, and are gone with the content of the matter.
"""

from datetime import datetime
from typing import Any, Final

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.people import sealed
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import writing
from tongban.kernel.journal.writing import Change
from tongban.procedures import readable
from tongban.procedures.models import Matter, Note

LONGEST: Final = 500  # characters
MOST: Final = 100


class NotesTooMany(DomainError):
    """An office has as many notes about a matter as it may have."""

    code = "notes_too_many"


def of(matter: Matter, by: Actor) -> list[Note]:
    """Return the notes of the actor's own office about a matter that they may read, newest first; nobody else's."""
    if not _may_read(matter, by):
        return []
    return list(Note.objects.filter(matter=matter.number, organisation=by.organisation).order_by("-pk"))


def add(*, matter: Matter, text: str, by: Actor, at: datetime) -> Note:
    """
    Leave a note for the colleagues of the own office.

    Raises:
        NotPermitted: the post does not read the matter. InvalidInput: nothing written, or too much. NotesTooMany: as named.
    """
    if not _may_read(matter, by):
        raise NotPermitted("没有保存：您的岗位不查看这个办件的材料，不能写内部便笺。请由经办岗位填写。")
    words = text.strip()
    if not words or len(words) > LONGEST or "\x00" in words:
        raise InvalidInput(f"没有保存：请填写便笺内容，最多 {LONGEST} 个字。")
    with write():
        own = Note.objects.filter(matter=matter.number, organisation=by.organisation)
        if own.count() >= MOST:
            raise NotesTooMany(f"没有保存：本单位在这个办件上已有 {MOST} 条便笺。请先删去不用的。")
        return Note.objects.create(
            matter_id=matter.number,
            organisation=by.organisation,
            staff=by.staff,
            at=at,
            text=sealed.seal(words),
        )


def remove(*, matter: Matter, note: int, by: Actor) -> None:
    """Delete one's own note; raises NotFound where there is none of that number."""
    with write():
        mine: dict[str, Any] = {"matter": matter.number, "organisation": by.organisation, "staff": by.staff}
        gone, _ = Note.objects.filter(pk=note, **mine).delete()
    if not gone:
        raise NotFound("没有这条便笺，或不是您写的。请刷新后再看。")


def forget(number: str) -> None:
    """Delete all notes about a matter, within the transaction that destroys its content."""
    Note.objects.filter(matter=number).delete()


def erased(number: str) -> list[Change]:
    """Return the same as changes, to be written with an event."""
    return [writing.Update(Note, {"matter_id": number}, {"text": b""})]


def words_of(note: Note) -> str:
    """Return what a note says; nothing once that was struck out."""
    return sealed.open_(note.text) if note.text else ""


def _may_read(matter: Matter, by: Actor) -> bool:
    return by.kind is ActorKind.STAFF and bool(by.staff) and readable.reads_form(matter, by)

"""
Consulting a case (调阅材料): a supervisor names a ground and a reason, and reads form and files of that one matter for two hours.

What is read is this node's own copy, and nothing of it stands in an event: the other node is told nothing. That a consultation opens
form and files is said in `readable`, beside whoever else may read them.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tongban.accounts.access.actor import Actor, ActorKind, Permission, actor_document
from tongban.accounts.models import Organisation
from tongban.accounts.people import sealed
from tongban.kernel import vault, writing_direction
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted
from tongban.kernel.journal import nodechain, writing
from tongban.kernel.journal.writing import Change
from tongban.procedures import readable, recording, register
from tongban.procedures.consultation import Consultation, Ground
from tongban.procedures.models import Matter, supervised_by
from tongban.procedures.recording import MatterRef

LASTS: Final = timedelta(hours=2)
SHORTEST, LONGEST = 10, 500  # characters of a reason
SHOWN: Final = 50


class GroundUnknown(InvalidInput):
    """The ground of a consultation is none of those that are listed."""

    code = "consultation_ground_unknown"


class ReasonMissing(InvalidInput):
    """Nobody consults without saying why."""

    code = "consultation_reason_missing"


class ReasonTooShort(InvalidInput):
    """A reason of a few characters tells nobody why."""

    code = "consultation_reason_too_short"


class ReasonTooLong(InvalidInput):
    """The reason is longer than anybody reads it."""

    code = "consultation_reason_too_long"


class ConsultationOpen(DomainError):
    """They consult the matter already: what they see is open until its own time."""

    code = "consultation_open"


class NothingToConsult(DomainError):
    """The content was destroyed, here or by the own side: there is nothing to open."""

    code = "nothing_to_consult"
    status = 410


@dataclass(frozen=True, slots=True)
class Told:
    """A consultation as somebody may know of it; `reason` is empty for whoever does not supervise or audit."""

    row: Consultation
    reason: str


def consult(*, matter: MatterRef, ground: str, reason: str, by: Actor, at: datetime) -> Consultation:
    """
    Let a supervisor read form and files of a matter for two hours, and write down on which ground and why.

    Raises:
        NotFound: none that `by` may see. NotPermitted: `by` does not supervise it, or is a program.
        NothingToConsult, GroundUnknown, ReasonMissing, ReasonTooShort, ReasonTooLong, InvalidInput, ConsultationOpen: as named.
    """
    found, words = recording.visible(matter, by), reason.strip()
    called = register.named(found.procedure, found.number)
    if by.machine or not readable.supervises(found, by):
        raise NotPermitted(f"没有调阅：{called} 的材料由督办岗位本人调阅。请由督办人员登录后办理。")
    if readable.is_gone_for(found, by.organisation) or vault.is_destroyed(found.number):
        raise NothingToConsult(f"没有调阅：{called} 的材料内容已经销毁。办理记录仍可查看。")
    if ground not in Ground.values:
        raise GroundUnknown("没有调阅：所选依据不在目录内。请从目录中选择依据。")
    _demand_reason(words)
    with write():
        if open_to(found, by, at) is not None:
            raise ConsultationOpen(f"您正在调阅{called}，无需重复。请回到材料页面继续看。")
        row: Consultation = Consultation.objects.create(
            number=found.number, staff=by.staff, organisation=by.organisation, post=by.post, ground=ground,
            reason=sealed.seal(words), at=at, until=at + LASTS,
        )  # fmt: skip
        nodechain.tell(
            "content_consulted", row, by=actor_document(by), at=at, matter=found.number, ground=ground
        )
    return row


def open_to(matter: Matter, by: Actor, at: datetime) -> Consultation | None:
    """Return the consultation by which somebody may read a matter at a moment; nothing where there is none of their own."""
    row: Consultation | None = Consultation.objects.filter(number=matter.number).open_to(by, at).first()
    return row


def of(matter: Matter, by: Actor) -> list[Told]:
    """Return who consulted a matter that `by` sees, newest first; applicants are told by the looks at their own."""
    if by.kind is not ActorKind.STAFF:
        return []
    why = matter.procedure in supervised_by(by)
    rows = Consultation.objects.filter(number=matter.number).order_by("-pk")[:SHOWN]
    return [Told(row, words_of(row) if why else "") for row in rows]


def audited(number: str, by: Actor) -> list[Told]:
    """Return what people of an auditor's reach consulted of a matter, newest first."""
    if not by.may(Permission.AUDIT_READ):
        return []
    reach = Organisation.objects.in_reach_of(by).values("uscc")
    rows = Consultation.objects.filter(number=number, organisation__in=reach).order_by("-pk")[:SHOWN]
    return [Told(row, words_of(row)) for row in rows]


def words_of(row: Consultation) -> str:
    """Return why somebody consulted; nothing once that was struck out."""
    return sealed.open_(row.reason) if row.reason else ""


def forget(number: str) -> None:
    """Strike the reasons, which may name people, within the transaction that destroys the content; that it was consulted stays."""
    Consultation.objects.filter(number=number).update(reason=b"")


def erased(number: str) -> list[Change]:
    """Return the same as changes, to be written with an event."""
    return [writing.Update(Consultation, {"number": number}, {"reason": b""})]


def _demand_reason(words: str) -> None:
    # Signs that nobody reads make no reason.
    said = sum(unicodedata.category(sign)[0] in "LN" for sign in words)
    if not said:
        raise ReasonMissing(f"没有调阅：请写明为什么要看这个办件的材料，至少 {SHORTEST} 个字。")
    if said < SHORTEST:
        raise ReasonTooShort(f"没有调阅：理由太短，说明不了为什么要看。请至少写 {SHORTEST} 个字。")
    if len(words) > LONGEST:
        raise ReasonTooLong(f"没有调阅：理由最多 {LONGEST} 个字。请精简后再提交。")
    if "\x00" in words or writing_direction.turns(words):
        raise InvalidInput("没有调阅：理由含有不能记录的字符。请删除后重新填写。")

"""What did not arrive although it is owed becomes a duty of the window: to tell the applicant by another way (另行告知申请人)."""

import re
from datetime import datetime

from tongban.cases.models import Case
from tongban.cases.words import Act, Duty, Role
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.notices.models import Dispatch
from tongban.notices.rows import BY_NAME
from tongban.notices.sending import BATCH, pause
from tongban.procedures import commands

State = Dispatch.State


def open_due(at: datetime) -> int:
    """Open a duty for what failed, where it is owed and nothing else has told it; return how many were opened."""
    failed = Dispatch.objects.filter(state__in=Dispatch.FAILED, settled_at=None, next_at__lte=at)
    rows = failed.select_related("notice").order_by("next_at", "pk")[:BATCH]
    return sum(_settle(one, at) for one in list(rows))


def _settle(one: Dispatch, at: datetime) -> int:
    others = Dispatch.objects.filter(notice=one.notice).exclude(pk=one.pk)
    if others.filter(state__in=Dispatch.UNDER_WAY).exists():
        return _later(one, at)  # the mail may still arrive where the message did not
    told = one.notice.read_at is not None or others.filter(state=State.DELIVERED).exists()
    case = Case.objects.filter(number=one.matter).first()
    if case is None or not case.live or told or not BY_NAME[one.notice.row].owed or _is_owed(case):
        return _done(one, at)
    given = {"unreached": BY_NAME[one.notice.row].act, "cause": _code(one.reason)}
    try:
        commands.system_act(matter=one.matter, act=Act.NOT_REACHED, role=Role.INTAKE, at=at, given=given)
    except DomainError:
        return _later(one, at)  # parked, or moved meanwhile
    _done(one, at)
    return 1


def _code(reason: str) -> str:
    """Return a gateway's reason as a code that may stand in an event."""
    return re.sub(r"[^a-z0-9_]", "_", reason.lower()) or "failed"


def _is_owed(case: Case) -> bool:
    """Return whether somebody is to tell the applicant already, and will tell all there is."""
    return any(duty["kind"] == Duty.REACH for duty in case.state["duties"].values())


def _later(one: Dispatch, at: datetime) -> int:
    with write():
        Dispatch.objects.filter(pk=one.pk).update(next_at=at + pause(one.tries), tries=one.tries + 1)
    return 0


def _done(one: Dispatch, at: datetime) -> int:
    with write():
        Dispatch.objects.filter(pk=one.pk).update(settled_at=at)
    return 0

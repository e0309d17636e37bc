"""
Sending what is due: one after the other, outside any transaction, claimed before so that a crash sends nothing twice unnoticed.

Not at night; of one case not twice in a day unless the law wants it told; again after pauses that grow, for three days.
"""

import logging
from datetime import datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F

from tongban.accounts import queries as accounts
from tongban.accounts.people import sealed
from tongban.cases.models import Case
from tongban.kernel.db import write
from tongban.kernel.time.clock import OFFICIAL
from tongban.notices import ports, texts
from tongban.notices.models import Dispatch
from tongban.procedures import queries as matters

log = logging.getLogger(__name__)

BATCH: Final = 20
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
AT_LAST: Final = timedelta(
    days=3
)  # after so long a gateway that takes nothing, or reports nothing, is waited for no more
A_DAY: Final = timedelta(days=1)
CENTRE = "12345"  # whom to call where no hall is known
_SIGN, _PHONE = 14, 13  # characters that fit into a text
State = Dispatch.State


def send_due(at: datetime) -> int:
    """Send what is due; return how much was taken by a gateway or has come to its end."""
    due = Dispatch.objects.filter(state=State.WAITING, next_at__lte=at)
    rows = list(due.select_related("notice").order_by("next_at", "pk")[:BATCH])
    return sum(_send(one, at) for one in rows)


def _send(one: Dispatch, at: datetime) -> int:
    if (later := _not_before(one, at)) is not None:
        _update(one, next_at=later)
        return 0
    if not one.required and _is_overtaken(one):
        return end(one, State.SKIPPED, "overtaken", at)
    if not _claim(one, at):
        return 0
    try:
        reference = _handed_over(one)
    except ports.Refused as refusal:
        return end(one, State.REFUSED, refusal.code, at)
    except ports.Unreachable as trouble:
        log.warning("a notice was not taken by the gateway: %s", trouble)
        return end(one, State.GIVEN_UP, "unreachable", at) if at - one.notice.made_at > AT_LAST else 0
    # A post office that has taken a mail says no more of it.
    if one.way == Dispatch.Way.MAIL:
        _update(one, sent_at=at, reference=reference)
        return end(one, State.DELIVERED, "", at)
    _update(one, state=State.SENT, sent_at=at, reference=reference, next_at=at + FIRST_PAUSE, tries=0)
    return 1


def _claim(one: Dispatch, at: datetime) -> bool:
    """Note a try before it is made, and the pause after it; return whether nobody else has."""
    with write():
        mine = Dispatch.objects.filter(pk=one.pk, state=State.WAITING, tries=one.tries)
        return bool(mine.update(tries=F("tries") + 1, next_at=at + pause(one.tries)))


def pause(tries: int) -> timedelta:
    """Return how long to wait after so many tries: twice as long each time, at most an hour."""
    return min(FIRST_PAUSE * (1 << min(tries, 9)), LONGEST_PAUSE)


def _not_before(one: Dispatch, at: datetime) -> datetime | None:
    """Return when something may be sent that may not be sent now."""
    morning = end_of_night(at)
    if morning is not None or one.required:
        return morning
    sent = Dispatch.objects.filter(
        matter=one.matter, way=one.way, sent_at__gt=at - A_DAY, sent_at__lte=at
    ).order_by("-sent_at").values_list("sent_at", flat=True).first()  # fmt: skip
    return sent + A_DAY if sent else None


def end_of_night(at: datetime) -> datetime | None:
    """Return when the quiet hours end in which `at` lies; nothing by day."""
    begins, ends = settings.NODE.notices.quiet_from, settings.NODE.notices.quiet_until
    local = at.astimezone(OFFICIAL)
    quiet = begins <= local.hour < ends if begins <= ends else local.hour >= begins or local.hour < ends
    if not quiet:
        return None
    morning = datetime.combine(local.date(), time(ends), OFFICIAL)
    return morning if morning > at else morning + A_DAY


def _is_overtaken(one: Dispatch) -> bool:
    """Return whether something newer of the same case waits, so that this would be old news."""
    return Dispatch.objects.filter(
        matter=one.matter, way=one.way, state=State.WAITING, pk__gt=one.pk
    ).exists()  # fmt: skip


def _handed_over(one: Dispatch) -> str:
    """Hand a dispatch over and return its reference; raises Refused, Unreachable."""
    address = sealed.open_(one.address)
    # The same again after a crash: the gateway knows by it that it has the message.
    key = f"{one.notice.event.rpartition(':')[2][:32]}-{one.notice.row}"
    said = text_of(one)
    if one.way == Dispatch.Way.MAIL:
        post = ports.mail()
        if post is None:
            raise ports.Unreachable("no post office")
        return post.send(key, address, said.partition("】")[0].lstrip("【"), said)
    gateway = ports.sms()
    if gateway is None:
        raise ports.Unreachable("no gateway")
    return gateway.send(key, address, said)


def text_of(one: Dispatch) -> str:
    """Return what is sent of a notice."""
    organisation, account = Case.objects.values_list("intake_org", "applicant").get(number=one.matter)
    sign, phone = signature(organisation)
    return texts.sms(
        one.notice.row, number=one.matter, sign=sign, phone=phone, day=one.notice.day, by_code=not account
    )


def signature(organisation: str) -> tuple[str, str]:
    """Return how an organisation signs what it sends, and whom to call about it."""
    name = matters.names_of({organisation}).get(organisation, "").partition("（")[0]
    hall = accounts.hall_of(organisation)
    phone = hall.phone if hall and 0 < len(hall.phone) <= _PHONE else CENTRE
    return (name or "政务服务")[:_SIGN], phone


def end(one: Dispatch, state: Dispatch.State, reason: str, at: datetime) -> int:
    """Bring a dispatch to its end and strike its address, which is needed no more."""
    _update(one, state=state, reason=reason, ended_at=at, next_at=at, address=b"")
    return 1


def _update(one: Dispatch, **values: object) -> None:
    with write():
        Dispatch.objects.filter(pk=one.pk).update(**values)

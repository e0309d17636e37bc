"""What became of messages that were sent: asked of the gateway, so that nothing new listens on this node."""

from datetime import datetime

from tongban.kernel.db import write
from tongban.notices import ports, sending
from tongban.notices.models import Dispatch
from tongban.notices.reaching import NOT_THEIRS

State = Dispatch.State


def fetch_due(at: datetime) -> int:
    """Ask the gateway for reports that are due; return how many messages have come to their end."""
    due = Dispatch.objects.filter(state=State.SENT, next_at__lte=at)
    rows = list(due.order_by("next_at", "pk")[: sending.BATCH])
    gateway = ports.sms()
    if not rows or gateway is None:
        return 0
    try:
        reports = gateway.reports([one.reference for one in rows])
    except (ports.Unreachable, ports.Refused):
        reports = {}
    return sum(_take(one, reports.get(one.reference), at) for one in rows)


def _take(one: Dispatch, report: ports.Report | None, at: datetime) -> int:
    if report is not None and report.delivered:
        return sending.end(one, State.DELIVERED, "", at)
    if report is not None:
        done = sending.end(one, State.REFUSED, report.code or "failed", at)
        if report.code in NOT_THEIRS:
            done += _stop(one, report.code, at)
        return done
    if one.sent_at is not None and at - one.sent_at > sending.AT_LAST:
        return sending.end(one, State.GIVEN_UP, "no_report", at)
    with write():
        Dispatch.objects.filter(pk=one.pk, state=State.SENT).update(
            tries=one.tries + 1, next_at=at + sending.pause(one.tries)
        )
    return 0


def _stop(one: Dispatch, reason: str, at: datetime) -> int:
    """Send nothing more of a case to a number that somebody else may have now."""
    waiting = Dispatch.objects.filter(matter=one.matter, way=one.way, state=State.WAITING)
    return sum(sending.end(other, State.GIVEN_UP, reason, at) for other in waiting)

"""Work queues: the duties one holds, and those of one's cases that others hold."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router, Schema

from tongban.api import paging
from tongban.api.authentication import SIGNED_IN, actor_of
from tongban.api.schemas import DutyOut
from tongban.cases import queues
from tongban.cases.duties import DUTIES
from tongban.cases.words import Duty as Kind
from tongban.kernel import clock
from tongban.kernel.models import Duty

router = Router(tags=["duties"], auth=SIGNED_IN)


class DutyPage(Schema):
    """A page of a queue, earliest due first; those without a due date come last."""

    duties: list[DutyOut]
    next: str | None


@router.get("", response=DutyPage, summary="待办：本机构承担的责任")
def list_duties(
    request: HttpRequest, kind: Kind | None = None, overdue: bool = False, after: paging.Cursor = None,
    limit: paging.Limit = 50,
) -> DutyPage:  # fmt: skip
    return _page(queues.held(actor_of(request)), kind, overdue, after, limit)


@router.get("/mirrors", response=DutyPage, summary="相关办件中由其他机构承担的责任")
def list_mirrors(
    request: HttpRequest, kind: Kind | None = None, overdue: bool = False, after: paging.Cursor = None,
    limit: paging.Limit = 50,
) -> DutyPage:  # fmt: skip
    return _page(queues.mirrors(actor_of(request)), kind, overdue, after, limit)


def _page(
    duties: QuerySet[Duty], kind: Kind | None, overdue: bool, after: str | None, limit: int
) -> DutyPage:
    today = clock.official_day(clock.now())
    found = queues.of_kind(duties, kind)
    if overdue:
        found = queues.overdue(found, today)
    rows, more = paging.cut(queues.page(found, _place(after), limit + 1), limit)
    last = paging.encode(f"{rows[-1].due_on or ''}", rows[-1].pk) if more else None
    return DutyPage(duties=[_shown(row, today) for row in rows], next=last)


def _place(after: str | None) -> queues.Place | None:
    key = paging.decode(after, str, int)
    if key is None:
        return None
    try:
        return queues.Place(date.fromisoformat(key[0]) if key[0] else None, key[1])
    except ValueError:
        raise paging.bad_cursor() from None


def _shown(duty: Duty, today: date) -> DutyOut:
    same: dict[str, Any] = {
        name: getattr(duty, name)
        for name in ("id", "name", "kind", "organisation", "basis", "limit", "since", "due_on", "claimed_by")
    }
    return DutyOut(
        **same, case=duty.subject, title=DUTIES[Kind(duty.kind)].title, first_opened_at=duty.first_opened_at,
        overdue=duty.due_on is not None and duty.due_on < today,
    )  # fmt: skip

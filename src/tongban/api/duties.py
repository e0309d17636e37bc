"""Work queues: the duties one holds, and those of one's cases that others hold."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from tongban.api import paging
from tongban.api.answers import written
from tongban.api.authentication import SIGNED_IN, actor_of
from tongban.api.schemas import DutyOut, Word
from tongban.kernel.models import Duty
from tongban.kernel.time import calendars, clock
from tongban.kernel.time.standing import standing
from tongban.procedures import practice, queues, register

router = Router(tags=["duties"], auth=SIGNED_IN)


class DutyPage(Schema):
    """A page of a queue, earliest due first; those without a due date come last."""

    duties: list[DutyOut]
    next: str | None


@router.get("", response=DutyPage, summary="待办：本机构承担的责任")
def list_duties(
    request: HttpRequest, kind: Word | None = None, overdue: bool = False, after: paging.Cursor = None,
    limit: paging.Limit = 50,
) -> HttpResponse:  # fmt: skip
    actor, place = actor_of(request), _place(after)
    if kind is None and not overdue:
        return _written(queues.held_entries(actor, place, limit + 1), limit)
    return _written(queues.entries(_asked(queues.held(actor), kind, overdue), place, limit + 1), limit)


@router.get("/mirrors", response=DutyPage, summary="相关办件中由其他机构承担的责任")
def list_mirrors(
    request: HttpRequest, kind: Word | None = None, overdue: bool = False, after: paging.Cursor = None,
    limit: paging.Limit = 50,
) -> HttpResponse:  # fmt: skip
    found = _asked(queues.mirrors(actor_of(request)), kind, overdue)
    return _written(queues.entries(found, _place(after), limit + 1), limit)


def _asked(duties: QuerySet[Duty], kind: str | None, overdue: bool) -> QuerySet[Duty]:
    found = queues.of_kind(duties, kind)
    return queues.overdue(found, clock.official_day(clock.now())) if overdue else found


def _written(entries: list[queues.Entry], limit: int) -> HttpResponse:
    """Write a page out as `DutyPage` describes it; to validate what was just read would cost more than reading it."""
    rows, more = paging.cut(entries, limit)
    today = clock.official_day(clock.now())
    last = rows[-1] if more else None
    page = {
        "duties": _shown(rows, today),
        "next": paging.encode(f"{last[_DUE] or ''}", last[_ID]) if last else None,
    }
    return written(page)


def _place(after: str | None) -> queues.Place | None:
    key = paging.decode(after, str, int)
    if key is None:
        return None
    try:
        return queues.Place(date.fromisoformat(key[0]) if key[0] else None, key[1])
    except ValueError:
        raise paging.bad_cursor() from None


_ID, _DUE = queues.COLUMNS.index("id"), queues.COLUMNS.index("due_on")


def _shown(rows: list[queues.Entry], today: date) -> list[dict[str, Any]]:
    kind, procedure, label = (queues.COLUMNS.index(name) for name in ("kind", "procedure", "label"))
    names = {
        name: practice.of(name).names({row[label] or "" for row in rows if row[procedure] == name})
        for name in {row[procedure] for row in rows}
    }
    titles = {
        (name, code): _title(name, code) for name, code in {(row[procedure], row[kind]) for row in rows}
    }
    return [_one(row, names[row[procedure]], titles, today) for row in rows]


def _title(procedure: str, kind: str) -> str:
    known = register.find(procedure)
    return known.present.title_of_duty(kind) if known else kind


def _one(
    row: queues.Entry, names: Mapping[str, str], titles: Mapping[tuple[str, str], str], today: date
) -> dict[str, Any]:
    pk, matter, name, kind, organisation, basis, limit, since, due_on, opened, claimed, procedure, label = row
    stands = standing(due_on, today, calendars.current(), since=clock.official_day(since))
    return {
        "id": pk, "procedure": procedure, "matter": matter, "name": name, "kind": kind,
        "title": titles[procedure, kind], "item": names.get(label, label) or "",
        "organisation": organisation, "basis": basis, "limit": limit, "since": since.isoformat(),
        "due_on": due_on.isoformat() if due_on else None, "overdue": stands.is_late,
        "late_since": stands.late_since.isoformat() if stands.late_since else None, "late_working_days": stands.days_late,
        "first_opened_at": opened.isoformat() if opened else None, "claimed_by": claimed,
    }  # fmt: skip

"""The window's book of a day (收件登记簿): to look at, to print, to take along as a table."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.cases import daybook
from tongban.kernel.errors import InvalidInput
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.materials import queries as materials
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.counter.home import for_whom
from tongban.web.desk import case_rows
from tongban.web.desk.exporting import Line, demand_form, handed_out
from tongban.web.staff import names_of
from tongban.web.typed import day


class NoSuchDay(InvalidInput):
    """What was asked for is no day."""

    code = "no_such_day"


@require_safe
@signed_in(Permission.CASE_RECEIVE, kind=ActorKind.STAFF)
def book(request: SignedInRequest) -> HttpResponse:
    """The book of one day; today's where none is named."""
    day, mine = _day(request), bool(request.GET.get("mine"))
    lines = _lines(request.actor, day, mine)
    context = {
        "day": day, "mine": mine, "lines": lines, "full": len(lines) == daybook.MOST, "most": daybook.MOST,
        "query": f"day={day:%Y-%m-%d}{'&mine=1' if mine else ''}",
    }  # fmt: skip
    return render(request, "counter/daybook.html", context)


@require_safe
@signed_in(Permission.CASE_RECEIVE, kind=ActorKind.STAFF)
def export(request: SignedInRequest, form: str) -> HttpResponse:
    """Hand the same out as a table; that it was, is written down."""
    demand_form(form)
    on = _day(request)
    lines = _lines(request.actor, on, bool(request.GET.get("mine")))
    return handed_out(f"{_('收件登记簿')}-{on:%Y%m%d}", form, _heading(), _cells(lines))


def _day(request: SignedInRequest) -> date:
    typed = request.GET.get("day", "").strip()
    if not typed:
        return clock.official_day(clock.now())
    found = day(typed)
    if found is None:
        raise NoSuchDay(_("日期不对：请按“年-月-日”填写存在的日期，例如 2026-01-31。"))
    return found


def _lines(by: Actor, day: date, mine: bool) -> list[dict[str, Any]]:
    entries = daybook.taken_in(on=day, by=by, only_mine=mine)
    rows = case_rows.rows([one.case for one in entries], by, clock.official_day(clock.now()))
    names = names_of({one.staff for one in entries if one.staff})
    # What was taken in a moment ago is in no list of bearers yet.
    fresh = [row.case.number for row in rows if not row.bearer] if by.may(Permission.CASE_CONTENT) else []
    forms = materials.forms_of(fresh)
    return [
        {
            "row": row, "at": one.at.astimezone(clock.OFFICIAL), "clerk": names.get(one.staff, "—"),
            "bearer": row.bearer or for_whom(forms.get(row.case.number, {})),
        }
        for row, one in zip(rows, entries, strict=True)
    ]  # fmt: skip


def _heading() -> Line:
    return [_("收件时间"), _("编号"), _("事项"), _("申请人"), _("办理地"), _("现在"), _("收件人员")]


def _cells(lines: list[dict[str, Any]]) -> Iterator[Line]:
    for line in lines:
        row = line["row"]
        yield [
            f"{line['at']:%Y-%m-%d %H:%M}", numbers.grouped(row.case.number), row.item, line["bearer"] or _("（不显示）"), row.goal,
            row.phase, line["clerk"],
        ]  # fmt: skip

"""A list of cases as a table to take along: what the page shows, row by row, never more; no cell of it is a formula."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import xlsxwriter
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.cases import case_lists
from tongban.cases.models import Case
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.procedures.newest import Newest, Place
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.desk import case_rows, cases
from tongban.web.desk.case_rows import Row
from tongban.web.files import download

MOST: Final = 10_000  # rows
BATCH: Final = 200
TURNS: Final = 200  # pages that are asked for where few rows are found on each
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")  # what spreadsheets take a cell for a formula by
_WIDTHS = (26, 30, 12, 12, 18, 14, 30, 14, 34)

type Line = Sequence[str]


@require_safe
@signed_in(Permission.CASE_CONTENT, kind=ActorKind.STAFF)
def export(request: SignedInRequest, form: str) -> HttpResponse:
    """Hand out the list that an address asks for as xlsx or csv; it is written down before it is handed out."""
    demand_form(form)
    by, today = request.actor, clock.official_day(clock.now())
    box, wanted = cases.box_of(request.GET), case_lists.asked(request.GET)
    found = case_lists.listed(box, wanted, by=by, today=today)
    name = f"{_('办件')}-{_(case_lists.BOXES[box])}-{today:%Y%m%d}"
    return handed_out(name, form, _heading(), lines(found, by, today))


def demand_form(form: str) -> None:
    """Ask whether lists are handed out in a form; raises NotFound."""
    if form not in FORMS:
        raise NotFound(_("没有这种格式。请选择 xlsx 或 csv。"))


def handed_out(name: str, form: str, heading: Line, told: Iterator[Line]) -> HttpResponse:
    """Return lines as a file of a known form, to take along."""
    media_type, written = FORMS[form]
    return download(f"{name}.{form}", media_type, written(heading, told))


def lines(found: Newest[Case], by: Actor, today: date) -> Iterator[Line]:
    """Yield the lines of a list; where it is cut off, a last one that says so."""
    after: Place | None = None
    count = 0
    for _turn in range(TURNS):
        rows, after = found.page(after, min(BATCH, MOST - count))
        yield from map(_line, case_rows.rows(rows, by, today))
        count += len(rows)
        if after is None:
            return
        if count >= MOST:
            break
    yield [_("只导出了最近的 %(n)s 件，后面还有。请加上筛选，分几次导出。") % {"n": count}]


def safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_RISKY) else text


def _heading() -> Line:
    return [
        _("申请人"),
        _("事项"),
        _("收件地"),
        _("办理地"),
        _("现在"),
        _("期限"),
        _("在谁手里"),
        _("申报日"),
        _("编号"),
    ]


def _line(row: Row) -> Line:
    due = row.duty.due_on if row.duty else None
    return [
        row.bearer or _("（不显示）"), row.item, row.origin, row.goal, row.phase, due.isoformat() if due else "", row.holder,
        row.opened_on.isoformat() if row.opened_on else "", numbers.grouped(row.case.number),
    ]  # fmt: skip


def as_csv(heading: Line, told: Iterator[Line]) -> bytes:
    """Return lines as csv, with the mark by which spreadsheets read it as UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows([safe(one) for one in line] for line in told)
    return "\ufeff".encode() + text.getvalue().encode()


def as_xlsx(heading: Line, told: Iterator[Line]) -> bytes:
    """Return lines as a workbook of text cells, written row by row."""
    with tempfile.TemporaryFile() as file:
        options: dict[str, Any] = {"constant_memory": True}
        book = xlsxwriter.Workbook(file, options)
        bold, sheet = book.add_format({"bold": True}), book.add_worksheet(_("办件"))
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        for column, cell in enumerate(heading):
            sheet.write_string(0, column, cell, bold)
        for at, line in enumerate(told, start=1):
            for column, cell in enumerate(line):
                sheet.write_string(at, column, safe(cell))
        book.close()
        file.seek(0)
        return file.read()


FORMS: Final[dict[str, tuple[str, Callable[[Line, Iterator[Line]], bytes]]]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "csv": ("text/csv; charset=utf-8", as_csv),
}

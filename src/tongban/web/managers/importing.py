"""A list of staff as a file: a template, what it would do, and doing it once it is confirmed."""

import io
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from xlsxwriter import Workbook

from tongban.accounts.access.actor import Permission
from tongban.accounts.models import Organisation
from tongban.accounts.roster import directory, staff_list
from tongban.accounts.roster.sheet import COLUMNS, MOST_BYTES, MOST_ROWS
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.time import clock
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.english import told
from tongban.web.files import download

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORDS: Final = {
    staff_list.NEW: gettext_lazy("新增"), staff_list.CHANGED: gettext_lazy("变更"), staff_list.SAME: gettext_lazy("不变"),
    staff_list.REFUSED: gettext_lazy("不能办"),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE)
def staff(request: SignedInRequest) -> HttpResponse:
    """Send a file and look at what it would do; nothing is done until it is confirmed."""
    shown: dict[str, Any] = {"most": MOST_ROWS}
    status = 200
    if request.method == "POST":
        try:
            if request.POST.get("do") == "confirm":
                return _confirmed(request)
            shown["list"] = _sent(request)
        except DomainError as refusal:
            status, shown["faults"] = refusal.status, [("file", told(refusal))]
            if isinstance(refusal, staff_list.ListChangedMeanwhile):
                code = request.POST.get("code", "")[:12]
                shown["list"] = staff_list.shown(code=code, by=request.actor, at=clock.now())
    if "list" in shown:
        rows = shown["list"].rows
        shown["rows"] = [(row, WORDS[row.what]) for row in rows]
        shown["counts"] = [(word, sum(row.what == what for row in rows)) for what, word in WORDS.items()]
    return render(request, "managers/import.html", shown, status=status)


@require_safe
@signed_in(Permission.ACCOUNTS_MANAGE)
def template(request: SignedInRequest) -> HttpResponse:
    """The file to fill in, with the bureaux and posts that may stand in it beside it."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, offered, bold = (
        book.add_worksheet("名单"),
        book.add_worksheet("可填的机构和岗位"),
        book.add_format({"bold": True}),
    )
    sheet.write_row(0, 0, COLUMNS, bold)
    sheet.set_column(0, 4, 22)
    offered.write_row(0, 0, ("机构", "岗位"), bold)
    offered.set_column(0, 1, 40)
    for number, post in enumerate(directory.posts(request.actor), start=1):
        place: Organisation = post.organisation
        offered.write_row(number, 0, (place.name, post.title))
    book.close()
    return download("人员名单模板.xlsx", XLSX, out.getvalue())


def _sent(request: SignedInRequest) -> staff_list.Shown:
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput(_("没有导入：请选择 xlsx 文件。"))
    return staff_list.send(data=file.read(MOST_BYTES + 1), by=request.actor, at=clock.now())


def _confirmed(request: SignedInRequest) -> HttpResponse:
    code, mark = request.POST.get("code", "")[:12], request.POST.get("mark", "")[:80]
    made = staff_list.confirm(code=code, mark=mark, by=request.actor, at=clock.now())
    return render(
        request,
        "managers/handed_out.html",
        {"handed": made, "there": reverse("web:managers"), "imported": True},
    )

"""
Several cases at once (批量): acknowledge, claim, hand over to a colleague, print what was issued last.

Each is done by its own act and may be refused by itself; the page says of every case what came of it.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import pikepdf
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.people import colleagues
from tongban.cases import commands, queries, reading
from tongban.cases.models import Case
from tongban.cases.procedure import CASE
from tongban.cases.words import Act
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.time import clock
from tongban.letters import issued
from tongban.letters import queries as letters
from tongban.procedures import claims
from tongban.procedures.models import Matter
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.desk.anywhere import page_of
from tongban.web.english import told

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case: its number, its page, what it is and for whom, and why nothing was done; empty where it was."""

    number: str = ""
    page: str = ""
    item: str = ""
    whom: str = ""  # as lists call them, for who reads the form
    refusal: str = ""


@require_POST
@signed_in(Permission.CASE_CONTENT, kind=ActorKind.STAFF)
def many(request: SignedInRequest) -> HttpResponse:
    """Do one thing with all chosen cases."""
    wanted = request.POST.get("do", "")
    numbers = list(dict.fromkeys(request.POST.getlist("number")))
    if wanted not in DOES:
        raise InvalidInput(_("没有这种批量操作。请返回待办选择。"))
    if not numbers or len(numbers) > MOST:
        raise InvalidInput(_("没有办理：请勾选 1 到 %(n)s 件办件。") % {"n": MOST})
    by, colleague = request.actor, request.POST.get("colleague")
    if wanted == "hand" and colleague is None:
        beside = colleagues.beside(by, CASE.reads)
        context = {"numbers": numbers, "colleagues": [(code, str(one)) for code, one in beside.items()]}
        return render(request, "desk/many_hand.html", context)
    if wanted == "print":
        return _printed(request, numbers)
    results = [_result(number, by, lambda case: _do(wanted, case, by, colleague or "")) for number in numbers]
    return _page(request, wanted, results)


def _do(wanted: str, case: Case, by: Actor, colleague: str) -> None:
    if wanted == "acknowledge":
        commands.act(case=case, act=Act.ACKNOWLEDGE, by=by, at=clock.now())
        return
    free = claims.claimable(case, by)
    now: Matter = claims.claim(matter=case, duties=free, by=by, at=clock.now()) if free else case
    if wanted == "claim":
        if not free:
            raise InvalidInput(_("没有待认领的事，可能已由同事认领。"))
        return
    if not claims.held_by(now, by):
        raise InvalidInput(_("这件由同事认领，不能由您转交。请由认领人转交，或由督办人员解除认领。"))
    claims.hand_over(matter=now, colleague=colleague, by=by, at=clock.now())


def _printed(request: SignedInRequest, numbers: Iterable[str]) -> HttpResponse:
    """Return the letters that were issued last in these cases as one file; where one has none, the page that says so."""
    by, sheets = request.actor, list[bytes]()

    def add(case: Case) -> None:
        found = issued.of_case(case)
        if not found:
            raise InvalidInput(_("还没有签发过文书。"))
        sheets.append(letters.printed(found[-1].kind, case, by=by, at=clock.now()).pdf)

    results = [_result(number, by, add) for number in numbers]
    if any(one.refusal for one in results):
        return _page(request, "print", results, status=422)
    response = HttpResponse(joined(sheets), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="letters.pdf"'
    return response


def joined(sheets: Iterable[bytes]) -> bytes:
    """Return letters one after another; for the printer: the files that bear the seals stay as they are."""
    whole = pikepdf.new()
    for sheet in sheets:
        with pikepdf.open(io.BytesIO(sheet)) as one:
            whole.pages.extend(one.pages)
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


def _result(number: str, by: Actor, do: Callable[[Case], None]) -> Result:
    try:
        case = queries.case(number, by)
    except DomainError as refusal:
        return Result(refusal=told(refusal))
    whom = reading.bearers([case], by).get(case.number, "")
    refused = ""
    try:
        do(case)
    except DomainError as refusal:
        refused = told(refusal)
    return Result(case.number, page_of(case, by), queries.item_name(case), whom, refused)


def _page(
    request: SignedInRequest, wanted: str, results: list[Result], status: int | None = None
) -> HttpResponse:
    done = [one for one in results if not one.refusal]
    context: dict[str, Any] = {
        "title": DOES[wanted], "done": done if wanted != "print" else [], "refused": [one for one in results if one.refusal],
    }  # fmt: skip
    return render(request, "desk/many.html", context, status=status or (200 if done else 422))


DOES: Final = {
    "acknowledge": gettext_lazy("签收"), "claim": gettext_lazy("认领"), "hand": gettext_lazy("转交经办人"),
    "print": gettext_lazy("打印文书"),
}  # fmt: skip

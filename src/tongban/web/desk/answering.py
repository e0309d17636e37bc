"""Answering a supervision (答复督办): why something is late, and by which day it will be done; alike for every procedure."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.kernel import limits
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.procedures import claims, watched
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.procedures.words import Standard
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.desk.anywhere import page_of
from tongban.web.english import told
from tongban.web.twice import done_already, version_to_act_on
from tongban.web.typed import day
from tongban.web.unfinished import taken_up

FIELDS: Final = ("duty", "note", "until", "version")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(also=claims.claims_something)
def answer(request: SignedInRequest, number: str) -> HttpResponse:
    """Show what the own organisation has to answer for in a matter, or answer it."""
    found = matters.matter(number, request.actor)
    if request.method != "POST":
        kept = taken_up(request)
        begun = {name: kept.data.get(name, "") for name in FIELDS} if kept else {}
        return _page(request, found, begun, notice=kept.notice if kept else "")
    typed = {name: request.POST.get(name, "").strip()[: limits.TEXT] for name in FIELDS}
    until, faults = day(typed["until"]), []
    if not typed["note"]:
        faults.append(("note", _("说明：请写明为什么逾期、现在办到哪一步。")))
    if until is None:
        faults.append(("until", _("何日前办结：请从今天起选一个日期。")))
    status = 422
    if until is not None and not faults:
        try:
            done = watched.answer(
                matter=found, duty=typed["duty"], until=until, note=typed["note"], by=request.actor, at=clock.now(),
                version=version_to_act_on(found, typed["version"]),
            )  # fmt: skip
            return redirect(f"{page_of(done, request.actor)}?done={Standard.SUPERVISE}")
        except DomainError as refusal:
            faults, status = [("note", told(refusal))], refusal.status
            found = matters.matter(number, request.actor)
    if done_already(found, Standard.SUPERVISE, request.actor, typed["version"], {"note": typed["note"]}):
        return redirect(f"{page_of(found, request.actor)}?done={Standard.SUPERVISE}")
    return _page(request, found, typed, faults=faults, status=status)


def _page(
    request: SignedInRequest, found: Matter, typed: dict[str, str], *, faults: list[tuple[str, str]] | None = None,
    status: int = 200, notice: str = "",
) -> HttpResponse:  # fmt: skip
    at = clock.now()
    asked = watched.to_answer(found, request.actor)
    chosen = next((one for one in asked if one.duty == typed.get("duty")), asked[0] if asked else None)
    context = {
        "matter": found, "asked": asked, "chosen": chosen, "typed": typed, "faults": faults or [], "notice": notice,
        "notice_kind": "warn", "today": clock.official_day(at), "proposed": watched.next_worked(at),
        "back": page_of(found, request.actor),
    }  # fmt: skip
    return render(request, "desk/answer_supervision.html", context, status=status)

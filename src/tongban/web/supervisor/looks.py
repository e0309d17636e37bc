"""Unusual looking (异常查看): what the figures of a day ask a supervisor about, and what was found out."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongban.accounts.access.actor import Permission
from tongban.kernel import limits
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.procedures.listing import known_names
from tongban.signin.actor import SignedInRequest
from tongban.supervision import unusual
from tongban.supervision.models import LookAlarm
from tongban.web.access import signed_in
from tongban.web.english import told
from tongban.web.staff import names_of

SHOWN = 100


@require_safe
@signed_in(Permission.CASE_SUPERVISE, Permission.AUDIT_READ)
def alarms(request: SignedInRequest) -> HttpResponse:
    """Open alarms first, then what came of the others."""
    notice = _("已记录处置。") if request.GET.get("done") else ""
    return _page(request, notice=notice)


@require_POST
@signed_in(Permission.CASE_SUPERVISE)
def close(request: SignedInRequest, alarm: int) -> HttpResponse:
    """Say what was found out."""
    word = request.POST.get("word", "")[: limits.TEXT]
    try:
        unusual.close(alarm=alarm, word=word, by=request.actor, at=clock.now())
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        return _page(request, faults=[(f"word-{alarm}", told(refusal))], status=refusal.status, typed=word)
    return redirect(f"{reverse('web:look-alarms')}?done=1")


def _page(
    request: SignedInRequest, *, faults: list[tuple[str, str]] | None = None, status: int = 200, typed: str = "",
    notice: str = "",
) -> HttpResponse:  # fmt: skip
    seen = LookAlarm.objects.visible_to(request.actor)
    found = [
        *seen.open().order_by("-day", "pk")[:SHOWN],
        *seen.exclude(closed_at=None).order_by("-day", "-pk")[:SHOWN],
    ]
    people = names_of(who for one in found for who in (one.who, one.closed_by))
    places = known_names(one.organisation for one in found)
    failed = faults[0][0] if faults else ""
    rows = [
        (one, people.get(one.who, ""), people.get(one.closed_by, ""), places.get(one.organisation, one.organisation),
         f"word-{one.pk}", typed if failed == f"word-{one.pk}" else "")
        for one in found
    ]  # fmt: skip
    context = {
        "rows": rows, "faults": faults or [], "notice": notice, "notice_kind": "ok",
        "may_close": request.actor.may(Permission.CASE_SUPERVISE),
    }  # fmt: skip
    return render(request, "supervisor/looks.html", context, status=status)

"""The search of every staff desk (查找办件). What is typed is posted: it may be somebody's name, and stands in no address."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.cases import finding
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.procedures import queries as matters
from tongban.signin.actor import SignedInRequest
from tongban.web import paging
from tongban.web.access import signed_in
from tongban.web.desk import case_rows
from tongban.web.desk.anywhere import page_of
from tongban.web.english import told
from tongban.web.typed import scanned

PAGE = 30
LONGEST = 4000  # of what a scanner types


@sensitive_post_parameters("q")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(kind=ActorKind.STAFF, also=finding.may_find)
def find(request: SignedInRequest) -> HttpResponse:
    """Find cases by person, number or item; a whole number leads straight to what it is of."""
    by, at = request.actor, clock.now()
    if request.method != "POST":
        return render(
            request, "desk/find.html", {"whys": list(finding.WHYS.items()), "why": finding.Why.WORK}
        )
    typed = scanned(request.POST.get("q", "").replace("\0", "").strip()[:LONGEST])
    if address := _at_once(typed, by):
        return redirect(address)
    why, after = request.POST.get("why", ""), request.POST.get("after", "")
    context: dict[str, Any] = {
        "q": typed, "why": why, "whys": list(finding.WHYS.items()), "later": bool(after)
    }  # fmt: skip
    try:
        found = finding.find(typed, by=by, at=at, why=why, after=paging.read(after), limit=PAGE)
    except finding.NothingToFind as refusal:
        return render(request, "desk/find.html", context | _faults(refusal), status=refusal.status)
    context |= {
        "found": found, "rows": case_rows.rows(found.rows, by, clock.official_day(at)),
        "following": paging.written(found.following), "desk": reverse("web:case-list"),
    }  # fmt: skip
    return render(request, "desk/find.html", context)


def _faults(refusal: DomainError) -> dict[str, Any]:
    return {"faults": [("q", told(refusal))]}


def _at_once(typed: str, by: Actor) -> str:
    """Return the page of the matter of which somebody typed or scanned the whole number, if they may see it."""
    try:
        number = str(numbers.parse(typed))
    except numbers.BadNumber:
        return ""
    found = matters.matters(by).filter(number=number).first()
    return page_of(found, by) if found else ""

"""
Looking up without signing in, by a number and what only its owner has: phase, item, places and days; nothing of anybody.

What is typed travels in a body, never in an address; a number in the address only fills the field in.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tongban.cases import queries
from tongban.cases.models import Case
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.signin import lookups
from tongban.signin.address import address_of
from tongban.web.applicant import story
from tongban.web.applicant.own_form import guide_of, place_of
from tongban.web.english import name_in_guide, told


@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """Ask for a number and what proves it, or answer."""
    asked = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {"typed": asked.get("number", "").strip()[:100]}
    if request.method != "POST":
        return render(request, "applicant/lookup.html", context)
    try:
        found = _found(request, context["typed"])
    except (numbers.BadNumber, DomainError) as refusal:
        context["faults"] = [("number", told(refusal))]
        return render(request, "applicant/lookup.html", context, status=getattr(refusal, "status", 422))
    if not isinstance(found, Case):
        return render(request, "applicant/lookup.html", {**context, "other": found})
    case, known = found, matters.names(found)
    context |= {
        "case": case, "item_name": name_in_guide(queries.item_name(case), guide_of(case)),
        "standing": story.standing(case, clock.official_day(clock.now())),
        "intake": known.get(case.intake_org, ""), "handling": known.get(case.handling_org, ""),
        "there": place_of(case), "decide_by": story.decide_by(case),
    }  # fmt: skip
    return render(request, "applicant/lookup.html", context)


def _found(request: HttpRequest, number: str) -> Matter:
    return lookups.look_up(
        number=number, proof=request.POST.get("proof", "")[:40], address=address_of(request), at=clock.now()
    )

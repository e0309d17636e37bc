"""Looking up by number, without signing in: of a case phase, item, places and days, of all else the phase; nothing of anybody."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongban.cases import queries
from tongban.cases.models import Case
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.signin import throttle
from tongban.signin.address import address_of
from tongban.web.applicant import story
from tongban.web.applicant.cases import guide_of, place_of
from tongban.web.english import name_in_guide, told


@require_safe
def lookup(request: HttpRequest) -> HttpResponse:
    """Ask for a number, or answer."""
    typed = request.GET.get("number", "").strip()[:100]
    if not typed:
        return render(request, "applicant/lookup.html")
    try:
        found = _found(typed, address_of(request))
    except (numbers.BadNumber, DomainError) as refusal:
        context: dict[str, Any] = {"typed": typed, "faults": [("number", told(refusal))]}
        return render(request, "applicant/lookup.html", context, status=getattr(refusal, "status", 422))
    if not isinstance(found, Case):
        return render(request, "applicant/lookup.html", {"typed": typed, "other": found})
    case, known = found, matters.names(found)
    context = {
        "typed": typed, "case": case, "item_name": name_in_guide(queries.item_name(case), guide_of(case)), "meaning": story.meaning(case),
        "intake": known.get(case.intake_org, ""), "handling": known.get(case.handling_org, ""),
        "there": place_of(case), "decide_by": story.decide_by(case),
    }  # fmt: skip
    return render(request, "applicant/lookup.html", context)


def _found(typed: str, address: str) -> Matter:
    # Only numbers whose check fits count as guesses: a slip of the finger is told before.
    numbers.parse(typed)
    account, at = f"lookup:{address}", clock.now()
    try:
        throttle.ask(account=account, address=address, at=at)
    except throttle.Throttled as refusal:
        said = _("查询过于频繁：连续多次查不到办件。请稍后再试，或到收件地窗口查询。")
        raise throttle.Throttled(said, retry_after=refusal.retry_after) from None
    try:
        other = matters.opened_by_anybody(typed)
        return other or queries.public_case(typed)
    except NotFound:
        throttle.note_failure(account=account, address=address, at=at)
        raise

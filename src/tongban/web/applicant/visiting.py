"""
Looking at one's case by a code that was sent to its telephone, without an account: state, story, letters, and nothing else.

The number travels in a body or fills a field in; the page of the case has none in its address, only its session knows which.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.accounts.access import noting
from tongban.accounts.access.actor import Actor
from tongban.cases import queries
from tongban.cases.models import Case
from tongban.kernel import accesses, vault
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal import numbers
from tongban.kernel.journal import writer as journal
from tongban.kernel.time import clock
from tongban.letters import queries as letters
from tongban.procedures import queries as matters
from tongban.signin import visits
from tongban.signin.address import address_of
from tongban.web.applicant import story
from tongban.web.applicant.own_form import guide_of, place_of
from tongban.web.english import name_in_guide, told
from tongban.web.files import download

LONGEST = 100


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send a code, and lead on to where it is typed: the same for every number."""
    typed = request.POST.get("number", "").strip()[:LONGEST]
    try:
        visits.send_code(number=typed, address=address_of(request), at=clock.now())
    except (numbers.BadNumber, DomainError) as refusal:
        return _refused(request, "applicant/lookup.html", typed, "number", refusal)
    return redirect(f"{reverse('web:lookup-code')}?{urlencode({'number': typed})}")


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent, or open the case by it."""
    asked = request.POST if request.method == "POST" else request.GET
    typed = asked.get("number", "").strip()[:LONGEST]
    if request.method != "POST":
        return render(request, "applicant/lookup_code.html", {"typed": typed})
    said = {"number": typed, "code": request.POST.get("code", "")[:20]}
    try:
        visits.begin(request, **said, address=address_of(request), at=clock.now())
    except (numbers.BadNumber, DomainError) as refusal:
        return _refused(request, "applicant/lookup_code.html", typed, "code", refusal)
    return redirect("web:lookup-case")


@require_safe
@journal.read_once()
def case(request: HttpRequest) -> HttpResponse:
    """The case that was opened; that it was looked at is written down before it is shown."""
    try:
        found, by = _opened(request)
    except visits.VisitOver as over:
        return _refused(request, "applicant/lookup.html", "", "number", over)
    at, known = clock.now(), matters.names(found)
    accesses.write_now(noting.row(by, at=at, matter=found.number))
    context = {
        "case": found, "item_name": name_in_guide(queries.item_name(found), guide_of(found)),
        "standing": story.standing(found, clock.official_day(at)), "decide_by": story.decide_by(found),
        "intake": known.get(found.intake_org, ""), "handling": known.get(found.handling_org, ""), "there": place_of(found),
        "timeline": story.told(found, by), "letters": list(letters.due(found, by=by).items()),
        "remedies": letters.remedies_end(found), "destroyed": vault.is_destroyed(found.number),
        "minutes": int(visits.LASTS.total_seconds()) // 60,
    }  # fmt: skip
    return render(request, "applicant/visited.html", context)


@require_safe
def letter(request: HttpRequest, kind: str) -> HttpResponse:
    """Save a letter of the case that was opened, as it was issued."""
    found, by = _opened(request)
    if kind not in letters.due(found, by=by):
        raise NotFound(f"办件 {found.number} 没有这份文书。请从办件页面选择。")
    printed = letters.printed(kind, found, by=by, at=clock.now())
    return download(f"{printed.title}-{found.number}.pdf", "application/pdf", printed.pdf)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the visit: the next at this screen sees nothing of it."""
    visits.end(request)
    return redirect("web:lookup")


def _opened(request: HttpRequest) -> tuple[Case, Actor]:
    by = visits.visitor(request, at=clock.now())
    return queries.case(by.matter, by), by


def _refused(
    request: HttpRequest, page: str, typed: str, field: str, refusal: numbers.BadNumber | DomainError
) -> HttpResponse:
    context: dict[str, Any] = {"typed": typed, "faults": [(field, told(refusal))]}
    response = render(request, page, context, status=getattr(refusal, "status", 422))
    response.refused_as = getattr(refusal, "code", "")  # type: ignore[attr-defined]
    if seconds := getattr(refusal, "retry_after", 0):
        response["Retry-After"] = str(seconds)
    return response

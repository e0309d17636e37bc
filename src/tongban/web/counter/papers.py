"""Letters as PDF, and what was handed in; opening either is written down."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Permission
from tongban.cases import papers, queries
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.procedures import viewing
from tongban.web import answers
from tongban.web.access import signed_in
from tongban.web.counter.request import actor_of
from tongban.web.prints import pdf_of

SHOWN_BY_BROWSERS = ("application/pdf", "image/png", "image/jpeg", "text/plain; charset=utf-8")


@require_safe
@signed_in(Permission.CASE_CONTENT)
def letter(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """One letter of a case, to print and sign."""
    by = actor_of(request)
    case = queries.case(number, by)
    return pdf_of(kind, case, by=by, at=clock.now())


@require_safe
@signed_in(Permission.CASE_CONTENT)
def content(request: HttpRequest, number: str, digest: str) -> HttpResponse:
    """A form in full, or a file, after a click that is written down."""
    by = actor_of(request)
    case = queries.case(number, by)
    name, media_type, data = viewing.read(case, digest, by=by, at=clock.now())
    if name == "form.json":
        schema = papers.terms_of(State.from_dict(case.state)).guide["form"]
        context = {"case": case, "sections": answers.sections(schema, json.loads(data))}
        return render(request, "counter/form.html", context)
    response = HttpResponse(data, content_type=media_type)
    way = "inline" if media_type in SHOWN_BY_BROWSERS else "attachment"
    extension = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}.get(media_type, "bin")
    response["Content-Disposition"] = f'{way}; filename="{digest.partition(":")[2][:12]}.{extension}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response

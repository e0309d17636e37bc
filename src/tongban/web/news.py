"""
A page of a case asks by itself whether the case has moved on, and is told so; nothing else of it changes.

Somebody may be typing in it, and what it offers was true of the case as it was drawn. An act from an older page is
weighed as ever (`twice`). The pages are heavy already, so a script of a few lines asks instead of htmx.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render

from tongban.accounts.access.actor import Actor
from tongban.cases.models import Case
from tongban.procedures import queries as matters
from tongban.web import htmx
from tongban.web.twice import HARMLESS, seen_version


def is_asked(request: HttpRequest) -> bool:
    """Return whether a page asks for news by itself; then nobody has opened or looked at anything."""
    return htmx.POLLING in request.headers


def answer(request: HttpRequest, case: Case, reader: Actor) -> HttpResponse:
    """Return what has happened since the page was drawn, or that nothing has that it does not tell already."""
    seen, mark = seen_version(request.headers[htmx.POLLING]), f'"{case.version}"'
    if not 0 < seen < case.version or request.headers.get("If-None-Match") == mark:
        return HttpResponseNotModified(headers={"ETag": mark})
    entries = [entry for entry in matters.timeline(case, reader)[seen:] if entry.act not in HARMLESS]
    if not entries:
        return HttpResponseNotModified(headers={"ETag": mark})
    response = render(request, "components/news.html#entries", {"case": case, "entries": entries})
    response["ETag"] = mark
    return response

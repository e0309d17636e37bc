"""What Django asks for when an exception reached it: what cannot be written down and a bug are both told in words."""

import sys

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from tongban.api import problems
from tongban.kernel import storage
from tongban.kernel.accesses import NotRecorded
from tongban.kernel.storage import StorageFull
from tongban.web import refusals


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that ended in an exception; called while it is being handled, also for one of a middleware."""
    error = sys.exception()
    refusal = error if isinstance(error, NotRecorded) else storage.refusal_of(error)
    if refusal is None:
        return _of_bug(request)
    problem = (
        problems.of_full_disk(refusal) if isinstance(refusal, StorageFull) else problems.of_refusal(refusal)
    )
    if request.path.startswith(refusals.NOT_PAGES):
        return problem
    try:
        response = refusals.refused(request, str(refusal), refusal.status, refusal.code)
    except DatabaseError:  # a disk that can't be read any more either
        response = HttpResponse(str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = problem["Retry-After"]
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _of_bug(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(refusals.NOT_PAGES):
        return problems.plain(500)
    sentence = problems.PLAIN[500][2]
    try:
        return refusals.refused(request, sentence, 500, "internal_error")
    except Exception:  # noqa: BLE001 - what broke the page may break this one too
        return HttpResponse(sentence, status=500, content_type="text/plain; charset=utf-8")

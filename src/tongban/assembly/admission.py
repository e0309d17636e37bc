"""What a request meets before any view: its body may be too large, or did not come; told as a page or as a problem document."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tongban.api import problems
from tongban.assembly import bodies
from tongban.kernel.errors import DomainError
from tongban.web import english, refusals

REFUSAL = "tongban.refusal"  # what the front door has against a request, in its environ


class AdmissionMiddleware:
    """Comes last, so that the page of a refusal knows its reader; nothing before it reads a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or say why not."""
        try:
            if refusal := request.META.get(REFUSAL):
                raise refusal
            bodies.ask(request.META)
        except DomainError as refusal:
            return _told(request, refusal)
        return self.get_response(request)


def _told(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    problem = problems.of_refusal(refusal)
    if request.path.startswith(refusals.NOT_PAGES):
        return problem
    page = refusals.refused(request, str(refusal), refusal.status, english.code_of(refusal))
    page._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the path, once for each of a flood
    if "Retry-After" in problem:
        page["Retry-After"] = problem["Retry-After"]
    return page

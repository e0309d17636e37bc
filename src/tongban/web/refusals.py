"""A refusal becomes a page: the sentence, the right status, a way on. Views never catch what commands raise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tongban.accounts.identifiers import BadIdentifier
from tongban.cases.numbers import BadNumber
from tongban.kernel.errors import DomainError
from tongban.signin.sessions import PasswordChangeNeeded
from tongban.web.access import SignInNeeded

NOT_PAGES = ("/api/", "/exchange/", "/healthz", "/readyz", "/metrics", "/static/")


class RefusalMiddleware:
    """Shows a refusal to the person who caused it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; keep pages with personal data out of caches."""
        response = self.get_response(request)
        if not request.path.startswith(NOT_PAGES):
            response.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a refusal into its page; leave bugs alone."""
        if request.path.startswith(NOT_PAGES):
            return None
        if isinstance(error, SignInNeeded):
            return redirect(f"{reverse('web:sign-in')}?next={request.path}")
        if isinstance(error, PasswordChangeNeeded):
            return redirect(f"{reverse('web:password')}?next={request.path}")
        if isinstance(error, (BadNumber, BadIdentifier)):
            return _page(request, str(error), 422)
        if isinstance(error, DomainError):
            return _page(request, str(error), error.status)
        return None


def _page(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    context = {"sentence": sentence, "back": back if safe else reverse("web:home")}
    return render(request, "web/refused.html", context, status=status)

"""What holds for every answer of the API and the exchange: its size, its form, and that nobody stores it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tongban.api import problems
from tongban.exchange.wire import MAX_MESSAGE

PATHS = ("/api/", "/exchange/")


class ProblemMiddleware:
    """Comes first: turns away what is too large, and says in our form what Django says in its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; other paths pass untouched."""
        if not request.path.startswith(PATHS):
            return self.get_response(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > MAX_MESSAGE:
            return problems.plain(413 if length.isdigit() else 400)
        response = self.get_response(request)
        ours = response.get("Content-Type", "").startswith(problems.MEDIA_TYPE)
        if response.status_code >= 400 and not ours:
            allow = response.get("Allow")
            response = problems.plain(response.status_code)
            if allow:
                response["Allow"] = allow
        response.setdefault("Cache-Control", "no-store")
        return response

"""What holds for every answer of the API and the exchange: its form, and that nobody stores it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tongban.api import problems

PATHS = ("/api/", "/exchange/")


class ProblemMiddleware:
    """Comes first: says in our form what Django says in its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; other paths pass untouched."""
        if not request.path.startswith(PATHS):
            return self.get_response(request)
        # Nothing can have a name that no database holds.
        response = problems.plain(404) if "\0" in request.path else self.get_response(request)
        ours = response.get("Content-Type", "").startswith(problems.MEDIA_TYPE)
        if response.status_code >= 400 and not ours:
            allow = response.get("Allow")
            response = problems.plain(response.status_code)
            if allow:
                response["Allow"] = allow
        response.setdefault("Cache-Control", "no-store")
        return response

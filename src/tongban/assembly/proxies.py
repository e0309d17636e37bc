"""What only a proxy of this node may say about a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tongban.signin.address import comes_through_proxy

SAID = "HTTP_X_FORWARDED_PROTO"


class ProxyMiddleware:
    """Comes first: takes away what says that a request came by TLS, unless a trusted proxy says it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        if SAID in request.META and not comes_through_proxy(request):
            request.META[SAID] = ""
        return self.get_response(request)

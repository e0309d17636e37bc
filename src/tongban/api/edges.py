"""What a write must look like that carries no key: from our own pages or a program, never from a form of somebody else's page."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tongban.api import problems
from tongban.api.contract import api
from tongban.kernel.errors import DomainError
from tongban.signin.actor import ActorRequest

PATHS = "/api/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
JSON, FORM = "application/json", "multipart/form-data"


class ForeignOrigin(DomainError):
    """A browser says that another site's page sends this; nothing was done."""

    code = "foreign_origin"
    status = 403


class MediaTypeRefused(DomainError):
    """The body is not of the type that the endpoint takes; nothing was done."""

    code = "media_type_not_supported"
    status = 415


class EdgeMiddleware:
    """Comes after who is calling is known; a key cannot be sent by a page of somebody else's, so it passes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse a write that a foreign page might have sent."""
        if not request.path.startswith(PATHS) or request.method in SAFE or cast(ActorRequest, request).by_key:
            return None
        try:
            _demand_own_origin(request)
            match = request.resolver_match
            _demand_type(request, match is not None and match.route.replace("//", "/") in taking_files())
        except DomainError as refusal:
            return problems.answer(request, refusal)
        return None


@lru_cache(maxsize=1)
def taking_files() -> frozenset[str]:
    """Return the routes of the endpoints that take files, as their signatures say."""
    return frozenset(
        f"api/{prefix}/{path}".replace("{", "<").replace("}", ">").replace("//", "/")
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        if any(model.__ninja_param_source__ == "file" for model in operation.models)
    )


def _demand_own_origin(request: HttpRequest) -> None:
    origin = request.headers.get("Origin")
    own = {f"{request.scheme}://{request.get_host()}", _origin_of(settings.NODE.url)}
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or (origin is not None and origin not in own):
        raise ForeignOrigin("未办理：这个请求来自别的网站。请打开本系统的网页办理，或由程序使用接口密钥。")


def _demand_type(request: HttpRequest, files: bool) -> None:
    kind = (request.content_type or "").lower()
    if not kind and request.META.get("CONTENT_LENGTH", "") in ("", "0"):
        return
    if kind != JSON and not (files and kind == FORM):
        wanted = f"{FORM}（带文件）" if files else JSON
        raise MediaTypeRefused(f"未办理：请求的 Content-Type 须为 {wanted}。请改正后重试。")


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

"""In which language a page speaks; what programs are told is one and the same for all (docs/performance.md)."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from tongban.web.refusals import NOT_PAGES


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let pages speak the reader's language, and pass by what is no page."""
    for_pages = LocaleMiddleware(get_response)

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(NOT_PAGES):
            return cast(HttpResponse, for_pages(request))
        translation.activate(settings.LANGUAGE_CODE)  # a thread keeps the language of the request before
        return get_response(request)

    return answer

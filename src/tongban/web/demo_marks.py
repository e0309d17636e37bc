"""
On a demo node every page says once, at its foot, that all of it is invented; the names of demo offices need not say it again there.

Letters, seals, files and the API keep the mark in each name: they go on without the page.
"""

import re
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

MARK: Final = "（演示）"  # what the names of demo offices end in
# In the text of a page; neither in an attribute, which may be sent back, nor in what somebody types.
_IN_TEXT = re.compile(f"{MARK}(?=[^<>]*<(?!/textarea))".encode())


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Take the mark out of the names on the pages of a demo node."""

    def unmarked(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if settings.NODE.demo and is_page and not isinstance(response, StreamingHttpResponse):
            response.content = _IN_TEXT.sub(b"", response.content)
        return response

    return unmarked

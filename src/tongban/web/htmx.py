"""
Parts of pages for htmx: the same address, the same view, the same permissions; only less of the page comes back.

A part is the partial of that name in the page's template. A sentence for the live region `said` may come with it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from tongban.signin.actor import POLLING

__all__ = ["POLLING", "is_unchanged", "led_to", "mark", "refused", "shown", "spoken", "wants_part"]

SAID: Final = "#said"


def wants_part(request: HttpRequest) -> bool:
    """Return whether a page that is shown already asks, by htmx or by itself, and not for a whole page."""
    if POLLING in request.headers:
        return True
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def shown(
    request: HttpRequest, page: str, part: str, context: Mapping[str, Any], *, said: str = "", kind: str = "", focus: str = ""
) -> HttpResponse:  # fmt: skip
    """
    Return the page, or the part of it that htmx asks for.

    A part that is drawn alone knows its name as `part`. With it `said` is told: in a line of the class `kind`, or only
    aloud. `focus` is what to go to then.
    """
    if not wants_part(request):
        response = render(request, page, dict(context))
    else:
        response = render(request, f"{page}#{part}", {**context, "part": part})
        if said:
            response.write(spoken(said, kind))
        if focus:
            response["HX-Trigger"] = json.dumps({"tongban:focus": {"target": focus}})
    patch_vary_headers(response, ["HX-Request"])
    return response


def refused(request: HttpRequest, context: Mapping[str, Any], status: int) -> HttpResponse:
    """Return a refusal for the live region; nothing else of the page changes, so what was typed stays."""
    response = render(request, "web/refused.html#sentence", dict(context), status=status)
    response["HX-Retarget"], response["HX-Reswap"] = SAID, "innerHTML"
    return response


def led_to(redirect: HttpResponse) -> HttpResponse:
    """Return an answer that takes the whole browser where `redirect` leads, with its cookies."""
    response = HttpResponse(status=204, headers={"HX-Redirect": redirect.headers["Location"]})
    response.cookies = redirect.cookies
    return response


def spoken(said: str, kind: str = "") -> str:
    """Return a sentence for the live region of a page that is shown already."""
    return render_to_string("components/said.html", {"said": said, "kind": kind, "anew": True})


def mark(*things: object) -> str:
    """Return the mark of a part that shows these things; it changes with them."""
    return hashlib.sha256(repr(things).encode()).hexdigest()[:16]


def is_unchanged(request: HttpRequest, now: str) -> bool:
    """Return whether the page that asks shows already what bears the mark `now`."""
    return wants_part(request) and request.headers.get("If-None-Match") == f'"{now}"'

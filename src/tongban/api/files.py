"""A piece of content on its way out, so that nothing in it can act where it is opened."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from tongban.api.authentication import actor_of
from tongban.kernel.time import clock
from tongban.materials import inspection
from tongban.procedures import viewing
from tongban.procedures.models import Matter
from tongban.rights import copying

# What the contract says of it: files as they were handed in, texts, forms.
_TYPES = (*inspection.TYPES, "text/plain", "application/json")
CONTENT: dict[str, Any] = {"responses": {200: {"content": {name: {"schema": {}} for name in _TYPES}}}}


def content_of(matter: Matter, digest: str, request: HttpRequest) -> HttpResponse:
    """
    Hand out a piece of a matter's content to save, and write down who read it.

    Raises:
        as `viewing.read`.
    """
    name, media_type, data = viewing.read(matter, digest, by=actor_of(request), at=clock.now())
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def copy_of_data(copy: copying.Copy) -> StreamingHttpResponse:
    """Return a copy of somebody's data as a file to save, made while it is sent; whoever breaks off ends it."""
    response = StreamingHttpResponse(copy, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{copying.file_name(clock.now())}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response

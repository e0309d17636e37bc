"""A piece of content on its way out, so that nothing in it can act where it is opened."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from tongban.api.authentication import actor_of
from tongban.kernel.time import clock
from tongban.procedures import viewing
from tongban.procedures.models import Matter


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

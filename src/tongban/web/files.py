"""A file on its way to a browser, so that nothing in it can act there."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from tongban.kernel.time import clock
from tongban.rights import copying

SHOWN = {"application/pdf", "image/png", "image/jpeg"}  # what browsers show by themselves


def download(name: str, media_type: str, data: bytes) -> HttpResponse:
    """Return a file to save, under its own name."""
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def handed_out(request: HttpRequest, name: str, media_type: str, data: bytes) -> HttpResponse:
    """Return a file to save; one that a browser shows by itself is shown where that is asked for (`?show`)."""
    response = download(name, media_type, data)
    if "show" in request.GET and media_type in SHOWN:
        # Nothing in it may act, but the case's own page may frame it; a sandbox keeps older browsers' PDF viewers out.
        response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name, safe='')}"
        response["X-Frame-Options"] = "SAMEORIGIN"
        response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'self'"
    return response


def copy_of_data(copy: copying.Copy) -> StreamingHttpResponse:
    """Return a copy of somebody's data as a file to save, made while it is sent; whoever breaks off ends it."""
    response = StreamingHttpResponse(copy, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{copying.file_name(clock.now())}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response

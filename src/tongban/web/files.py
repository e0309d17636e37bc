"""A file on its way to a browser, so that nothing in it can act there."""

from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse

from tongban.kernel.time import clock
from tongban.rights import copying


def download(name: str, media_type: str, data: bytes) -> HttpResponse:
    """Return a file to save, under its own name."""
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

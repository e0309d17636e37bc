"""A file on its way to a browser, so that nothing in it can act there."""

from urllib.parse import quote

from django.http import HttpResponse


def download(name: str, media_type: str, data: bytes) -> HttpResponse:
    """Return a file to save, under its own name."""
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

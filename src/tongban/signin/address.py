"""From where a request comes: the one place that reads it, for all who count by it or let somebody in by it."""

from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the network address that throttling counts by."""
    return str(request.META.get("REMOTE_ADDR", ""))

"""From where a request comes: the one place that reads it, for all who count by it or let somebody in by it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from tongban.configuration import proxy

# Whatever stands in front and passes a request on says so in one of these.
PASSED_ON = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def address_of(request: HttpRequest) -> str:
    """Return the network address that throttling counts by; of IPv6 the network."""
    return proxy.counted(whole_address_of(request))


def whole_address_of(request: HttpRequest) -> str:
    """Return the network address from where a request comes, as it is."""
    return whole_address_in(request.META)


def whole_address_in(environ: Mapping[str, Any]) -> str:
    """Return the same of what stands in a request's environ, before there is a request."""
    remote, forwarded = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", "")
    return proxy.caller(remote, forwarded, settings.NODE.proxies) if forwarded else remote


def comes_through_proxy(request: HttpRequest) -> bool:
    """Return whether a proxy that this node trusts has passed the request on."""
    return proxy.is_one(request.META.get("REMOTE_ADDR", ""), settings.NODE.proxies)


def comes_from_here(request: HttpRequest) -> bool:
    """Return whether a program of this machine asks for itself: behind a proxy on it everybody comes from loopback."""
    address = proxy.parse(request.META.get("REMOTE_ADDR", ""))
    if address is None or not address.is_loopback or any(name in request.META for name in PASSED_ON):
        return False
    # A proxy that adds nothing still names the node as the world does.
    return urlsplit(f"//{request.META.get('HTTP_HOST', 'localhost')}").hostname in HERE

"""Where somebody wants to be led: the address that came with a request as `next`, if it is one of ours."""

from typing import Final

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST: Final = 2000  # characters; no address of ours comes near


def address(request: HttpRequest, *, otherwise: str) -> str:
    """Return the path that a request names as `next`; `otherwise` where it names none of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # A word without a slash would be taken for the name of a route.
    if not wanted.startswith("/") or len(wanted) > LONGEST:
        return otherwise
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else otherwise

"""The cookie by which a browser is known again in which somebody has signed in: a random id, signed, and nothing else."""

import secrets
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from tongban.accounts.people import devices

COOKIE: Final = settings.SESSION_COOKIE_NAME.removesuffix("session") + "device"
_SALT: Final = "tongban.signin.device"


def token_of(request: HttpRequest) -> str:
    """Return the browser's id; nothing where it has none, or one that is not ours."""
    try:
        token = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT)
    except signing.BadSignature:
        return ""
    return token if isinstance(token, str) else ""


def give(request: HttpRequest) -> str:
    """Return the browser's id, a new one if it has none; `keep` puts it into the answer."""
    token = token_of(request) or secrets.token_hex(16)
    request.given_device = token  # type: ignore[attr-defined]
    return token


def keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """Put the id that was given during the request into its answer."""
    token = getattr(request, "given_device", "")
    if token:
        response.set_cookie(
            COOKIE, signing.dumps(token, salt=_SALT), max_age=devices.KEPT, httponly=True, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip

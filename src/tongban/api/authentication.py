"""Who calls the API: a machine by its key, or a person by a session with the CSRF token."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security import APIKeyCookie, HttpBearer

from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.kernel.errors import DomainError
from tongban.signin.actor import ActorRequest

# Somebody in particular to nobody: sees what is public.
NOBODY = Actor(kind=ActorKind.APPLICANT, channel=Channel.API)


class NotSignedIn(DomainError):
    """The request needs somebody who has signed in."""

    code = "not_signed_in"
    status = 401


class CsrfRefused(DomainError):
    """A session is not enough for a write: the CSRF token is missing or wrong."""

    code = "csrf_refused"
    status = 403


class Bearer(HttpBearer):
    """`Authorization: Bearer tb_…`: the key of a machine."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Return the actor of the key, None where there is none: then a session may count, with its token."""
        return self.authenticate(request, "") if cast(ActorRequest, request).by_key else None

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Return the actor of the key; raises what signing in found wrong with it."""
        return _known(request)


class Session(APIKeyCookie):
    """The session cookie; writes also need the token that signing in returned, as `X-CSRFToken`."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)  # a missing session is told first, and in our words

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor:
        """Return the actor of the session; raises NotSignedIn, SessionEnded, CsrfRefused."""
        actor = _known(request)
        if _CSRF.process_view(request, _no_view, (), {}) is not None:
            raise CsrfRefused("未办理：缺少或不符的防伪令牌（X-CSRFToken）。请重新登录后再试。")
        return actor


SIGNED_IN = [Bearer(), Session()]


def _no_view(request: HttpRequest) -> HttpResponse:
    return HttpResponseForbidden()


# Views of the API are left out by the one among the middlewares, since keys need no token: asked here, as soon as a session counts.
_CSRF = CsrfViewMiddleware(_no_view)


def actor_of(request: HttpRequest) -> Actor:
    """Return who makes the request; NOBODY in particular on public paths."""
    return cast(ActorRequest, request).actor or NOBODY


def _known(request: HttpRequest) -> Actor:
    known = cast(ActorRequest, request)
    if known.refusal is not None:
        raise known.refusal
    if known.actor is None:
        raise NotSignedIn("未办理：尚未登录。请先登录，或随请求附上接口密钥。")
    return known.actor

"""Who may open a page. The command asks again; this only spares people a page they cannot use."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tongban.accounts.actor import ActorKind, Permission
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.signin.actor import SignedInRequest
from tongban.signin.sessions import PasswordChangeNeeded


class SignInNeeded(DomainError):
    """Nobody has signed in, or the session has ended."""

    code = "sign_in_needed"
    status = 401


def signed_in(
    *permissions: Permission, kind: ActorKind | None = None
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """
    Let a view be called only by somebody who has signed in and holds one of `permissions`, if any are named.

    Raises:
        SignInNeeded, NotPermitted: as a page, by the middleware.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = cast(SignedInRequest, request).actor
            refusal = cast(SignedInRequest, request).refusal
            if isinstance(refusal, PasswordChangeNeeded):
                raise refusal
            if actor is None:
                raise SignInNeeded(_("请先登录。"))
            if (kind is not None and actor.kind is not kind) or (
                permissions and not any(actor.may(permission) for permission in permissions)
            ):
                raise NotPermitted(_("您的岗位不能使用这个页面。请换用有权岗位的账号登录。"))
            return view(request, *args, **kwargs)

        return checked

    return decorate

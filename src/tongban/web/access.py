"""Who may open a page. The command asks again; this only spares people a page they cannot use."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.signin.actor import SignedInRequest
from tongban.signin.halfopen import SecondStepDue
from tongban.signin.keys import BadApiKey
from tongban.signin.sessions import PasswordChangeNeeded


class SignInNeeded(DomainError):
    """Nobody has signed in, or the session has ended."""

    code = "sign_in_needed"
    status = 401


@dataclass(frozen=True, slots=True)
class Admits:
    """Whom a view admits: holders of one of `permissions` if any are named, people of one kind if it is named."""

    permissions: frozenset[Permission]
    kind: ActorKind | None
    also: Callable[[Actor], bool] | None = None  # what is asked besides

    def lets(self, actor: Actor) -> bool:
        """Return whether `actor` may open the view; which rows they find there is for the queries to say."""
        return (self.kind is None or actor.kind is self.kind) and (
            (not self.permissions or any(actor.may(permission) for permission in self.permissions))
            and (self.also is None or self.also(actor))
        )


def admits(view: Callable[..., HttpResponse]) -> Admits | None:
    """Return whom a view admits, as its decorator has noted it; nothing where everybody may come in."""
    noted: Admits | None = getattr(view, "admits", None)
    return noted


def asks_itself(
    *permissions: Permission, kind: ActorKind | None = None, also: Callable[[Actor], bool] | None = None
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Note whom a view admits that looks for itself who is calling, since `signed_in` would turn some of them away."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        view.admits = Admits(frozenset(permissions), kind, also)  # type: ignore[attr-defined]
        return view

    return decorate


def signed_in(
    *permissions: Permission, kind: ActorKind | None = None, also: Callable[[Actor], bool] | None = None
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """
    Let a view be called only by somebody who has signed in, holds one of `permissions` if any are named, and of whom `also` is true.

    Raises:
        SignInNeeded, NotPermitted: as a page, by the middleware.
    """

    wanted = Admits(frozenset(permissions), kind, also)

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = cast(SignedInRequest, request).actor
            refusal = cast(SignedInRequest, request).refusal
            if isinstance(refusal, PasswordChangeNeeded | SecondStepDue | BadApiKey):
                raise refusal
            if actor is None:
                raise SignInNeeded(_("请先登录。"))
            if not wanted.lets(actor):
                raise NotPermitted(_("您的岗位不能使用这个页面。请换用有权岗位的账号登录。"))
            return view(request, *args, **kwargs)

        # Decorators further out copy it along, so that whoever lists the routes can ask.
        checked.admits = wanted  # type: ignore[attr-defined]
        return checked

    return decorate

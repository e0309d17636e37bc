"""Which kind of identity provider stands behind a name in the configuration; so far all speak OpenID Connect."""

from datetime import datetime

from django.http import HttpRequest

from tongban.accounts.access.actor import Actor
from tongban.signin import identified, identified_staff
from tongban.signin.oidc_applicants import OpenIDProvider
from tongban.signin.oidc_staff import StaffOpenIDProvider
from tongban.signin.providers import (
    Begun,
    IdentityProvider,
    ProviderUnknown,
    ask_begun,
    offered,
    offered_to_staff,
)


def begin(
    request: HttpRequest,
    key: str,
    *,
    back: str,
    next: str,  # noqa: A002
    at: datetime,
    anew: bool = False,
) -> str:
    """
    Return the address of the provider of this name to go to; the browser's session remembers that it was begun.

    `anew`: an applicant known there already has to prove it once more; of staff that is asked anyway.

    Raises:
        ProviderUnknown: the node has none. ProviderAway: it cannot be asked where its pages are.
    """
    if _is_of_staff(key):
        url, begun = staff_provider(key).begin(back=back, next=next, at=at)
    else:
        url, begun = provider(key).begin(back=back, next=next, at=at, anew=anew)
    identified.keep_begun(request, begun)
    return url


def complete(
    request: HttpRequest, key: str, *, begun: Begun | None, answer: dict[str, str], at: datetime
) -> Actor:
    """
    Sign in whom the provider of this name vouches for: providers of staff let in staff, others applicants, and neither the other's.

    Raises:
        ProviderUnknown: the node has none. SignInNotBegun: see `providers.ask_begun`.
        DomainError: see `complete` of the provider, `identified.sign_in` and `identified_staff.sign_in`.
    """
    if _is_of_staff(key):
        begun = ask_begun(begun, key, answer, at)
        subject = staff_provider(key).complete(begun=begun, answer=answer, at=at)
        return identified_staff.sign_in(request, subject=subject, at=at)
    found = provider(key)
    identity = found.complete(begun=ask_begun(begun, key, answer, at), answer=answer, at=at)
    return identified.sign_in(request, identity=identity, at=at)


def provider(key: str) -> IdentityProvider:
    """
    Return the provider of applicants of this name.

    Raises:
        ProviderUnknown: the node has none.
    """
    for config in offered():
        if config.key == key:
            return OpenIDProvider(config)
    raise ProviderUnknown("未登录：本节点没有接入这个认证平台。请从登录页选择登录方式。")


def staff_provider(key: str) -> StaffOpenIDProvider:
    """Return the provider of staff of this name; as `provider`."""
    for config in offered_to_staff():
        if config.key == key:
            return StaffOpenIDProvider(config)
    raise ProviderUnknown("未登录：本节点没有接入这个单位认证平台。请从登录页选择登录方式。")


def _is_of_staff(key: str) -> bool:
    return any(config.key == key for config in offered_to_staff())

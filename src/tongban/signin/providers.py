"""
The port to identity providers (统一身份认证): begin leads to their page, complete brings back who it is.

Which providers a node trusts is a matter of its configuration. OpenID Connect is the one kind there is so far
(`signin/oidc.py`); a platform with a protocol of its own becomes another class with the same two methods, chosen in
`signin/entrance.py`.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

from django.conf import settings

from tongban.accounts.models import Applicant
from tongban.configuration.providers import IdentityProviderConfig
from tongban.kernel.errors import DomainError, NotFound

# Long enough to fetch a telephone and have a face recognised, short enough that a link left open is worth nothing.
PATIENCE = timedelta(minutes=10)


class ProviderUnknown(NotFound):
    """The node trusts no identity provider of this name."""

    code = "provider_unknown"


class ProviderAway(DomainError):
    """The identity provider does not answer, or not as it should; nothing is known about who asks."""

    code = "provider_away"
    status = 503


class SignInNotBegun(DomainError):
    """The answer belongs to no sign-in that this browser has begun: used already, too old, or somebody else's."""

    code = "sign_in_not_begun"
    status = 409


class ProviderRefused(DomainError):
    """The person did not go through with it at the identity provider, or it refused them."""

    code = "provider_refused"
    status = 403


class ProviderAnswerFaulty(DomainError):
    """What the identity provider says does not verify: signature, issuer, audience, nonce or time."""

    code = "provider_answer_faulty"
    status = 502


class AssuranceTooLow(DomainError):
    """The identity provider is not sure enough who it is (认证等级不足)."""

    code = "assurance_too_low"
    status = 403


class IdentityWithheld(DomainError):
    """The identity provider named no identity document, or one that this node cannot check."""

    code = "identity_withheld"
    status = 403


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a provider vouches for."""

    issuer: str
    subject: str
    kind: Applicant.Kind
    name: str
    number: str  # identity number or USCC; empty below verified
    assurance: int
    auth_time: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way: what the browser's session keeps until the answer comes. Never leaves the server."""

    provider: str
    state: str
    nonce: str
    verifier: str
    back: str  # the address the provider was told to answer to
    next: str
    at: int

    def kept(self) -> dict[str, Any]:
        """Return it as the session stores it."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Any) -> Self | None:
        """Return what a session kept, if it is whole."""
        try:
            return cls(**kept)
        except TypeError:
            return None


class IdentityProvider(Protocol):
    """One provider that applicants may sign in with."""

    config: IdentityProviderConfig

    def begin(self, *, back: str, next: str, at: datetime) -> tuple[str, Begun]:  # noqa: A002
        """
        Return the provider's address to go to, and what to remember until it answers to `back`.

        Raises:
            ProviderAway: it cannot be asked where its pages are.
        """
        ...

    def complete(self, *, begun: Begun, answer: dict[str, str], at: datetime) -> Identity:
        """
        Return who has signed in, from the query of the provider's answer.

        Raises:
            SignInNotBegun, ProviderRefused, ProviderAway, ProviderAnswerFaulty, AssuranceTooLow,
            IdentityWithheld: as named.
        """
        ...


def offered() -> tuple[IdentityProviderConfig, ...]:
    """Return the providers of this node, in the order of its configuration."""
    return settings.NODE.identity_providers


def ask_begun(begun: Begun | None, key: str, answer: dict[str, str], at: datetime) -> Begun:
    """
    Return the sign-in that an answer belongs to.

    Raises:
        SignInNotBegun: this browser has begun none, or another one.
    """
    again = "请回到登录页重新登录。"
    if begun is None or begun.provider != key:
        raise SignInNotBegun(f"未登录：这次认证已经用过，或不是在这个浏览器里开始的。{again}")
    if at.timestamp() - begun.at > PATIENCE.total_seconds():
        raise SignInNotBegun(f"未登录：离开时间过长，这次认证已经失效。{again}")
    if answer.get("state") != begun.state:
        raise SignInNotBegun(f"未登录：认证平台的答复与这次登录对不上。{again}")
    return begun

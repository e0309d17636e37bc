"""
The port to identity providers (统一身份认证): begin leads to their page, complete brings back who it is.

Which providers a node trusts is a matter of its configuration. OpenID Connect is the one kind there is so far
(`signin/oidc_applicants.py`, `signin/oidc_staff.py`); a platform with a protocol of its own becomes another class with
the same two methods, chosen in `signin/entrance.py`. Providers of applicants and of staff bring back different things,
so that neither can pass for the other.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

from django.conf import settings

from tongban.accounts.models import Applicant
from tongban.configuration.providers import IdentityProviderConfig
from tongban.configuration.staff_providers import StaffProviderConfig
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


class ProvedTooLongAgo(DomainError):
    """The member of staff proved who they are at the identity provider longer ago than this node allows (auth_time)."""

    code = "proved_too_long_ago"
    status = 403


class StillSignedInThere(DomainError):
    """Somebody has signed out here, and the identity provider does not let them sign out there from here."""

    code = "still_signed_in_there"
    status = 503


@dataclass(frozen=True, slots=True)
class Identity:
    """Which applicant a provider vouches for."""

    issuer: str
    subject: str
    kind: Applicant.Kind
    name: str
    number: str  # identity number or USCC; empty below verified
    assurance: int
    auth_time: datetime


@dataclass(frozen=True, slots=True)
class StaffSubject:
    """Which of its subjects a provider of staff vouches for; whose account that is, is for this node to say."""

    provider: str
    issuer: str
    subject: str
    has_two_factors: bool
    signs_out: bool  # whether one can sign out there from here


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

    def begin(
        self,
        *,
        back: str,
        next: str,  # noqa: A002
        at: datetime,
        anew: bool = False,
    ) -> tuple[str, Begun]:
        """
        Return the provider's address to go to, and what to remember until it answers to `back`.

        `anew`: who is known there already has to prove it once more.

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
    """Return the providers of this node's applicants, in the order of its configuration."""
    return settings.NODE.identity_providers


def offered_to_staff() -> tuple[StaffProviderConfig, ...]:
    """Return the providers of this node's staff, in the order of its configuration."""
    return settings.NODE.staff_providers


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

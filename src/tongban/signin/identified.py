"""Signing in as whom an identity provider vouches for: applicants; what a browser has on its way there, and how sure we are."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest

from tongban.accounts import commands, queries
from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.models import Applicant
from tongban.accounts.people import external
from tongban.signin import opened
from tongban.signin.address import address_of
from tongban.signin.providers import PATIENCE, Begun, Identity
from tongban.signin.sessions import KEY, Who, open_session

BEGUN: Final = "signing_in"
# How long somebody counts as looked in the face: after that, as whom the provider knows by number.
FACE: Final = timedelta(minutes=30)


def keep_begun(request: HttpRequest, begun: Begun) -> None:
    """Remember a sign-in on its way to an identity provider, as long as its answer counts; a later one takes its place."""
    request.session[BEGUN] = begun.kept()
    if KEY not in request.session and "_session_expiry" not in request.session:
        # Anybody may begin as often as they like, and each time leaves a row.
        request.session.set_expiry(int(PATIENCE.total_seconds()))


def take_begun(request: HttpRequest) -> Begun | None:
    """Return the sign-in that this browser has on its way and forget it: its answer counts once."""
    return Begun.of(request.session.pop(BEGUN, None))


def sign_in(
    request: HttpRequest, *, identity: Identity, channel: Channel = Channel.WEB, at: datetime
) -> Actor:
    """
    Sign in the applicant whom an identity provider vouches for, enrolling them if they are new here.

    Raises:
        InvalidInput, external.IdentityDiffers: the identity cannot be that of an account here.
    """
    applicant = external.account_for(
        issuer=identity.issuer, subject=identity.subject, kind=identity.kind, name=identity.name,
        number=identity.number, at=at,
    )  # fmt: skip
    proof = {"level": identity.assurance, "level_at": int(identity.auth_time.timestamp())}
    open_session(request, Who.APPLICANT, applicant, channel, address_of(request), at, proof=proof)
    commands.record_sign_in(
        organisation="", pseudonym=applicant.pseudonym, channel=channel, succeeded=True,
        device=opened.family(request), at=at,
    )  # fmt: skip
    return queries.actor_for_applicant(
        applicant=applicant, channel=channel, assurance=assurance_of(proof, applicant, at)
    )


def assurance_of(stored: Mapping[str, Any], applicant: Applicant, at: datetime) -> int:
    """Return how surely it is the owner of the account: as the provider said this time, and less after a while."""
    level: int = stored.get("level", applicant.assurance)
    if "level" in stored and at.timestamp() - stored["level_at"] > FACE.total_seconds():
        return min(level, Applicant.Assurance.VERIFIED)
    return level

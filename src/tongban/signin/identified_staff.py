"""
Signing in as the member of staff whom an identity provider vouches for: its proof is the first step, sometimes both.

What follows is as after a password: the choice of a post, the second step, the session. The session remembers by which
binding it was opened (`PROOF`), and ends with it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from tongban.accounts import commands, queries
from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.models import Appointment, Authenticator, Person, StaffIdentity
from tongban.accounts.people import staff_identities
from tongban.kernel.errors import DomainError, NotFound
from tongban.signin import halfopen, sessions
from tongban.signin.address import address_of
from tongban.signin.providers import StaffSubject


class NoPostToChoose(NotFound):
    """Nobody has come back from an identity provider who still has to choose a post, or too long ago."""

    code = "no_post_to_choose"


class AccountClosed(DomainError):
    """The identity provider vouches for somebody whose account here is closed."""

    code = "staff_account_closed"
    status = 403


def sign_in(request: HttpRequest, *, subject: StaffSubject, at: datetime) -> Actor:
    """
    Sign in the member of staff whose account is bound to a subject of an identity provider.

    Raises:
        StaffUnknown: see `staff_identities.owner`. AccountClosed: see there. NoPost: they hold none now.
        PostChoiceNeeded: they hold several; `choose` goes on.
        SecondFactorNeeded, SecondFactorNotSetUp: the session is half open (`second`).
    """
    bound = staff_identities.owner(issuer=subject.issuer, subject=subject.subject)
    if not bound.person.is_active:
        _note_refusal(bound.person, AccountClosed.code, at)
        raise AccountClosed("未登录：您在本节点的账号已停用。如仍在职，请联系账号管理员。")
    proof = {
        "identity": bound.pk, "provider": subject.provider, "signs_out": subject.signs_out,
        "two_factors": subject.has_two_factors and _is_trusted(bound),
    }  # fmt: skip
    return _go_on(request, bound.person, proof, None, at)


def choices(request: HttpRequest, *, at: datetime) -> list[tuple[int, str, str]]:
    """
    Return the posts (id, organisation, title) of which whoever came back from an identity provider has to choose one.

    Raises:
        NoPostToChoose: see there.
    """
    person, _ = _choosing(request, at)
    held = queries.appointments_of(person=person, at=at)
    return [(one.post.pk, one.post.organisation.name, one.post.title) for one in held]


def choose(request: HttpRequest, *, post: int | None, at: datetime) -> Actor:
    """Go on with signing in, on the post of this id; raises NoPostToChoose as `choices`, the rest as `sign_in`."""
    person, proof = _choosing(request, at)
    return _go_on(request, person, proof, post, at)


def _go_on(
    request: HttpRequest, person: Person, proof: Mapping[str, Any], post: int | None, at: datetime
) -> Actor:
    address, channel = address_of(request), Channel.DESK
    try:
        chosen = sessions.choose(list(queries.appointments_of(person=person, at=at)), post)
    except sessions.PostChoiceNeeded:
        sessions.open_session(
            request, sessions.Who.STAFF, person, channel, address, at, under=halfopen.CHOOSING, proof=proof
        )
        raise
    except sessions.NoPost as refusal:
        _note_refusal(person, refusal.code, at)
        raise
    asked = None if proof["two_factors"] else _asked_of(chosen, at)
    if asked is not None:
        sessions.open_session(
            request, sessions.Who.STAFF, person, channel, address, at, post=chosen.post.pk, under=halfopen.KEY,
            proof=proof,
        )  # fmt: skip
        raise asked
    actor = sessions.let_in(request, chosen, channel=channel, address=address, at=at, proof=proof)
    staff_identities.confirm(proof["identity"], person=person, at=at)
    return actor


def _asked_of(chosen: Appointment, at: datetime) -> DomainError | None:
    return halfopen.asked_of(chosen.person, queries.actor_for_appointment(chosen, channel=Channel.DESK), at)


def _is_trusted(bound: StaffIdentity) -> bool:
    """Return whether two factors at the provider are the owner's: else whoever binds accounts could bind their own."""
    return bound.confirmed_at is not None or not Authenticator.objects.of(bound.person).exists()


def _choosing(request: HttpRequest, at: datetime) -> tuple[Person, dict[str, Any]]:
    stored = halfopen.of(request, at, under=halfopen.CHOOSING)
    person = Person.objects.filter(pk=stored["id"], is_active=True).first() if stored else None
    fits = person is not None and stored is not None and sessions.still_holds(stored, person.password)
    if not fits or stored is None or person is None:
        raise NoPostToChoose(
            "未登录：没有要选择的岗位，或离认证已超过十分钟，或绑定已解除。请回到登录页重新登录。"
        )
    return person, sessions.proof_of(stored)


def _note_refusal(person: Person, code: str, at: datetime) -> None:
    last = person.appointments.select_related("post__organisation").order_by("-pk").first()
    commands.record_sign_in(
        organisation=last.post.organisation.uscc if last else "", pseudonym=person.pseudonym, channel=Channel.DESK,
        succeeded=False, at=at, refused_as=code,
    )  # fmt: skip

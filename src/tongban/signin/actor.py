"""From a request to the Actor who makes it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase

from tongban.accounts import queries
from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.people import past_passwords
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.signin import devices, halfopen, identified, keys, sessions
from tongban.signin.address import address_of
from tongban.signin.session_store import SessionStore
from tongban.signin.sessions import Who

POLLING = "Tongban-Polling"  # a header of requests that a page sends without anybody's doing


class ActorRequest(HttpRequest):
    """
    A request that has passed the middleware.

    `actor` is None for nobody in particular; `refusal` then says why a key or a session did not count. `by_key` says
    that it carries a key, good or not: then no session counts.
    """

    actor: Actor | None
    refusal: DomainError | None
    by_key: bool


class SignedInRequest(ActorRequest):
    """A request that somebody makes who has signed in."""

    actor: Actor


def actor_of(request: HttpRequest, *, at: datetime) -> Actor | None:
    """
    Return who makes the request, None where it carries neither key nor session.

    A key wins over a session: who sends one means it.

    Raises:
        BadApiKey: there is a key and it is not good, or not good here.
        SessionEnded: there was a session and it no longer counts; its data is deleted.
        PasswordChangeNeeded: the session is good for changing the password and for nothing else.
        SecondStepDue: the session is good for the second step of signing in and for nothing else.
    """
    token = token_of(request)
    if token is not None:
        keys.ask_for_machines(request.path)
        return keys.actor_for_token(token, address=address_of(request), at=at)
    stored = request.session.get(sessions.KEY)
    if stored is None:
        halfopen.refuse(request, at)
        return None
    actor = None if sessions.is_over(stored, at) else _revive(request, stored, at)
    if actor is None:
        request.session.flush()
        raise sessions.SessionEnded(
            "登录已失效：长时间未操作、登录时间过长、在别处被结束、密码已更改或岗位已变动。请重新登录。"
        )
    # A page that asks by itself is nobody's doing: left alone, it must not keep its reader signed in.
    if (
        POLLING not in request.headers
        and at.timestamp() - stored["seen"] >= sessions.SEEN_EVERY.total_seconds()
    ):
        request.session[sessions.KEY] = {**stored, "seen": int(at.timestamp())}
    return actor


def token_of(request: HttpRequest) -> str | None:
    """Return the key that a request carries, the one place where its scheme is read; None where it carries none."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class ActorMiddleware:
    """Sets `request.actor` and `request.refusal`; comes after the session middleware, and refuses nobody itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Find out who is calling, then go on."""
        known = cast(ActorRequest, request)
        known.actor = known.refusal = None
        known.by_key = token_of(request) is not None
        try:
            known.actor = actor_of(request, at=clock.now())
        except DomainError as refusal:
            known.refusal = refusal
        response = self.get_response(request)
        devices.keep(request, response)
        return response


def _revive(request: HttpRequest, stored: dict[str, Any], at: datetime) -> Actor | None:
    """Return who has signed in, if all that the session rests on still holds: account, password, post."""
    channel, caller = Channel(stored["channel"]), cast(SessionStore, request.session).caller(at)
    if caller is None:
        return None
    if stored["who"] == Who.APPLICANT:
        applicant = caller.applicant
        if applicant is None or sessions.mark_of(applicant.password) != stored["mark"]:
            return None
        assurance = identified.assurance_of(stored, applicant, at)
        return queries.actor_for_applicant(applicant=applicant, channel=channel, assurance=assurance)
    holding = caller.holding
    if holding is None or not sessions.still_holds(stored, holding.password):
        return None
    # Who came from an identity provider has no use for a password here.
    if "identity" not in stored:
        _ask_for_new_password(holding, at)
    actor = holding.actor(channel)
    return replace(actor, window=stored["window"]) if "window" in stored else actor


def _ask_for_new_password(holding: queries.Holding, at: datetime) -> None:
    if holding.must_change_password:
        raise sessions.PasswordChangeNeeded(
            "请先修改密码：现在的密码是别人交给您的，改成只有自己知道的才能办理。"
        )
    if past_passwords.is_over(holding.password_changed_at, at):
        raise sessions.PasswordChangeNeeded(
            "请先修改密码：现在的密码已用满规定的天数，改成新的密码才能继续办理。"
        )

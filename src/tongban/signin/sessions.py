"""Signing in and out with a password; the session holds who it is and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from tongban.accounts import commands, queries
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Actor, Channel, Permission
from tongban.accounts.models import Applicant, Appointment, Person
from tongban.accounts.people import (
    applicants,
    logins,
    past_passwords,
    sealed,
    shifts,
    staff_identities,
    staffing,
)
from tongban.accounts.people import devices as known_devices
from tongban.accounts.people.applicants import login_key
from tongban.accounts.people.earlier import Earlier, earlier
from tongban.kernel.errors import DomainError
from tongban.signin import devices, halfopen, opened, throttle
from tongban.signin.session_store import SIGNED_IN, VISIT

KEY, EARLIER, RENEW = SIGNED_IN, "earlier", "renew_by"
# What a session keeps that an identity provider of staff has opened.
PROOF: Final = ("identity", "provider", "two_factors", "signs_out")
LONGEST_DEVICE: Final = 60


class Who(StrEnum):
    """Whose session it is."""

    STAFF = "staff"
    APPLICANT = "applicant"


# Staff leave desks that others walk past (GB/T 22239-2019: session time-out); applicants fill in long forms.
IDLE = {Who.STAFF: timedelta(minutes=30), Who.APPLICANT: timedelta(hours=1)}
# However busy somebody is: a session that never ends is somebody else's one day (GB/T 22239-2019, 8.1.4.1).
LONGEST = {Who.STAFF: timedelta(hours=10), Who.APPLICANT: timedelta(hours=12)}
# A session row is written at most this often for the idle clock alone.
SEEN_EVERY = timedelta(minutes=1)


class BadCredentials(DomainError):
    """Name and password do not belong together, or the account is closed; which, nobody is told."""

    code = "bad_credentials"
    status = 401


class PostChoiceNeeded(DomainError):
    """The person holds several posts; `choices` lists (post id, organisation, title)."""

    code = "post_choice_needed"
    status = 409

    def __init__(self, choices: list[tuple[int, str, str]]) -> None:
        super().__init__("尚未登录：您在多个岗位任职，请选择本次以哪个岗位办理。")
        self.choices = choices


class NoPost(DomainError):
    """The account is fine, but its owner holds no post on this node (or not the one asked for)."""

    code = "no_post"
    status = 403


class PasswordChangeNeeded(DomainError):
    """The password was handed out, or is too old: it has to be changed before anything else."""

    code = "password_change_needed"
    status = 403


class PasswordSignInOff(DomainError):
    """The password was right, and signs in nowhere: the account is bound to an identity provider (`signin.staff_passwords`)."""

    code = "password_sign_in_off"
    status = 403


class SessionEnded(DomainError):
    """The session is over: idle for too long, signed out elsewhere, or account or post was closed."""

    code = "session_ended"
    status = 401


def sign_in(
    request: HttpRequest,
    *,
    username: str,
    password: str,
    post: int | None = None,
    channel: Channel = Channel.DESK,
    address: str,
    at: datetime,
) -> Actor:
    """
    Sign a member of staff in on one of their posts (`post` is its id; not needed by who holds only one).

    Raises:
        LoginTooLong: see there. Throttled: too many failures before. BadCredentials: name or password is wrong.
        PasswordSignInOff: they have another way. PostChoiceNeeded: which post is not said. NoPost: they do not hold it, or hold none.
        SecondFactorNeeded, SecondFactorNotSetUp: the password was right and the session is half open (`second`).
    """
    username = logins.plain(username)
    person = Person.objects.filter(username=username, is_active=True).first()
    account, known = f"staff:{username}", person is not None
    device = _device_of(request, person, at)
    throttle.ask(account=account, address=address, device=device, known=known, at=at)
    fits = passwords.matches(password, person.password if person else "")
    appointments = list(queries.appointments_of(person=person, at=at)) if person else []
    if person is None or not fits:
        place = appointments[0].post.organisation.uscc if appointments else ""
        commands.record_sign_in(
            organisation=place,
            pseudonym=person.pseudonym if person else "",
            channel=channel,
            succeeded=False,
            at=at,
        )
        throttle.note_failure(account=account, address=address, device=device, known=known, at=at)
        raise BadCredentials("未登录：账号或密码不正确。请重新输入，或联系账号管理员。")
    ask_for_password(person, channel, at)
    chosen = choose(appointments, post)
    staffing.renew_hash(person=person, password=password, at=at)
    staffing.begin_age(person=person, at=at)
    chosen.person = person  # the session is marked by the password as it is hashed now
    throttle.forget(account=account, address=address, device=device)
    asked = halfopen.asked_of(person, queries.actor_for_appointment(chosen, channel=channel), at)
    if asked is not None:
        open_session(
            request, Who.STAFF, person, channel, address, at, post=chosen.post.pk, under=halfopen.KEY
        )
        raise asked
    return let_in(request, chosen, channel=channel, address=address, at=at)


def ask_for_password(person: Person, channel: Channel, at: datetime) -> None:
    """
    Let a password pass that was right.

    Raises:
        PasswordSignInOff: see there.
    """
    if not staff_identities.passwords_are_off(person):
        return
    held = queries.appointments_of(person=person, at=at).first()
    commands.record_sign_in(
        organisation=held.post.organisation.uscc if held else "", pseudonym=person.pseudonym, channel=channel,
        succeeded=False, at=at, refused_as=PasswordSignInOff.code,
    )  # fmt: skip
    raise PasswordSignInOff(
        "未登录：您的账号已绑定单位认证平台，本节点不再接受其密码。请回到登录页，用单位认证平台登录。"
    )


def let_in(
    request: HttpRequest, appointment: Appointment, *, channel: Channel, address: str, at: datetime,
    proof: Mapping[str, Any] | None = None,
) -> Actor:  # fmt: skip
    """Open the session of a member of staff who has proved who they are, in whatever steps that took; `proof` as `open_session`."""
    person, post = appointment.person, appointment.post
    actor = queries.actor_for_appointment(appointment, channel=channel)
    known_devices.remember(owner=person.pseudonym, token=devices.give(request), at=at)
    open_session(request, Who.STAFF, person, channel, address, at, post=post.pk, proof=proof)
    renew_by = past_passwords.announced(person.password_changed_at, at)
    if renew_by and not proof:
        request.session[RENEW] = renew_by.isoformat()
    shift = shifts.current(actor, at) if actor.may(Permission.CASE_RECEIVE) else None
    if shift is not None:
        # Somebody who comes back to the desk within the day still sits where they sat.
        request.session[KEY] = {**request.session[KEY], "window": str(shift.window)}
        actor = replace(actor, window=str(shift.window))
    commands.record_sign_in(
        organisation=actor.organisation, pseudonym=actor.staff, channel=channel, succeeded=True,
        post=actor.post, device=_with_what(request, proof), at=at,
    )  # fmt: skip
    return actor


def sign_in_applicant(
    request: HttpRequest,
    *,
    login: str,
    password: str,
    channel: Channel = Channel.WEB,
    address: str,
    at: datetime,
) -> Actor:
    """
    Sign an applicant in by login name or mobile number.

    Raises:
        LoginTooLong: see there. Throttled: too many failures before. BadCredentials: login or password is wrong.
    """
    login = logins.plain(login)
    applicant = Applicant.objects.filter(login_lookup=login_key(login), is_active=True).first()
    account, known = f"applicant:{login}", applicant is not None
    device = _device_of(request, applicant, at)
    throttle.ask(account=account, address=address, device=device, known=known, at=at)
    fits = passwords.matches(password, applicant.password if applicant else "")
    if applicant is None or not fits:
        commands.record_sign_in(
            organisation="",
            pseudonym=applicant.pseudonym if applicant else "",
            channel=channel,
            succeeded=False,
            at=at,
        )
        throttle.note_failure(account=account, address=address, device=device, known=known, at=at)
        raise BadCredentials("未登录：账号或密码不正确。请重新输入，或找回密码。")
    throttle.forget(account=account, address=address, device=device)
    known_devices.remember(owner=applicant.pseudonym, token=devices.give(request), at=at)
    applicants.renew_hash(applicant=applicant, password=password)
    open_session(request, Who.APPLICANT, applicant, channel, address, at)
    commands.record_sign_in(
        organisation="", pseudonym=applicant.pseudonym, channel=channel, succeeded=True,
        device=opened.family(request), at=at,
    )  # fmt: skip
    return queries.actor_for_applicant(applicant=applicant, channel=channel)


def before(request: HttpRequest) -> Earlier:
    """Return what was at the account before this session, as long as no page has told its owner."""
    kept = request.session.get(EARLIER) or {"at": 0, "device": "", "failures": 0}
    at = datetime.fromtimestamp(kept["at"], UTC) if kept["at"] else None
    return Earlier(at, kept["device"], kept["failures"])


def is_over(stored: Mapping[str, Any], at: datetime) -> bool:
    """Return whether a session is over by the clock: left alone for too long, or begun too long ago."""
    who, now = Who(stored["who"]), at.timestamp()
    return bool(
        now - stored["seen"] > IDLE[who].total_seconds()
        or now - stored["begun"] >= LONGEST[who].total_seconds()
    )


def start_shift(request: HttpRequest, *, window: int, by: Actor, at: datetime) -> None:
    """Begin a shift at a window, for as long as this session lasts; raises as `shifts.start_shift`."""
    shift = shifts.start_shift(window=window, by=by, at=at)
    request.session[KEY] = {**request.session[KEY], "window": str(shift.window)}


def person_of(request: HttpRequest) -> Person | None:
    """Return the member of staff whose session this is, also while their password has to be changed."""
    stored = request.session.get(KEY)
    if stored is None or stored["who"] != Who.STAFF:
        return None
    person = Person.objects.filter(pk=stored["id"], is_active=True).first()
    return person if person and still_holds(stored, person.password) else None


def sign_out(request: HttpRequest) -> str:
    """
    End the session; its data is deleted on the server, so the cookie is worth nothing.

    Return the name of the identity provider at which its owner may still be signed in, and can sign out from here.
    """
    stored = request.session.get(KEY, {})
    request.session.flush()
    return str(stored["provider"]) if stored.get("signs_out") else ""


def mark_of(password_hash: str) -> str:
    """Return a short mark of the password: a session opened before it was changed no longer fits."""
    return sealed.mark("session:" + password_hash)[:16]


def still_holds(stored: Mapping[str, Any], password_hash: str) -> bool:
    """Return whether a session is of this password, and of a binding to an identity provider that counts, if of any."""
    if mark_of(password_hash) != stored["mark"]:
        return False
    return "identity" not in stored or staff_identities.holds(stored["identity"], person=stored["id"])


def proof_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return how an identity provider vouched as a session was opened; nothing after a password."""
    return {name: stored[name] for name in PROOF if name in stored}


def _with_what(request: HttpRequest, proof: Mapping[str, Any] | None) -> str:
    """Return the kind of browser, and the provider whom somebody came from."""
    names = (opened.family(request), proof["provider"] if proof else "")
    return " · ".join(name for name in names if name)[:LONGEST_DEVICE]


def _device_of(request: HttpRequest, account: Person | Applicant | None, at: datetime) -> str:
    """Return the mark of the browser, if it has signed in to this account before."""
    token = devices.token_of(request)
    return known_devices.known(owner=account.pseudonym, token=token, at=at) if account and token else ""


def choose(appointments: list[Appointment], post: int | None) -> Appointment:
    """
    Return the appointment to the post of this id, or the only one there is.

    Raises:
        PostChoiceNeeded: there are several, and none is said. NoPost: there is none, or not this one.
    """
    if post is None and len(appointments) > 1:
        raise PostChoiceNeeded(
            [(one.post.pk, one.post.organisation.name, one.post.title) for one in appointments]
        )
    for one in appointments:
        if post is None or one.post.pk == post:
            return one
    raise NoPost("未登录：您目前不在该岗位任职，或没有任何在任岗位。请联系账号管理员。")


def open_session(
    request: HttpRequest, who: Who, account: Person | Applicant, channel: Channel, address: str, at: datetime, *,
    post: int = 0, under: str = KEY, proof: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """
    Open a session for whoever has proved who they are, under a new key; `proof` says how, where it was not a password.

    Under another name than `KEY` nobody has signed in yet.
    """
    # A key that existed before signing in may be known to somebody else (session fixation).
    if KEY in request.session:
        request.session.flush()
    request.session.cycle_key()
    rotate_token(request)
    halfopen.clear(request)
    request.session.pop(VISIT, None)  # whoever looked at a case here may be somebody else
    request.session[under] = {
        "who": who.value,
        "id": account.pk,
        "post": post,
        "channel": channel.value,
        "mark": mark_of(account.password),
        "begun": int(at.timestamp()),
        "seen": int(at.timestamp()),
        **(proof or {}),
    }
    if under != KEY:
        return  # nobody has signed in yet
    opened.note(request, owner=account.pseudonym, channel=channel, address=address, at=at)
    past = earlier(account.pseudonym)
    if past.at or past.failures:
        seconds = int(past.at.timestamp()) if past.at else 0
        request.session[EARLIER] = {"at": seconds, "device": past.device, "failures": past.failures}

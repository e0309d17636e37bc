"""Signing in and out with a password; the session holds who it is and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from tongban.accounts import commands, queries
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Actor, Channel, Permission
from tongban.accounts.models import Applicant, Appointment, Person
from tongban.accounts.people import applicants, external, logins, past_passwords, sealed, shifts, staffing
from tongban.accounts.people import devices as known_devices
from tongban.accounts.people.applicants import login_key
from tongban.accounts.people.earlier import Earlier, earlier
from tongban.kernel.errors import DomainError
from tongban.signin import devices, halfopen, opened, throttle
from tongban.signin.address import address_of
from tongban.signin.providers import Begun, Identity

KEY, BEGUN, EARLIER, RENEW = "signed_in", "signing_in", "earlier", "renew_by"


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
# How long somebody counts as looked in the face: after that, as whom the provider knows by number.
FACE = timedelta(minutes=30)


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
        PostChoiceNeeded: which post is not said. NoPost: they do not hold it, or hold none.
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
        raise BadCredentials("未登录：用户名或密码不正确。请重新输入，或联系账号管理员。")
    chosen = _choose(appointments, post)
    staffing.renew_hash(person=person, password=password, at=at)
    staffing.begin_age(person=person, at=at)
    chosen.person = person  # the session is marked by the password as it is hashed now
    throttle.forget(account=account, address=address, device=device)
    asked = halfopen.asked_of(person, queries.actor_for_appointment(chosen, channel=channel), at)
    if asked is not None:
        _open(request, Who.STAFF, person, channel, address, at, post=chosen.post.pk, under=halfopen.KEY)
        raise asked
    return let_in(request, chosen, channel=channel, address=address, at=at)


def let_in(
    request: HttpRequest, appointment: Appointment, *, channel: Channel, address: str, at: datetime
) -> Actor:
    """Open the session of a member of staff who has proved who they are, in whatever steps that took."""
    person, post = appointment.person, appointment.post
    actor = queries.actor_for_appointment(appointment, channel=channel)
    known_devices.remember(owner=person.pseudonym, token=devices.give(request), at=at)
    _open(request, Who.STAFF, person, channel, address, at, post=post.pk)
    renew_by = past_passwords.announced(person.password_changed_at, at)
    if renew_by:
        request.session[RENEW] = renew_by.isoformat()
    shift = shifts.current(actor, at) if actor.may(Permission.CASE_RECEIVE) else None
    if shift is not None:
        # Somebody who comes back to the desk within the day still sits where they sat.
        request.session[KEY] = {**request.session[KEY], "window": str(shift.window)}
        actor = replace(actor, window=str(shift.window))
    commands.record_sign_in(
        organisation=actor.organisation, pseudonym=actor.staff, channel=channel, succeeded=True,
        post=actor.post, device=opened.family(request), at=at,
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
        raise BadCredentials("未登录：登录名或密码不正确。请重新输入，或找回密码。")
    throttle.forget(account=account, address=address, device=device)
    known_devices.remember(owner=applicant.pseudonym, token=devices.give(request), at=at)
    applicants.renew_hash(applicant=applicant, password=password)
    _open(request, Who.APPLICANT, applicant, channel, address, at)
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


def keep_begun(request: HttpRequest, begun: Begun) -> None:
    """Remember a sign-in on its way to an identity provider; a later one takes its place."""
    request.session[BEGUN] = begun.kept()


def take_begun(request: HttpRequest) -> Begun | None:
    """Return the sign-in that this browser has on its way and forget it: its answer counts once."""
    return Begun.of(request.session.pop(BEGUN, None))


def sign_in_identified(
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
    _open(request, Who.APPLICANT, applicant, channel, address_of(request), at)
    commands.record_sign_in(
        organisation="", pseudonym=applicant.pseudonym, channel=channel, succeeded=True,
        device=opened.family(request), at=at,
    )  # fmt: skip
    proof = {"level": identity.assurance, "level_at": int(identity.auth_time.timestamp())}
    request.session[KEY] = {**request.session[KEY], **proof}
    return queries.actor_for_applicant(
        applicant=applicant, channel=channel, assurance=assurance_of(request.session[KEY], applicant, at)
    )


def assurance_of(stored: Mapping[str, Any], applicant: Applicant, at: datetime) -> int:
    """Return how surely it is the owner of the account: as the provider said this time, and less after a while."""
    level: int = stored.get("level", applicant.assurance)
    if "level" in stored and at.timestamp() - stored["level_at"] > FACE.total_seconds():
        return min(level, Applicant.Assurance.VERIFIED)
    return level


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
    return person if person and mark_of(person.password) == stored["mark"] else None


def sign_out(request: HttpRequest) -> None:
    """End the session; its data is deleted on the server, so the cookie is worth nothing."""
    request.session.flush()


def mark_of(password_hash: str) -> str:
    """Return a short mark of the password: a session opened before it was changed no longer fits."""
    return sealed.lookup("session:" + password_hash)[:16]


def _device_of(request: HttpRequest, account: Person | Applicant | None, at: datetime) -> str:
    """Return the mark of the browser, if it has signed in to this account before."""
    token = devices.token_of(request)
    return known_devices.known(owner=account.pseudonym, token=token, at=at) if account and token else ""


def _choose(appointments: list[Appointment], post: int | None) -> Appointment:
    if post is None and len(appointments) > 1:
        raise PostChoiceNeeded(
            [(one.post.pk, one.post.organisation.name, one.post.title) for one in appointments]
        )
    for one in appointments:
        if post is None or one.post.pk == post:
            return one
    raise NoPost("未登录：您目前不在该岗位任职，或没有任何在任岗位。请联系账号管理员。")


def _open(
    request: HttpRequest, who: Who, account: Person | Applicant, channel: Channel, address: str, at: datetime, *,
    post: int = 0, under: str = KEY,
) -> None:  # fmt: skip
    # A key that existed before signing in may be known to somebody else (session fixation).
    if KEY in request.session:
        request.session.flush()
    request.session.cycle_key()
    rotate_token(request)
    halfopen.clear(request)
    request.session[under] = {
        "who": who.value,
        "id": account.pk,
        "post": post,
        "channel": channel.value,
        "mark": mark_of(account.password),
        "begun": int(at.timestamp()),
        "seen": int(at.timestamp()),
    }
    if under != KEY:
        return  # nobody has signed in yet
    opened.note(request, owner=account.pseudonym, channel=channel, address=address, at=at)
    past = earlier(account.pseudonym)
    if past.at or past.failures:
        seconds = int(past.at.timestamp()) if past.at else 0
        request.session[EARLIER] = {"at": seconds, "device": past.device, "failures": past.failures}

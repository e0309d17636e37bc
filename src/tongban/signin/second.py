"""The second step of signing in, and what staff do about their own second factor: enrol, add, remove, new codes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pyotp
from django.conf import settings
from django.http import HttpRequest

from tongban.accounts import commands, queries
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Actor, Channel, Permission
from tongban.accounts.models import Authenticator, Person, RecoveryCode
from tongban.accounts.people import logins, sealed, second, staff_identities
from tongban.kernel.errors import DomainError
from tongban.signin import halfopen, opened, passkeys, sessions, throttle
from tongban.signin.address import address_of as caller_of
from tongban.signin.halfopen import SecondFactorNeeded

CONSOLE: Final = "console"  # what stands for the network address of a terminal
AGAIN: Final = timedelta(
    minutes=5
)  # how long one may change one's authenticators after proving oneself again


class ProofNeeded(DomainError):
    """Whoever changes their own second factor proves themselves by it again first."""

    code = "second_proof_needed"
    status = 403


@dataclass(frozen=True, slots=True)
class Someone:
    """A member of staff whose session this is, half open or whole."""

    person: Person
    is_half: bool

    @property
    def held(self) -> list[Authenticator]:
        """What they have in use."""
        return list(Authenticator.objects.of(self.person))


def someone(request: HttpRequest, at: datetime) -> Someone | None:
    """Return whose session this is, if somebody of the staff has signed in or is about to."""
    half = halfopen.of(request, at)
    if half is None:
        person = sessions.person_of(request)
        return Someone(person, is_half=False) if person else None
    person = Person.objects.filter(pk=half["id"], is_active=True).first()
    fits = person is not None and sessions.still_holds(half, person.password)
    return Someone(person, is_half=True) if person and fits else None


def prove_by_code(request: HttpRequest, *, code: str, address: str, at: datetime) -> Actor | None:
    """
    Do the second step with a code of a telephone or a recovery code; return who has signed in by it.

    Who has signed in before proves themselves again, and None is returned.

    Raises:
        SessionEnded: nobody has given a password, or too long ago. Throttled: too many wrong ones before.
        WrongCode: see `second.use_code`.
    """
    me = _someone(request, at)
    with _counted(me.person, address, at):
        second.use_code(person=me.person, code=code, at=at)
    return _proved(request, me, at)


def prove_by_passkey(request: HttpRequest, *, answer: str, address: str, at: datetime) -> Actor | None:
    """
    Do the second step with a passkey; as `prove_by_code`.

    Raises:
        SessionEnded, Throttled: as there. WrongCode: see `passkeys.use`.
    """
    me = _someone(request, at)
    with _counted(me.person, address, at):
        passkeys.use(request, me.person, answer)
    return _proved(request, me, at)


def identify(*, username: str, password: str, code: str, at: datetime) -> Actor:
    """
    Return who acts where there is no session, at the command line: somebody who gives password and code.

    Of several posts it is the one that may manage accounts, else one that supervises.

    Raises:
        Throttled: too many failures before. BadCredentials: name or password is wrong. WrongCode: see `second.use_code`.
        PasswordSignInOff: see there. NoPost: they hold no such post.
    """
    username = logins.plain(username)
    account = f"staff:{username}"
    throttle.ask(account=account, address=CONSOLE, at=at)
    person = Person.objects.filter(username=username, is_active=True).first()
    if person is None or not passwords.matches(password, person.password):
        throttle.note_failure(account=account, address=CONSOLE, at=at)
        raise sessions.BadCredentials("未通过：账号或密码不正确。请重新输入。")
    sessions.ask_for_password(person, Channel.DESK, at)
    with _counted(person, CONSOLE, at):
        second.use_code(person=person, code=code, at=at)
    held = queries.appointments_of(person=person, at=at)
    actors = [queries.actor_for_appointment(one, channel=Channel.DESK) for one in held]
    for permission in (Permission.ACCOUNTS_MANAGE, Permission.CASE_SUPERVISE):
        for actor in actors:
            if actor.may(permission):
                return actor
    raise sessions.NoPost("未作更改：您没有账号管理或督办的岗位。请由有权岗位的人员办理。")


def may_change(request: HttpRequest, at: datetime) -> bool:
    """Return whether this session may change authenticators now: proved again, or there are none yet."""
    me = someone(request, at)
    if me is None:
        return False
    fresh = at.timestamp() - request.session.get(halfopen.PROVED, 0) <= AGAIN.total_seconds()
    return not me.held or (fresh and not me.is_half)


def new_secret(request: HttpRequest) -> str:
    """Return the secret that this session is enrolling; the same until it is used."""
    if halfopen.SECRET not in request.session:
        request.session[halfopen.SECRET] = sealed.seal(pyotp.random_base32()).hex()
    return sealed.open_(bytes.fromhex(request.session[halfopen.SECRET]))


def address_of(secret: str, person: Person) -> str:
    """Return what the QR code says to the telephone: secret, account, and whose it is."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name=f"通办 {settings.NODE.name}")


def enrol_totp(
    request: HttpRequest, *, code: str, label: str, at: datetime
) -> tuple[list[str], Actor | None]:
    """
    Enrol the telephone that shows the codes of this session's secret.

    Return new recovery codes, if there were none, and who has signed in by it, if the session was half open.

    Raises:
        SessionEnded: as `prove_by_code`. ProofNeeded, SecondFactorNeeded: they have one, which comes first.
        WrongCode, InvalidInput: see `second.add_totp`.
    """
    me = _enrolling(request, at)
    by = second.themselves(me.person)
    secret = new_secret(request)
    second.add_totp(person=me.person, secret=secret, code=code, label=label, by=by, at=at)
    return _enrolled(request, me, at)


def enrol_passkey(
    request: HttpRequest, *, answer: str, label: str, at: datetime
) -> tuple[list[str], Actor | None]:
    """
    Enrol the passkey that the browser has made; as `enrol_totp`.

    Raises:
        SessionEnded, ProofNeeded, SecondFactorNeeded: as there. PasskeyRefused: see `passkeys.made`.
        InvalidInput: see `second.add`.
    """
    me = _enrolling(request, at)
    credential, key, counter = passkeys.made(request, answer)
    second.add(
        person=me.person, kind=Authenticator.Kind.PASSKEY, label=label, secret=key, counter=counter,
        credential=credential, by=second.themselves(me.person), at=at,
    )  # fmt: skip
    return _enrolled(request, me, at)


def remove(request: HttpRequest, *, number: int, at: datetime) -> None:
    """Remove one of one's authenticators, and end one's other sessions; raises SessionEnded, ProofNeeded, and as `second.remove`."""
    me = _enrolling(request, at)
    second.remove(person=me.person, number=number, by=second.themselves(me.person), at=at)
    _end_others(request, me)


def make_recovery_codes(request: HttpRequest, *, at: datetime) -> list[str]:
    """Return ten new recovery codes in place of the old, and end other sessions; raises SessionEnded, ProofNeeded, SecondFactorNeeded."""
    me = _enrolling(request, at)
    if not me.held:
        raise ProofNeeded("未生成：请先登记手机验证码或通行密钥。")
    codes = second.make_recovery_codes(person=me.person, by=second.themselves(me.person), at=at)
    _end_others(request, me)
    return codes


def _someone(request: HttpRequest, at: datetime) -> Someone:
    me = someone(request, at)
    if me is None:
        raise sessions.SessionEnded("未通过：登录已失效，或离第一步太久。请重新登录。")
    return me


def _enrolling(request: HttpRequest, at: datetime) -> Someone:
    me = _someone(request, at)
    # Whoever knows a password alone must not enrol beside what its owner has enrolled.
    if me.is_half and me.held:
        raise SecondFactorNeeded([])
    if not may_change(request, at):
        raise ProofNeeded("未作更改：更改两步登录的设置前，请再验证一次。")
    return me


def _enrolled(request: HttpRequest, me: Someone, at: datetime) -> tuple[list[str], Actor | None]:
    request.session.pop(halfopen.SECRET, None)
    codes: list[str] = []
    if not RecoveryCode.objects.filter(person=me.person, used_at=None).exists():
        by = second.themselves(me.person)
        codes = second.make_recovery_codes(person=me.person, by=by, at=at)
    actor = _proved(request, me, at)
    _end_others(request, me)
    return codes, actor


def _end_others(request: HttpRequest, me: Someone) -> None:
    """End what somebody has open elsewhere, as after a new password: whoever sits there did not make this change."""
    opened.end_others(request, by=second.themselves(me.person))


def _proved(request: HttpRequest, me: Someone, at: datetime) -> Actor | None:
    if me.is_half:
        return _let_in(request, me.person, at)
    request.session[halfopen.PROVED] = int(at.timestamp())
    return None


def _let_in(request: HttpRequest, person: Person, at: datetime) -> Actor:
    half = request.session[halfopen.KEY]
    appointment = queries.appointments_of(person=person, at=at).filter(post=half["post"]).first()
    if appointment is None:
        request.session.flush()
        raise sessions.NoPost("未登录：您目前不在该岗位任职，或没有任何在任岗位。请联系账号管理员。")
    proof = sessions.proof_of(half)
    actor = sessions.let_in(
        request, appointment, channel=Channel(half["channel"]), address=caller_of(request), at=at, proof=proof
    )
    if proof:
        staff_identities.confirm(proof["identity"], person=person, at=at)
    return actor


@contextmanager
def _counted(person: Person, address: str, at: datetime) -> Iterator[None]:
    """Count wrong codes as wrong passwords are counted, and lock after as many."""
    account = f"second:{person.username}"
    throttle.ask(account=account, address=address, at=at)
    try:
        yield
    except second.WrongCode as refusal:
        held = queries.appointments_of(person=person, at=at).first()
        commands.record_sign_in(
            organisation=held.post.organisation.uscc if held else "", pseudonym=person.pseudonym,
            channel=Channel.DESK, succeeded=False, at=at, refused_as=refusal.code,
        )  # fmt: skip
        throttle.note_failure(account=account, address=address, at=at)
        raise
    throttle.forget(account=account, address=address)

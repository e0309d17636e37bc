"""Changing password, telephone and login name of whose session it is."""

from datetime import datetime

from django.http import HttpRequest

from tongban.accounts import commands
from tongban.accounts.access import noting
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.models import Applicant, Person
from tongban.accounts.people import applicants, own
from tongban.accounts.people import devices as known_devices
from tongban.accounts.people.staffing import WrongPassword
from tongban.kernel import accesses, attempts, db
from tongban.signin import devices, opened, throttle
from tongban.signin.sessions import KEY, SessionEnded, Who, mark_of, person_of


def change_password(request: HttpRequest, *, old: str, new: str, address: str, at: datetime) -> None:
    """
    Change the password of whose session this is; their other sessions end.

    Raises:
        SessionEnded: nobody has signed in. Throttled: the old password was wrong too often.
        WrongPassword, PasswordTooWeak, PasswordUsedBefore: see `staffing.change_password`.
    """
    account = account_of(request)
    if account is None:
        raise SessionEnded("密码未修改：登录已失效。请重新登录。")
    counted = f"change:{account.pseudonym}"
    throttle.ask(account=counted, address=address, at=at)
    by = _owner(account)
    try:
        if isinstance(account, Person):
            commands.change_password(person=account, old=old, new=new, by=by, at=at)
        else:
            applicants.change_password(applicant=account, old=old, new=new, by=by, at=at)
    except WrongPassword as refusal:
        attempts.note(code=refusal.code, doing="change_password", at=at, who=account.pseudonym)
        throttle.note_failure(account=counted, address=address, at=at)
        raise
    throttle.forget(account=counted, address=address)
    _end_elsewhere(request, account, by)


def change_telephone(request: HttpRequest, *, applicant: Applicant, telephone: str, at: datetime) -> None:
    """Change the telephone of the account whose owner has just proved who they are; raises as `own.change_telephone`."""
    by = _owner(applicant)
    with db.write():
        own.change_telephone(applicant=applicant, telephone=telephone, by=by, at=at)
        accesses.write_now(noting.row(by, at=at, otherwise="change_telephone"))
    _end_elsewhere(request, applicant, by)


def change_login(request: HttpRequest, *, applicant: Applicant, login: str, at: datetime) -> None:
    """Change the login name of the account whose owner has just proved who they are; raises as `own.change_login`."""
    by = _owner(applicant)
    with db.write():
        own.change_login(applicant=applicant, login=login, by=by, at=at)
        accesses.write_now(noting.row(by, at=at, otherwise="change_login"))
    _end_elsewhere(request, applicant, by)


def _end_elsewhere(request: HttpRequest, account: Person | Applicant, by: Actor) -> None:
    """Go on here under another key, and end every other session: whoever opened one knew what has just been changed."""
    stored = request.session[KEY]
    request.session.cycle_key()
    opened.end_others(request, by=by)
    known_devices.forget_others(owner=account.pseudonym, token=devices.token_of(request))
    request.session[KEY] = {**stored, "mark": mark_of(account.password)}


def account_of(request: HttpRequest) -> Person | Applicant | None:
    """Return whose session this is, also while their password has to be changed."""
    stored = request.session.get(KEY)
    if stored is None or stored["who"] == Who.STAFF:
        return person_of(request)
    found = Applicant.objects.filter(pk=stored["id"], is_active=True).first()
    return found if found and mark_of(found.password) == stored["mark"] else None


def _owner(account: Person | Applicant) -> Actor:
    if isinstance(account, Person):
        return Actor(kind=ActorKind.STAFF, channel=Channel.DESK, staff=account.pseudonym)
    return Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant=account.pseudonym)

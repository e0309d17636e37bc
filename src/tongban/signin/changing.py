"""Changing the password of whose session it is."""

from datetime import datetime

from django.http import HttpRequest

from tongban.accounts import commands
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.models import Applicant, Person
from tongban.accounts.people import applicants
from tongban.accounts.people import devices as known_devices
from tongban.accounts.people.staffing import WrongPassword
from tongban.kernel import attempts
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

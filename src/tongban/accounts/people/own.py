"""What applicants change of their own account (更正): telephone and login name; and closing it (注销)."""

from datetime import datetime

from django.db import IntegrityError

from tongban.accounts import identifiers
from tongban.accounts.access.actor import Actor
from tongban.accounts.people import logins, opened, sealed
from tongban.accounts.people.applicants import LoginTaken, login_key
from tongban.accounts.people.devices import Device
from tongban.accounts.people.external import ExternalIdentity
from tongban.accounts.people.models import Applicant
from tongban.accounts.people.past_passwords import PastPassword
from tongban.kernel import db
from tongban.kernel.errors import InvalidInput, NotPermitted


def change_telephone(*, applicant: Applicant, telephone: str, by: Actor, at: datetime) -> Applicant:
    """
    Change the mobile number of one's own account; whoever signs in by the old one signs in by the new one then.

    Raises:
        NotPermitted: `by` is somebody else. InvalidInput: it is no mobile number, or the present one.
        LoginTaken: it would be the login name, and another account has it.
    """
    _demand_own(applicant, by)
    try:
        number = identifiers.mobile(telephone)
    except identifiers.BadIdentifier as error:
        raise InvalidInput(f"手机号未更改：{error}") from None
    if number == applicant.telephone:
        raise InvalidInput("手机号未更改：与现在的手机号相同。请填写新的手机号。")
    # A number that was given up is somebody else's soon, so it must not go on opening this account.
    signs_in_by_it = identifiers.is_valid(identifiers.mobile, applicant.login)
    applicant.telephone_sealed = sealed.seal(number)
    return _save(applicant, number if signs_in_by_it else "", "手机号未更改")


def change_login(*, applicant: Applicant, login: str, by: Actor, at: datetime) -> Applicant:
    """
    Change the login name of one's own account.

    Raises:
        NotPermitted: `by` is somebody else, or signs in with an identity provider only. LoginTooLong: see there.
        InvalidInput: it is empty or the present one. LoginTaken: another account has it.
    """
    _demand_own(applicant, by)
    if not applicant.password:
        raise NotPermitted("账号未更改：您通过统一身份认证登录，账号由认证平台管理。请到认证平台修改。")
    plain = logins.plain(login)
    if not plain or plain == applicant.login:
        raise InvalidInput("账号未更改：没有填写，或与现在的账号相同。请填写新的账号。")
    return _save(applicant, plain, "账号未更改")


def close(*, applicant: Applicant, by: Actor, at: datetime) -> None:
    """
    Close one's own account for good: what says who it was and how they signed in is deleted, and every session ends.

    The row stays with its pseudonym, which events name. The login name, the identity number and the identity at a provider
    may found another account then, which has another pseudonym and so sees none of the old cases. Whether nothing
    hinders it is for the caller to ask, in the same transaction.

    Raises:
        NotPermitted: `by` is somebody else.
    """
    _demand_own(applicant, by)
    owner = applicant.pseudonym
    with db.write():
        ExternalIdentity.objects.filter(applicant=applicant).delete()
        for traces in (Device, PastPassword):
            traces.objects.filter(owner=owner).delete()
        applicant.login_lookup, applicant.login_sealed = sealed.lookup(f"closed:{owner}"), sealed.seal("")
        applicant.telephone_sealed = applicant.name_sealed = applicant.identity_sealed = None
        applicant.password = applicant.identity_lookup = ""
        applicant.assurance, applicant.verified_at = Applicant.Assurance.ACCOUNT, None
        applicant.is_active, applicant.closed_at = False, at
        applicant.save()
        opened.end(owner=owner)


def _demand_own(applicant: Applicant, by: Actor) -> None:
    if by.applicant != applicant.pseudonym:
        raise NotPermitted("未办理：只能更改、注销本人的账号。")


def _save(applicant: Applicant, login: str, refused: str) -> Applicant:
    fields = ["telephone_sealed"]
    if login:
        applicant.login_lookup, applicant.login_sealed = login_key(login), sealed.seal(login)
        fields += ["login_lookup", "login_sealed"]
    try:
        with db.write():
            applicant.save(update_fields=fields)
    except IntegrityError:
        raise LoginTaken(f"{refused}：它已是另一个账号。请核对，或换一个。") from None
    return applicant

"""Accounts of applicants: registering, and proving who one is."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError

from tongban.accounts import identifiers
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.people import logins, past_passwords, sealed
from tongban.accounts.people.models import Applicant
from tongban.accounts.people.pseudonyms import new_pseudonym
from tongban.accounts.people.staffing import WrongPassword
from tongban.kernel import db
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted


class LoginTaken(DomainError):
    """Somebody has registered with this login; nothing was changed."""

    code = "login_taken"


class IdentityTaken(DomainError):
    """Another account has proved this identity; nothing was changed."""

    code = "identity_taken"


def login_key(login: str) -> str:
    """Return the keyed hash under which the account with this login name or mobile number is found."""
    return sealed.lookup("login:" + logins.plain(login))


def identity_key(number: str) -> str:
    """Return the keyed hash under which the account that has proved this number is found."""
    return sealed.lookup("identity:" + number)


def register_applicant(
    *,
    login: str,
    password: str,
    kind: Applicant.Kind = Applicant.Kind.PERSON,
    by: Actor | None = None,
    at: datetime,
) -> Applicant:
    """
    Register an applicant's account (注册) under a login name or mobile number; anybody may (`by` None).

    Raises:
        InvalidInput: the login is empty or too long. PasswordTooWeak: see `passwords.hashed`.
        LoginTaken: there is such an account.
    """
    login = logins.plain(login)
    if not login:
        raise InvalidInput("未注册：请填写账号或手机号。")
    encoded = passwords.hashed(password, login=login)
    try:
        with db.write():
            return Applicant.objects.create(
                kind=kind,
                login_lookup=login_key(login),
                login_sealed=sealed.seal(login),
                password=encoded,
                pseudonym=new_pseudonym(),
                registered_at=at,
            )
    except IntegrityError:
        raise LoginTaken("未注册：该账号或手机号已注册。请直接登录，或换一个账号。") from None


def change_password(*, applicant: Applicant, old: str, new: str, by: Actor, at: datetime) -> Applicant:
    """
    Change one's own password; every session opened with the old one ends.

    Raises:
        NotPermitted: `by` is somebody else, or the account has no password. WrongPassword: `old` is wrong.
        PasswordTooWeak: see `passwords.hashed`. PasswordUsedBefore: it is one of the last three.
    """
    if by.applicant != applicant.pseudonym:
        raise NotPermitted("密码未修改：只能修改本人的密码。")
    if not applicant.password:
        raise NotPermitted("密码未修改：您的账号通过统一身份认证登录，在本系统没有密码。请到认证平台修改。")
    if not passwords.matches(old, applicant.password):
        raise WrongPassword("密码未修改：原密码不正确。请重新输入。")
    past_passwords.ask_for_new(owner=applicant.pseudonym, present=applicant.password, new=new)
    encoded = passwords.hashed(new, login=applicant.login)
    with db.write():
        past_passwords.keep(owner=applicant.pseudonym, encoded=applicant.password, at=at)
        applicant.password = encoded
        applicant.save(update_fields=["password"])
    return applicant


def renew_hash(*, applicant: Applicant, password: str) -> None:
    """Hash the password that somebody has just signed in with anew, where that was done at another cost."""
    if passwords.is_outdated(applicant.password):
        applicant.password = passwords.again(password)
        with db.write():
            applicant.save(update_fields=["password"])


def verify_applicant(*, applicant: Applicant, name: str, number: str, by: Actor, at: datetime) -> Applicant:
    """
    Bind a name and an identity number (or USCC) to the account (实名核验).

    A clerk who sees person and paper raises the account to level 3. The owner alone may only do so on a
    demo node, to level 2; elsewhere an identity provider stands for the number. A level is never lowered.

    Raises:
        NotPermitted: `by` is neither, or wants to give a verified account another identity.
        InvalidInput: the name is empty or the number cannot be right.
        IdentityTaken: another account has proved this number.
    """
    level = _level_given_by(by, applicant)
    if not name.strip():
        raise InvalidInput("未通过核验：姓名（名称）为空。请对照证件原件填写。")
    number = _checked(number, Applicant.Kind(applicant.kind))
    key = identity_key(number)
    if applicant.identity_lookup not in ("", key):
        raise NotPermitted("未通过核验：该账号已绑定其他证件。更换证件请到窗口办理。")
    applicant.name_sealed = sealed.seal(name.strip())
    applicant.identity_lookup = key
    applicant.identity_sealed = sealed.seal(number)
    applicant.assurance = max(applicant.assurance, level)
    applicant.verified_at = at
    try:
        with db.write():
            applicant.save(
                update_fields=[
                    "name_sealed",
                    "identity_lookup",
                    "identity_sealed",
                    "assurance",
                    "verified_at",
                ]
            )
    except IntegrityError:
        raise IdentityTaken("未通过核验：该证件已绑定其他账号。请用原账号登录，或到窗口核实。") from None
    return applicant


def _level_given_by(by: Actor, applicant: Applicant) -> Applicant.Assurance:
    if by.kind is ActorKind.STAFF and by.may(Permission.CASE_IDENTITY):
        return Applicant.Assurance.IN_PERSON
    owner = by.kind is ActorKind.APPLICANT and by.applicant == applicant.pseudonym
    if by.kind is ActorKind.SYSTEM or (owner and settings.NODE.demo):
        return Applicant.Assurance.VERIFIED
    raise NotPermitted("未通过核验：请持证件原件到窗口，或通过统一身份认证平台核验。")


def _checked(number: str, kind: Applicant.Kind) -> str:
    rule = identifiers.uscc if kind is Applicant.Kind.ENTERPRISE else identifiers.citizen_id
    try:
        return rule(number)
    except identifiers.BadIdentifier as error:
        raise InvalidInput(f"未通过核验：{error}") from None

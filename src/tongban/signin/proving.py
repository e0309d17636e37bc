"""Asking once more who sits there, before something that matters: by the password, or by having come from the provider just now."""

from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest

from tongban.accounts.access import passwords
from tongban.accounts.models import Applicant, ExternalIdentity
from tongban.accounts.people.staffing import WrongPassword
from tongban.kernel import attempts
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.signin import providers, throttle
from tongban.signin.changing import account_of
from tongban.signin.sessions import KEY, SessionEnded

FRESH: Final = timedelta(minutes=10)


class FreshSignInNeeded(DomainError):
    """The account has no password here, and its owner has not come from the identity provider just now."""

    code = "fresh_sign_in_needed"
    status = 403


def applicant_of(request: HttpRequest) -> Applicant:
    """
    Return the account whose session this is.

    Raises:
        SessionEnded: nobody has signed in. NotPermitted: it is an account of the staff.
    """
    account = account_of(request)
    if account is None:
        raise SessionEnded("未办理：登录已失效。请重新登录。")
    if not isinstance(account, Applicant):
        raise NotPermitted("未办理：这里只办申请人本人的账号事项。工作人员账号请联系账号管理员。")
    return account


def prove(request: HttpRequest, *, password: str, address: str, at: datetime) -> Applicant:
    """
    Return the account whose session this is, its owner having proved again who they are.

    Raises:
        SessionEnded, NotPermitted: as `applicant_of`. Throttled: it was wrong too often. WrongPassword: it is.
        FreshSignInNeeded: the account has no password; sign in with the provider once more, within ten minutes before.
    """
    account = applicant_of(request)
    if not account.password:
        if not is_fresh(request, at):
            raise FreshSignInNeeded("未办理：请先到统一身份认证平台重新登录一次，十分钟内回来再办。")
        return account
    counted = f"change:{account.pseudonym}"
    throttle.ask(account=counted, address=address, at=at)
    if not passwords.matches(password, account.password):
        attempts.note(code=WrongPassword.code, doing="prove", at=at, who=account.pseudonym)
        throttle.note_failure(account=counted, address=address, at=at)
        raise WrongPassword("未办理：密码不正确。请重新输入。")
    throttle.forget(account=counted, address=address)
    return account


def is_fresh(request: HttpRequest, at: datetime) -> bool:
    """Return whether a provider says that it has looked at whoever sits there within the last minutes."""
    # By what the provider says: coming back from it says nothing, where it let somebody through who was there before.
    told = request.session[KEY].get("level_at", 0)
    return bool(0 <= at.timestamp() - told <= FRESH.total_seconds())


def ways_back(account: Applicant) -> list[tuple[str, str]]:
    """Return the providers, by key and name, that an account may come from once more."""
    issuers = set(ExternalIdentity.objects.filter(applicant=account).values_list("issuer", flat=True))
    return [(one.key, one.name) for one in providers.offered() if one.issuer in issuers]

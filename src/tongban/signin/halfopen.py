"""
A session that is half open: the first step is done, the second is still to come, and nothing else can be done.

It lies under a key of its own, so that whatever looks for somebody who has signed in finds nobody.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest

from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Authenticator, Person
from tongban.accounts.people import second
from tongban.kernel.errors import DomainError

KEY: Final = "half_signed_in"
# As long as whoever came back from an identity provider has to choose a post: then not even the second step can be done.
CHOOSING: Final = "choosing_a_post"
# What a session holds besides while somebody enrols or proves themselves: never left to the next who signs in.
SECRET: Final = "second_secret"
PROVED: Final = "second_proved"
CHALLENGE: Final = "passkey_challenge"
LASTS: Final = timedelta(minutes=10)


class SecondFactorNeeded(DomainError):
    """The first step is done; `ways` lists what the second step can be done with."""

    code = "second_factor_needed"

    def __init__(self, ways: list[str], demo_code: str = "") -> None:
        super().__init__("尚未登录：第一步已通过，请完成第二步，输入动态验证码、恢复码，或使用通行密钥。")
        self.ways = ways
        self.demo_code = demo_code  # the code that counts now; on demo nodes only


class SecondFactorNotSetUp(DomainError):
    """The first step is done, but the post demands a second factor and its holder has none yet."""

    code = "second_factor_not_set_up"

    def __init__(self) -> None:
        super().__init__("尚未登录：您的岗位要求两步登录，请先在登录页登记手机验证码或通行密钥。")


class SecondStepDue(DomainError):
    """The session is good for the second step of signing in and for nothing else."""

    code = "second_step_due"
    status = 401


def asked_of(person: Person, actor: Actor, at: datetime) -> DomainError | None:
    """Return what somebody is told who has done the first step and has a second step before them, if they have."""
    kinds = {one.kind for one in Authenticator.objects.of(person)}
    if kinds:
        return SecondFactorNeeded([*sorted(kinds), "recovery_code"], second.next_code(person, at))
    return SecondFactorNotSetUp() if second.is_demanded(actor.permissions) else None


def of(request: HttpRequest, at: datetime, *, under: str = KEY) -> dict[str, Any] | None:
    """Return what a session that is half open holds; nothing where it is none, or has been for too long."""
    stored: dict[str, Any] | None = request.session.get(under)
    return stored if stored and at.timestamp() - stored["seen"] <= LASTS.total_seconds() else None


def refuse(request: HttpRequest, at: datetime) -> None:
    """
    Let pass a session that is not half open.

    Raises:
        SecondStepDue: it is. After a while it is nobody's session any more.
    """
    if of(request, at) is not None:
        raise SecondStepDue("未办理：登录还差第二步。请先输入动态验证码或使用通行密钥。")
    request.session.pop(KEY, None)


def clear(request: HttpRequest) -> None:
    """Forget the half-open session and all that belonged to its second step."""
    for key in (KEY, CHOOSING, SECRET, PROVED, CHALLENGE):
        request.session.pop(key, None)

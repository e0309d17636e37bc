"""
Looking at one case without an account (凭短信验证码查看): a code to the telephone on file opens it for a quarter of an hour.

The session holds which case and until when; whoever has it sees that one as a visitor, and does nothing.
"""

from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest

from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.kernel import attempts
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.notices import codes
from tongban.notices.models import SmsCode
from tongban.signin import throttle
from tongban.signin.session_store import VISIT

LASTS: Final = timedelta(minutes=15)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OF_ONE_ADDRESS: Final = 10  # codes in an hour: several people may sit behind one
# Of one number, so that nobody's telephone is made to ring: in an hour, and in a day.
OF_ONE_NUMBER: Final = ((3, HOUR), (8, DAY))
_LOOK: Final = SmsCode.Purpose.LOOK


class TooManySmsCodes(DomainError):
    """Too many codes were asked for, from one address or about one number, whether it exists or not; none was sent."""

    code = "too_many_sms_codes"
    status = 429
    retry_after = int(HOUR.total_seconds())


class VisitOver(DomainError):
    """Nobody has opened the case in this browser by a code, or their quarter of an hour is over."""

    code = "visit_over"
    status = 401


def send_code(*, number: str, address: str, at: datetime) -> None:
    """
    Send a code to the telephone on file of a case, if there is such a case and telephone; which, nobody is told.

    Raises:
        numbers.BadNumber: a slip of the finger. TooManySmsCodes: there were enough.
    """
    plain = str(numbers.parse(number))
    counts = [(f"sms-code@{throttle.block(address)}", OF_ONE_ADDRESS, HOUR)]
    counts += [(f"sms-code:{plain}:{limit}", limit, within) for limit, within in OF_ONE_NUMBER]
    for account, limit, within in counts:
        if not throttle.take(account=account, limit=limit, within=within, at=at):
            attempts.note(code=TooManySmsCodes.code, doing="lookup-send", at=at)
            raise TooManySmsCodes(
                "没有发送：获取验证码过于频繁。请一小时后再试，或带身份证到收件地窗口查询。"
            )
    codes.ask(number=plain, purpose=_LOOK, at=at)


def begin(request: HttpRequest, *, number: str, code: str, address: str, at: datetime) -> None:
    """
    Open a case in this session by the code that was sent.

    Raises:
        numbers.BadNumber: as `send_code`. Throttled: too much was wrong, from this address. As `codes.use`.
    """
    plain, account = str(numbers.parse(number)), f"visit:{address}"
    throttle.ask(account=account, address=address, at=at)
    try:
        codes.use(number=plain, purpose=_LOOK, typed=code, at=at)
    except DomainError as refusal:
        attempts.note(code=refusal.code, doing="lookup-code", at=at)
        if isinstance(refusal, codes.SmsCodeWrong):
            throttle.note_failure(account=account, address=address, at=at)
        raise
    # What the session was called before may be known to somebody else.
    request.session.cycle_key()
    request.session[VISIT] = {"matter": plain, "until": int((at + LASTS).timestamp())}


def visitor(request: HttpRequest, *, at: datetime) -> Actor:
    """
    Return who looks at a case in this session.

    Raises:
        VisitOver: nobody, or not any more.
    """
    held = request.session.get(VISIT)
    if held is None or at.timestamp() >= held["until"]:
        end(request)
        raise VisitOver("没有打开：查看时间已到，或已经退出。请用编号重新获取验证码。")
    return Actor(kind=ActorKind.VISITOR, channel=Channel.WEB, matter=held["matter"])


def end(request: HttpRequest) -> None:
    """End the visit of this session, if there is one; whoever has signed in besides stays."""
    request.session.pop(VISIT, None)

"""
Codes by SMS (验证码): asked for, sent at once to the telephone that the form of the case gives, and good for ten minutes.

Asking writes the same row whatever number was typed, and the worker does the rest: neither answer nor time tells which cases
and telephones there are. Not held back at night, since somebody waits for it, and never sent once its time is over.
"""

import hmac
import logging
import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from tongban.accounts.people import sealed
from tongban.cases import lookups
from tongban.cases.models import Case
from tongban.catalogue import queries as catalogue
from tongban.kernel import identity
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.materials import queries as materials
from tongban.materials.models import Draft
from tongban.notices import drafted, ports, reaching, sending, texts
from tongban.notices.models import Dispatch, SmsCode

log = logging.getLogger(__name__)

LASTS: Final = timedelta(minutes=10)
TRIES: Final = 5
DIGITS: Final = 6
PAUSE: Final = timedelta(seconds=30)  # after a gateway that did not take it; somebody is waiting
KEPT: Final = timedelta(days=1)
_AGAIN: Final = "请重新获取验证码。"
# What has not happened where a code is refused; a draft that was changed since asks for another.
_UNDONE: Final = {
    SmsCode.Purpose.LOOK: "没有打开",
    SmsCode.Purpose.HELP: "没有提交（发送后改过申请表的，须重新发送）",
}
_NOTHING: Final = "0" * 64  # no hash: what was never sent fits nothing


class SmsCodeWrong(DomainError):
    """What was typed is not the code that was sent last; nothing was opened. Also where none was ever sent: which, nobody is told."""

    code = "sms_code_wrong"
    status = 422


class SmsCodeExpired(DomainError):
    """The ten minutes of the code are over."""

    code = "sms_code_expired"
    status = 409


class SmsCodeUsed(DomainError):
    """The code was right, and has been used before: it opens once."""

    code = "sms_code_used"
    status = 409


class SmsCodeSpent(DomainError):
    """Too much that was wrong was typed for this code: now not even the right one opens anything."""

    code = "sms_code_spent"
    status = 409


def ask(*, number: str, purpose: SmsCode.Purpose, at: datetime, about: str = "") -> None:
    """
    Ask for a code about a number, whether anybody has it or not; what was sent before opens nothing any more.

    `about`: what it counts for, hashed; of a draft as it is filled in (`drafted.about`). Of anything else nothing is sent.
    """
    fresh = {
        "about": about, "digest": "", "asked_at": at, "ends_at": at + LASTS, "next_at": at, "sends": 0, "tries": 0, "used_at": None,
    }  # fmt: skip
    with write():
        SmsCode.objects.update_or_create(purpose=purpose, matter=number, defaults=fresh)


def use(*, number: str, purpose: SmsCode.Purpose, typed: str, at: datetime, about: str = "") -> None:
    """
    Use the code that was sent about a number, for what it was asked about.

    Raises:
        SmsCodeExpired, SmsCodeSpent, SmsCodeUsed, SmsCodeWrong: as named. The first two say nothing of whether one was sent.
    """
    with write():
        refusal = _used(number, purpose, typed, at, about)
    if refusal is not None:  # outside: the count of what was wrong stays
        raise refusal


def _used(number: str, purpose: SmsCode.Purpose, typed: str, at: datetime, about: str) -> DomainError | None:
    row = SmsCode.objects.select_for_update().filter(purpose=purpose, matter=number).first()
    plain = "".join(unicodedata.normalize("NFKC", typed).split())
    hashed = _hash(purpose, number, about, plain)
    fits = hmac.compare_digest(hashed.encode(), ((row.digest if row else "") or _NOTHING).encode())
    undone = _UNDONE[purpose]
    wrong = SmsCodeWrong(f"验证码不对，{undone}。请核对短信里的六位数字；没有收到的，稍等再看，或重新获取。")
    if row is None:
        return wrong
    if at >= row.ends_at:
        return SmsCodeExpired(f"验证码已过 10 分钟，{undone}。{_AGAIN}")
    if row.tries >= TRIES:
        return SmsCodeSpent(f"验证码已输错 {TRIES} 次，不能再用，{undone}。{_AGAIN}")
    if not fits:
        row.tries += 1
        row.save(update_fields=["tries"])
        return wrong
    if row.used_at is not None:
        return SmsCodeUsed(f"验证码已经用过，只能用一次，{undone}。{_AGAIN}")
    row.used_at = at
    row.save(update_fields=["used_at"])
    return None


def run(at: datetime) -> int:
    """Send what was asked for, and forget what is long over; return how much was done."""
    due = SmsCode.objects.filter(next_at__lte=at).order_by("next_at", "pk")[: sending.BATCH]
    done = sum(_send(one, at) for one in list(due))
    over = SmsCode.objects.filter(ends_at__lt=at - KEPT)
    if over.exists():
        with write():
            done += over.delete()[0]
    return done


def _send(one: SmsCode, at: datetime) -> int:
    gateway = ports.sms()
    telephone, office = _goal(one) if at < one.ends_at else ("", "")
    if not telephone or gateway is None:
        _update(one, next_at=None)
        return 0
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    # Written before it is sent: what arrives opens, also where the answer of the gateway is lost.
    again = at + PAUSE if at + PAUSE < one.ends_at else None
    hashed = _hash(one.purpose, one.matter, one.about, code)
    if not _update(one, digest=hashed, sends=one.sends + 1, next_at=again):
        return 0
    one.sends += 1
    sign, phone = sending.signature(office)
    text = texts.code(one.purpose, code=code, number=one.matter, sign=sign, phone=phone)
    key = f"code-{one.pk}-{int(one.asked_at.timestamp())}-{one.sends}"
    try:
        gateway.send(key, telephone, text)
    except ports.Unreachable as trouble:
        log.warning("a code was not taken by the gateway: %s", trouble)
        return 0
    except ports.Refused as refusal:
        log.warning("a code was refused by the gateway: %s", refusal.code)
    _update(one, next_at=None)
    return 1


def _goal(one: SmsCode) -> tuple[str, str]:
    """Return to which telephone a code goes, and in whose name; nothing where there is nobody to send it to, or not any more."""
    try:
        if one.purpose == SmsCode.Purpose.HELP:
            draft = Draft.objects.filter(number=one.matter, filed=False).exclude(form="").first()
            form = materials.form_at(draft.number, draft.form) if draft else {}
            # Another form than the one that was confirmed, and perhaps another telephone.
            if draft is None or drafted.about(draft.number, form) != one.about:
                return "", ""
            schema = catalogue.current_guide(draft.offering).body["form"]
            return drafted.telephone(schema, form), draft.organisation
        case = Case.objects.filter(number=one.matter).first()
        return (_telephone(case), case.intake_org) if case else ("", "")
    except DomainError as gone:
        # Its guide is gone, or its content: no reason to keep others waiting.
        log.warning("a code was sent to nobody: %s", gone.code)
        return "", ""


def _telephone(case: Case) -> str:
    """Return to where a code about a case goes: by the node that took it in, and never to who says that they are somebody else."""
    if case.applicant or case.intake_node != identity.fingerprint():
        return ""  # whoever has an account signs in
    if Dispatch.objects.filter(matter=case.number, reason__in=reaching.NOT_THEIRS).exists():
        return ""
    return next(iter(lookups.telephones(case)), "")


def _hash(purpose: str, number: str, about: str, code: str) -> str:
    return sealed.lookup(f"sms-code:{purpose}:{number}{about}:{code}")


def _update(one: SmsCode, **values: object) -> bool:
    """Change a row, unless somebody has asked anew meanwhile, or another worker has it."""
    with write():
        mine = SmsCode.objects.filter(pk=one.pk, asked_at=one.asked_at, sends=one.sends)
        return bool(mine.update(**values))

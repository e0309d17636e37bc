"""The second factor of staff: what is added, removed and used up. Who has to have one follows from the post."""

import secrets
from datetime import datetime
from typing import Final

import pyotp
from django.conf import settings
from django.db import IntegrityError

from tongban.accounts import permissions
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.people import sealed, telling
from tongban.accounts.people.authenticators import Authenticator, RecoveryCode
from tongban.accounts.people.models import Person, Post
from tongban.configuration.config import BY_POST, EVERYBODY
from tongban.kernel import db
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted

STEP: Final = 30  # seconds that a code counts (RFC 6238)
LEEWAY: Final = 1  # steps by which a telephone's clock may be early or late
RECOVERY_CODES: Final = 10
MOST: Final = 10  # authenticators of one person
_CODE, _RECOVERY = 6, 24  # signs; of the latter 119 bits, so that a keyed hash is enough to keep them by


class WrongCode(DomainError):
    """The code or passkey is not one of this person's, or not of this moment."""

    code = "wrong_second_factor"
    status = 401


class CodeUsed(WrongCode):
    """The code was right, and has been used: each counts once."""

    code = "code_used"


class PasskeyCopied(WrongCode):
    """The passkey counts backwards, so there are two of it."""

    code = "passkey_copied"


class SecondFactorStays(NotPermitted):
    """The last authenticator of a post that demands one cannot be removed."""

    code = "second_factor_stays"


def is_demanded(powers: frozenset[str]) -> bool:
    """Return whether a post with these powers demands a second factor on this node."""
    how = settings.NODE.second_factor
    return how == EVERYBODY or (how == BY_POST and permissions.are_weighty(powers))


def is_demanded_of(person: Person) -> bool:
    """Return whether one of the posts that somebody holds demands a second factor."""
    posts = Post.objects.filter(appointments__person=person, appointments__ends_at=None, is_active=True)
    return any(is_demanded(post.powers()) for post in posts)


def themselves(person: Person) -> Actor:
    """Return who acts when somebody sees to their own second factor, whichever post they hold."""
    return Actor(kind=ActorKind.STAFF, channel=Channel.DESK, staff=person.pseudonym)


def add_totp(*, person: Person, secret: str, code: str, label: str, by: Actor, at: datetime) -> Authenticator:
    """
    Add a telephone or token that shows the codes of `secret`; `code` proves that it does, and is used up.

    Raises:
        WrongCode: it shows other codes. NotPermitted, InvalidInput: see `add`.
    """
    step = _step_of(secret, code, at)
    if step is None:
        raise WrongCode("未登记：验证码不正确。请核对手机时间是否准确，输入新显示的 6 位数字。")
    return add(
        person=person, kind=Authenticator.Kind.TOTP, label=label, secret=secret, counter=step, by=by, at=at
    )


def add(
    *, person: Person, kind: Authenticator.Kind, label: str, secret: str, counter: int = 0, credential: str = "",
    by: Actor, at: datetime,
) -> Authenticator:  # fmt: skip
    """
    Add an authenticator that has proved itself.

    Raises:
        NotPermitted: `by` is somebody else. InvalidInput: the label is missing or too long, there are too many, or
            this passkey is here already.
    """
    _ask_own(person, by)
    if not 0 < len(label.strip()) <= 60:
        raise InvalidInput("未登记：请给它起一个名称，至多 60 个字符，例如“我的手机”。")
    if Authenticator.objects.of(person).count() >= MOST:
        raise InvalidInput(f"未登记：至多 {MOST} 个，现已满。请先删除不用的。")
    try:
        with db.write():
            added = Authenticator.objects.create(
                person=person, kind=kind, label=label.strip(), credential=credential,
                secret_sealed=sealed.seal(secret), counter=counter, added_at=at,
            )  # fmt: skip
            telling.of_second("second_added", added, by=by, at=at)
            return added
    except IntegrityError:
        raise InvalidInput("未登记：这个通行密钥已经登记过。请换一个。") from None


def remove(*, person: Person, number: int, by: Actor, at: datetime) -> Authenticator:
    """
    Remove one of somebody's authenticators (by primary key), with its secret.

    Raises:
        NotPermitted: `by` is somebody else. NotFound: they have none of this number.
        SecondFactorStays: it is the last, and one of their posts demands one.
    """
    _ask_own(person, by)
    with db.write():
        held = {one.pk: one for one in Authenticator.objects.of(person).select_for_update()}
        if number not in held:
            raise NotFound("未删除：没有这一项，或已经删除。请刷新后再看。")
        if len(held) == 1 and is_demanded_of(person):
            raise SecondFactorStays("未删除：您的岗位要求两步登录，最后一个不能删除。请先登记另一个。")
        take_away(held[number], by=by, at=at)
        if len(held) == 1:
            RecoveryCode.objects.filter(person=person).delete()
    return held[number]


def take_away(one: Authenticator, *, by: Actor, at: datetime) -> None:
    """Mark an authenticator as removed and forget its secret; inside the caller's transaction, which has asked."""
    # The credential stays, so that a passkey that was taken away is not brought back.
    one.secret_sealed, one.removed_at = sealed.seal(""), max(at, one.added_at)
    one.save(update_fields=["secret_sealed", "removed_at"])
    telling.of_second("second_removed", one, by=by, at=at)


def make_recovery_codes(*, person: Person, by: Actor, at: datetime) -> list[str]:
    """Return ten new recovery codes, which can never be shown again; earlier ones no longer count."""
    _ask_own(person, by)
    codes = [passwords.made_up(login="", groups=_RECOVERY // 4) for _ in range(RECOVERY_CODES)]
    with db.write():
        RecoveryCode.objects.filter(person=person).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(person=person, code_hash=_hash(person, code)) for code in codes
        )
        telling.of_recovery("recovery_codes_made", person, by=by, at=at)
    return codes


def use_code(*, person: Person, code: str, at: datetime) -> None:
    """
    Use up a code that counts now: of a telephone or token, or one of the recovery codes.

    Raises:
        CodeUsed: it counted, and has been used. WrongCode: it is none of theirs.
    """
    typed = "".join(code.split()).replace("-", "").lower()
    if len(typed) == _RECOVERY:
        _use_recovery_code(person, typed, at)
        return
    was_used = False
    for one in Authenticator.objects.of(person).filter(kind=Authenticator.Kind.TOTP):
        step = _step_of(one.secret, typed, at)
        if step is not None:
            if advance(one, to=step):
                return
            was_used = True
    if was_used:
        raise CodeUsed("未通过：这个验证码已经用过，每个只能用一次。请等手机显示下一个再输入。")
    raise WrongCode("未通过：验证码不正确或已过期。请输入手机现在显示的 6 位数字，或一个恢复码。")


def advance(one: Authenticator, *, to: int) -> bool:
    """Let an authenticator's counter go forward; return whether it did: of two at once, one wins."""
    with db.write():
        return bool(
            Authenticator.objects.filter(pk=one.pk, removed_at=None, counter__lt=to).update(counter=to)
        )


def next_code(person: Person, at: datetime) -> str:
    """Return the first code that counts now and has not been used, or nothing; for demo nodes, which show it."""
    if not settings.NODE.demo:
        return ""
    for one in Authenticator.objects.of(person).filter(kind=Authenticator.Kind.TOTP):
        # Not the one before: it would be over while somebody types it.
        for step in _steps(at)[LEEWAY:]:
            if step > one.counter:
                return pyotp.TOTP(one.secret).generate_otp(step)
    return ""


def _use_recovery_code(person: Person, typed: str, at: datetime) -> None:
    # With the lines that they are shown and printed with; people type them or leave them out.
    code = "-".join(typed[start : start + 4] for start in range(0, _RECOVERY, 4))
    mine = RecoveryCode.objects.filter(person=person, code_hash=_hash(person, code))
    with db.write():
        used = mine.filter(used_at=None).update(used_at=at)
        if used:
            telling.of_recovery("recovery_code_used", person, by=themselves(person), at=at)
    if not used and mine.exists():
        raise CodeUsed("未通过：这个恢复码已经用过，每个只能用一次。请用另一个。")
    if not used:
        raise WrongCode("未通过：恢复码不正确。请核对后重新输入，或用手机显示的 6 位数字。")


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    typed, codes = "".join(code.split()), pyotp.TOTP(secret, interval=STEP)
    if len(typed) != _CODE or not typed.isascii():
        return None
    # All are compared, so that time tells nothing.
    fitting = [step for step in _steps(at) if secrets.compare_digest(codes.generate_otp(step), typed)]
    return fitting[-1] if fitting else None


def _steps(at: datetime) -> range:
    now = int(at.timestamp()) // STEP
    return range(now - LEEWAY, now + LEEWAY + 1)


def _hash(person: Person, code: str) -> str:
    # Bound to the person: a row that is copied to somebody else fits nobody.
    return sealed.lookup(f"recovery:{person.pseudonym}:{code}")


def _ask_own(person: Person, by: Actor) -> None:
    if by.kind is not ActorKind.SYSTEM and by.staff != person.pseudonym:
        raise NotPermitted("未作更改：第二因素只能由本人管理。丢失的，请账号管理员办理重置。")

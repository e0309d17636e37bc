"""How long a password is good for, and which ones somebody may not come back to (等保三级：口令定期更换、不得重复)."""

from datetime import date, datetime, timedelta
from typing import ClassVar, Final

from django.conf import settings
from django.db import models

from tongban.accounts.access import passwords
from tongban.accounts.access.passwords import PasswordTooWeak
from tongban.kernel import db
from tongban.kernel.time import clock

LAST: Final = 3  # the present one and two before it
ANNOUNCED_BEFORE: Final = timedelta(days=7)


class PasswordUsedBefore(PasswordTooWeak):
    """The password is one of the last three; nothing was changed."""

    code = "password_used_before"


class PastPassword(models.Model):
    """The hash of a password that somebody had before (旧口令): nothing else is known of it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    owner = models.CharField("化名", max_length=12, db_index=True)
    password = models.CharField("口令摘要", max_length=200)
    at = models.DateTimeField("停用时间")

    class Meta:
        verbose_name = "旧口令"


def ask_for_new(*, owner: str, present: str, new: str) -> None:
    """
    Let a password pass that somebody has not had lately; `present` is the hash of the one they have.

    Raises:
        PasswordUsedBefore: it is one of the last three. Busy: see `hashing`.
    """
    before = PastPassword.objects.filter(owner=owner).order_by("-pk").values_list("password", flat=True)
    for encoded in (present, *before[: LAST - 1]):
        if passwords.matches(new, encoded):
            raise PasswordUsedBefore(
                f"密码未修改：新密码与原密码相同，或与最近 {LAST} 个密码之一相同。请换一个密码。"
            )


def keep(*, owner: str, encoded: str, at: datetime) -> None:
    """Keep the hash of a password that is in use no more, in place of the oldest."""
    with db.write():
        PastPassword.objects.create(owner=owner, password=encoded, at=at)
        newest = PastPassword.objects.filter(owner=owner).order_by("-pk").values_list("pk", flat=True)
        PastPassword.objects.filter(owner=owner).exclude(pk__in=list(newest[: LAST - 1])).delete()


def is_over(changed_at: datetime | None, at: datetime) -> bool:
    """Return whether a password of the staff has been in use for too long; of one whose age nobody knows, it has not."""
    days = settings.NODE.password_lifetime
    return days is not None and changed_at is not None and at - changed_at >= timedelta(days=days)


def announced(changed_at: datetime | None, at: datetime) -> date | None:
    """Return the day on which a password of the staff has to be changed, from a week before; nothing until then."""
    days = settings.NODE.password_lifetime
    if days is None or changed_at is None:
        return None
    end = changed_at + timedelta(days=days)
    return clock.official_day(end) if at >= end - ANNOUNCED_BEFORE else None

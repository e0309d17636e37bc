"""Slows down guessing: after too many failures an account, or an account at an address, has to wait."""

from datetime import datetime, timedelta

from tongban.accounts.models import FailedAttempt
from tongban.accounts.people import sealed
from tongban.kernel import attempts, db
from tongban.kernel.errors import DomainError

LOCK = timedelta(minutes=15)
FROM_ONE_ADDRESS = 5
# Higher than from one address: else a stranger could keep a clerk out with five requests from anywhere.
FROM_ANYWHERE = 20
KEPT = timedelta(days=1)


class Throttled(DomainError):
    """Too many failed attempts; `retry_after` says in how many seconds to try again."""

    code = "throttled"
    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def ask(*, account: str, address: str, at: datetime) -> None:
    """
    Let an attempt pass, for the account name and the caller's network address.

    Raises:
        Throttled: there were too many failures, whoever made them.
    """
    keys = [key for key, _ in _limits(account, address)]
    locks = FailedAttempt.objects.filter(key__in=keys, locked_until__gt=at).values_list(
        "locked_until", flat=True
    )
    until = max((lock for lock in locks if lock), default=None)
    if until is not None:
        attempts.note(code=Throttled.code, doing="sign_in", at=at)
        seconds = int((until - at).total_seconds()) + 1
        raise Throttled(
            f"未登录：失败次数过多，请 {-(-seconds // 60)} 分钟后再试，或联系账号管理员。",
            retry_after=seconds,
        )


def note_failure(*, account: str, address: str, at: datetime) -> None:
    """Count a failed attempt, and lock where it was one too many."""
    with db.write():
        FailedAttempt.objects.filter(last_at__lt=at - KEPT).delete()
        for key, limit in _limits(account, address):
            row, _ = FailedAttempt.objects.select_for_update().get_or_create(
                key=key, defaults={"last_at": at}
            )
            row.count = row.count + 1 if at - row.last_at < LOCK else 1
            row.last_at = at
            row.locked_until = at + LOCK if row.count >= limit else None
            row.save(update_fields=["count", "last_at", "locked_until"])


def forget(*, account: str, address: str) -> None:
    """Forget the failures of an account whose owner has just signed in."""
    keys = [key for key, _ in _limits(account, address)]
    if FailedAttempt.objects.filter(key__in=keys).exists():
        with db.write():
            FailedAttempt.objects.filter(key__in=keys).delete()


def _limits(account: str, address: str) -> list[tuple[str, int]]:
    # In one order everywhere, so that two attempts at once wait for each other and never deadlock.
    name = account.strip().lower()
    limits = [
        (sealed.lookup(f"attempt:{name}"), FROM_ANYWHERE),
        (sealed.lookup(f"attempt:{name}@{address}"), FROM_ONE_ADDRESS),
    ]
    return sorted(limits)

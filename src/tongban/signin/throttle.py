"""
Slows down guessing: after too many failures an account at an address, an address, or an account has to wait.

A browser in which somebody has signed in before is counted by itself, so that strangers cannot keep its owner out.
"""

import ipaddress
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tongban.accounts.models import FailedAttempt
from tongban.accounts.people import sealed
from tongban.kernel import attempts, db
from tongban.kernel.errors import DomainError

log = logging.getLogger(__name__)

LOCK: Final = timedelta(minutes=15)
FROM_ONE_ADDRESS: Final = 5
# Higher than from one address: else a stranger could keep a clerk out with five requests from anywhere.
FROM_ANYWHERE: Final = 20
# Over all names: one password tried with every name is guessing too.
OF_ONE_ADDRESS: Final = 30
OF_THE_NODE, HOUR = 500, timedelta(hours=1)
# What counts for its address and the node, by the word before an account's colon.
SIGN_INS: Final = frozenset({"staff", "applicant", "change"})
_NODE: Final = "attempt:node"
_BUCKET: Final = 3  # hexadecimal digits


class Throttled(DomainError):
    """Too many failed attempts; `retry_after` says in how many seconds to try again."""

    code = "throttled"
    status = 429


@dataclass(frozen=True, slots=True, order=True)
class _Count:
    """One thing that failures are counted by."""

    key: str
    limit: int
    within: timedelta = LOCK
    locks: bool = True


def ask(*, account: str, address: str, at: datetime, device: str = "", known: bool = True) -> None:
    """
    Let an attempt pass, by the account name and the caller's network address.

    With a `device`, a browser that has signed in to this account, by that alone; `known` is false for names that nobody has.

    Raises:
        Throttled: there were too many failures, whoever made them.
    """
    keys = [count.key for count in _counts(account, address, device, known) if count.locks]
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


def note_failure(*, account: str, address: str, at: datetime, device: str = "", known: bool = True) -> None:
    """Count a failed attempt, and lock where it was one too many; as `ask`."""
    with db.write():
        for count in _counts(account, address, device, known):
            row = _counted(count.key, count.within, at)
            row.count += 1
            row.last_at = at
            row.locked_until = at + LOCK if count.locks and row.count >= count.limit else None
            row.save(update_fields=["count", "begun_at", "last_at", "locked_until"])
            if not count.locks and row.count == count.limit:
                log.warning("%d sign-ins have failed on this node within an hour", row.count)


def take(*, account: str, limit: int, within: timedelta, at: datetime) -> bool:
    """Take one of so many of something that may be had within a time, such as messages; return whether one was left."""
    with db.write():
        row = _counted(sealed.lookup(f"taken:{account}"), within, at)
        if row.count >= limit:
            return False
        row.count, row.last_at = row.count + 1, at
        row.save(update_fields=["count", "begun_at", "last_at"])
        return True


def forget(*, account: str, address: str, device: str = "") -> None:
    """Forget the failures of an account whose owner has just signed in; those of the address stand, whoever else is there."""
    # In a browser of their own they say nothing of who else is guessing.
    keys = [count.key for count in (_of_device(account, device) if device else _of_account(account, address))]
    if FailedAttempt.objects.filter(key__in=keys).exists():
        with db.write():
            FailedAttempt.objects.filter(key__in=keys).delete()


def locked(usernames: Iterable[str], at: datetime) -> set[str]:
    """Return which of these members of staff (user names) are locked out wherever they come from, after too many failures."""
    locks = FailedAttempt.objects.filter(locked_until__gt=at)
    keys = set(locks.values_list("key", flat=True))
    if not keys:
        return set()
    accounts = {name: (f"attempt:staff:{name}", f"attempt:second:{name}") for name in usernames}
    return {name for name, both in accounts.items() if any(sealed.lookup(one) in keys for one in both)}


def failures_of_this_hour(at: datetime) -> int:
    """Return how many sign-ins have failed on this node in the hour that is being counted."""
    row = FailedAttempt.objects.filter(key=sealed.lookup(_NODE)).first()
    return row.count if row and row.begun_at and at - row.begun_at < HOUR else 0


def _counted(key: str, within: timedelta, at: datetime) -> FailedAttempt:
    """Return the count of a key, locked, within a transaction; begun anew where its time is over."""
    row, _ = FailedAttempt.objects.select_for_update().get_or_create(
        key=key, defaults={"begun_at": at, "last_at": at}
    )
    if at - (row.begun_at or row.last_at) >= within:
        row.count, row.begun_at = 0, at
    return row


def _counts(account: str, address: str, device: str, known: bool) -> list[_Count]:
    counts = _of_account(account, address) if known else _of_nobody(account, address)
    counts = _of_device(account, device) if device else counts
    if account.partition(":")[0] in SIGN_INS:
        if not device:
            counts.append(_Count(sealed.lookup(f"attempt:@{block(address)}"), OF_ONE_ADDRESS))
        counts.append(_Count(sealed.lookup(_NODE), OF_THE_NODE, HOUR, locks=False))
    # In one order everywhere, so that two attempts at once wait for each other and never deadlock.
    return sorted(counts)


def _of_device(account: str, device: str) -> list[_Count]:
    return [_Count(sealed.lookup(f"attempt:{account}#{device}"), FROM_ONE_ADDRESS)]


def _of_account(account: str, address: str) -> list[_Count]:
    return [
        _Count(sealed.lookup(f"attempt:{account}"), FROM_ANYWHERE),
        _Count(sealed.lookup(f"attempt:{account}@{block(address)}"), FROM_ONE_ADDRESS),
    ]


def _of_nobody(account: str, address: str) -> list[_Count]:
    # Whoever makes names up must not fill the table: they share so many counts, and are refused as others are.
    return [
        _Count(sealed.lookup(f"attempt:nobody:{count.key[:_BUCKET]}:{count.limit}"), count.limit)
        for count in _of_account(account, address)
    ]


def block(address: str) -> str:
    """Return as whom to count an address: of IPv6 a household has 2^64, so they count as one."""
    try:
        found = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Network):
        mapped = found.network_address.ipv4_mapped
        if mapped:
            return str(mapped)
        return str(found.supernet(new_prefix=64)) if found.prefixlen > 64 else str(found)
    return str(found.network_address)

"""Everything that changes notices: keeping them, reading them, forgetting them."""

from collections.abc import Iterable
from datetime import datetime

from tongban.accounts.access.actor import Actor
from tongban.kernel import db
from tongban.notices.models import Notice


def keep(notices: Iterable[Notice]) -> None:
    """Store notices within a transaction; one that is there already stays as it is."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def mark_read(*, matter: str, by: Actor, at: datetime) -> int:
    """Mark what somebody's box says of a matter as read (已读), as they open it; return how much was unread."""
    unread = Notice.objects.visible_to(by).unread().filter(matter=matter)
    # Most who open a matter have nothing unread, and need no transaction.
    return _read(unread.values_list("pk", flat=True), by, at)


def mark_all_read(*, by: Actor, upto: int, at: datetime) -> int:
    """Mark a whole box as read, up to the notice that was shown first: what came since has not been seen; return how much was unread."""
    unread = Notice.objects.visible_to(by).unread().filter(pk__lte=upto)
    return _read(unread.values_list("pk", flat=True), by, at)


def forget(matter: str) -> None:
    """Delete what was told of a matter, within a transaction: its content is gone."""
    Notice.objects.filter(matter=matter).delete()


def _read(unread: Iterable[int], by: Actor, at: datetime) -> int:
    found = list(unread)
    if not found:
        return 0
    with db.write():
        rows = Notice.objects.filter(pk__in=found, read_at=None)
        return rows.update(read_at=at, read_by=by.staff or by.applicant)

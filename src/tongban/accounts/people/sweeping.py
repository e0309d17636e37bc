"""What lies about at the door and is of no use any more: old counts of failures, browsers not seen again, ended sessions."""

from datetime import datetime, timedelta
from typing import Final

from tongban.accounts.people import keys, opened
from tongban.accounts.people.devices import KEPT, Device
from tongban.accounts.people.traces import FailedAttempt
from tongban.kernel import db

COUNTS_KEPT: Final = timedelta(days=1)


def sweep(at: datetime) -> int:
    """Delete what is over, and tell of machine keys that soon will be; return how much that was."""
    over = opened.sweep() + keys.warn_of_ends(at)
    counts = FailedAttempt.objects.filter(last_at__lt=at - COUNTS_KEPT)
    devices = Device.objects.filter(last_at__lte=at - KEPT)
    if not counts.exists() and not devices.exists():
        return over
    with db.write():
        return over + counts.delete()[0] + devices.delete()[0]

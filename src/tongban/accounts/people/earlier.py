"""What happened at somebody's account before: they alone can tell whether it was them."""

from dataclasses import dataclass
from datetime import datetime

from tongban.accounts.people.traces import SignIn


@dataclass(frozen=True, slots=True)
class Earlier:
    """When and with what somebody has signed in before, and how often that has failed since."""

    at: datetime | None
    device: str
    failures: int


def earlier(pseudonym: str) -> Earlier:
    """Return what was at this account before now."""
    tries = SignIn.objects.filter(pseudonym=pseudonym)
    last = tries.filter(succeeded=True).order_by("-pk").first()
    failed = tries.filter(succeeded=False, pk__gt=last.pk if last else 0).count()
    return Earlier(last.at if last else None, last.device if last else "", failed)

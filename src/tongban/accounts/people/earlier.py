"""What happened at somebody's account before: they alone can tell whether it was them."""

from dataclasses import dataclass
from datetime import datetime

from tongban.kernel import accesses
from tongban.kernel.models import Access


@dataclass(frozen=True, slots=True)
class Earlier:
    """When and with what somebody has signed in before, and how often that has failed since."""

    at: datetime | None
    device: str
    failures: int


def earlier(pseudonym: str) -> Earlier:
    """Return what was at this account before now."""
    accesses.catch_up()
    tries = Access.objects.filter(who=pseudonym, doing=accesses.SIGN_IN)
    last = tries.filter(result=accesses.OK).order_by("-pk").first()
    failed = tries.exclude(result=accesses.OK).filter(pk__gt=last.pk if last else 0).count()
    return Earlier(last.at if last else None, last.device if last else "", failed)

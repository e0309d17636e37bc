"""When what was put off is due again, and what was just written down. No pause is longer than five minutes, whatever a clock has noted."""

from datetime import datetime, timedelta

from django.db.models import Q

LONGEST = timedelta(seconds=300)
ANEW = timedelta(seconds=1)  # after so long it is written down again that a peer was heard, or reached


def growing(first: timedelta, attempts: int) -> timedelta:
    """Return how long to wait after that many failures: twice as long each time."""
    return min(first * (1 << min(attempts, 9)), LONGEST)


def over(at: datetime) -> Q:
    """Return what rows must fulfil whose pause is over."""
    return Q(next_at__lte=at) | Q(next_at__gt=at + 2 * LONGEST)


def is_recent(moment: datetime | None, at: datetime) -> bool:
    """Return whether what was written down at a moment need not be written anew: of many messages a second each would tell the same."""
    return moment is not None and timedelta(0) <= at - moment < ANEW


def lasts(until: datetime | None, at: datetime) -> bool:
    """Return whether a pause until then still lasts; a date beyond any pause was set by a clock that is right again."""
    return until is not None and at < until <= at + 2 * LONGEST

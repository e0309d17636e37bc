"""When what was put off is due again: no pause is longer than five minutes, whatever a clock that is right again has noted."""

from datetime import datetime, timedelta

from django.db.models import Q

LONGEST = timedelta(seconds=300)


def growing(first: timedelta, attempts: int) -> timedelta:
    """Return how long to wait after that many failures: twice as long each time."""
    return min(first * (1 << min(attempts, 9)), LONGEST)


def over(at: datetime) -> Q:
    """Return what rows must fulfil whose pause is over."""
    return Q(next_at__lte=at) | Q(next_at__gt=at + 2 * LONGEST)


def lasts(until: datetime | None, at: datetime) -> bool:
    """Return whether a pause until then still lasts; a date beyond any pause was set by a clock that is right again."""
    return until is not None and at < until <= at + 2 * LONGEST

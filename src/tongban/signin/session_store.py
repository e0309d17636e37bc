"""Where sessions are kept: Django's table, found by a query that is compiled once."""

from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore as Stored
from django.contrib.sessions.models import Session
from django.utils import timezone

from tongban.kernel.prepared import Prepared

_by_key = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), str, datetime
)


class SessionStore(Stored):
    """Django's store in the database; only finding a session is our own."""

    def _get_session_from_db(self) -> Session | None:
        found: Session | None = _by_key.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found

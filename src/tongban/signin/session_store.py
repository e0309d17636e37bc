"""
Where sessions are kept: Django's table, found by a query that is compiled once, written under the writers' lock.

What the cookie holds is nowhere in the database: a row is found by a keyed hash of it, so that whoever reads a backup
or the table signs in as nobody.
"""

from datetime import datetime
from typing import Any, cast

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as Stored
from django.contrib.sessions.models import Session
from django.utils import timezone

from tongban.accounts.people import sealed
from tongban.accounts.people.opened import OpenSession
from tongban.kernel import storage
from tongban.kernel.db import locked
from tongban.kernel.prepared import Prepared

_by_key = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), str, datetime
)


def stored(key: str) -> str:
    """Return the form in which the key of a session is kept: 160 bits of a keyed hash, as many as the column holds."""
    return sealed.lookup(f"session-key:{key}")[:40]


class SessionStore(Stored):
    """
    Django's store in the database; finding a session is our own, and so is waiting for one's turn to write.

    The lock and not `write()`: Django brings a transaction of its own, and a second around it would cost PostgreSQL
    two round trips a request. All other ways of changing a session (`create`, `flush`, `cycle_key`) come through here.
    """

    def _get_session_from_db(self) -> Session | None:
        found: Session | None = _by_key.first(stored(self.session_key or ""), timezone.now())
        if found is None:
            self._session_key = None
        return found

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of this session."""
        row = cast(Session, super().create_model_instance(data))
        row.session_key = stored(row.session_key)
        return row

    def exists(self, session_key: str) -> bool:
        """Return whether there is a session of this key."""
        return bool(super().exists(stored(session_key)))

    def cycle_key(self) -> None:
        """Go on under another key; what is told of the session goes along."""
        data, before = self._session, self.session_key  # type: ignore[attr-defined]
        self.create()
        self._session_cache = data
        if before:
            with locked():
                OpenSession.objects.filter(key=stored(before)).update(key=stored(self.session_key or ""))
            self.delete(before)

    def save(self, must_create: bool = False) -> None:
        """
        Store the session.

        Raises:
            CreateError, UpdateError: there is such a session already, or no longer.
            DatabaseError: it could not be written.
        """
        try:
            with locked():
                super().save(must_create)
        except UpdateError as error:
            # Django takes every trouble for a session that has ended; a full disk must not sign anybody out.
            if error.__context__ and storage.refusal_of(error.__context__):
                raise error.__context__ from error.__context__.__cause__
            raise

    def delete(self, session_key: str | None = None) -> None:
        """Delete this session or the one named; of one that is gone already, nothing."""
        key = session_key or self.session_key
        if key is None:
            return
        with locked():
            OpenSession.objects.filter(key=stored(key)).delete()
            super().delete(stored(key))

    @classmethod
    def clear_expired(cls) -> None:
        """Delete all sessions that have ended."""
        with locked():
            super().clear_expired()

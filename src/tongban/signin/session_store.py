"""
Where sessions are kept: a table of our own, read by one statement together with whom the session belongs to.

What the cookie holds is nowhere in the database: a row is found by a keyed hash of it, so that whoever reads a backup
or the table signs in as nobody.
"""

from datetime import datetime
from typing import Any, Final

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError

from tongban.accounts import queries
from tongban.accounts.people import opened, sealed
from tongban.accounts.people.opened import Session
from tongban.accounts.queries import Caller
from tongban.kernel.db import locked, write
from tongban.kernel.time import clock

SIGNED_IN: Final = "signed_in"  # under this name a session holds who has signed in
VISIT: Final = "visit"  # and under this, which case somebody looks at without an account


def stored(key: str) -> str:
    """Return the form in which the key of a session is kept: 160 bits of a keyed hash, as many as the column holds."""
    return sealed.mark(f"session-key:{key}")[:40]


class SessionStore(SessionBase):
    """One session. Each write waits for its turn (`locked`), as all others do."""

    _caller: Caller | None = (
        None  # as read from the table with the session; none of one that was begun just now
    )

    def caller(self, at: datetime) -> Caller | None:
        """Return whom the session belongs to: as it was read with it, or asked for where it was begun just now."""
        return self._caller or queries.caller(stored(self.session_key or ""), at)

    def load(self) -> dict[str, Any]:
        """Return what the session holds; of one that there is not, or not any more, nothing, and its key is forgotten."""
        found = queries.caller(stored(self.session_key or ""), clock.now())
        if found is None:
            self._session_key = None
            return {}
        self._caller = found
        return found.told

    def exists(self, session_key: str) -> bool:
        """Return whether there is a session of this key."""
        return Session.objects.filter(key=stored(session_key)).exists()

    def create(self) -> None:
        """Begin a session under a new key, and store it."""
        while True:
            self._session_key = self._new_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue  # somebody else has drawn the same in this very moment
            self._caller, self.modified = None, True
            return

    def cycle_key(self) -> None:
        """Go on under another key; the one before opens nothing any more."""
        self._get_session()  # type: ignore[attr-defined]  # what it holds goes along
        before, self._session_key = self.session_key, self._new_key()
        self._caller, self.modified = None, True
        with locked():
            moved = before and Session.objects.filter(key=stored(before)).update(
                key=stored(self._session_key)
            )
        if not moved:
            self.create()

    def save(self, must_create: bool = False) -> None:
        """
        Store the session.

        Raises:
            CreateError, UpdateError: there is such a session already, or no longer.
            DatabaseError: it could not be written.
        """
        if self.session_key is None:
            self.create()
            return
        told = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        row = {"told": told, "ends_at": self.get_expiry_date(), **_belongs_to(told.get(SIGNED_IN))}
        key = stored(self.session_key)
        if must_create:
            try:
                with write():
                    Session.objects.create(key=key, **row)
            except IntegrityError:
                raise CreateError from None
            return
        with locked():
            if not Session.objects.filter(key=key).update(**row):
                raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """Delete this session or the one named; of one that is gone already, nothing."""
        key = session_key or self.session_key
        if key is not None:
            with locked():
                Session.objects.filter(key=stored(key)).delete()

    def _new_key(self) -> str:
        return str(self._get_new_session_key())  # type: ignore[attr-defined]

    @classmethod
    def clear_expired(cls) -> None:
        """Delete all sessions that have ended."""
        opened.sweep()


def _belongs_to(signed_in: dict[str, Any] | None) -> dict[str, int | None]:
    """Return the columns that say whose a session is."""
    told = signed_in or {"who": "", "id": None, "post": None}
    staff = told["who"] == "staff"
    return {
        "person_id": told["id"] if staff else None,
        "post_id": told["post"] if staff else None,
        "applicant_id": None if staff else told["id"],
    }

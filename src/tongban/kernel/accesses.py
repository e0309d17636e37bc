"""
The one record of access and administration: who looked at what, who did what to this node, who was refused.

What is about content is written before it is handed out. The rest is gathered for a moment and written together, by a
thread of the process that serves; where there is none (commands, tests) each is written at once. A refusal or a page
stays what it is whatever becomes of its note.
"""

import atexit
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import DatabaseError, close_old_connections

from tongban.kernel import storage
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import blocks
from tongban.kernel.models import Access

log = logging.getLogger(__name__)

COLUMNS = (
    "at", "who", "organisation", "post", "kind", "channel", "address", "session", "device", "doing", "matter",
    "content", "result", "count",
)  # fmt: skip
SOURCE = blocks.Source("accesses", Access, COLUMNS, "at", settles=timedelta(minutes=5))
FORGOTTEN = "accesses_forgotten"
OK, FAILED = "ok", "failed"
SIGN_IN = "sign_in"
PAUSE = 1.0  # seconds for which looks are gathered
LONG_PAUSE = 60.0  # and what strangers and other nodes are refused, which must not keep the database busy
KINDS_OF_TRIES = (
    200  # of strangers, told apart within that time; more are told together, without their address
)
MOST = (
    20_000  # gathered while nothing can be written; beyond it the oldest are lost, and the log says how many
)
_LONGEST = 60


class Kind(StrEnum):
    """What sort of someone it was."""

    STAFF = "staff"
    MACHINE = "machine"
    APPLICANT = "applicant"
    NODE = "node"
    OPERATOR = "operator"
    VISITOR = "visitor"  # by a code that was sent to the telephone of the matter


class NotRecorded(DomainError):
    """What would be shown has to be written down first, and cannot be just now: it is not shown."""

    code = "look_not_recorded"
    status = 503


class Occasion:
    """What a thread is at: by which route, from where (sealed), in which session; at nothing in particular unless a door says so."""

    doing: str = ""
    address: bytes | None = None
    session: str = ""
    kind: str = ""
    post: str = ""
    written: bool = False  # a row of it stands already


_NOTHING = Occasion()
_present: ContextVar[Occasion] = ContextVar("occasion", default=_NOTHING)


@contextmanager
def during(occasion: Occasion) -> Iterator[None]:
    """Let what is noted in the block belong to an occasion."""
    token = _present.set(occasion)
    try:
        yield
    finally:
        _present.reset(token)


def row(*, at: datetime, doing: str = "", result: str = OK, **said: Any) -> Access:
    """Return a row that says something of the present occasion; the occasion fills in what is not `said`."""
    now = _present.get()
    said = {
        "kind": now.kind, "post": now.post, "address": now.address, "session": now.session,
        **{name: value for name, value in said.items() if value},
    }  # fmt: skip
    return Access(at=at, doing=(doing or now.doing)[:_LONGEST], result=result[:40], **said)


def write_now(one: Access) -> None:
    """
    Write a row before what it is about happens.

    Raises:
        StorageFull: as everything that is to be kept. NotRecorded: the database takes nothing just now.
    """
    try:
        with write():
            one.save(force_insert=True)
    except DatabaseError as error:
        if full := storage.refusal_of(error):
            raise full from error
        raise NotRecorded(
            "没有打开：查看记录此刻写不下来，没有记录就不提供内容。请稍后再试，多次出现请联系管理员。"
        ) from error
    now = _present.get()
    if now is not _NOTHING:
        now.written = True


def note(one: Access) -> None:
    """Write a row soon, with others; nobody waits for it."""
    _gathered.take(one)


def flush() -> None:
    """Write what was gathered."""
    _gathered.write(all_of_it=True)


def catch_up() -> None:
    """Write the looks that wait, for who reads them next; what strangers are refused goes on waiting."""
    _gathered.write()


def start_in_background() -> None:
    """Gather from now on in this process, and write what is gathered each second, and as the process ends."""
    _gathered.gathers = True
    atexit.register(flush)
    threading.Thread(target=_go_on, name="tongban-accesses", daemon=True).start()


def _go_on() -> None:
    while True:
        _gathered.stop.wait(PAUSE)
        _gathered.write()
        close_old_connections()


class Gathered:
    """Rows that wait to be written: looks in order, tries of strangers alike as one row with their count."""

    def __init__(self) -> None:
        self.gathers = False
        self.stop = threading.Event()
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._rows: list[Access] = []
        self._tries: dict[tuple[Any, ...], Access] = {}
        self._since = 0.0  # when the first of the tries came, by the monotonic clock
        self._lost = 0

    def take(self, one: Access) -> None:
        """Take a row in; where nothing is gathered, write it."""
        if not self.gathers:
            self._store([one])
            return
        with self._lock:
            if one.result != OK and one.kind in ("", Kind.NODE):
                self._take_try(one)
            else:
                self._rows.append(one)

    def _take_try(self, one: Access) -> None:
        key: tuple[Any, ...] = (one.who, one.doing, one.result, one.address)
        if key not in self._tries and len(self._tries) >= KINDS_OF_TRIES:
            one.address, one.who, one.session, one.matter = None, "", "", ""
            key = ("", one.doing, one.result, None)
        if not self._tries:
            self._since = time.monotonic()
        known = self._tries.setdefault(key, one)
        if known is not one:
            known.count, known.at = known.count + 1, one.at

    def write(self, *, all_of_it: bool = False) -> None:
        """Write what waits: looks, and the tries of strangers once they have waited long enough."""
        with self._writing:
            with self._lock:
                rows, self._rows = self._rows, []
                if self._tries and (all_of_it or time.monotonic() - self._since >= LONG_PAUSE):
                    rows, self._tries = [*rows, *self._tries.values()], {}
            if rows and not self._store(rows):
                with self._lock:
                    # What could not be written waits, in its order, for as much room as there is.
                    kept = [*rows, *self._rows]
                    self._lost += max(0, len(kept) - MOST)
                    self._rows = kept[-MOST:]

    def _store(self, rows: list[Access]) -> bool:
        try:
            with write():
                Access.objects.bulk_create(rows)
        except DatabaseError as error:
            # One line: the log may lie on a disk that is full.
            log.error("%s looks could not be written down yet (%s)", len(rows), type(error).__name__)
            return False
        if self._lost:
            log.error("%s looks are lost: nothing could be written for too long", self._lost)
            self._lost = 0
        return True


_gathered = Gathered()

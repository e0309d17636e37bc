"""
The one checkpointer of a node on SQLite: brings the log (WAL) into the database file, under the writers' lock.

SQLite would let whichever connection commits do it (`wal_autocheckpoint`, which assembly.settings turns off). With one
checkpointer that waits its turn among the writers, no two connections ever write and checkpoint at once: up to
SQLite 3.51.2 that can lose what was committed. Only a running node has one: a command's log goes into the file when
its last connection closes, which SQLite does alone on the file, or is brought in by the node that runs beside it.
"""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, connection

from tongban.kernel.db import locked

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds
LARGE = 4 * 1024 * 1024  # a log that is left this long is given back to the disk once nobody writes


@dataclass(slots=True)
class Checkpointer:
    """What was brought into the file already; one for each running node."""

    seen: tuple[int, int] | None = None  # size and time of the log that is wholly in the file

    def step(self) -> None:
        """Bring in what was written since; of a long log that has come to rest, give the room back."""
        found = _log()
        if found is None:
            return
        if found != self.seen:
            self.seen = found if checkpoint() else None
        elif found[0] > LARGE:
            checkpoint(give_back=True)


def checkpoint(*, give_back: bool = False) -> bool:
    """Bring the log into the database file, as far as readers let us; return whether all of it is there now."""
    with locked(), connection.cursor() as cursor:
        # Writers wait meanwhile, so a reader in the way is not waited for: the next time will do.
        cursor.execute("PRAGMA busy_timeout = 0")
        cursor.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if give_back else 'PASSIVE'})")
        busy, length, done = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {_patience()}")
    return not busy and length == done


def run_forever(stop: threading.Event) -> None:
    """Check until `stop` is set. Trouble is told once, and again when it is over."""
    checkpointer, in_trouble = Checkpointer(), False
    while not stop.wait(EVERY):
        try:
            checkpointer.step()
        except (DatabaseError, OSError) as error:
            if not in_trouble:
                log.error("the log of the database cannot be brought into its file: %s", error)
            in_trouble = True
        else:
            if in_trouble:
                log.warning("the log of the database is brought into its file again")
            in_trouble = False
    connection.close()


def start_in_background(stop: threading.Event) -> None:
    """On SQLite start `run_forever` in a thread of its own: a worker that waits for a peer must not hold it up."""
    if connection.vendor == "sqlite":
        threading.Thread(target=run_forever, args=(stop,), name="tongban-checkpointer", daemon=True).start()


def _log() -> tuple[int, int] | None:
    try:
        found = Path(f"{connection.settings_dict['NAME']}-wal").stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _patience() -> int:
    return int(connection.settings_dict["OPTIONS"]["timeout"] * 1000)

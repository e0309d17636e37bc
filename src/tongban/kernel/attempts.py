"""
Refused attempts: who tried what and was told no, for whoever has to find out later.

Told together by the hour, so that a thousand tries of one kind are one row; never with what was sent. A refusal stays
a refusal whatever becomes of its note.
"""

import logging
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F

from tongban.kernel.crypto import digest
from tongban.kernel.db import write
from tongban.kernel.journal import blocks, nodechain
from tongban.kernel.models import Attempt

log = logging.getLogger(__name__)

SOURCE = blocks.Source(
    "attempts", Attempt, ("hour", "who", "organisation", "code", "doing", "count", "last_at"), "hour",
    settles=timedelta(hours=1, minutes=2),
)  # fmt: skip
PAUSE = 1.0  # seconds between two notes of one kind of others' tries: they must not keep the database busy
_LONGEST = 60

_lock = threading.Lock()
_others: dict[tuple[Any, ...], tuple[float, int]] = {}  # kind of try → when noted last, how many since


def note(*, code: str, doing: str, at: datetime, who: str = "", organisation: str = "") -> None:
    """
    Write down that something was refused with `code`; `doing` says what was tried, in a word of the program's own.

    `who` is the node's code of a person or machine, or the fingerprint of a node; nothing where nobody is known. Of
    strangers and nodes it is noted at least so often: what comes within a moment is gathered.
    """
    hour = at.replace(minute=0, second=0, microsecond=0)
    values = {"hour": hour, "who": who, "organisation": organisation, "code": code, "doing": doing[:_LONGEST]}
    is_ours = who and not digest.is_digest(who)
    count = 1 if is_ours else _gathered((settings.NODE.home, *values.values()))
    if not count:
        return
    try:
        _write(values, count, at)
    except DatabaseError as error:
        # One line: the log may lie on a disk that is full.
        log.error("a refused attempt could not be written down (%s)", type(error).__name__)


def _write(values: dict[str, Any], count: int, at: datetime) -> None:
    with write():
        # What a block has taken in stays as it is, also where the clock was set back.
        taken = blocks.end_of(nodechain.last_of(SOURCE.kind))
        row = Attempt.objects.filter(**values, pk__gt=taken).order_by("pk").first()
        if row is None:
            Attempt.objects.create(**values, count=count, last_at=at)
        else:
            Attempt.objects.filter(pk=row.pk).update(count=F("count") + count, last_at=at)


def _gathered(key: tuple[Any, ...]) -> int:
    """Return how many tries of others are to be noted now: none while the last note is only a moment ago."""
    now = time.monotonic()
    with _lock:
        last, waiting = _others.get(key, (float("-inf"), 0))
        if now - last < PAUSE:
            _others[key] = (last, waiting + 1)
            return 0
        if len(_others) > 1000:
            _others.clear()
        _others[key] = (now, 0)
        return waiting + 1

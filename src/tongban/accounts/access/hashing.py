"""Argon2 at a cost that is worth guessing against and that nobody can stop the node with: few at once, the rest is told to wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.contrib.auth.hashers import Argon2PasswordHasher

from tongban.kernel.errors import DomainError

AT_ONCE: Final = 2
# A server process has four threads: with two that hash and one that waits, one is always left for pages.
WAITING: Final = 1
PATIENCE: Final = 2.0  # seconds


class Busy(DomainError):
    """Too many passwords are being checked at this moment; nothing was done."""

    code = "busy"
    status = 503
    retry_after = 2


class Argon2(Argon2PasswordHasher):
    """Argon2id at the cost that OWASP names, its memory towards the upper end (47 MiB)."""

    time_cost, memory_cost, parallelism = 2, 47_104, 1


_turns = threading.BoundedSemaphore(AT_ONCE)
_seats = threading.BoundedSemaphore(AT_ONCE + WAITING)


@contextmanager
def turn() -> Iterator[None]:
    """
    Wait for one's turn to hash, and hash during the block.

    Raises:
        Busy: others wait already, or the turn does not come soon.
    """
    if not _seats.acquire(blocking=False):
        raise _busy()
    try:
        if not _turns.acquire(timeout=PATIENCE):
            raise _busy()
        try:
            yield
        finally:
            _turns.release()
    finally:
        _seats.release()


def _busy() -> Busy:
    return Busy("未办理：此刻登录的人太多，系统正忙。请过几秒再试，已填写的内容不受影响。")

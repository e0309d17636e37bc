"""Work of which a process bears only so much at once: a few do it, a few wait for their turn, the rest is told to come again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tongban.kernel.errors import DomainError


class Busy(DomainError):
    """The process has as much of this work as it bears at this moment; nothing was done."""

    code = "busy"
    status = 503
    retry_after = 2


class Gate:
    """
    Lets `at_once` through and `waiting` wait for at most `patience` seconds; everybody else gets the sentence.

    A server process has four threads: with three at one gate, working or waiting, one is left for pages.
    """

    def __init__(self, *, at_once: int, waiting: int, patience: float, sentence: str) -> None:
        self.at_once, self.waiting, self.patience, self.sentence = at_once, waiting, patience, sentence
        self._turns = threading.BoundedSemaphore(at_once)
        self._seats = threading.BoundedSemaphore(at_once + waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """
        Wait for one's turn, and work during the block.

        Raises:
            Busy: others wait already, or the turn does not come soon.
        """
        if not self._seats.acquire(blocking=False):
            raise Busy(self.sentence)
        try:
            if not self._turns.acquire(timeout=self.patience):
                raise Busy(self.sentence)
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._seats.release()

    @property
    def seats(self) -> int:
        """How many more would be let in, to work or to wait."""
        return self._seats._value

"""The two looks that what cannot be undone needs: a clock that jumped between them is not believed."""

import time
from collections.abc import Callable

STEP = 5.0  # seconds by which a clock may be set right without anybody minding


class Looks:
    """
    Looks at the server's clock, beside a count that nobody sets.

    Between two looks the clock must have gone as far as time has. A demo node's own day does not matter here: it is
    shifted from the server's.
    """

    def __init__(
        self, shows: Callable[[], float] = time.time, count: Callable[[], float] = time.monotonic
    ) -> None:
        self._shows, self._count = shows, count
        self._last = shows(), count()

    def agree(self) -> bool:
        """Return whether this look fits the one before."""
        before, self._last = self._last, (self._shows(), self._count())
        gone, passed = self._last[0] - before[0], self._last[1] - before[1]
        return abs(gone - passed) < STEP

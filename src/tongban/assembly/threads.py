"""
A few threads that do what is given to them, the one that has just finished first: its database connection is warm.

What has to wait is done in its order; but who has much waiting stands in that order only with the first of it.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

type Work = Callable[[], object]


class Threads:
    """At most `most` threads, each made when it is first needed; what comes beyond waits."""

    def __init__(self, most: int) -> None:
        self.most: Final = most
        self._guard = threading.Lock()
        self._made = 0
        self._idle: list[_Thread] = []
        self._waiting: deque[tuple[str, Work]] = deque()
        self._lines: dict[str, deque[Work]] = {}  # all that waits of somebody who is named

    def do(self, work: Work, whose: str = "") -> None:
        """Have `work` done soon; it must not raise. Of all that is of one `whose` the next waits until the one before had its turn."""
        with self._guard:
            if self._idle:
                thread = self._idle.pop()
            elif self._made < self.most:
                self._made += 1
                thread = _Thread(self, self._made)
                thread.start()
            else:
                self._wait(work, whose)
                return
        thread.work = work
        thread.wake.release()

    def next_for(self, thread: "_Thread") -> Work | None:
        """Return what waits longest; if nothing does, the thread rests."""
        with self._guard:
            if self._waiting:
                whose, work = self._waiting.popleft()
                if whose:
                    self._go_on(whose)
                return work
            self._idle.append(thread)
            return None

    def _wait(self, work: Work, whose: str) -> None:
        line = self._lines.setdefault(whose, deque()) if whose else deque()
        line.append(work)
        if len(line) == 1:
            self._waiting.append((whose, work))

    def _go_on(self, whose: str) -> None:
        """Let the next of somebody stand at the end, now that their first had its turn."""
        line = self._lines[whose]
        line.popleft()
        if line:
            self._waiting.append((whose, line[0]))
        else:
            del self._lines[whose]


class _Thread(threading.Thread):
    def __init__(self, threads: Threads, number: int) -> None:
        # Daemons: the server waits for requests it has begun, and for nothing else.
        super().__init__(name=f"tongban-request-{number}", daemon=True)
        self.threads = threads
        self.work: Work | None = None
        self.wake = threading.Lock()
        self.wake.acquire()

    def run(self) -> None:
        while True:
            self.wake.acquire()
            work = self.work
            self.work = None
            while work is not None:
                work()
                work = self.threads.next_for(self)

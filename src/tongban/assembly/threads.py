"""A few threads that do what is given to them, the one that has just finished first: its database connection is warm."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

type Work = Callable[[], object]


class Threads:
    """At most `most` threads, each made when it is first needed; what comes beyond waits in its order."""

    def __init__(self, most: int) -> None:
        self.most: Final = most
        self._guard = threading.Lock()
        self._made = 0
        self._idle: list[_Thread] = []
        self._waiting: deque[Work] = deque()

    def do(self, work: Work) -> None:
        """Have `work` done soon; it must not raise."""
        with self._guard:
            if self._idle:
                thread = self._idle.pop()
            elif self._made < self.most:
                self._made += 1
                thread = _Thread(self, self._made)
                thread.start()
            else:
                self._waiting.append(work)
                return
        thread.work = work
        thread.wake.release()

    def next_for(self, thread: "_Thread") -> Work | None:
        """Return what waits longest; if nothing does, the thread rests."""
        with self._guard:
            if self._waiting:
                return self._waiting.popleft()
            self._idle.append(thread)
            return None


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

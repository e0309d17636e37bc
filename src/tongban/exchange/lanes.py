"""Each peer and each follower has a lane of its own, so that one that is slow, lies or is away keeps nobody else waiting."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from django.db import close_old_connections

from tongban.exchange import fetching, sending
from tongban.exchange.models import Peer
from tongban.procedures import tasks

LANES = 8  # peers that are exchanged with at the same time


def exchange(peer: Peer, at: datetime) -> int:
    """Exchange with one peer: send what it lacks, fetch what it holds for us; return how much was done."""
    done = sending.send_to(peer, at)
    for subject in fetching.fetch_from(peer.node, at):
        done += tasks.arrive_alone(subject, at)
    return done


class Lanes[T]:
    """Threads, one for each of those that `who` returns while it has something to do; whose lane is still busy is left alone."""

    def __init__(
        self, run: Callable[[T, datetime], int], who: Callable[[], Iterable[T]], key: Callable[[T], str], most: int,
    ) -> None:  # fmt: skip
        self._run, self._who, self._key = run, who, key
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="tongban-lane")
        self._busy: dict[str, Future[int]] = {}

    def start(self, at: datetime) -> int:
        """Start the lanes that are idle; return how much those that ended have done."""
        done = 0
        for key, future in list(self._busy.items()):
            if future.done():
                del self._busy[key]
                done += future.result()
        for one in self._who():
            if self._key(one) not in self._busy:
                self._busy[self._key(one)] = self._pool.submit(self._lane, one, at)
        return done

    def stop(self) -> None:
        """Wait for nobody: what was not finished is done again."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _lane(self, one: T, at: datetime) -> int:
        try:
            return self._run(one, at)
        finally:
            close_old_connections()

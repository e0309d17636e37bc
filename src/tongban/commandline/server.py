"""How granian is told to serve a node: for how long it waits for heads of requests, and what becomes of a process that dies or grows."""

import resource
from collections.abc import Callable, Sequence
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from tongban.kernel import crashpoints

HEAD_WITHIN: Final = 15_000  # milliseconds for the head of a request
LINES: Final = 4096  # connections of one process at a time: most wait, and a waiting one costs a few KB
# A hung request must not keep Ctrl-C waiting; what was not committed was not promised.
END_WITHIN: Final = 10  # seconds
LOOK_EVERY: Final = 10  # seconds, at the memory of the processes


class OneAtATime(MPServer):
    """Ends an old process before its successor begins: on SQLite a node has one process that writes."""

    def _respawn_workers(
        self, workers: Sequence[int], spawn_target: Any, target_loader: Any, delay: float = 0
    ) -> None:
        for number in workers:
            old: Any = self.wrks[number]  # granian types its parts loosely
            old.terminate()
            old.join(END_WITHIN)
            if old.is_alive():
                old.kill()
                old.join()
        super()._respawn_workers(workers, spawn_target, target_loader, delay=0)


def server(*, host: str, port: int, workers: int, memory_mb: int, one_at_a_time: bool) -> Any:
    """Return the server of this node; a process that dies, or holds more than `memory_mb`, is followed by a new one."""
    kind: Callable[..., Any] = OneAtATime if one_at_a_time else MPServer
    _allow_lines()
    return kind(
        "tongban.assembly.wsgi:door",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        loop=Loops.asyncio,
        http=HTTPModes.http1,  # as proxies speak to what is behind them
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_WITHIN),
        workers=workers,
        backpressure=LINES,
        log_level=LogLevels.error,
        workers_kill_timeout=END_WITHIN,
        # What a test kills at a named moment stays dead until the test starts it again.
        respawn_failed_workers=not crashpoints.is_armed(),
        workers_max_rss=memory_mb,
        rss_sample_interval=LOOK_EVERY,
        websockets=False,
    )


def _allow_lines() -> None:
    """Let this process and its children have as many files open as connections need, where the system permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * LINES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        top = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, top), hard))

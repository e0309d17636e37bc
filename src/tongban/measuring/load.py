"""A closed loop of callers: each sends a request, waits for the answer, sends the next. One thread, little work of its own."""

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field


class BadAnswer(Exception):
    """The node answered something else than was to be measured; the message holds its status line and body."""


@dataclass(slots=True)
class Run:
    """What a run came to: answers, seconds, and the time that each answer took, in milliseconds."""

    answers: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    by_caller: list[int] = field(default_factory=list)  # answers of each

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class _Line:
    """One connection and what it waits for."""

    place: int
    requests: Iterator[bytes]
    socket: socket.socket
    since: float = 0.0
    read: bytes = b""

    def send_next(self, run: Run) -> bool:
        request = next(self.requests, None)
        if request is None:
            return False
        self.read, self.since = b"", time.perf_counter()
        self.socket.sendall(request)
        return True

    def is_answered(self) -> bool:
        head, there, body = self.read.partition(b"\r\n\r\n")
        if not there:
            return False
        for line in head.split(b"\r\n"):
            if line[:15].lower() == b"content-length:":
                return len(body) >= int(line[15:])
        return True


def drive(
    port: int, callers: Sequence[Iterator[bytes]], seconds: float, keep: Callable[[int, bytes], object] | None = None
) -> Run:  # fmt: skip
    """
    Let each caller send its requests one after another, for so long or until they have none; return what came of it.

    `keep` is given the place of each caller that is answered, and the body of its answer.

    Raises:
        BadAnswer: an answer is not a success.
    """
    run, begun = Run(by_caller=[0] * len(callers)), time.perf_counter()
    with selectors.DefaultSelector() as selector, ExitStack() as lines:
        for place, requests in enumerate(callers):
            line = _Line(place, requests, lines.enter_context(socket.create_connection(("127.0.0.1", port))))
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if line.send_next(run):
                selector.register(line.socket, selectors.EVENT_READ, line)
        while selector.get_map():
            for key, _ in selector.select():
                _hear(key.data, run, selector, keep, over=time.perf_counter() - begun > seconds)
    run.seconds = time.perf_counter() - begun
    return run


def _hear(
    line: _Line, run: Run, selector: selectors.BaseSelector, keep: Callable[[int, bytes], object] | None, *, over: bool
) -> None:  # fmt: skip
    got = line.socket.recv(1 << 16)
    line.read += got
    if got and not line.is_answered():
        return
    if not line.read.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
        raise BadAnswer(line.read[:600].decode(errors="replace") or "the node hung up")
    run.answers += 1
    run.by_caller[line.place] += 1
    run.waits.append((time.perf_counter() - line.since) * 1000)
    if keep is not None:
        keep(line.place, line.read.partition(b"\r\n\r\n")[2])
    if over or not line.send_next(run):
        selector.unregister(line.socket)

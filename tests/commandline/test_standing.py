"""A served node stands: against bodies that never end, bodies without measure, and the death of its process."""

import os
import queue
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.commandline.test_serve import await_answer, home, port, served
from tests.patience import PATIENCE
from tongban.commandline import serving

__all__ = ["home", "port"]

pytestmark = pytest.mark.slow
MB = 1024 * 1024
PATHS = ("/sign-in/", "/api/v1/sessions", "/exchange/v1/messages", "/api/v1/drafts")
KEYS = 2_000_000


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Serve one node for the tests that leave it as it was; return its port and its process."""
    from tests.commandline.operators import node_in
    from tests.commandline.test_serve import free_port

    folder, own = tmp_path_factory.mktemp("standing"), free_port()
    node_in(folder, url=f"http://127.0.0.1:{own}")
    with served(folder / "home", own) as node:
        yield own, *processes(node.pid)


def head(path: str, size: int, *more: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {size}", *more, "", ""]
    return "\r\n".join(lines).encode()


@contextmanager
def line(port: int, sent: bytes = b"") -> Iterator[socket.socket]:
    """Open a connection and send something."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(sent)
        yield connection


def heard(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes the line."""
    parts = []
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def processes(of: int) -> list[int]:
    """Return the processes that a process has started."""
    told = Path(f"/proc/{of}/task/{of}/children").read_text(encoding="ascii")
    return [int(number) for number in told.split()]


def resident(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.prove("processes: a served node under load")
@pytest.mark.attack("D1")
class TestUnfinishedBodies:
    def test_hold_nobody_up_and_are_told_that_they_are_late(self, standing: tuple[int, int]) -> None:
        port, _process = standing
        with ExitStack() as lines:
            late = [
                lines.enter_context(line(port, head(PATHS[number % 4], 4000) + b"x")) for number in range(40)
            ]
            for number in range(20):
                assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
                late[number].sendall(b"x")
            told = [heard(one) for one in late]

        assert {answer.partition(b"\r\n")[0] for answer in told} == {b"HTTP/1.1 408 Request Timeout"}
        assert all(b"connection: close" in answer for answer in told)
        assert all(b'"code": "request_too_slow"' in answer for answer in told[1::4])
        assert all("没有在限定时间内收完".encode() in answer for answer in told[0::4])

    def test_may_be_given_up(self, standing: tuple[int, int]) -> None:
        port, _process = standing
        for path in PATHS:
            with line(port, head(path, 4000) + b"x"):
                pass
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200


@pytest.mark.prove("processes: a served node under load")
@pytest.mark.attack("D2")
class TestBodiesWithoutMeasure:
    @pytest.mark.parametrize("path", PATHS)
    def test_are_refused_and_kept_nowhere(self, standing: tuple[int, int], path: str) -> None:
        body = b"{" + b",".join(b'"%06d":1' % number for number in range(KEYS)) + b"}"
        port, process = standing
        httpx.get(f"http://127.0.0.1:{port}{PATHS[0]}", trust_env=False)
        before = resident(process)
        with line(port, head(path, len(body), "Content-Type: application/json")) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(body)
            answer = heard(connection)

        expected = b"403" if path.startswith("/exchange") else b"413"
        assert answer.split(b" ", 2)[1] == expected
        assert len(answer) < 8 * 1024
        assert resident(process) - before < len(body)

    def test_are_not_asked_for(self, standing: tuple[int, int]) -> None:
        port, _process = standing
        waiting = head(PATHS[1], 25 * MB, "Expect: 100-continue")
        with line(port, waiting) as connection:
            assert heard(connection).startswith(b"HTTP/1.1 413")

    def test_that_never_come_keep_no_line_open(self, standing: tuple[int, int]) -> None:
        port, _process = standing
        with ExitStack() as lines:
            waiting = [lines.enter_context(line(port, head(PATHS[1], 25 * MB))) for _ in range(64)]
            told = [heard(one) for one in waiting]
        assert {answer.partition(b"\r\n")[0] for answer in told} == {b"HTTP/1.1 413 Payload Too Large"}


@pytest.mark.attack("H")
class TestDeath:
    def test_of_the_process_is_followed_by_a_new_one(self, home: Path, port: int) -> None:
        with served(home, port) as node:
            (before,) = processes(node.pid)
            os.kill(before, signal.SIGKILL)
            await_answer(port)
            (after,) = processes(node.pid)
            assert after != before
            assert node.poll() is None

    @pytest.mark.prove("processes: a served node under load")
    def test_of_a_process_that_holds_too_much_memory_is_brought_about(self, home: Path, port: int) -> None:
        config = home / "config.toml"
        config.write_text(config.read_text("utf-8") + "\n[server]\nmemory_mb = 64\n", "utf-8")
        with served(home, port) as node:
            (before,) = processes(node.pid)
            watch = os.pidfd_open(before)  # memory is looked at every few seconds
            assert select.select([watch], [], [], PATIENCE)[0] == [watch]
            os.close(watch)
            await_answer(port)
            assert processes(node.pid) != [before]

    @pytest.mark.prove("processes: a served node under load")
    def test_of_the_background_process_is_followed_by_a_new_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun: queue.Queue[subprocess.Popen[bytes]] = queue.Queue()
        start = subprocess.Popen

        def instead(_words: list[str]) -> subprocess.Popen[bytes]:
            begun.put(process := start([sys.executable, "-c", "import signal; signal.pause()"]))
            return process

        monkeypatch.setattr(serving.subprocess, "Popen", instead)
        with serving.background_process():
            first = begun.get(timeout=PATIENCE)
            os.kill(first.pid, signal.SIGKILL)
            second = begun.get(timeout=PATIENCE)
            assert (second.pid != first.pid, second.poll()) == (True, None)
        assert second.wait(PATIENCE) == -signal.SIGTERM

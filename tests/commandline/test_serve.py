"""A node is served once, and stops when asked."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commandline.operators import command_line, init, run, surroundings
from tongban.configuration import newest_sqlite

pytestmark = pytest.mark.slow
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def served(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Serve the node in `home` until the block ends; it has answered a request when the block begins."""
    process = subprocess.Popen(
        command_line("serve"),
        env=surroundings(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout
        assert f":{port}" in process.stdout.readline()
        await_answer(port)
        yield process
    finally:
        process.kill()
        process.communicate()


def await_answer(port: int) -> None:
    """Return as soon as the node answers; connecting blocks until then, or is refused at once."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with (
            contextlib.suppress(ConnectionError),
            socket.create_connection(("127.0.0.1", port), 5) as connection,
        ):
            connection.settimeout(PATIENCE)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            if connection.recv(9) == b"HTTP/1.1 ":
                return
    raise AssertionError("the node does not answer")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def home(tmp_path: Path, port: int) -> Path:
    made = init(tmp_path, url=f"http://127.0.0.1:{port}")
    assert made.returncode == 0, made.stderr
    return tmp_path / "home"


class TestServe:
    def test_answers_until_it_is_interrupted(self, home: Path, port: int) -> None:
        with served(home, port) as node:
            assert node.stdout
            assert f"SQLite {newest_sqlite.version()}" in node.stdout.readline()
            node.send_signal(signal.SIGINT)
            assert node.wait(PATIENCE) == 0
        assert is_free(port)

    def test_runs_a_node_only_once(self, home: Path, port: int) -> None:
        with served(home, port):
            again = run("serve", "--port", str(free_port()), home=home)
            worker = run("worker", home=home)
        assert (again.returncode, worker.returncode) == (1, 1)
        assert "已在运行" in again.stderr
        assert "tongban serve" in worker.stderr

    def test_killed_leaves_no_process_behind(self, home: Path, port: int) -> None:
        with served(home, port) as node:
            node.kill()
            node.wait(PATIENCE)
            # Only its last process lets go of the lock: the node can be started again at once.
            with served(home, port):
                assert not is_free(port)

    def test_names_a_busy_port(self, home: Path, port: int) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))
            other.listen()
            refused = run("serve", home=home)
        assert refused.returncode == 1
        assert f"端口 {port} 已被占用" in refused.stderr
        assert refused.stderr.count("\n") == 1

    def test_of_sqlite_has_one_process(self, home: Path) -> None:
        assert run("serve", "--workers", "2", home=home).returncode == 2

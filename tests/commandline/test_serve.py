"""A node is served once, and stops when asked."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commandline.operators import command_line, free_port, node_in, run, surroundings
from tests.patience import PATIENCE
from tongban.configuration import newest_sqlite

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def served(home: Path, port: int, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Serve the node in `home` until the block ends; it has answered a request when the block begins."""
    process = subprocess.Popen(
        command_line("serve", *words),
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
    return node_in(tmp_path, url=f"http://127.0.0.1:{port}")


class TestServe:
    @pytest.mark.prove("processes: a node is served")
    def test_answers_until_it_is_interrupted(self, home: Path, port: int) -> None:
        with served(home, port) as node:
            assert node.stdout
            assert f"SQLite {newest_sqlite.version()}" in node.stdout.readline()
            node.send_signal(signal.SIGINT)
            assert node.wait(PATIENCE) == 0
        assert is_free(port)

    @pytest.mark.prove("processes: a node is served")
    def test_says_that_files_are_not_scanned(self, home: Path, port: int, tmp_path: Path) -> None:
        with served(home, port) as node:
            assert node.stdout
            absent = "注意：没有配置查毒服务（scanner.clamd），上传的文件不查毒。见 docs/operations.md 的“上传与查毒”。\n"
            assert next(line for line in node.stdout if "查毒" in line) == absent
        with (home / "config.toml").open("a") as file:
            file.write(f'\n[scanner]\nclamd = "unix:{tmp_path}/nobody"\n')
        with served(home, port) as node:
            assert node.stdout
            away = f"注意：查毒服务 unix:{tmp_path}/nobody 没有应答；在它恢复以前，上传的文件待查毒，谁都不能打开。\n"
            assert next(line for line in node.stdout if "查毒" in line) == away

    @pytest.mark.prove("processes: a node is served twice")
    def test_runs_a_node_only_once(self, home: Path, port: int) -> None:
        with served(home, port):
            again = run("serve", "--port", str(free_port()), home=home)
            worker = run("worker", home=home)
        assert (again.returncode, worker.returncode) == (1, 1)
        assert "已在运行" in again.stderr
        assert "tongban serve" in worker.stderr

    @pytest.mark.prove("processes: a node is served and killed")
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


SETTINGS = """
import json
from tongban.assembly import settings as s
names = ("ALLOWED_HOSTS", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
    "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "LANGUAGE_COOKIE_NAME", "SECURE_PROXY_SSL_HEADER")
print(json.dumps({name: getattr(s, name) for name in names}))
"""


def settings_in(home: Path) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-c", SETTINGS], env=surroundings(home), capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, Any] = json.loads(told)
    return found


class TestBehindTls:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        return node_in(tmp_path, url="https://tongban.example.cn")

    @pytest.mark.attack("D4")
    def test_is_not_served_while_no_proxy_is_trusted(self, home: Path, port: int) -> None:
        refused = run("serve", "--port", str(port), home=home)
        assert refused.returncode == 1
        assert '[proxy] trusted = ["127.0.0.1"]' in refused.stderr
        assert refused.stderr.count("\n") == 1

    def test_is_served_behind_one(self, home: Path, port: int) -> None:
        config = home / "config.toml"
        config.write_text(config.read_text("utf-8") + '\n[proxy]\ntrusted = ["127.0.0.1"]\n', "utf-8")
        with served(home, port, "--port", str(port)):
            assert not is_free(port)

    @pytest.mark.attack("F")
    def test_keeps_its_cookies_to_itself(self, home: Path) -> None:
        assert settings_in(home) == {
            "ALLOWED_HOSTS": ["127.0.0.1", "localhost", "tongban.example.cn"],
            "SESSION_COOKIE_NAME": "__Host-tongban_qy_session", "CSRF_COOKIE_NAME": "__Host-tongban_qy_csrf",
            "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True, "SECURE_HSTS_SECONDS": 365 * 86400,
            "SECURE_HSTS_INCLUDE_SUBDOMAINS": True, "LANGUAGE_COOKIE_NAME": "__Host-tongban_qy_language",
            "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        }  # fmt: skip


@pytest.mark.attack("C6")
def test_without_tls_cookies_have_plain_names(home: Path) -> None:
    found = settings_in(home)
    assert (found["SESSION_COOKIE_NAME"], found["SECURE_HSTS_SECONDS"]) == ("tongban_qy_session", 0)
    assert "testserver" not in found["ALLOWED_HOSTS"]
    assert found["SECURE_PROXY_SSL_HEADER"] is None

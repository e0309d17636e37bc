"""`tongban bench` measures a node of its own; what it measures is what it says, and nothing of it stays behind."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tongban.commandline.bench import WORKLOADS
from tongban.measuring import bench, load

pytestmark = pytest.mark.slow

MEMBERS = {"name", "database", "figure", "unit", "floor", "ratio", "p50_ms", "p99_ms", "rows_before"}


def measured(tmp_path: Path, name: str, database: str) -> dict[str, Any]:
    """Let the operator's command measure, as short as may be."""
    done = subprocess.run(
        [sys.executable, "-m", "tongban.cli", "bench", name, "--database", database, "--rows", "20", "--seconds", "0.5",
         "--rounds", "1", "--json"],
        env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() == MEMBERS
    assert (found["name"], found["database"], found["rows_before"]) == (name, database, 20)
    assert found["figure"] > 0
    assert found["ratio"] == pytest.approx(found["figure"] / found["floor"], abs=0.01)
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert not list(tmp_path.iterdir()), "something was left behind"
    return dict(found)


@pytest.mark.parametrize("name", ["submit", "verify"])
def test_on_sqlite(tmp_path: Path, name: str) -> None:
    measured(tmp_path, name, "sqlite")


@pytest.mark.postgres
@pytest.mark.parametrize("name", ["advance", "queue"])
def test_on_postgresql(tmp_path: Path, name: str) -> None:
    measured(tmp_path, name, "postgresql")


def test_without_a_server_says_what_is_missing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TONGBAN_TEST_POSTGRES"}
    done = subprocess.run(
        [sys.executable, "-m", "tongban.cli", "bench", "queue", "--database", "postgresql"],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "TONGBAN_TEST_POSTGRES 没有指明 PostgreSQL 服务器" in done.stderr


def test_the_command_knows_every_workload() -> None:
    assert tuple(WORKLOADS) == bench.WORKLOADS


def test_what_is_not_a_success_is_no_figure() -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            line, _ = server.accept()
            line.recv(1000)
            line.sendall(b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nno")
            line.close()

        threading.Thread(target=refuse, daemon=True).start()
        with pytest.raises(load.BadAnswer, match="409"):
            load.drive(server.getsockname()[1], [iter([b"GET / HTTP/1.1\r\n\r\n"])], 5)

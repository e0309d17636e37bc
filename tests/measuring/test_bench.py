"""`tongban bench` measures a node of its own; what it measures is what it says, and nothing of it stays behind."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tongban.commandline.bench import WORKLOADS
from tongban.measuring import bench, load, processor

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]

MEMBERS = {
    "name", "database", "figure", "unit", "floor", "ratio", "p50_ms", "p95_ms", "p99_ms", "rows_before", "application_us", "database_us",
    "load_us", "alone_us", "foreign", "quiet",
}  # fmt: skip

BESIDES = {"exchange": {"slowest", "fastest"}, "resting": {"requests", "memory_mb", "grown_mb"}}


def run(*words: str, tmp_path: Path) -> list[dict[str, Any]]:
    """Let the operator's command measure, as short as may be; nothing of it may stay behind."""
    done = subprocess.run(
        [
            sys.executable, "-m", "tongban.cli", "bench", *words, "--rows", "20", "--open", "60", "--seconds", "0.3", "--rounds", "1",
            "--json",
        ],
        env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir()), "something was left behind"
    return [json.loads(line) for line in done.stdout.splitlines()]


# SQLite's floor is one loop for all: what writes there, and what reads by one statement or by many.
@pytest.mark.prove("runs every workload of the bench")
@pytest.mark.parametrize(
    ("database", "names"),
    [("sqlite", ["submit", "queue", "item_page"]), pytest.param("postgresql", list(WORKLOADS), marks=pytest.mark.postgres)],
)  # fmt: skip
def test_every_name_measures_what_it_says(tmp_path: Path, database: str, names: list[str]) -> None:
    figures = run(*names, "--database", database, tmp_path=tmp_path)
    assert [one["name"] for one in figures] == names
    for found in figures:
        assert found.keys() == MEMBERS | BESIDES.get(found["name"], set())
        assert (found["database"], found["rows_before"]) == (database, 20)
        assert found["figure"] > 0
        assert found["ratio"] == pytest.approx(found["figure"] / found["floor"], abs=0.01)
        assert 0 < found["p50_ms"] <= found["p99_ms"]
        if found["name"] == "exchange":
            mean = found["figure"] / 8
            assert 0 < found["slowest"] <= mean + 0.1  # each is rounded
            assert mean - 0.1 <= found["fastest"]
        if found["name"] == "resting":
            assert found["requests"] == 600
            assert found["memory_mb"] > 20
        if found["name"] in ("verify", "letters", "find", "exchange", "resting"):
            continue
        assert min(found["application_us"], found["load_us"], found["alone_us"]) > 0
        # By the server's own clock ticks, of which a short run may have none.
        assert (found["database_us"] is None) == (database == "sqlite")
        assert 0 <= found["foreign"] <= 1
        assert found["quiet"] == (found["foreign"] <= processor.QUIET)


@pytest.fixture
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository of these sources, with one version in it: where the tests run there may be none."""
    there = tmp_path_factory.mktemp("repository")
    shutil.copytree(ROOT / "src", there / "src", ignore=shutil.ignore_patterns("__pycache__"))
    git = ["git", "-C", str(there), "-c", "user.name=Tester", "-c", "user.email=tester@example.org"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *words], check=True)
    return there


@pytest.mark.prove("runs the bench of two versions")
def test_another_version_is_measured_in_the_same_rounds(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(repository / "src"))
    figures = run("queue", "--database", "sqlite", "--against", "HEAD", tmp_path=tmp_path)
    assert [(one["version"], one["name"]) for one in figures] == [("此版", "queue"), ("HEAD", "queue")]
    assert all(one["figure"] > 0 for one in figures)
    assert not (repository / ".git/worktrees").exists()


def test_a_version_that_is_not_there_is_refused() -> None:
    words = ["bench", "queue", "--database", "sqlite", "--against", "no-such-version"]
    done = subprocess.run([sys.executable, "-m", "tongban.cli", *words], capture_output=True, text=True)
    assert done.returncode == 1
    assert "取不出版本 no-such-version" in done.stderr


class TestProcessorTime:
    def test_of_this_process_is_not_foreign(self) -> None:
        before = processor.read([])
        begun = time.perf_counter()
        while time.perf_counter() - begun < 0.2:
            pass
        spent = processor.read([]).since(before)
        assert spent.load > 0
        assert spent.everybody + 0.02 >= spent.load

    def test_of_a_child_counts_for_who_started_it(self) -> None:
        child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            begun = processor.read([child.pid])
            while processor.read([child.pid]).since(begun).application == 0:
                pass
        finally:
            child.kill()
            child.wait()
        assert processor.read([child.pid]).application == 0

    def test_nobody_is_the_server_of_a_process_that_is_no_backend(self) -> None:
        assert processor.postmaster(os.getpid()) == []

    def test_others_are_who_is_neither(self) -> None:
        reading = processor.Reading(application=1.0, database=0.5, load=0.5, everybody=3.0)
        cores = os.cpu_count() or 1
        assert reading.foreign(1.0) == pytest.approx(1.0 / cores)
        assert processor.Reading(2.0, 1.0, 1.0, 3.0).foreign(1.0) == 0


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

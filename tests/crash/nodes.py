"""Two counties as real processes, and a way to kill them."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx

from tests.patience import PATIENCE
from tongban.configuration import config
from tongban.demonstration import running
from tongban.demonstration.building import Built, DemonstrationFailed, tongban
from tongban.demonstration.counties import JIASHAN, QINGYANG

COUNTIES = (QINGYANG, JIASHAN)


class Node:
    """A node as a process. `deaths` are the points at which its next processes are to die."""

    def __init__(self, built: Built) -> None:
        self.built = built
        self.log = built.home.parent / f"{built.home.name}.log"
        self.deaths: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._reviving = threading.Lock()

    def start(self, *deaths: str, ready: bool = True) -> None:
        """Serve; each of `deaths` kills one process, the last one lives."""
        self.deaths = list(deaths)
        self._serve(ready=ready)

    def kill(self) -> None:
        """End every process of the node as a power cut would."""
        if self._process is not None:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def revive(self) -> None:
        """Start the node again if its process died, as its operator's supervisor would."""
        with self._reviving:
            if self._process is None or self._process.poll() is None:
                return
            self._serve(ready=True)

    def await_end(self) -> None:
        """Return when the process has ended of itself."""
        assert self._process is not None
        self._process.wait(PATIENCE)

    def await_answer(self, path: str = "/healthz") -> None:
        """Return when the node answers `path` with 200, without minding what it said before."""
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.built.url}{path}", trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{self.built.node.name} does not answer {path}")

    def died_at(self) -> list[str]:
        """Return the points at which processes of this node killed themselves, in order."""
        return re.findall(r"^crash point (\S+)$", self.log.read_text(encoding="utf-8"), re.MULTILINE)

    @property
    def database(self) -> Path:
        """The file of an SQLite node."""
        return self.built.home / config.load(self.built.home).database.removeprefix("sqlite:///")

    def rows(self, query: str, *values: str) -> list[tuple[object, ...]]:
        """Look into the database, past the node."""
        with closing(
            sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=PATIENCE)
        ) as database:
            return database.execute(query, values).fetchall()

    def _serve(self, *, ready: bool) -> None:
        while True:
            armed = {"TONGBAN_CRASH_AT": self.deaths.pop(0)} if self.deaths else {}
            self._process = running.serve(self.built, self.log, **armed)
            if not ready:
                return
            try:
                running.wait_until_ready(self.built, self._process)
                return
            except DemonstrationFailed:
                # It may be killed while it starts, and what was left to do may bring it to its point.
                if self._process.poll() != -signal.SIGKILL and not (armed and self._process.poll()):
                    raise


def copied(original: Path, folder: Path) -> dict[str, Node]:
    """Return the nodes of a copy of a built neighbourhood, moved to free ports."""
    shutil.copytree(original, folder, dirs_exist_ok=True)
    ports = free_ports(len(COUNTIES))
    found = {}
    for county, port in zip(COUNTIES, ports, strict=True):
        built = Built(county, folder / county.name, "")
        move(built, port)
        built.recall()
        found[county.key] = Node(built)
    for node in found.values():
        card = folder / f"{node.built.node.key}.card"
        card.unlink(missing_ok=True)  # of the nodes that were copied, where they were a copy themselves
        tongban(["peer", "show", "--card", str(card)], node.built)
        for other in found.values():
            if other is not node:
                # As operators do when a neighbour moves: by SQL the audit would find it.
                words = ["peer", "add", str(card), "--fingerprint", node.built.fingerprint]
                tongban(words, other.built)
    return found


def move(built: Built, port: int) -> None:
    """Let a node that does not run have another address."""
    built.url = f"http://127.0.0.1:{port}"
    path = built.home / config.CONFIG_NAME
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r'^url = "http.*"$', f'url = "{built.url}"', text, flags=re.MULTILINE), encoding="utf-8"
    )


@contextmanager
def ended(nodes: dict[str, Node]) -> Iterator[dict[str, Node]]:
    """Kill what still runs when the block ends."""
    try:
        yield nodes
    finally:
        for node in nodes.values():
            node.kill()


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports

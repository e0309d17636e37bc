"""Three counties as real processes, each with a disk, a clock and lines of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.chaos import disks
from tests.chaos.lines import Line, Lines
from tests.crash import nodes as crash
from tongban.demonstration import building
from tongban.demonstration.counties import JIASHAN, QINGYANG, TONGNAN

ROOT = Path(__file__).resolve().parents[2]
COUNTIES = (QINGYANG, JIASHAN, TONGNAN)


class Node(crash.Node):
    """A node as a process that is killed, whose clock is set wrong, and whose disk runs full."""

    disk: disks.Disk
    shift: float  # of the right clock from that of this machine, in seconds

    @property
    def key(self) -> str:
        return self.built.node.key

    @property
    def clock(self) -> Path:
        """The file that sets this node's clock; it lies on another disk than the node's own."""
        return self.built.home.with_name(f"{self.built.home.name}.clock")

    def set_clock(self, wrong_by: float = 0.0) -> None:
        part = self.clock.with_suffix(".part")
        part.write_text(f"{self.shift + wrong_by}\n", encoding="ascii")
        part.replace(self.clock)

    @property
    def process(self) -> int:
        """The first process of the node; another after a restart."""
        assert self._process is not None
        return self._process.pid

    def processes(self) -> list[int]:
        """Return all processes of the node that live."""
        return [int(entry.name) for entry in Path("/proc").iterdir() if self._is_ours(entry)]

    def has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def answers(self) -> bool:
        """Whether the node says that it can serve."""
        try:
            return httpx.get(f"{self.built.url}/readyz", trust_env=False, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def _is_ours(self, entry: Path) -> bool:
        try:
            return entry.name.isdecimal() and os.getpgid(int(entry.name)) == self.process
        except ProcessLookupError:
            return False

    @property
    def on_sqlite(self) -> bool:
        return self.built.database.startswith("sqlite")

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        if self.on_sqlite:
            return super().rows(query, *values)
        with psycopg.connect(self.built.database) as database:
            return database.execute(query.replace("?", "%s"), values).fetchall()  # type: ignore[arg-type]

    def change(self, statement: str, *values: Any) -> None:
        """Change a database in PostgreSQL past the node."""
        for patience in range(20, -1, -1):
            try:
                with psycopg.connect(self.built.database) as database:
                    database.execute(statement.replace("?", "%s"), values or None)  # type: ignore[arg-type]
                return
            except (psycopg.errors.DeadlockDetected, psycopg.errors.InternalError_):
                if not patience:
                    raise
                time.sleep(0.1)


type Nodes = dict[str, Node]
type Laid = dict[tuple[str, str], Line]


def build(folder: Path, shift: float, databases: dict[str, str], *, mounting: bool) -> Nodes:
    """Build the neighbourhood and give each node a disk and a clock of its own; nothing is served yet."""
    ports = dict(zip((one.key for one in COUNTIES), crash.free_ports(len(COUNTIES)), strict=True))
    nodes = {}
    # Built a month before: a clock that is days behind must find posts, guides and agreements in force.
    earlier = shift - 30 * 86400
    for built in building.neighbourhood(folder, COUNTIES, ports, shift=earlier, databases=databases):
        node = nodes[built.node.key] = Node(built)
        node.shift = shift
        node.set_clock()
        (built.home / "clock").symlink_to(node.clock)
        if not node.on_sqlite:
            node.disk = disks.NoRoomInTables(node)
        else:
            node.disk = disks.OfItsOwn(node) if mounting else disks.ShortFiles(node)
    return nodes


def connect(nodes: Nodes) -> Laid:
    """Lay a line each way between any two nodes, and let them reach one another by these alone."""
    lines, laid = Lines(), {}
    for here, there in permutations(nodes.values(), 2):
        laid[here.key, there.key] = lines.lay(int(there.built.url.rpartition(":")[2]))

    def show(there: Node) -> Any:
        ports = {key: laid[key, there.key].port for key in nodes if key != there.key}
        return _introduce(there, "show", {key: f"http://127.0.0.1:{port}" for key, port in ports.items()})

    with ThreadPoolExecutor(2) as pool:
        cards = list(pool.map(show, nodes.values()))
        for _ in pool.map(
            lambda node: _introduce(node, "add", [c[node.key] for c in cards if node.key in c]),
            nodes.values(),
        ):
            pass
    return laid


def _introduce(node: Node, step: str, told: Any) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.introducing", step], input=json.dumps(told), cwd=ROOT,
        env=node.built.environment(), text=True, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    return json.loads(done.stdout)


@contextmanager
def served(nodes: Nodes) -> Iterator[None]:
    """Serve all nodes during the block."""
    with crash.ended(nodes):
        for node in nodes.values():
            node.start(ready=False)
        for node in nodes.values():
            node.await_answer("/readyz")
        yield

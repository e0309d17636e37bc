"""The neighbourhood is built once a run and copied for whoever needs a pair of nodes."""

import fcntl
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.crash.nodes import COUNTIES, Node, copied, ended, free_ports
from tests.crash.people import Place
from tongban.demonstration import building, people

BEGIN = "2026-03-02T09:00:00+08:00"  # a working day of a year whose calendar is known


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder of a built neighbourhood that nobody serves; the processes of a run share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "neighbourhood"
    with folder.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / building.READY).exists():
            ports = dict(zip((county.key for county in COUNTIES), free_ports(len(COUNTIES)), strict=True))
            building.neighbourhood(folder, COUNTIES, ports, shift=shift_to(BEGIN))
    return folder


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer than a demonstration does: a node that is killed again and again is slow to answer."""
    monkeypatch.setattr(people, "PATIENCE", 300.0)


@pytest.fixture
def nodes(original: Path, tmp_path: Path) -> Iterator[dict[str, Node]]:
    """Return a pair of nodes of the test's own, not yet served."""
    with ended(copied(original, tmp_path)) as pair:
        yield pair


@pytest.fixture
def place(nodes: dict[str, Node]) -> Iterator[Place]:
    """Return the pair with its people."""
    place = Place.of(nodes)
    yield place
    place.close()


def shift_to(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp() - time.time()

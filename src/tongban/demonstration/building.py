"""Builds a neighbourhood of demo nodes in a folder: each node made, all introduced to one another."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tongban.demonstration.counties import DemoNode

READY = "ready.json"  # written last: a neighbourhood is whole or built anew


class DemonstrationFailed(Exception):
    """A step of the demonstration did not work; the sentence says which."""


@dataclass(slots=True)
class Built:
    """One node that was built."""

    node: DemoNode
    home: Path
    url: str
    fingerprint: str = ""
    accounts: list[list[Any]] = field(default_factory=list)
    database: str = "sqlite:///tongban.sqlite3"

    def recall(self) -> None:
        """Read what `neighbourhood` noted when it built this node."""
        noted = json.loads((self.home / READY).read_text(encoding="utf-8"))
        self.fingerprint, self.accounts = noted["node"], noted["accounts"]

    def environment(self) -> dict[str, str]:
        """Return the environment in which programs work on this node."""
        return {
            **os.environ,
            "TONGBAN_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "tongban.assembly.settings",
        }


def neighbourhood(
    folder: Path, nodes: Sequence[DemoNode], ports: Mapping[str, int], *, shift: float | None = None,
    anew: bool = False, databases: Mapping[str, str] | None = None,
) -> list[Built]:  # fmt: skip
    """
    Return the nodes in `folder`, building them if they are not there on these ports, or `anew`.

    `shift` sets their common clock, in seconds from now; `databases` names others than SQLite, by node key.

    Raises:
        DemonstrationFailed: a step failed; the folder is left to look at, and built anew next time.
    """
    built = [Built(node, folder / node.name, f"http://127.0.0.1:{ports[node.key]}") for node in nodes]
    for key, url in (databases or {}).items():
        next(one for one in built if one.node.key == key).database = url
    known = _known(folder)
    if not anew and known == {b.node.key: b.url for b in built}:
        for one in built:
            one.recall()
        return built
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if shift is not None:
        (folder / "clock").write_text(f"{shift}\n", encoding="ascii")
    with ThreadPoolExecutor(max_workers=2) as pool:
        told = dict(zip((b.node.key for b in built), pool.map(_make, built), strict=True))
        for one in built:
            one.fingerprint, one.accounts = told[one.node.key]["node"], told[one.node.key]["accounts"]
        proposed = list(pool.map(lambda one: _introduce(one, built, told), built))
        _agree(built, [document for part in proposed for document in part])
    for one in built:
        own = told[one.node.key]
        (one.home / READY).write_text(
            json.dumps({"node": own["node"], "accounts": own["accounts"]}, ensure_ascii=False),
            encoding="utf-8",
        )
    (folder / READY).write_text(json.dumps({b.node.key: b.url for b in built}), encoding="utf-8")
    return built


def _known(folder: Path) -> Any:
    try:
        return json.loads((folder / READY).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _make(one: Built) -> dict[str, Any]:
    node = one.node
    arguments = [
        "init", "--home", str(one.home), "--name", node.name,
        "--division", node.division, "--organisation", node.centre, "--url", one.url,
        "--database", one.database, "--keys", str(one.home.parent / f"{node.name}-keys"), "--demo",
    ]  # fmt: skip
    tongban(arguments, one)
    return step(one, "settle", {"key": node.key})


def _introduce(one: Built, built: Sequence[Built], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    others = [told[other.node.key] for other in built if other is not one]
    later = [other.node.key for other in built[built.index(one) + 1 :]]
    proposed: list[dict[str, Any]] = step(one, "introduce", {"others": others, "propose_to": later})[
        "proposed"
    ]
    return proposed


def _agree(built: Sequence[Built], proposed: Sequence[Mapping[str, Any]]) -> None:
    by_node = {one.fingerprint: one for one in built}
    for document in proposed:
        proposer, other = (by_node[party["node"]] for party in document["parties"])
        signed = step(other, "sign", {"proposed": [document]})
        step(proposer, "take", signed)


def step(one: Built, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Let a node do a step of `steps` and return what it answers; raises DemonstrationFailed."""
    out = _run([sys.executable, "-m", "tongban.demonstration.steps", name], one, json.dumps(told))
    answer: dict[str, Any] = json.loads(out)
    return answer


def neighbour(one: Built, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Let a node do a step of `neighbours` and return what it answers; raises DemonstrationFailed."""
    out = _run([sys.executable, "-m", "tongban.demonstration.neighbours", name], one, json.dumps(told))
    answer: dict[str, Any] = json.loads(out)
    return answer


def tongban(arguments: Sequence[str], one: Built) -> str:
    """Run the operator's command on a node and return what it printed; raises DemonstrationFailed."""
    return _run([sys.executable, "-m", "tongban.cli", *arguments], one, "")


def _run(command: Sequence[str], one: Built, given: str) -> str:
    done = subprocess.run(
        command, input=given, env=one.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DemonstrationFailed(f"{one.node.title}：{command[2]} {command[3]} 失败：{done.stderr.strip()}")
    return done.stdout

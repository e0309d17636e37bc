"""
`make demo`: the main errands across real node processes, without a person, and their proofs checked offline.

Real items of the national list are filed at a window of one province and decided by the authority of another.
Everything goes through the nodes' HTTP API, as their own people; what moves days is the demo nodes' clock.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tongban import known_procedures
from tongban.demonstration import building, running
from tongban.demonstration.building import Built, DemonstrationFailed
from tongban.demonstration.counties import JIASHAN, QINGYANG, TONGNAN
from tongban.demonstration.courses import COURSES
from tongban.demonstration.errand import Errand, Neighbourhood
from tongban.demonstration.hard_courses import HARD_COURSES
from tongban.procedures.dossier.timeline import timeline

# Written from docs/protocol.md alone, with nothing of ours: a check of the document as much as of the dossiers.
SECOND_VERIFIER = Path(__file__).parents[3] / "docs/examples/verify_dossier.py"
BEGIN = "2026-03-02T09:00:00+08:00"  # pinned: working days of the story are the same every time


@dataclass(slots=True)
class Told:
    """What came of one errand, for people and for machines."""

    title: str
    number: str
    facts: dict[str, Any]
    lines: list[str]
    ok: bool = True
    fault: str = ""


@dataclass(slots=True)
class Summary:
    """What came of all of them."""

    trust: Path
    nodes: Sequence[Built]
    told: list[Told] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the machine-readable summary that DEMO_JSON asks for."""
        return {
            "ok": bool(self.told) and all(one.ok for one in self.told),
            "trust": str(self.trust),
            "nodes": [{"division": n.node.division, "url": n.url, "home": str(n.home)} for n in self.nodes],
            "cases": [one.facts for one in self.told],
        }


def main() -> int:
    """Build three nodes, walk the errands, check the proofs; return the exit code."""
    known_procedures.enter()  # the story of a dossier is told in their words
    folder = Path("var/demo").resolve()
    nodes = (QINGYANG, JIASHAN, TONGNAN)
    processes: list[subprocess.Popen[bytes]] = []
    summary: Summary | None = None
    try:
        print("正在建立三个演示节点（安徽青阳、浙江嘉善、重庆潼南），约需半分钟……", flush=True)
        shift = datetime.fromisoformat(BEGIN).timestamp() - time.time()
        built = building.neighbourhood(folder, nodes, free_ports(nodes), shift=shift, anew=True)
        summary = Summary(_write_roots(folder, built), built)
        sms, smtp = spare_ports(2)
        processes.append(running.gateway(built, (sms, smtp)))
        served = [running.serve(one, folder / f"{one.node.name}.log") for one in built]
        processes += served
        for one, process in zip(built, served, strict=True):
            running.wait_until_ready(one, process)
        place = Neighbourhood(folder, {one.node.key: one for one in built})
        for title, walk in [*COURSES[:-1], *HARD_COURSES, COURSES[-1]]:
            told = _walk(title, walk, place, summary.trust)
            summary.told.append(told)
            _tell(told)
    except DemonstrationFailed as failure:
        print(f"演示失败：{failure}", file=sys.stderr)
    finally:
        running.stop(processes)
    return _finish(summary)


def _walk(title: str, walk: Callable[[Errand], None], place: Neighbourhood, trust: Path) -> Told:
    errand = Errand(place)
    began = time.monotonic()
    try:
        walk(errand)
        seconds = time.monotonic() - began
        dossier = _export(errand, place.folder)
        wanted = [errand.verdict, errand.second or errand.verdict]
        verified, said = _verify(dossier, trust, wanted)
        lines = [*timeline(dossier.read_bytes()), *(f"※ {note}" for note in errand.notes)]
    except DemonstrationFailed as failure:
        return Told(
            title, errand.number, _facts(errand, False, time.monotonic() - began), [], False, str(failure)
        )
    return Told(
        title, errand.number, _facts(errand, verified, seconds), lines, verified, "" if verified else said
    )


def _facts(errand: Errand, verified: bool, seconds: float) -> dict[str, Any]:
    case = errand.last
    heads = case.get("state", {}).get("heads", {})

    def count(role: str) -> int:
        return sum(head[0] for chain, head in heads.items() if chain.startswith(role))

    return {
        "number": errand.number, "item": case.get("item_name", ""), "mode": case.get("mode", ""),
        "intake": errand.intake.node.division, "handling": errand.handling.node.division,
        "phase": case.get("phase", ""), "outcome": case.get("outcome", ""),
        "events_intake": count("intake"), "events_handling": count("handling"),
        "dossier_verified": verified, "seconds": round(seconds, 2),
    }  # fmt: skip


def _export(errand: Errand, folder: Path) -> Path:
    path = folder / f"{errand.number}.dossier"
    building.tongban(["dossier", "export", errand.number, str(path)], errand.intake)
    return path


def _verify(path: Path, trust: Path, wanted: list[int]) -> tuple[bool, str]:
    """Check the dossier as a stranger would, by both verifiers: no node, no database, no network, only the roots."""
    stranger = {
        name: value for name, value in os.environ.items() if not name.startswith(("TONGBAN", "DJANGO"))
    }
    ours = [sys.executable, "-m", "tongban.cli", "dossier", "verify", str(path), "--trust", str(trust)]
    second = [sys.executable, str(SECOND_VERIFIER), str(path), str(trust)]
    said, codes = [], []
    for command in (ours, second):
        done = subprocess.run(command, env=stranger, capture_output=True, text=True, check=False, cwd="/")
        codes.append(done.returncode)
        said.append((done.stdout + done.stderr).strip())
    return codes == wanted, "\n".join(said)


def _write_roots(folder: Path, built: Sequence[Built]) -> Path:
    path = folder / "roots.txt"
    path.write_text("".join(f"{one.fingerprint}  # {one.node.title}\n" for one in built), encoding="utf-8")
    return path


def free_ports(nodes: Sequence[Any]) -> dict[str, int]:
    """Return a port for each node, by its key, that nobody listens on."""
    return dict(zip((node.key for node in nodes), spare_ports(len(nodes)), strict=True))


def spare_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _tell(told: Told) -> None:
    mark = "✓" if told.ok else "✗"
    print(f"\n{mark} {told.title}（{told.facts['seconds']} 秒）")
    for line in told.lines:
        print(f"    {line}".rstrip())
    print(
        f"    案卷离线查验：{'两个查验程序结论一致，与预期相符' if told.facts['dossier_verified'] else '与预期不符'}"
    )
    if told.fault:
        print(f"    {told.fault}")
    sys.stdout.flush()


def _finish(summary: Summary | None) -> int:
    facts: dict[str, Any] = (
        summary.to_dict() if summary else {"ok": False, "trust": "", "nodes": [], "cases": []}
    )
    path = os.environ.get("DEMO_JSON")
    if path:
        Path(path).write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if facts["ok"]:
        print(
            f"\n{len(facts['cases'])} 件都办到了头，案卷全部由两个查验程序离线查验，结论一致。案卷与各节点在 var/demo/。"
        )
    return 0 if facts["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main())

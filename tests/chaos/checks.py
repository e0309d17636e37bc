"""What must hold when everything is healed: nothing promised is lost, all nodes agree, and everything can be proved."""

import json
import runpy
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.chaos.nodes import ROOT, Node, Nodes
from tests.chaos.people import Book
from tongban import known_procedures
from tongban.cases.procedure import CASE
from tongban.cases.words import TERMINAL
from tongban.kernel.crypto import canon
from tongban.procedures.dossier import verifier

SECOND = ROOT / "docs/examples/verify_dossier.py"
# What must come to an end by itself once all is healed, with how it is asked.
UNREST = {
    "content not fetched": "SELECT subject FROM kernel_content WHERE NOT complete",
    "events not sealed": "SELECT subject FROM kernel_event WHERE own AND leaf IS NULL",
    "deliveries under way": "SELECT subject FROM kernel_duty WHERE closed_at IS NULL AND kind = 'deliver'",
}
# What must not be there at all.
NEWS = "SELECT subject, node FROM kernel_outstanding WHERE lacking"
NEVER = {
    "fork": "SELECT subject, chain, seq FROM kernel_fork",
    "peer in question": "SELECT name, state, trouble FROM exchange_peer WHERE state <> 'active'",
    "parked": "SELECT number, parked FROM procedures_matter WHERE parked <> ''",
    "park": "SELECT subject, role, node FROM kernel_event WHERE kind = 'park'",
    "done because a clock was wrong": "SELECT subject, kind FROM kernel_event WHERE kind IN ('deem_accepted', 'escalate')",
}
type Violations = Iterator[str]


def await_quiet(nodes: Nodes, seconds: float) -> list[str]:
    """Return what is still under way when patience ends; nothing as soon as nothing is."""
    patience = time.monotonic() + seconds
    while (left := list(_unrest(nodes))) and time.monotonic() < patience:
        time.sleep(0.5)
    return left


def _unrest(nodes: Nodes) -> Violations:
    bound = _bound({key: _cases(node) for key, node in nodes.items()})
    for node in nodes.values():
        for subject, peer in node.rows(NEWS):
            # Who handed a case back is not told what comes after, and stays behind in what it has signed for.
            if {peer, node.built.fingerprint} <= bound[subject]:
                yield f"{node.key}: news a peer lacks: {subject}"
        for what, query in UNREST.items():
            for (subject,) in node.rows(query):
                if node.built.fingerprint in bound[subject]:
                    yield f"{node.key}: {what}: {subject}"


def all_that_fails(nodes: Nodes, book: Book, folder: Path) -> dict[str, list[str]]:
    """Return, for each demand, what breaks it; and under `lost` what was acknowledged and is not there."""
    cases = {key: _cases(node) for key, node in nodes.items()}
    events = {key: _events(node) for key, node in nodes.items()}
    return {
        "lost": list(lost(book, nodes, events)),
        "done twice or unasked": list(too_much(book, nodes, events)),
        "nodes disagree": list(disagreements(nodes, cases, events)),
        "nobody's duty": list(idle(cases)),
        "never": [f"{node.key}: {what}: {row}" for node in nodes.values() for what, query in NEVER.items() for row in node.rows(query)],
        "journal": _by_all(nodes, journal),
        "database": _by_all(nodes, database),
        "dossiers": list(dossiers(nodes, cases, folder)),
    }  # fmt: skip


def _cases(node: Node) -> dict[str, Any]:
    found = node.rows("SELECT number, state FROM procedures_matter WHERE procedure = 'case'")
    return {number: json.loads(state) if isinstance(state, str) else state for number, state in found}


def _events(node: Node) -> dict[str, dict[tuple[str, int], tuple[str, str, str]]]:
    found: dict[str, dict[tuple[str, int], tuple[str, str, str]]] = defaultdict(dict)
    query = "SELECT subject, role, term, seq, hash, kind, node FROM kernel_event"
    for subject, role, term, seq, hash_, kind, author in node.rows(query):
        found[subject][f"{role}/{term}", seq] = (hash_, kind, author)
    return found


def lost(book: Book, nodes: Nodes, events: Any) -> Violations:
    """Yield what a node acknowledged and does not hold, as its own act, at the version it told or before."""
    counted = Counter((p.node, p.case, p.act) for p in book.promises)
    for (key, case, act), promised in counted.items():
        held = _own(nodes[key], events[key], case, act)
        if held < promised:
            yield f"{key}: {case}: {act}: acknowledged {promised}, held {held}"
    for promise in book.promises:
        held = len(events[promise.node].get(promise.case, ()))
        if held < promise.version:
            yield f"{promise.node}: {promise.case}: version {promise.version} was told, {held} events are held"


def too_much(book: Book, nodes: Nodes, events: Any) -> Violations:
    """Yield acts of people that a node holds more often than it was asked for them."""
    promised = Counter((p.node, p.case, p.act) for p in book.promises)
    open_ = book.begun - {(p.case, p.act) for p in book.promises}
    for (key, case, act), times in promised.items():
        held = _own(nodes[key], events[key], case, act)
        if held > times and (case, act) not in open_:
            yield f"{key}: {case}: {act}: acknowledged {times}, held {held}"


def _bound(cases: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    """Return, for each case, the nodes that fill its roles now, by whoever knows most of it."""
    newest: dict[str, Any] = {}
    for held in cases.values():
        for number, state in held.items():
            if number not in newest or state["version"] > newest[number]["version"]:
                newest[number] = state
    return {number: {role["node"] for role in state["roles"].values()} for number, state in newest.items()}


def _own(node: Node, events: Any, case: str, act: str) -> int:
    return sum(
        kind == act and author == node.built.fingerprint for _, kind, author in events.get(case, {}).values()
    )


def disagreements(nodes: Nodes, cases: dict[str, dict[str, Any]], events: Any) -> Violations:
    """Yield cases whose nodes do not hold the same events and the same state; a node whose term ended may lag behind."""
    by_node, bound_to = {node.built.fingerprint: key for key, node in nodes.items()}, _bound(cases)
    for case in sorted({number for held in cases.values() for number in held}):
        holders = [key for key in nodes if case in cases[key]]
        newest = max(holders, key=lambda key: cases[key][case]["version"])
        bound = {by_node[node] for node in bound_to[case]}
        # Before it is forwarded a case is known where it was handed in alone.
        parties = bound if len(bound) > 1 else set(holders)
        for key in sorted({*parties, *holders}):
            here, there = events[key].get(case, {}), events[newest][case]
            if key not in parties and here.items() <= there.items():
                continue
            if here != there:
                apart = sorted(str(place) for place in here.items() ^ there.items())
                yield f"{case}: {key} and {newest} hold different events: {apart[:4]}"
            elif cases[key][case] != cases[newest][case]:
                yield f"{case}: {key} and {newest} hold the same events and another state"


def idle(cases: dict[str, dict[str, Any]]) -> Violations:
    """Yield cases that are not at their end and for which nobody has to do anything."""
    ends = {str(phase) for phase in TERMINAL}
    for key, held in cases.items():
        for number, state in held.items():
            if state["phase"] not in ends and not state["duties"]:
                yield f"{key}: {number}: {state['phase']}, and no duty is open"


def _by_all(nodes: Nodes, check: Callable[[Node], list[str]]) -> list[str]:
    with ThreadPoolExecutor(2) as pool:
        return [f"{key}: {line}" for key, found in zip(nodes, pool.map(check, nodes.values()), strict=True) for line in found]  # fmt: skip


def journal(node: Node) -> list[str]:
    """Return what `journal verify --deep --with-peers` finds, a peer that does not answer included."""
    command = [
        sys.executable,
        "-m",
        "tongban.cli",
        "journal",
        "verify",
        "--deep",
        "--with-peers",
        "--json",
    ]
    done = subprocess.run(command, env=node.built.environment(), capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return [f"exit {done.returncode}: {done.stderr[-500:]}"]
    found = [json.dumps(finding, ensure_ascii=False) for finding in report["findings"]]
    if silent := report["unasked"]:
        found.append(f"{silent} peers did not answer")
    return [*found, f"exit {done.returncode}"] if done.returncode else found


def database(node: Node) -> list[str]:
    """Return what SQLite's own check of the file finds; PostgreSQL is asked by the journal alone."""
    if not node.on_sqlite:
        return []
    return [row for (row,) in node.rows("PRAGMA integrity_check") if row != "ok"]


def dossiers(nodes: Nodes, cases: dict[str, dict[str, Any]], folder: Path) -> Violations:
    """Yield dossiers, each exported where its case was handed in, that one of the two verifiers does not find in order."""
    roots = [node.built.fingerprint for node in nodes.values()]
    trust = folder / "roots.txt"
    trust.write_text("".join(f"{root}\n" for root in roots), encoding="ascii")
    (folder / "rules.json").write_bytes(canon.encode(CASE.present.document))
    for key, node in nodes.items():
        into = folder / f"dossiers-{key}"
        into.mkdir()
        own = [
            number
            for number, state in cases[key].items()
            if state["roles"]["intake"]["node"] == node.built.fingerprint
        ]
        subprocess.run(
            [sys.executable, "-m", "tests.chaos.exporting", str(into)], input="\n".join(own),
            env=node.built.environment(), text=True, check=True, cwd=ROOT,
        )  # fmt: skip
    files = sorted(folder.glob("dossiers-*/*.json"))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for found in pool.map(_verify, files, [roots] * len(files), chunksize=8):
            yield from found


def _verify(file: Path, roots: list[str]) -> list[str]:
    known_procedures.enter()  # in a process of its own, without the app that does so
    folder = file.parents[1]
    verdict = verifier.verify(file.read_bytes(), roots)
    said = (
        [] if verdict.code == 0 else [f"{file.stem}: {verdict.code}: {verdict.findings} {verdict.contested}"]
    )
    if SECOND.exists():
        given = [file, folder / "roots.txt", "--table", folder / "rules.json"]
        code, sentence, _ = runpy.run_path(str(SECOND))["run"]([str(one) for one in given])
        said += [] if code == 0 else [f"{file.stem}: by the second verifier: {code}: {sentence}"]
    return said

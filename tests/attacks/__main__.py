"""Attack two demo counties served on free ports of this machine; exit 1 if anything is found that is not explained."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import schemathesis

from tests.attacks import contract, hostile, neighbourhood, pages, tools
from tests.attacks.neighbourhood import Attacker
from tongban.demonstration.building import Built

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var/attack"
KINDS = ("contract", "pages", "tools")


def arguments(given: list[str]) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="scripts/attack", description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(KINDS)}; all where none is named")
    parser.add_argument("--roles", nargs="+", default=neighbourhood.ROLES, metavar="ROLE")
    parser.add_argument("--seed", type=int, default=20261126, help="draws the requests")
    parser.add_argument("--examples", type=int, default=4, help="made-up requests of each operation")
    parser.add_argument("--phases", nargs="+", default=contract.PHASES, choices=contract.PHASES)
    parser.add_argument("--json", type=Path, help="where the summary goes too")
    asked = parser.parse_args(given)
    if unknown := set(asked.kinds) - set(KINDS) or set(asked.roles) - set(neighbourhood.ROLES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    asked.kinds = asked.kinds or KINDS
    return asked


def say(line: str) -> None:
    """Tell whoever waits."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _contract(at: Built, attacker: Attacker, asked: argparse.Namespace) -> tuple[int, dict[str, str]]:
    outcome = contract.attack(
        lambda settings: schemathesis.openapi.from_url(f"{at.url}/api/openapi.json", config=settings),
        headers=attacker.headers, seed=asked.seed, examples=asked.examples, phases=tuple(asked.phases),
    )  # fmt: skip
    say(f"    {dict(outcome.cases)} → {dict(sorted(outcome.statuses.items()))}")
    return outcome.total, {" ".join(where): said for where, said in outcome.findings.items()}


def _pages(at: Built, attacker: Attacker, asked: argparse.Namespace) -> tuple[int, dict[str, str]]:
    return pages.attack_served(attacker, seed=asked.seed)


def _tools(at: Built, attacker: Attacker, asked: argparse.Namespace) -> tuple[int, dict[str, str]]:
    return tools.attack(attacker, FOLDER / "tools")


WAYS: dict[str, Any] = {"contract": _contract, "pages": _pages, "tools": _tools}


def attacks(nodes: list[Built], asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Make the attacks that are asked for, at every node; give each one's count and findings."""
    for kind in asked.kinds:
        for at in nodes:
            roles = tools.ROLES if kind == "tools" else tuple(asked.roles)
            for attacker in neighbourhood.attackers(at, tuple(one for one in roles if one in asked.roles)):
                say(f"{kind} at {at.node.name} as {attacker.role}")
                requests, findings = WAYS[kind](at, attacker, asked)
                say(f"    {requests} requests, {len(findings)} findings")
                for where, said in findings.items():
                    say(f"  ✗ {where}: {said}")
                yield {"kind": kind, "node": at.node.name, "role": attacker.role, "requests": requests,
                       "findings": findings}  # fmt: skip


def main(given: list[str]) -> int:
    """Serve, attack, look into the logs; return the exit code."""
    asked = arguments(given)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()  # the addresses of pages are read from the program
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the nodes are stopped then too
    with neighbourhood.served(FOLDER) as nodes:
        done = list(attacks(nodes, asked))
        repeated = [
            one.node.name for one in nodes if hostile.NUMBER in neighbourhood.log_of(one).read_text("utf-8")
        ]
    for name in repeated:
        say(f"  ✗ the log of {name} repeats what was typed")
    found = sum(len(one["findings"]) for one in done)
    say(f"{sum(one['requests'] for one in done)} requests, {found} findings")
    if asked.json:
        asked.json.write_text(json.dumps(done, ensure_ascii=False, indent=1), encoding="utf-8")
    return 1 if found or repeated else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

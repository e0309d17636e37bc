"""Build three nodes, let people work and things break, heal everything, demand what must hold; exit 1 if something does not."""

import argparse
import json
import logging
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.chaos import checks, disks, faults, nodes, people
from tongban.demonstration import people as demonstration

BEGIN = "2026-03-02T09:00:00+08:00"  # a working day of a year whose calendar is known
HEALED = 240.0  # seconds after which nothing may be under way any more


def arguments(given: list[str]) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=20261125, help="draws faults and errands")
    parser.add_argument("--faults", type=int, default=200, help="how many are planned")
    parser.add_argument("--seconds", type=float, default=900.0, help="no fault is begun after that")
    parser.add_argument("--workers", type=int, default=3, help="people who carry errands at the same time")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument(
        "--folder", type=Path, help="where nodes and dossiers stay to look at; must not exist"
    )
    parser.add_argument("--json", type=Path, help="where the summary goes too")
    return parser.parse_args(given)


@contextmanager
def databases(kind: str, server: str | None) -> Iterator[dict[str, str]]:
    """Give new databases on a PostgreSQL server during the block, by node; none for SQLite."""
    if kind == "sqlite":
        yield {}
        return
    if not server:
        sys.exit("PostgreSQL is started by: scripts/services -- scripts/chaos --database postgres")
    url = urlsplit(server)
    names = {county.key: f"tongban_chaos_{uuid.uuid4().hex[:12]}" for county in nodes.COUNTIES}
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as connection:
        for name in names.values():
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        try:
            yield {key: url._replace(path=f"/{name}").geturl() for key, name in names.items()}
        finally:
            for name in names.values():
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


def run(asked: argparse.Namespace, folder: Path, urls: dict[str, str], *, mounting: bool) -> dict[str, Any]:
    """Do all of it and return the summary."""
    demonstration.PATIENCE = people.PATIENCE
    shift = datetime.fromisoformat(BEGIN).timestamp() - time.time()
    found = nodes.build(folder / "nodes", shift, urls, mounting=mounting)
    laid = nodes.connect(found)
    book, over, began = people.Book(), threading.Event(), time.monotonic()
    plan = faults.plan(asked.seed, asked.faults, list(found))
    with nodes.served(found):
        tormentor = faults.Tormentor(found, laid, book, time.monotonic() + asked.seconds)
        tormentor.prepare()
        with ThreadPoolExecutor() as pool:
            rngs = [random.Random(f"{asked.seed}/{turn}") for turn in range(asked.workers)]
            work = [pool.submit(people.work, found, book, rng, over.is_set) for rng in rngs]
            torments = [pool.submit(tormentor.torment, lane) for lane in tormentor.lanes(plan)]
            for torment in torments:
                torment.result()
            tormented = time.monotonic()
            over.set()
            for one in work:
                one.result()
        finished = time.monotonic()
        left = checks.await_quiet(found, HEALED)
        quiet = time.monotonic()
        violations = checks.all_that_fails(found, book, folder)
        counts = {key: node.rows("SELECT count(*) FROM kernel_event")[0][0] for key, node in found.items()}
    lost = violations.pop("lost")
    broken = {
        **violations, "under way still": left, "while it was tormented": tormentor.violations,
        "errands that did not come to their end": book.stuck, "answers no node should give": book.faults,
    }  # fmt: skip
    return {
        "ok": not lost and not any(broken.values()), "seed": asked.seed, "database": asked.database,
        "faults": {"planned": len(plan), "done": sum(tormentor.done.values()), **tormentor.done},
        "how": dict(sorted(tormentor.how.items())), "disk": next(iter(found.values())).disk.called,
        "acknowledged": len(book.promises), "errands": len(book.done), "answers": dict(sorted(book.answers.items())),
        "events": counts, "lost": lost, "violations": {name: said for name, said in broken.items() if said},
        "seconds": {
            "of torment": round(tormented - began), "until the errands were done": round(finished - tormented),
            "until all was quiet": round(quiet - finished), "of checks": round(time.monotonic() - quiet),
        },
    }  # fmt: skip


def main() -> int:
    """Do what the command line asks; return the exit code."""

    asked = arguments(sys.argv[1:])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(threadName)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    mounting = asked.database == "sqlite" and disks.may_mount()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="tongban-chaos-"))
    folder.mkdir(parents=True, exist_ok=asked.folder is None)
    with databases(asked.database, os.environ.get("TONGBAN_TEST_POSTGRES")) as urls:
        summary = run(asked, folder.resolve(), urls, mounting=mounting)
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    sys.stdout.write(text + "\n")
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    if asked.folder is None and summary["ok"]:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if summary["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main())

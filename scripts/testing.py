"""Runs of pytest, counted: what `scripts/suite`, `scripts/prove` and `scripts/steady` have in common."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "var/test"
# All that has something to do on a database: what needs one runs on both, the rest on SQLite.
ALL: dict[str, list[str]] = {"sqlite": [], "postgres": ["-m", "database"]}
# What the gate leaves to `make prove` on PostgreSQL: the interface, whole errands and procedures that are tables of rows are made of
# commands and queries that are asked there themselves, in `cases`, `procedures`, `exchange`, `kernel`.
MADE_OF_OTHERS = ("api", "complaints", "filing", "journeys")
GATE: dict[str, list[str]] = {
    "sqlite": ["-m", "not prove"],
    "postgres": ["-m", "database and not prove", *(f"--ignore=tests/{name}" for name in MADE_OF_OTHERS)],
}
NOTHING_THERE = 5  # of the tests asked for, none is to be run on this database
LONG = 3.0  # seconds that no test of the gate should take


@dataclass(frozen=True)
class Result:
    """How many tests passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Result") -> "Result":
        return Result(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(database: str, words: list[str], report: str) -> Result:
    """Run pytest with these words on one database; what it found is left in `var/test/<report>.xml`."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    path = REPORTS / f"{report}.xml"
    path.unlink(missing_ok=True)
    # A worker that is done takes over from the other.
    spread = ["-n", "2", "--dist", "worksteal"]
    if database == "postgres" and "TONGBAN_TEST_POSTGRES_GW1" not in os.environ:
        spread = []  # on one server that was named to us, one test at a time: see scripts/services
    command = [sys.executable, "-m", "pytest", *spread, f"--junitxml={path}", *words]
    code = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"TONGBAN_DATABASE": database}, check=False
    ).returncode
    if code == NOTHING_THERE:
        return Result()
    total = failed = skipped = 0
    if path.exists():
        for suite in ET.parse(path).getroot().iter("testsuite"):
            total += int(suite.get("tests", 0))
            failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped += int(suite.get("skipped", 0))
    # A run that broke off is a failure even when no test says so.
    return Result(max(total - failed - skipped, 0), failed or int(code != 0), skipped)


def seconds(report: str) -> Counter[str]:
    """Return what each test took in a run, what it built for others included; nothing where there is no report."""
    spent: Counter[str] = Counter()
    for case in _cases(report):
        spent[_name(case)] += float(case.get("time", 0))
    return spent


def fallen(report: str) -> list[str]:
    """Return the tests that failed in a run."""
    return [
        _name(case)
        for case in _cases(report)
        if case.find("failure") is not None or case.find("error") is not None
    ]


def tell_seconds(report: str) -> None:
    """Print how many seconds of the two workers each folder took, and the ten tests that took most."""
    spent, folders = seconds(report), Counter[str]()
    for test, taken in spent.items():
        folders[f"{test}.".split(".")[1]] += taken
    told = ", ".join(f"{folder} {taken:.0f}" for folder, taken in folders.most_common() if taken >= 1)
    print(f"seconds on {report}, of {spent.total():.0f}: {told}")
    print(f"slowest ten on {report}:")
    print(*(f"{taken:7.1f} s  {test}" for test, taken in spent.most_common(10)), sep="\n", flush=True)


def tell_long(reports: list[str]) -> None:
    """Print what took longer than a test of the gate should: to be looked at, never a failure."""
    long = [(taken, test, one) for one in reports for test, taken in seconds(one).items() if taken > LONG]
    if long:
        print(f"\nover {LONG:.0f} s:")
        print(
            *(f"{taken:7.1f} s  {test} on {one}" for taken, test, one in sorted(long, reverse=True)), sep="\n"
        )


def _cases(report: str) -> list[ET.Element]:
    path = REPORTS / f"{report}.xml"
    return list(ET.parse(path).getroot().iter("testcase")) if path.exists() else []


def _name(case: ET.Element) -> str:
    return f"{case.get('classname')}.{case.get('name')}"

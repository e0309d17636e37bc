"""Other people's tools at a served node: wapiti walks its pages and tries what it knows, sqlmap every parameter that reads."""

import csv
import json
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path

from tests.attacks.neighbourhood import Attacker

# They are programs of their own with much of their own beneath them, and no part of ours: a place apart, not pyproject.toml.
NEEDED = ("wapiti3==3.3.2", "sqlmap==1.10.10")
ROLES = ("nobody", "applicant1", "window", "hrss", "supervisor")
EXPLAINED = Path(__file__).with_name("explained.toml")
# Of wapiti's modules those that ask nobody else; what they send is meant for any program.
MODULES = "cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,shellshock,sql,timesql,upload,xss"
LONGEST = "120", "30"  # seconds in which wapiti walks, and in which each of its modules attacks
ADDRESSES = (
    "/items/?q=1&division=341723&mode=1&page=1", "/lookup/?number=1", "/display/?elder=1&next=/", "/sign-in/?next=/",
    "/my-cases/?page=1&done=1", "/counter/?q=1&done=1", "/desk/?page=1&view=1&q=1&after=1", "/matters/complaint/?page=1&q=1",
    "/supervision/?division=1&days=1", "/supervision/unattended/?days=1&page=1", "/audit/?page=1&after=1",
    "/api/v1/offerings?q=1&division=341723&after=WyIxIiwxXQ&limit=5", "/api/v1/cases?phase=accepted&after=WzEsMV0&limit=5",
    "/api/v1/duties?kind=accept&overdue=1&after=WzEsMV0&limit=5", "/api/v1/calendar/deadline?start=2026-03-02&n=5",
    "/api/v1/organisations?division=341723", "/api/v1/windows?division=341723", "/api/v1/matters?procedure=complaint&limit=5",
    "/api/v1/cases/1*", "/api/v1/offerings/1*", "/items/1*/", "/numbers/1*/", "/desk/1*/",
)  # fmt: skip

type Found = dict[str, str]


def attack(attacker: Attacker, folder: Path) -> tuple[int, Found]:
    """Let the tools attack as somebody; return how many addresses they knew, and what they found that is not explained."""
    programs = _installed(folder / "programs")
    own = folder / f"{attacker.url.rpartition(':')[2]}-{attacker.role}"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    walked, alarms = _wapiti(programs, attacker, own)
    alarms |= _sqlmap(programs, attacker, own)
    return walked + len(ADDRESSES), unexplained(alarms, explanations())


def explanations() -> list[dict[str, str]]:
    """Return what is known to be no finding: a pattern of alarms, and why."""
    told: list[dict[str, str]] = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")).get("alarm", [])
    return told


def unexplained(alarms: Found, reasons: list[dict[str, str]]) -> Found:
    """Return the alarms that no explanation covers; it is about all that an alarm says."""
    known = [re.compile(one["what"]) for one in reasons]
    return {
        name: said
        for name, said in alarms.items()
        if not any(one.fullmatch(f"{name}: {said}") for one in known)
    }


def _installed(folder: Path) -> Path:
    """Return where the programs are, fetched once from the package registry."""
    noted = folder / "needed"
    if not noted.exists() or noted.read_text("ascii") != " ".join(NEEDED):
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *NEEDED], check=True)
        noted.write_text(" ".join(NEEDED), encoding="ascii")
    return folder / "bin"


def _wapiti(programs: Path, attacker: Attacker, own: Path) -> tuple[int, Found]:
    report = own / "wapiti.json"
    headers = [word for name, value in attacker.headers.items() for word in ("-H", f"{name}: {value}")]
    walk, each = LONGEST
    command = [
        programs / "wapiti", "-u", f"{attacker.url}/", "--scope", "folder", "-m", MODULES, "-f", "json", "-o", report, "-l", "2",
        "--max-scan-time", walk, "--max-attack-time", each, "--store-session", own / "session", "--no-bugreport", "-d", "5",
        "--max-links-per-page", "60", "-x", f"{attacker.url}/sign-out/", "-x", f"{attacker.url}/account/sessions/", "-v", "0",
        *headers,
    ]  # fmt: skip
    _run(command, own / "wapiti.log")
    told = json.loads(report.read_text(encoding="utf-8"))
    return int(told["infos"]["crawled_pages_nbr"]), dict(alarms_of(told))


def alarms_of(told: dict[str, dict[str, list[dict[str, str]]]]) -> Iterator[tuple[str, str]]:
    """Give the alarms of a report of wapiti: their name, and what it says."""
    for part in ("vulnerabilities", "anomalies"):
        for kind, found in told[part].items():
            for one in found:
                # Numbers of cases differ each time; an explanation is for the page.
                path = re.sub(r"[0-9]{6}[0-9A-Z]{15,}", "NUMBER", one["path"].partition("?")[0])
                yield f"wapiti: {kind}: {one['method']} {path} {one['parameter'] or ''}".rstrip(), one["info"]


def _sqlmap(programs: Path, attacker: Attacker, own: Path) -> Found:
    targets, results = own / "addresses", own / "sqlmap.csv"
    targets.write_text("".join(f"{attacker.url}{one}\n" for one in ADDRESSES), encoding="ascii")
    headers = "\n".join(f"{name}: {value}" for name, value in attacker.headers.items())
    command = [
        programs / "sqlmap", "-m", targets, "--batch", "--flush-session", "--level", "2", "--risk", "1", "--disable-coloring",
        "--output-dir", own / "sqlmap", "--results-file", results, "--ignore-code", "*", "--smart", "--skip-waf",
        *(["--headers", headers] if headers else []),
    ]  # fmt: skip
    _run(command, own / "sqlmap.log")
    if not results.exists():
        return {}
    with results.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["Technique(s)"]]
    return {
        f"sqlmap: {row['Place']} {row['Target URL'].removeprefix(attacker.url)} {row['Parameter']}": " ".join(
            (row["Technique(s)"], row["Note(s)"])
        ).strip()
        for row in rows
    }


def _run(command: list[str | Path], log: Path) -> None:
    with log.open("wb") as out:
        code = subprocess.run(
            command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, check=False
        ).returncode
    if code:
        sys.exit(f"{command[0]} ended with {code}: see {log}")

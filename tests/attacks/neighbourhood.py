"""Two demo counties to attack, served on free ports, and everybody who attacks them: signed in once each, or with a key of a post."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.crash.nodes import free_ports
from tests.patience import PATIENCE
from tongban.demonstration import building, life, running
from tongban.demonstration.building import Built
from tongban.demonstration.counties import JIASHAN, QINGYANG

COUNTIES = (QINGYANG, JIASHAN)
APPLICANTS = ("applicant1", "applicant2")
# One of each standard post: at the window and behind it, in the bureaux, above them.
STAFF = ("window", "hrss", "hrss-head", "supervisor", "office", "signer", "accounts", "archive", "town")
# The posts of the service centre for which programs hold keys.
KEYS = ("window", "supervisor", "catalogue", "accounts", "archive")
ROLES = ("nobody", *APPLICANTS, *STAFF, *(f"key:{post}" for post in KEYS))


@dataclass(frozen=True, slots=True)
class Attacker:
    """Somebody who calls a node: what they are called here, and what their requests carry."""

    role: str
    url: str
    headers: dict[str, str]


@contextmanager
def served(folder: Path) -> Iterator[list[Built]]:
    """Build two counties with some life in them, where they are not there yet, and serve them during the block."""
    folder.mkdir(parents=True, exist_ok=True)
    noted = folder / "ports.json"
    if not noted.exists():
        ports = dict(zip((one.key for one in COUNTIES), free_ports(len(COUNTIES)), strict=True))
        noted.write_text(json.dumps(ports), encoding="ascii")
    nodes, ports, started = folder / "nodes", json.loads(noted.read_text("ascii")), []
    shift, anew = life.begins(time.time()), life.is_broken_off(nodes)
    built = building.neighbourhood(nodes, COUNTIES, ports, shift=shift, anew=anew)
    try:
        for one in built:
            log_of(one).unlink(missing_ok=True)
            started.append(running.serve(one, log_of(one)))
        for one, process in zip(built, started, strict=True):
            running.wait_until_ready(one, process)
        if life.is_broken_off(nodes):
            life.live(nodes, built)
        yield built
    finally:
        running.stop(started)


def log_of(one: Built) -> Path:
    """Return where a served node's log is."""
    return one.home.parent / f"{one.node.name}.log"


def attackers(at: Built, roles: tuple[str, ...] = ROLES) -> Iterator[Attacker]:
    """Give the attackers of a node, each signed in as they are asked for; not whom its county has none of."""
    for role in roles:
        if role == "nobody":
            yield Attacker(role, at.url, {})
        elif role.startswith("key:"):
            yield Attacker(role, at.url, {"Authorization": f"Bearer {_key(at, role.removeprefix('key:'))}"})
        elif login := _login(at, role):
            yield Attacker(role, at.url, _session(at, login, role in APPLICANTS, _address_of(role)))


def _key(at: Built, post: str) -> str:
    words = ["office", "key", "issue", f"{at.node.centre}:{post}", "--label", "attack", "--json"]
    return str(json.loads(building.tongban(words, at))["token"])


def _login(at: Built, role: str) -> str | None:
    if role in APPLICANTS:
        applicants = [str(login) for login, _, _, is_staff in at.accounts if not is_staff]
        return dict(zip(APPLICANTS, applicants, strict=False)).get(role)
    login = f"{at.node.prefix}-{role}"
    return login if login in {row[0] for row in at.accounts} else None


def _address_of(role: str) -> str:
    """Return an address of this machine for a role to sign in from: what the others tried locks out the one they tried it from."""
    return f"127.0.0.{10 + ROLES.index(role)}"


def _session(at: Built, login: str, is_applicant: bool, address: str) -> dict[str, str]:
    path = "/api/v1/sessions/applicant" if is_applicant else "/api/v1/sessions"
    body = {"login" if is_applicant else "username": login, "password": at.accounts[0][1]}
    line = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=at.url, timeout=PATIENCE, trust_env=False, transport=line) as http:
        patience = time.monotonic() + PATIENCE
        answer = http.post(path, json=body)
        while answer.status_code == 409 and time.monotonic() < patience:
            if code := answer.json().get("demo_code"):
                answer = http.post("/api/v1/sessions/second", json={"code": code})
            else:  # all codes that count now were used
                time.sleep(1)
                answer = http.post(path, json=body)
        answer.raise_for_status()
        cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        return {"Cookie": cookies, "X-CSRFToken": answer.json()["csrf_token"]}

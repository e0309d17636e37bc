"""Every page with hostile addresses, query strings, forms and headers: no 5xx, nothing of it in the log or as mark-up in a page."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.attacks import hostile
from tests.attacks.neighbourhood import Attacker
from tests.patience import PATIENCE

WEB = Path(__file__).parents[2] / "src/tongban/web"
# What ends sessions, whose attacker could try nothing more after it.
ENDING = ("sign-out", "account-sessions")
LONGEST = 60_000  # characters of an address that a client still sends
WAYS = {"uploads": ("POST", "PATCH"), "upload": ("HEAD", "PATCH", "DELETE")}

type Known = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it goes out."""

    page: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.url[:600]} {dict(self.headers)!r} {self.body[:1000]!r}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


type Send = Callable[[Request], Answer]


def routes() -> dict[str, str]:
    """Return every page: name → route."""
    from tongban.web.urls import urlpatterns

    return {str(one.name): str(one.pattern) for one in urlpatterns}


def field_names() -> list[str]:
    """Return every name that a page reads out of a query or a form by that very name."""
    reads = re.compile(r'(?:GET|POST)(?:\.get(?:list)?\(|\[)\s*"([^"]+)"')
    texts = (path.read_text(encoding="utf-8") for path in WEB.rglob("*.py"))
    return sorted({name for text in texts for name in reads.findall(text)} - {"csrfmiddlewaretoken"})


def attack(send: Send, known: Known, *, seed: str, times: int = 1) -> tuple[int, dict[str, str]]:
    """
    Send hostile requests to every page; return how many, and what should not have been, by page.

    `known` are values that lead somewhere, by the name of a route's part.
    """
    rng, count, findings = random.Random(seed), 0, {}
    for name, route in sorted(routes().items(), key=lambda one: (one[0] in ENDING, one[0])):
        plain = Request(name, "GET", _address(rng, route, known, hostile_part=False), {}, b"")
        answer = send(plain)
        count += 1
        if fault := faults(answer):
            findings[f"{name} GET"] = f"{fault}: {plain}"
        shown = set(re.findall(r'name="([A-Za-z][\w-]*)"', answer.body.decode(errors="replace")))
        names = sorted({*shown, *field_names()} - {"csrfmiddlewaretoken"})
        for request in _requests(rng, name, route, known, names, times):
            count += 1
            if fault := faults(send(request)):
                findings.setdefault(f"{name} {request.method}", f"{fault}: {request}")
    return count, findings


def faults(answer: Answer) -> str:
    """Return what an answer must not be; nothing if all is well."""
    if answer.status >= 500:
        return str(answer.status)
    if any(name.lower() == hostile.SPLIT.lower() for name in answer.headers):
        return "a header of theirs"
    if "text/html" in answer.headers.get("Content-Type", "") and hostile.MARKUP.encode() in answer.body:
        return "mark-up of theirs"
    return ""


def _requests(
    rng: random.Random, name: str, route: str, known: Known, names: Sequence[str], times: int
) -> Iterator[Request]:
    for _ in range(times):
        for method in ("GET", "POST", *WAYS.get(name, ())):
            # Most with a real number, since an address that leads nowhere hides what stands behind it.
            url = _address(rng, route, known, hostile_part=rng.random() < 0.2)
            headers, kind, body = dict(rng.choice(hostile.HEADERS)), "", b""
            if method in ("POST", "PATCH"):
                kind, body = hostile.body(rng, names)
            if method != "POST" or rng.random() < 0.2:
                url += f"?{hostile.query(rng, names)}"
            yield Request(name, method, url, {**headers, "Content-Type": kind}, body)


def _address(rng: random.Random, route: str, known: Known, *, hostile_part: bool) -> str:
    def part(found: re.Match[str]) -> str:
        kind, _, name = found[1].rpartition(":")
        if hostile_part and kind != "int":
            return hostile.segment(rng)
        if kind == "int":
            return rng.choice(("0", "1", "2", "9" * 19, "9" * 40))
        return rng.choice(known.get(name, ("x",)))

    return "/" + re.sub(r"<([^>]+)>", part, route)


def attack_served(attacker: Attacker, *, seed: int, times: int = 3) -> tuple[int, dict[str, str]]:
    """Attack the pages of a served node; see `attack`."""
    with httpx.Client(base_url=attacker.url, timeout=PATIENCE, trust_env=False) as http:

        def send(request: Request) -> Answer:
            headers = {"Origin": attacker.url, **attacker.headers, **request.headers}
            encoded = [(name, value.encode("utf-8")) for name, value in headers.items()]
            url = request.url[:LONGEST]
            try:
                answer = http.request(request.method, url, headers=encoded, content=request.body)
            except httpx.RemoteProtocolError as error:  # hung up without an answer
                return Answer(599, {}, repr(error).encode())
            return Answer(answer.status_code, answer.headers, answer.content)

        return attack(send, _known(http, attacker), seed=f"{seed}/{attacker.role}", times=times)


def _known(http: httpx.Client, attacker: Attacker) -> Known:
    def listed(path: str, of: str, name: str) -> list[str]:
        answer = http.get(f"/api/v1/{path}", headers=attacker.headers)
        found = answer.json() if answer.status_code == 200 else {}
        return [str(one[name]) for one in (found.get(of, []) if isinstance(found, dict) else found)][:5]

    numbers = [*listed("cases", "cases", "number"), *listed("drafts", "drafts", "number")]
    return {"number": numbers or ["x"], "code": listed("offerings", "offerings", "code") or ["x"], **WORDS}


WORDS: Known = {
    "act": ("receive", "accept", "return", "urge", "refuse", "decide", "supervise"),
    "kind": ("notice", "receipt"),
    "procedure": ("complaint", "guide_filing", "case"),
    "key": ("none",),
    "token": ("x",),
    "digest": (f"sm3:{'0' * 64}",),
}

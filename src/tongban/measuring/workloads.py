"""The measurements: each brings forth its requests, and for the floor the rows of the very same requests."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client

from tongban.kernel.journal import writing
from tongban.kernel.time import clock
from tongban.measuring import cases, floor, history
from tongban.measuring.load import BadAnswer
from tongban.measuring.places import Caller, Place

CLIENTS = floor.CLIENTS
OPEN = 800  # open duties of the department whose queue is read
PAGE = 50
FASTEST = 1500  # acts a second for which cases are filed beforehand; a run without work ends early
_keys = itertools.count(1)


@dataclass(slots=True)
class Workload:
    """What is measured: who calls (anew for each run), and the turns of its floor."""

    unit: str
    callers: Callable[[float], list[Iterator[bytes]]]  # seconds that they must have work for
    scripts: Callable[[], Sequence[str]]  # for pgbench
    turns: Callable[[], Sequence[Any]]  # for the bare loop


def submit(place: Place) -> Workload:
    """A whole application is handed over and filed: numbered, judged, sealed into the vault, written to the journal."""
    body = json.dumps(cases.application()).encode()
    request = _made(place, cases.CLERK, "POST", "/api/v1/cases", body)
    return _writing("applications/s", lambda seconds: _submitting(place, body), [request], new=True)


def advance(place: Place) -> Workload:
    """A clerk does the acts after filing, one request each: takes in, checks the identity, passes the form review."""
    number = cases.filed(clock.now())
    turns = []
    for version, (act, given) in enumerate(cases.AT_THE_WINDOW, 1):
        path, body = f"/api/v1/cases/{number}/acts/{act}", json.dumps({"version": version, **given}).encode()
        turns.append(_made(place, cases.CLERK, "POST", path, body))
        cases.do(number, act, cases.CLERK, given=given)
    history.copies(number, floor.POOL, floor.OLD)
    return _writing("acts/s", lambda seconds: _advancing(place, seconds), turns, new=False)


def queue(place: Place) -> Workload:
    """An officer looks at the first page of the department's open duties."""
    history.copies(cases.arrived(clock.now()), OPEN, "Q")
    return _reading(place, f"/api/v1/duties?limit={PAGE}")


def page(place: Place) -> Workload:
    """The same queue as the page in the browser, with places, limits and words."""
    history.copies(cases.arrived(clock.now()), OPEN, "Q")
    return _reading(place, "/desk/")


def _writing(
    unit: str, callers: Callable[[float], list[Iterator[bytes]]], turns: Sequence[floor.Request], *, new: bool
) -> Workload:  # fmt: skip
    return Workload(
        unit, callers, lambda: [floor.script_of(request, new=new) for request in turns],
        lambda: [floor.turn_of(request, new=new) for request in turns],
    )  # fmt: skip


def _reading(place: Place, path: str) -> Workload:
    request = _made(place, cases.OFFICER, "GET", path)
    *before, (page, values) = request.reads
    told = [value for _, own in before for value in own]
    counts = ", ".join(f"(SELECT count(*) FROM ({sql}) r{index})" for index, (sql, _) in enumerate(before))
    fused, given = f"SELECT p.*, {counts} FROM ({page}) p", [*told, *values]

    def callers(seconds: float) -> list[Iterator[bytes]]:
        officer = place.caller(cases.OFFICER)
        return [itertools.repeat(officer.request("GET", path)) for _ in range(CLIENTS)]

    return Workload(
        "pages/s", callers, lambda: [floor.script(fused, given)],
        lambda: [[floor.named(*statement) for statement in request.reads]],
    )  # fmt: skip


def _submitting(place: Place, body: bytes) -> list[Iterator[bytes]]:
    clerk = place.caller(cases.CLERK, post="counter")

    def applications() -> Iterator[bytes]:
        while True:
            yield clerk.request("POST", "/api/v1/cases", body, key=f"k{next(_keys)}")

    return [applications() for _ in range(CLIENTS)]


def _advancing(place: Place, seconds: float) -> list[Iterator[bytes]]:
    clerk = place.caller(cases.CLERK, post="counter")
    numbers = [cases.filed(clock.now()) for _ in range(int(seconds * FASTEST / len(cases.AT_THE_WINDOW)))]
    return [_acting(clerk, numbers[index::CLIENTS]) for index in range(CLIENTS)]


def _acting(clerk: Caller, numbers: Sequence[str]) -> Iterator[bytes]:
    for number in numbers:
        for version, (act, given) in enumerate(cases.AT_THE_WINDOW, 1):
            body = json.dumps({"version": version, **given}).encode()
            yield clerk.request("POST", f"/api/v1/cases/{number}/acts/{act}", body, key=f"k{next(_keys)}")


def _made(place: Place, login: str, method: str, path: str, body: bytes = b"") -> floor.Request:
    """Make a request in this process, twice, and return what it asks and would write; nothing is written."""
    client = Client(SERVER_NAME="127.0.0.1")  # a node answers to its own names alone
    account = next(row for row in place.built.accounts if row[0].endswith(f"-{login}"))
    signed_in = client.post(
        "/api/v1/sessions", {"username": account[0], "password": account[1], "channel": "counter"},
        content_type="application/json",
    )  # fmt: skip
    headers = {"X-CSRFToken": signed_in.json()["csrf_token"], "Idempotency-Key": "floor"}
    reads: list[writing.Statement] = []

    def note(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        reads.append((sql, list(values or ())))
        return execute(sql, values, many, context)

    for _ in range(2):  # the second time without what is remembered for a moment
        reads.clear()
        with writing.together() as gathered, connection.execute_wrapper(note):
            answer = client.generic(method, path, body, content_type="application/json", headers=headers)
            changes = tuple(gathered)
            gathered.clear()
        if answer.status_code >= 300:
            raise BadAnswer(answer.content.decode())
    return floor.Request(tuple(read for read in reads if read[0].startswith("SELECT")), changes)

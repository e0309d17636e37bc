"""The measurements: each brings forth its requests, and for the floor the rows of the very same requests."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.test import Client

from tongban.kernel import clock
from tongban.kernel.writing import Change
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
    changes = _gathered(place, "POST", "/api/v1/cases", body)
    return _writing("applications/s", lambda seconds: _submitting(place, body), [changes], new=True)


def advance(place: Place) -> Workload:
    """A clerk does the acts after filing, one request each: takes in, checks the identity, passes the form review."""
    number = cases.filed(clock.now())
    turns = []
    for version, (act, given) in enumerate(cases.AT_THE_WINDOW, 1):
        path, body = f"/api/v1/cases/{number}/acts/{act}", json.dumps({"version": version, **given}).encode()
        turns.append(_gathered(place, "POST", path, body))
        cases.do(number, act, cases.CLERK, given=given)
    history.copies(number, floor.POOL, floor.OLD)
    return _writing("acts/s", lambda seconds: _advancing(place, seconds), turns, new=False)


def queue(place: Place) -> Workload:
    """An officer looks at the first page of the department's open duties."""
    history.copies(cases.arrived(clock.now()), OPEN, "Q")
    path = f"/api/v1/duties?limit={PAGE}"
    return _reading(place, path)


def page(place: Place) -> Workload:
    """The same queue as the page that an officer sees, with items, places and words."""
    history.copies(cases.arrived(clock.now()), OPEN, "Q")
    return _reading(place, "/desk/")


def _writing(
    unit: str, callers: Callable[[float], list[Iterator[bytes]]], turns: Sequence[Sequence[Change]], *, new: bool
) -> Workload:  # fmt: skip
    return Workload(
        unit, callers, lambda: [floor.script_of(changes, new=new) for changes in turns],
        lambda: [floor.turn_of(changes, new=new) for changes in turns],
    )  # fmt: skip


def _reading(place: Place, path: str) -> Workload:
    organisation = cases.actor(cases.OFFICER).organisation
    columns = (
        'id, subject, name, kind, organisation, basis, "limit", since, due_on, first_opened_at, claimed_by'
    )
    sql = (
        f"SELECT {columns} FROM kernel_duty WHERE organisation = %s AND closed_at IS NULL AND due_on IS NOT NULL"
        " ORDER BY due_on, id LIMIT %s"
    )
    values = [organisation, PAGE + 1]

    def callers(seconds: float) -> list[Iterator[bytes]]:
        officer = place.caller(cases.OFFICER)
        return [itertools.repeat(officer.request("GET", path)) for _ in range(CLIENTS)]

    return Workload(
        "pages/s", callers, lambda: [floor.script(sql, values)], lambda: [[floor.named(sql, values)]]
    )


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


def _gathered(place: Place, method: str, path: str, body: bytes) -> list[Change]:
    """Return what one request writes, by making it in this process and letting nothing through."""
    client = Client()
    account = next(row for row in place.built.accounts if row[0].endswith(f"-{cases.CLERK}"))
    signed_in = client.post(
        "/api/v1/sessions", {"username": account[0], "password": account[1], "channel": "counter"},
        content_type="application/json",
    )  # fmt: skip
    headers = {"X-CSRFToken": signed_in.json()["csrf_token"], "Idempotency-Key": "floor"}

    def request() -> None:
        answer = client.generic(method, path, body, content_type="application/json", headers=headers)
        if answer.status_code >= 300:
            raise BadAnswer(answer.content.decode())

    return cases.changes_of(request)

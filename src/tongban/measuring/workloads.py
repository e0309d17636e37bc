"""The measurements: each brings forth its requests, and for the floor the rows of the very same requests."""

import itertools
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from tongban.cases.words import Act
from tongban.kernel.journal import writing
from tongban.kernel.time import clock
from tongban.measuring import cases, floor, history
from tongban.measuring.callers import Caller
from tongban.measuring.load import BadAnswer
from tongban.measuring.places import Place

PAGE = 50
FASTEST = 1500  # acts a second for which cases lie ready beforehand; a run without work ends early
FUSED = 3  # statements at most of a request whose floor is one statement
ASKED_NOTHING: tuple[writing.Statement, ...] = (("SELECT 1", []),)  # what the floor of a page then does
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
    history.copies_called(number, [f"{floor.OLD}{one}" for one in range(1, floor.POOL + 1)])
    waiting: list[str] = []
    return _writing("acts/s", lambda seconds: _advancing(place, waiting, seconds), turns, new=False)


def queue(place: Place) -> Workload:
    """An officer looks at the first page of the department's open duties."""
    history.copies(cases.arrived(clock.now()), place.waiting)
    return _reading(place, f"/api/v1/duties?limit={PAGE}")


def page(place: Place) -> Workload:
    """The same queue as the page in the browser, with places, limits and words."""
    history.copies(cases.arrived(clock.now()), place.waiting)
    return _reading(place, "/desk/")


def case_page(place: Place) -> Workload:
    """The page on which an officer decides a case: form, materials, what was said, what may be done."""
    number = cases.arrived(clock.now())
    cases.do(number, Act.ACKNOWLEDGE, cases.OFFICER)
    return _reading(place, f"/desk/{number}/")


def window_page(place: Place) -> Workload:
    """The first page of a window, with what waits for it and what it took in."""
    history.copies(cases.filed(clock.now()), place.waiting)
    return _reading(place, "/counter/", cases.CLERK)


def supervision_page(place: Place) -> Workload:
    """The page of who supervises the county."""
    history.copies(cases.arrived(clock.now()), place.waiting)
    return _reading(place, "/supervision/", cases.SUPERVISOR)


def item_page(place: Place) -> Workload:
    """What an item asks for and where it can be done, for anybody."""
    return _reading(place, f"/items/{cases.application()['offering']}/", "")


def home_page(place: Place) -> Workload:
    """The first page, for anybody."""
    return _reading(place, "/", "")


def _writing(
    unit: str, callers: Callable[[float], list[Iterator[bytes]]], turns: Sequence[floor.Request], *, new: bool
) -> Workload:  # fmt: skip
    return Workload(
        unit, callers, lambda: [floor.script_of(request, new=new) for request in turns],
        lambda: [floor.turn_of(request, new=new) for request in turns],
    )  # fmt: skip


def _reading(place: Place, path: str, login: str = cases.OFFICER) -> Workload:
    request = _made(place, login, "GET", path)
    reads = request.reads or ASKED_NOTHING
    # A page of many statements would be asked worse if they were one.
    floor_of = [_fused(reads)] if 1 < len(reads) <= FUSED else reads

    def callers(seconds: float) -> list[Iterator[bytes]]:
        caller = place.caller(login)
        return [itertools.repeat(caller.request("GET", path)) for _ in range(place.callers)]

    return Workload(
        "pages/s", callers, lambda: [floor.script(floor_of)], lambda: [[floor.named(*read) for read in reads]]
    )  # fmt: skip


def _fused(reads: Sequence[writing.Statement]) -> writing.Statement:
    """Return one statement that reads the page, and counts what is asked besides."""
    page, values = max(reads, key=_rows_of)
    others = [read for read in reads if read[0] != page]
    counts = [f"(SELECT count(*) FROM ({sql}) r{index})" for index, (sql, _) in enumerate(others)]
    told = [value for _, own in others for value in own]
    return f"SELECT {', '.join(['p.*', *counts])} FROM ({page}) p", [*told, *values]


def _rows_of(read: writing.Statement) -> int:
    """Return how many rows a statement gives: that with the most is the page, whatever is asked before and after it."""
    with connection.cursor() as cursor:
        cursor.execute(*read)
        return len(cursor.fetchall())


def _submitting(place: Place, body: bytes) -> list[Iterator[bytes]]:
    clerk = place.caller(cases.CLERK)

    def applications() -> Iterator[bytes]:
        while True:
            yield clerk.request("POST", "/api/v1/cases", body, key=f"k{next(_keys)}")

    return [applications() for _ in range(place.callers)]


def _advancing(place: Place, waiting: list[str], seconds: float) -> list[Iterator[bytes]]:
    """Return callers who take from the filed cases that wait; what an earlier run left over is there for the next."""
    clerk, wanted = place.caller(cases.CLERK), math.ceil(seconds * FASTEST / len(cases.AT_THE_WINDOW))
    waiting += [cases.filed(clock.now()) for _ in range(wanted - len(waiting))]
    return [_acting(clerk, waiting) for _ in range(place.callers)]


def _acting(clerk: Caller, waiting: list[str]) -> Iterator[bytes]:
    while waiting:
        number = waiting.pop()
        for version, (act, given) in enumerate(cases.AT_THE_WINDOW, 1):
            body = json.dumps({"version": version, **given}).encode()
            yield clerk.request("POST", f"/api/v1/cases/{number}/acts/{act}", body, key=f"k{next(_keys)}")


def _made(place: Place, login: str, method: str, path: str, body: bytes = b"") -> floor.Request:
    """Make a request in this process, twice, and return what it asks and would write; nothing is written. `login` "" is anybody."""
    client, headers = place.caller(login).client(), {"Idempotency-Key": "floor"}
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

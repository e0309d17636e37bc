"""Keeping what cases are found by: made when a form is there, made anew when it changes, gone with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tongban.cases import queries, told_of
from tongban.cases.models import Case
from tongban.kernel import vault
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import writer as journal
from tongban.materials import queries as materials
from tongban.procedures import tracing
from tongban.procedures.following import Write

BATCH = 200


@dataclass(frozen=True, slots=True)
class _Made:
    traces: set[tuple[str, str]]
    name: str


def traced(number: str) -> Write | None:
    """Read the form of a case and return what writes its traces; nothing where the case is not one that counts here yet."""
    case = Case.objects.filter(number=number).first()
    if case is None:
        return None
    made = _made(case)

    def written() -> None:
        # What was destroyed since it was read stays destroyed.
        kept = _Made(set(), "") if vault.is_destroyed(number) else made
        tracing.replace(number, case.opened_on, kept.traces, kept.name)

    return written


def retrace_all() -> int:
    """Make the traces of every case anew, one by one while everything goes on; return of how many."""
    done = 0
    for number in _numbers():
        written = traced(number)
        if written:
            with write():
                written()
            done += 1
    return done


def _made(case: Case) -> _Made:
    if vault.is_destroyed(case.number):
        return _Made(set(), "")
    guide, form = queries.guide_of(case), {}
    pieces = [piece for event in journal.events_of(case.number) for piece in event.content]
    digest = next((str(piece["digest"]) for piece in reversed(pieces) if piece["label"] == "form"), "")
    try:
        form = materials.form_at(case.number, digest) if digest else {}
    except DomainError:
        form = {}  # not here yet: its arrival is an event too
    schema = guide["form"] if guide else {}
    return _Made(told_of.traces(case.number, schema, form), told_of.shown(schema, form))


def _numbers() -> Iterator[str]:
    last = ""
    while True:
        rows = Case.objects.filter(number__gt=last).order_by("number").values_list("number", flat=True)
        batch = list(rows[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1]

"""
The one writer.

`append` stores an outcome, ours or received: rows, events, duties, and what each peer still lacks, in one
transaction. It knows no rules and no apps: an outcome carries its own row changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Func

from tongban.kernel import crashpoints
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.events import Event as Written
from tongban.kernel.events import parse_time, read
from tongban.kernel.fold import Step
from tongban.kernel.models import Duty, Event, Outstanding


class CaseMovedMeanwhile(DomainError):
    """Someone else acted on the case first."""

    code = "case_moved_meanwhile"
    status = 409


@dataclass(frozen=True, slots=True)
class Row:
    """One row change of an outcome: an insert, or an update that finds the row as expected."""

    model: type[models.Model]
    key: Mapping[str, Any]
    values: Mapping[str, Any]
    expect: Mapping[str, Any] | None = None  # None: the row must not exist yet


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision or an adoption comes to. `peers` are the nodes that must hear of it."""

    case: str
    steps: tuple[Step, ...]
    rows: tuple[Row, ...] = ()
    peers: frozenset[str] = frozenset()


def append(outcome: Outcome, *, own_node: str, at: datetime) -> None:
    """
    Store an outcome, whole or not at all.

    Raises:
        CaseMovedMeanwhile: the case is no longer in the state the outcome was decided on.
    """
    with write():
        try:
            for row in outcome.rows:
                _write_row(outcome.case, row)
            Event.objects.bulk_create([_event_row(step.event, own_node) for step in outcome.steps])
        except IntegrityError as error:
            raise _moved(outcome.case) from error
        _write_duties(outcome)
        for node in outcome.peers:
            _note_lack(outcome.case, node, at)
        crashpoints.reached("before-commit")
        # The transaction may be the caller's: what follows it waits for its end.
        transaction.on_commit(lambda: crashpoints.reached("committed-unsent"))


def events_of(case: str) -> list[Written]:
    """Return all events of a case, in the order this node wrote or adopted them."""
    rows = Event.objects.filter(case=case).order_by("id").values_list("raw", flat=True)
    return [read(raw.encode()) for raw in rows]


def duty_values(name: str, duty: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a duty row that the folded state determines."""
    opened = duty["first_opened"]
    return {
        "name": name,
        "kind": duty["kind"],
        "organisation": duty["holder"]["org"],
        "node": duty["holder"]["node"],
        "addressee": duty["to_node"] or "",
        "basis": duty["basis"],
        "limit": limit_text(duty["limit"]),
        "since": parse_time(duty["since"]),
        "due_on": date.fromisoformat(duty["due"]) if duty["due"] else None,
        "first_opened_at": parse_time(opened[0]) if opened else None,
        "first_opened_by": opened[1] if opened else "",
        "claimed_by": duty["claimed"] or "",
    }


def limit_text(limit: Mapping[str, Any] | None) -> str:
    """Return a limit in words: `5 工作日`, `10 日`, or nothing."""
    if limit is None:
        return ""
    return f"{limit['n']} {'工作日' if limit['unit'] == 'working_day' else '日'}"


def _write_row(case: str, row: Row) -> None:
    manager = row.model._default_manager
    if row.expect is None:
        manager.create(**row.key, **row.values)
    elif manager.filter(**row.key, **row.expect).update(**row.values) != 1:
        raise _moved(case)


def _event_row(event: Written, own_node: str) -> Event:
    return Event(
        case=event.case, role=event.role, term=event.term, seq=event.seq,
        epoch=event.document["epoch"], kind=event.kind, node=event.node, at=event.at, hash=event.hash,
        raw=event.raw.decode(), own=event.node == own_node, xact=_transaction_id(),
    )  # fmt: skip


def _transaction_id() -> Any:
    if connection.vendor != "postgresql":
        return 0
    return Func(function="pg_current_xact_id", template="%(function)s()::text::bigint")


def _write_duties(outcome: Outcome) -> None:
    opened: dict[str, Duty] = {}
    for step in outcome.steps:
        before, after = step.before.duties, step.after.duties
        for name in after.keys() - before.keys():
            opened[name] = Duty(subject=outcome.case, **duty_values(name, after[name]))
        gone = _close(opened, before.keys() - after.keys(), step.event.at)
        Duty.objects.filter(subject=outcome.case, name__in=gone).update(closed_at=step.event.at)
        for name in after.keys() & before.keys():
            if after[name] != before[name]:
                values = duty_values(name, after[name])
                if name in opened:
                    opened[name] = Duty(subject=outcome.case, **values)
                else:
                    Duty.objects.filter(subject=outcome.case, name=name).update(**values)
    Duty.objects.bulk_create(opened.values())


def _close(opened: Mapping[str, Duty], names: Iterable[str], at: datetime) -> list[str]:
    """Close what this very outcome opened; return the names that are rows already."""
    rows = []
    for name in names:
        if name in opened:
            opened[name].closed_at = at
        else:
            rows.append(name)
    return rows


def _note_lack(case: str, node: str, at: datetime) -> None:
    found = Outstanding.objects.filter(case=case, node=node).update(
        lacking=True, news=F("news") + 1, next_at=at, attempts=0
    )
    if not found:
        Outstanding.objects.create(case=case, node=node, next_at=at, news=1)


def _moved(case: str) -> CaseMovedMeanwhile:
    return CaseMovedMeanwhile(f"办件 {case} 已被他人处理，请刷新后再试。")

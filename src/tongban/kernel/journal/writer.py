"""
The one writer.

`append` stores an outcome, ours or received: rows, events, duties, and what each peer still lacks, in one
transaction. It knows no rules and no apps: an outcome carries its own row changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection

from tongban.kernel.errors import DomainError
from tongban.kernel.journal import pseudonyms, writing
from tongban.kernel.journal.events import Event as Written
from tongban.kernel.journal.events import parse_time, read
from tongban.kernel.journal.fold import State, Step
from tongban.kernel.journal.writing import Change, Insert, Sql, Update, Upsert
from tongban.kernel.models import Duty, Event, Outstanding
from tongban.kernel.prepared import Prepared


class MovedMeanwhile(DomainError):
    """Someone else acted on the matter first."""

    code = "moved_meanwhile"
    status = 409


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision or an adoption comes to. `peers` are the nodes that must hear of it; `signed` is what some have signed for."""

    subject: str
    steps: tuple[Step, ...]
    rows: tuple[Change, ...] = ()
    peers: frozenset[str] = frozenset()
    signed: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)  # node → heads, by chain


@contextmanager
def one_act(subject: str) -> Iterator[None]:
    """
    Gather what an act writes besides its event (texts, what it names), and write all of it as one.

    Raises:
        MovedMeanwhile: the matter is no longer in the state the act was decided on; nothing was written.
    """
    try:
        with writing.together():
            yield
    except (writing.NotAsExpected, IntegrityError) as error:
        raise moved(subject) from error


@contextmanager
def one_transfer(subject: str) -> Iterator[None]:
    """
    Gather what is taken in of a matter, within the caller's transaction; see `writing.together_within`.

    Raises:
        MovedMeanwhile: somebody else wrote first; the caller lets the transaction be undone.
    """
    try:
        with writing.together_within():
            yield
    except (writing.NotAsExpected, IntegrityError) as error:
        raise moved(subject) from error


def append(outcome: Outcome, *, own_node: str, at: datetime) -> None:
    """
    Store an outcome, whole or not at all; within `one_act`, with what else the act writes.

    Raises:
        MovedMeanwhile: the matter is no longer in the state the outcome was decided on.
    """
    try:
        writing.store([*outcome.rows, *_events(outcome, own_node), *_duties(outcome), *_lacks(outcome, at)])
    except (writing.NotAsExpected, IntegrityError) as error:
        raise moved(outcome.subject) from error


def moved(subject: str) -> MovedMeanwhile:
    """Return the refusal of an act on a matter that somebody else has acted on meanwhile."""
    return MovedMeanwhile(f"{subject} 已被他人处理，请刷新后再试。")


def events_of(subject: str) -> list[Written]:
    """Return all events of a matter, in the order this node wrote or adopted them."""
    held = _read.get()
    if held is None:
        return [read_row(raw, body) for raw, body in _rows_of.rows(subject)]
    if subject not in held:
        held[subject] = [read_row(raw, body) for raw, body in _rows_of.rows(subject)]
    return list(held[subject])


@contextmanager
def read_once() -> Iterator[None]:
    """Within the block, read the events of a matter once: for a page that tells story, files and letters, and writes nothing."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


_read: ContextVar[dict[str, list[Written]] | None] = ContextVar("events_read", default=None)


_rows_of = Prepared(
    lambda subject: Event.objects.filter(subject=subject).order_by("id").values_list("raw", "body"), str
)


def read_row(raw: str, body: str) -> Written:
    """Return the event of a stored row; raises MalformedEvent."""
    return read(raw.encode(), body.encode() if body else None)


def duty_values(subject: str, name: str, duty: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the columns of a duty row that the folded state determines.

    Our own people stand there by the node's code, so that they find what they claimed; others by what the event calls them.
    """
    opened = duty["first_opened"]
    return {
        "name": name,
        "role": name.partition("/")[0],
        "about": duty["about"] or "",
        "kind": duty["kind"],
        "organisation": duty["holder"]["org"],
        "node": duty["holder"]["node"],
        "addressee": duty["to_node"] or "",
        "basis": duty["basis"],
        "limit": limit_text(duty["limit"]),
        "since": parse_time(duty["since"]),
        "due_on": date.fromisoformat(duty["due"]) if duty["due"] else None,
        "first_opened_at": parse_time(opened[0]) if opened else None,
        "first_opened_by": _called(subject, opened[1]) if opened else "",
        "claimed_by": _called(subject, duty["claimed"] or ""),
    }


def _called(subject: str, pseudonym: str) -> str:
    return (pseudonyms.person(subject, pseudonym) or pseudonym) if pseudonym else ""


def limit_text(limit: Mapping[str, Any] | None) -> str:
    """Return a limit in words: `5 工作日`, `10 日`, or nothing."""
    if limit is None:
        return ""
    return f"{limit['n']} {'工作日' if limit['unit'] == 'working_day' else '日'}"


def event_row(event: Written, *, own_node: str) -> dict[str, Any]:
    """Return the columns of an event's row, save those that the database or sealing sets."""
    return {
        "procedure": event.procedure, "subject": event.subject, "role": event.role, "term": event.term, "seq": event.seq,
        "epoch": event.document["epoch"], "kind": event.kind, "node": event.node, "at": event.at, "hash": event.hash,
        "raw": event.raw.decode(), "body": (event.body_raw or b"").decode(), "own": event.node == own_node,
    }  # fmt: skip


def duties_of(states: Sequence[tuple[Written, State]]) -> dict[str, dict[str, Any]]:
    """Return every duty that a story ever opened, by name: the columns of its row, with when it was closed."""
    found: dict[str, dict[str, Any]] = {}
    for event, state in states:
        for name, duty in state.duties.items():
            found[name] = {**duty_values(state.subject, name, duty), "closed_at": None}
        for name, values in found.items():
            if name not in state.duties and values["closed_at"] is None:
                values["closed_at"] = event.at
    return found


def _events(outcome: Outcome, own_node: str) -> Iterator[Change]:
    rows = ({**event_row(step.event, own_node=own_node), "xact": _transaction_id()} for step in outcome.steps)
    yield Insert(Event, tuple(rows))


def _transaction_id() -> Any:
    return Sql("pg_current_xact_id()::text::bigint") if connection.vendor == "postgresql" else 0


def _duties(outcome: Outcome) -> Iterator[Change]:
    """Yield what the steps did to duties, each row touched once."""
    new: dict[str, dict[str, Any]] = {}
    known: dict[str, dict[str, Any]] = {}
    key = {"procedure": outcome.steps[0].after.procedure, "subject": outcome.subject}
    for step in outcome.steps:
        before, after = step.before.duties, step.after.duties
        for name in after:
            if name not in before and name not in known:
                new[name] = {**key, **duty_values(outcome.subject, name, after[name]), "closed_at": None}
            elif name not in before:
                known[name] |= {**duty_values(outcome.subject, name, after[name]), "closed_at": None}
            elif after[name] is not before[name]:
                (new if name in new else known).setdefault(name, {}).update(
                    duty_values(outcome.subject, name, after[name])
                )
        for name in before.keys() - after.keys():
            (new if name in new else known).setdefault(name, {})["closed_at"] = step.event.at
    for name, values in known.items():
        yield Update(Duty, {"subject": outcome.subject, "name": name}, values)
    opened = {duty["id"] for step in outcome.steps for duty in step.event.effects.get("open", ())}
    rows = tuple(values for name, values in new.items() if name in opened)
    if rows:
        yield Insert(Duty, rows)
    # What is withheld, let in again or written at once with others may open duties again that were closed.
    for name, values in new.items():
        if name not in opened:
            yield Upsert(Duty, values, unique=("subject", "name"))


def _lacks(outcome: Outcome, at: datetime) -> Iterator[Change]:
    for node in sorted(outcome.peers):
        news = {
            "procedure": outcome.steps[0].after.procedure, "subject": outcome.subject, "node": node, "lacking": True,
            "next_at": at, "attempts": 0, "news": 1,
        }  # fmt: skip
        if node in outcome.signed:
            # Its word for what it holds came with the events: it is not told of them again.
            signed, heads = outcome.signed[node], outcome.steps[-1].after.heads
            lacking = any(list(head[:2]) != signed.get(chain) for chain, head in heads.items())
            news |= {"acknowledged": dict(signed), "lacking": lacking} | ({} if lacking else {"trouble": ""})
        yield Upsert(Outstanding, news, unique=("subject", "node"), bump="news")

"""
The node's own chain (docs/protocol.md §19): what a node does that is no matter's event, written down and sealed all the same.

Events of the procedure `node` under a number that is issued with the first of them. They have no effects but the
founding one's, go to nobody, and name people by pseudonyms of that number. Whatever writes one calls `write` in the
transaction of the change itself: a change without its event, or the other way round, is what the audit looks for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Model
from django.utils.timezone import localdate

from tongban.kernel import committed, db
from tongban.kernel.journal import events, kept, numbers, pseudonyms
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.nodekinds import KINDS, PEOPLE, PROCEDURE, ROLE, RULES, TERM
from tongban.kernel.models import CalendarYear, EpochRecord, NodeKey, SelfNode
from tongban.kernel.models import Event as Row

TRIES = 100  # of a writer whom others overtake; each time one of them has got on
SYSTEM: Mapping[str, Any] = {**events.NOBODY, "kind": "system", "channel": "system", "assurance": 3}

kept.keep(CalendarYear, "year", "version", "data")
# The first key follows from the fingerprint.
kept.keep(NodeKey, "node", "number", "raw", of_own=True, beyond={"number": 1})
kept.keep(EpochRecord, "node", "epoch", "raw", of_own=True)


def write(kind: str, *, given: Mapping[str, Any], by: Mapping[str, Any] = SYSTEM, at: datetime) -> Row | None:
    """
    Write an entry: `by` (as events name an actor) did something of a `kind`, with the codes `given`.

    People stand in `by`, and in `given` as `person`, by the node's own codes. Where no node was founded yet there is no
    chain, and nothing is written.

    Raises:
        ValueError: `given` is not what the kind carries.
    """
    if set(given) != set(KINDS[kind].carries):
        raise ValueError(f"{kind} carries {KINDS[kind].carries}")
    for _ in range(TRIES):
        try:
            with db.write():
                return _append(kind, given, by, at)
        except IntegrityError as error:
            # Another process wrote this place first (PostgreSQL); what it wrote is committed now.
            overtaken = error
    raise overtaken


def tell(kind: str, row: Model, *, by: Mapping[str, Any] = SYSTEM, at: datetime, **given: Any) -> Row | None:
    """Write an entry about a row of a kept table, as it is stored now; as `write`."""
    table = kept.tables()[KINDS[kind].table]
    stored = table.model._base_manager.get(pk=row.pk)
    return write(kind, given={"row": row.pk, "mark": table.mark(stored), **given}, by=by, at=at)


def _append(kind: str, given: Mapping[str, Any], by: Mapping[str, Any], at: datetime) -> Row | None:
    me = SelfNode.objects.first()
    if me is None:
        return None
    if not me.journal:
        _found(me, at)
    subject = me.journal
    last = _chain(subject).order_by("-seq").values_list("seq", "hash").first()
    seq, prev = last or (0, events.genesis(PROCEDURE, subject, ROLE, TERM))
    told = {name: pseudonyms.of(subject, value) if name in PEOPLE else value for name, value in given.items()}
    who = {
        **by,
        "staff": pseudonyms.of(subject, by["staff"]),
        "applicant": pseudonyms.of(subject, by["applicant"]),
    }
    return _store(me, seq + 1, prev, kind, given=told, actor=who, at=at)


def _found(me: SelfNode, at: datetime) -> None:
    """Give the node's chain its number and its first event."""
    # The settings' zone is the official one (a test holds them together): `time` stands upon this room and is not asked.
    number = numbers.issue(settings.NODE.division or "000000", me.fingerprint, me.epoch, localdate(at))
    # Two first writers at once: one waits here for the other, and goes on in its chain.
    if not SelfNode.objects.filter(pk=me.pk, journal="").update(journal=str(number)):
        me.refresh_from_db()
        return
    me.journal = str(number)
    genesis = events.genesis(PROCEDURE, me.journal, ROLE, TERM)
    _store(me, 1, genesis, "node_founded", given={}, actor=SYSTEM, at=at, effects=founding(me.fingerprint))


def founding(node: str) -> dict[str, Any]:
    """Return the effects of the first event: the chain is this node's."""
    org = settings.NODE.organisation
    return {"bind": [{"role": ROLE, "term": TERM, "node": node, "org": org, "office": org, "papers": []}]}


def _store(
    me: SelfNode, seq: int, prev: str, kind: str, *, at: datetime, effects: Mapping[str, Any] | None = None,
    **body: Any,
) -> Row:  # fmt: skip
    event = events.mint(
        procedure=PROCEDURE, subject=me.journal, node=me.fingerprint, role=ROLE, term=TERM, epoch=me.epoch, seq=seq,
        kind=kind, rules=RULES, at=events.format_time(at), prev=prev, seen={}, effects=effects or {}, **body,
    )  # fmt: skip
    # One row by itself, in whatever transaction is open: `journal.append` is for matters with a state.
    return Row.objects.create(
        **journal.event_row(event, own_node=me.fingerprint), xact=committed.transaction_id()
    )


def _chain(subject: str) -> Any:
    return Row.objects.filter(subject=subject, role=ROLE, term=TERM)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as people and programs read it: people by the node's own codes."""

    seq: int
    at: datetime
    kind: str
    title: str
    actor: Mapping[str, Any]
    given: Mapping[str, Any]
    sealed: bool


def entries(*, since: datetime | None = None, kind: str = "") -> Iterator[Entry]:
    """Yield what stands in the node's chain, oldest first; `since` a moment, of a `kind`."""
    me = SelfNode.objects.first()
    rows = _chain(me.journal) if me and me.journal else Row.objects.none()
    rows = rows.filter(at__gte=since) if since else rows
    rows = rows.filter(kind=kind) if kind else rows
    for row in rows.order_by("seq").iterator():
        yield entry_of(row)


def about(who: str, most: int) -> list[Entry]:
    """Return what stands in the node's chain about somebody (the node's code), newest first, at most so many."""
    me = SelfNode.objects.first()
    if me is None or not me.journal:
        return []
    rows = _chain(me.journal).filter(body__contains=pseudonyms.of(me.journal, who)).order_by("-seq")
    found: list[Entry] = []
    for row in rows.iterator():
        entry = entry_of(row)
        # What they did themselves to somebody else names them, too.
        if entry.given.get("person") == who:
            found.append(entry)
            if len(found) == most:
                break
    return found


def entry_of(row: Row) -> Entry:
    """Return the entry that a row holds; raises events.MalformedEvent."""
    event = journal.read_row(row.raw, row.body)
    named = {
        name: event.actor[name] and person(event.subject, event.actor[name])
        for name in ("staff", "applicant")
    }
    given = {
        name: person(event.subject, value) if name in PEOPLE else value for name, value in event.given.items()
    }
    kind = KINDS.get(event.kind)
    return Entry(
        seq=event.seq, at=event.at, kind=event.kind, title=kind.title if kind else event.kind,
        actor={**event.actor, **named}, given=given, sealed=row.leaf is not None,
    )  # fmt: skip


def person(subject: str, pseudonym: str) -> str:
    """Return the node's code of somebody named in the chain; the pseudonym itself where it is none of ours."""
    return pseudonyms.person(subject, pseudonym) or pseudonym


def last_of(kind: str) -> Row | None:
    """Return the latest entry of a kind, or nothing."""
    me = SelfNode.objects.first()
    if me is None or not me.journal:
        return None
    found: Row | None = _chain(me.journal).filter(kind=kind).order_by("-seq").first()
    return found


def first_of(kind: str, *, beyond: int, before: datetime, most: int) -> list[Row]:
    """Return the oldest entries of a kind whose `last` lies beyond a row, sealed and from before a moment, at most so many."""
    me = SelfNode.objects.first()
    if me is None or not me.journal:
        return []
    found: list[Row] = []
    for one in (
        _chain(me.journal).filter(kind=kind, leaf__isnull=False, at__lt=before).order_by("seq").iterator()
    ):
        if entry_of(one).given["last"] > beyond:
            found.append(one)
            if len(found) == most:
                break
    return found


def seals_told() -> dict[str, list[Any]]:
    """Return the peers' seals that the chain says were held: node → [epoch, size, digest], the latest of each."""
    told: dict[str, list[Any]] = {}
    for entry in entries(kind="seals_held"):
        told.update(entry.given["held"])
    return told

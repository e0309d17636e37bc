"""Audit of matters: events against their bytes, rows and duties against the fold, what peers signed for."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from tongban.kernel import identity
from tongban.kernel.crypto import digest
from tongban.kernel.journal import events, fold, statements
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.journal.nodekinds import PROCEDURE as OF_THE_NODE
from tongban.kernel.models import Duty, Fork, NodeKey, Outstanding, Statement
from tongban.kernel.models import Event as EventRow
from tongban.procedures import practice, projection
from tongban.procedures.audit.discrepancies import Discrepancy, Report, compare, document_of
from tongban.procedures.models import Matter, Party

BATCH = 200


def check(own: str, report: Report, progress: Callable[[int], None]) -> Iterator[Discrepancy]:
    """Yield what is wrong with events, matters, duties, statements, forks and what is outstanding."""
    last, done = "", 0
    while True:
        numbers = list(
            EventRow.objects.filter(subject__gt=last)
            .exclude(procedure=OF_THE_NODE)
            .order_by("subject")
            .values_list("subject", flat=True)
            .distinct()[:BATCH]
        )
        if not numbers:
            break
        yield from _batch(numbers, own, report)
        last, done = numbers[-1], done + len(numbers)
        progress(done)
    yield from _without_events()


def _batch(numbers: Sequence[str], own: str, report: Report) -> Iterator[Discrepancy]:
    rows = _by(EventRow.objects.filter(subject__in=numbers).order_by("id"), "subject", report)
    stored = _Stored.of(numbers, report)
    duties = _by(Duty.objects.filter(subject__in=numbers).order_by("id"), "subject", report)
    kept = _by(Statement.objects.filter(subject__in=numbers).order_by("id"), "subject", report)
    outstanding = _by(Outstanding.objects.filter(subject__in=numbers), "subject", report)
    forks = _by(Fork.objects.filter(subject__in=numbers), "subject", report)
    for number in numbers:
        written = []
        for row in rows[number]:
            event = yield from event_of_row(row, own)
            if event is not None:
                written.append(event)
        held = {(event.chain, event.seq): event.hash for event in written}
        for statement in kept.get(number, []):
            yield from _statement(statement, held, own)
        for fork in forks.get(number, []):
            yield from _fork(fork)
        try:
            states = fold.states(rows[number][0].procedure, number, written)
        except (fold.BrokenChain, KeyError, TypeError, ValueError) as error:
            yield Discrepancy("Event", number, "raw", f"记录缺失、重复或前后不能衔接（{error}）")
            continue
        state = states[-1][1] if states else State(rows[number][0].procedure, number)
        yield from _redacted(written, state)
        yield from _rows(stored, state)
        yield from _duties(state, states, duties.get(number, []))
        owed = _owed(states)
        # Who was bound by what was parked in the same breath was never to hear of it.
        told = _to_be_told([one for one in states if not state.is_withheld(one[0])], own)
        yield from _missing_outstanding(number, told, outstanding.get(number, []), own)
        for row in outstanding.get(number, []):
            yield from _outstanding(row, held, states[-1][1], kept.get(number, []), owed.get(row.node, {}))


def _by(rows: Any, column: str, report: Report) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        report.count(type(row).__name__)
        found.setdefault(getattr(row, column), []).append(row)
    return found


def event_of_row(row: EventRow, own: str) -> Any:
    """Yield what is wrong with an event's row, and return the event if its bytes are one."""
    key = f"{row.subject} {row.role}/{row.term} 第 {row.seq} 条（{row.kind}）"
    try:
        event = journal.read_row(row.raw, row.body)
    except events.MalformedEvent as error:
        yield Discrepancy("Event", key, "raw,body", f"原文不是有效的事件（{error}）")
        return None
    expected = {
        name: event.document[name]
        for name in ("procedure", "subject", "role", "term", "seq", "epoch", "kind", "node", "hash")
    }
    yield from compare(row, key, {**expected, "at": event.at, "own": event.node == own})
    return event


def _redacted(written: Sequence[Event], state: State) -> Iterator[Discrepancy]:
    under = {name for event in written for name in event.effects.get("redact", ())}
    for event in written:
        # Its writer destroys a body at once, also under a redaction that is withheld elsewhere.
        if (event.body is None and event.hash not in under) or (event.body and event.hash in state.redacted):
            key = f"{event.subject} {event.chain} 第 {event.seq} 条（{event.kind}）"
            yield Discrepancy("Event", key, "body", "附文缺失而没有删除它的记录，或已决定删除却还在")


@dataclass(slots=True)
class _Stored:
    """The rows stored of some matters: each matter's own, that of its procedure's table, and its parties."""

    matters: dict[str, Matter]
    found: dict[str, Matter]
    parties: dict[str, list[Party]]

    @classmethod
    def of(cls, numbers: Sequence[str], report: Report) -> "_Stored":
        matters = {row.number: row for row in Matter.objects.filter(number__in=numbers)}
        report.count("Matter", len(matters))
        found: dict[str, Matter] = {}
        for model in {how.model for how in practice.everyone()} - {Matter}:
            rows = {row.number: row for row in model._base_manager.filter(pk__in=numbers)}
            report.count(model.__name__, len(rows))
            found |= rows
        return cls(
            matters, found, _by(Party.objects.filter(matter__in=numbers).order_by("id"), "matter_id", report)
        )


def _rows(stored: _Stored, state: State) -> Iterator[Discrepancy]:
    number, how = state.subject, practice.of(state.procedure)
    row = stored.matters.get(number)
    if row is None:
        yield Discrepancy("Matter", number, "number", "有事件而没有它的行")
        return
    matter = projection.matter_of(state)
    yield from compare(row, number, matter)
    if how.model is not Matter:
        own = stored.found.get(number)
        if own is None:
            yield Discrepancy(how.model.__name__, number, "matter_id", "有事件而没有它的行")
        else:
            yield from compare(own, number, how.columns(state))
    expected = projection.parties_of(state, matter)
    held = {one.role: one for one in stored.parties.get(number, [])}
    for role in sorted(expected.keys() ^ held.keys()):
        yield Discrepancy("Party", f"{number} {role}", "matter_id,role", "承办方与记录不符")
    for role in sorted(expected.keys() & held.keys()):
        yield from compare(held[role], f"{number} {role}", expected[role])


def _duties(
    state: State, states: Sequence[tuple[Event, State]], rows: Sequence[Duty]
) -> Iterator[Discrepancy]:
    number = state.subject
    key = {"procedure": state.procedure, "subject": number}
    expected = {name: {**values, **key} for name, values in journal.duties_of(states).items()}
    stored = {row.name: row for row in rows}
    for name in expected.keys() - stored.keys():
        yield Discrepancy("Duty", f"{number} {name}", "subject,name", "责任行缺失")
    for name, row in stored.items():
        if name not in expected:
            yield Discrepancy("Duty", f"{number} {name}", "subject,name", "没有事件产生这项责任")
        else:
            yield from compare(row, f"{number} {name}", expected[name])


def _statement(row: Statement, held: dict[tuple[str, int], str], own: str) -> Iterator[Discrepancy]:
    key = f"{row.subject} {row.hash[:16]}…"
    if digest.of(row.raw.encode()) != row.hash:
        yield Discrepancy("Statement", key, "raw,hash", "原文与摘要不符")
    document = document_of(row.raw) or {}
    try:
        statements.check(document, identity.chain_of(str(document.get("signer"))))
        expected = {"subject": document["subject"], "signer": document["signer"]}
        heads: dict[str, list[Any]] = document["heads"]
    except (KeyError, ValueError, identity.UnknownNode):
        yield Discrepancy("Statement", key, "raw", "不是其签署节点所签")
        return
    yield from compare(row, key, expected)
    if row.subject != document["subject"]:
        return
    for chain, (seq, hash_) in heads.items():
        key = f"{row.subject} {chain} 第 {seq} 条"
        # A peer may sign for what has not reached us yet; we ourselves sign only for what we hold.
        if (chain, seq) not in held and row.signer == own:
            yield Discrepancy("Event", key, "raw", "本节点签过这一条，它却不见了")
        elif held.get((chain, seq), hash_) != hash_ and not _said_otherwise(row, chain, seq, held):
            yield Discrepancy("Event", key, "hash", "与已签署的链头不同")


def _said_otherwise(row: Statement, chain: str, seq: int, held: dict[tuple[str, int], str]) -> bool:
    """Whether the same peer has signed for what is held there too: then it has said two things, and nothing was changed here."""
    others = Statement.objects.filter(subject=row.subject, signer=row.signer).exclude(pk=row.pk)
    for raw in others.values_list("raw", flat=True):
        head = (document_of(raw) or {}).get("heads", {}).get(chain, [0, ""])
        if head[0] >= seq and held.get((chain, head[0])) == head[1]:
            return True
    return False


def _fork(row: Fork) -> Iterator[Discrepancy]:
    try:
        event = events.read(row.raw.encode())
    except events.MalformedEvent:
        yield Discrepancy("Fork", f"{row.subject} {row.hash[:16]}…", "raw", "原文不是有效的事件")
        return
    expected = {"subject": event.subject, "chain": event.chain, "seq": event.seq, "hash": event.hash}
    yield from compare(row, f"{row.subject} {row.hash[:16]}…", expected)


def _missing_outstanding(
    number: str, owed: Collection[str], rows: Sequence[Outstanding], own: str
) -> Iterator[Discrepancy]:
    """Every node that is to be told has a row: without one it would never be sent anything again."""
    for node in sorted({*owed} - {own} - {row.node for row in rows}):
        key = f"{number} → {node[:16]}…"
        yield Discrepancy("Outstanding", key, "subject,node", "应送达的对方节点没有登记")


def _to_be_told(states: Sequence[tuple[Event, State]], own: str) -> set[str]:
    """
    Return the nodes bound now, and those bound before or after something this node wrote.

    Who was bound only between events that came here together is told by whoever ended its term, and who was bound by what is
    withheld by nobody.
    """
    found, before = set(), State("", "")
    for event, state in states:
        if event.node == own:
            found |= _bound(before) | _bound(state)
        before = state
    return found & before.parties() | _bound(before)


def _bound(state: State) -> set[str]:
    return {binding["node"] for binding in state.roles.values()}


def _owed(states: Sequence[tuple[Event, State]]) -> dict[str, dict[str, Any]]:
    """Return the heads that each node is to hear of: those of when it was bound last, and what ended that."""
    owed: dict[str, dict[str, Any]] = {}
    bound: set[str] = set()
    for _, state in states:
        owed |= dict.fromkeys(bound | _bound(state), state.heads)
        bound = _bound(state)
    return owed


def _outstanding(
    row: Outstanding,
    held: dict[tuple[str, int], str],
    state: State,
    kept: Sequence[Statement],
    owed: dict[str, Any],
) -> Iterator[Discrepancy]:
    key = f"{row.subject} → {row.node[:16]}…"
    if not NodeKey.objects.filter(node=row.node).exists():
        yield Discrepancy("Outstanding", key, "node", "不认识的节点")
    if row.procedure != state.procedure:
        yield Discrepancy("Outstanding", key, "procedure", "与记录不符")
    signed_for = {
        (chain, *head) for one in kept if one.signer == row.node for chain, head in _heads(one).items()
    }  # fmt: skip
    for chain, head in row.acknowledged.items():
        if held.get((chain, head[0])) != head[1] or (chain, *head[:2]) not in signed_for:
            yield Discrepancy(
                "Outstanding", key, "acknowledged,node", f"{chain} 第 {head[0]} 条没有对方的签收"
            )
    lacking = any(row.acknowledged.get(chain, [0])[0] < head[0] for chain, head in owed.items())
    if row.lacking != lacking:
        yield Discrepancy("Outstanding", key, "lacking,acknowledged", "是否已全部送达与对方的签收不符")


def _heads(row: Statement) -> dict[str, list[Any]]:
    heads = (document_of(row.raw) or {}).get("heads")
    return {chain: list(head[:2]) for chain, head in heads.items()} if isinstance(heads, dict) else {}


def _without_events() -> Iterator[Discrepancy]:
    """Yield rows of matters that have no events at all."""
    places: tuple[tuple[Any, str], ...] = (
        (Matter, "number"), (Duty, "subject"), (Statement, "subject"), (Outstanding, "subject"), (Fork, "subject")
    )  # fmt: skip
    for model, column in places:
        has_events = Exists(EventRow.objects.filter(subject=OuterRef(column)))
        for row in model.objects.exclude(has_events).order_by("pk").iterator():
            more = ",name" if model is Duty else ""
            yield Discrepancy(model.__name__, str(getattr(row, column)), column + more, "没有这件事的事件")

"""
Audit of the node's own chain, and of what it answers for: tables by their rows' marks, growing tables by blocks.

Whoever changes peers, posts, passwords, calendars, exports or epochs by hand would have to write the chain again, and
that the seals show.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from tongban.kernel import accesses, identity
from tongban.kernel.crypto import digest
from tongban.kernel.journal import blocks, events, kept, nodechain, numbers
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.kept import Kept
from tongban.kernel.journal.nodekinds import KINDS, PROCEDURE, ROLE, RULES, TERM
from tongban.kernel.models import Event as EventRow
from tongban.kernel.models import Seal, SelfNode
from tongban.procedures.audit.audit_of_matters import event_of_row
from tongban.procedures.audit.discrepancies import Discrepancy, Report

SOURCES = {accesses.SOURCE.kind: accesses.SOURCE}
FORGOTTEN = {accesses.FORGOTTEN: accesses.SOURCE.kind}


@dataclass(slots=True)
class _Told:
    """What the chain says, as far as it was read."""

    # table → row → its mark
    marks: dict[str, dict[int, str]] = field(default_factory=dict)
    blocks: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    forgotten: dict[str, int] = field(default_factory=dict)
    seals: dict[str, list[Any]] = field(default_factory=dict)
    epoch: int = 1
    declared: bool = True  # the present epoch has its record

    def take(self, event: Event) -> None:
        """Take in one entry."""
        kind, given = KINDS[event.kind], event.given
        if kind.table:
            self.marks.setdefault(kind.table, {})[given["row"]] = given["mark"]
        if event.kind in SOURCES:
            self.blocks.setdefault(event.kind, []).append(given)
        elif event.kind in FORGOTTEN:
            self.forgotten[FORGOTTEN[event.kind]] = given["last"]
        elif event.kind == "seals_held":
            self.seals.update(given["held"])
        elif event.kind == "epoch_begun":
            self.epoch, self.declared = given["epoch"], False
        elif event.kind == "epoch_declared":
            self.declared = True


def check(own: str, report: Report) -> Iterator[Discrepancy]:
    """Yield what is wrong with the node's chain, and with the tables it answers for."""
    me, told = identity.row(), _Told()
    yield from _chain(me, own, report, told)
    for name, table in kept.tables().items():
        yield from _table(table, own, report, told.marks.get(name, {}))
    for kind, source in SOURCES.items():
        yield from _blocks(source, report, told.blocks.get(kind, []), told.forgotten.get(kind, 0))
    yield from _epoch(me, told)
    yield from _seals(told.seals)


def _chain(me: SelfNode, own: str, report: Report, told: _Told) -> Iterator[Discrepancy]:
    seq, prev = 0, events.genesis(PROCEDURE, me.journal, ROLE, TERM)
    # By either, so that a row which has lost one is seen.
    here = Q(procedure=PROCEDURE) | Q(subject=me.journal)
    rows = EventRow.objects.filter(here).order_by("role", "term", "seq", "pk")
    for row in rows.iterator():
        report.count("Event")
        event = yield from event_of_row(row, own)
        if event is None:
            seq, prev = row.seq, row.hash
            continue
        key = f"{event.subject} {event.chain} 第 {event.seq} 条（{event.kind}）"
        if (event.subject, event.chain, event.node) != (me.journal, f"{ROLE}/{TERM}", own):
            yield Discrepancy("Event", key, "procedure,subject,role,term,node", "不属于本节点的节点链")
            continue
        if (event.seq, event.prev) != (seq + 1, prev):
            yield Discrepancy("Event", key, "raw,seq", "节点链缺失或前后不能衔接")
        seq, prev = event.seq, event.hash
        fault = _fault(event, own)
        if fault:
            yield Discrepancy("Event", key, "raw,body", fault)
        else:
            told.take(event)
    if me.journal and not seq:
        yield Discrepancy("SelfNode", own[:16], "journal", "节点链的事件不见了")


def _fault(event: Event, own: str) -> str:
    """Return what is wrong with an entry by itself, or nothing."""
    kind = KINDS.get(event.kind)
    if kind is None or event.document["rules"] != RULES:
        return "不是节点链的事件种类或规则表"
    if event.body is None or set(event.given) != set(kind.carries):
        return "附文缺失，或内容与其种类不符"
    founding = nodechain.founding(own) if event.seq == 1 else {}
    if dict(event.effects) != founding or (event.seq == 1) != (event.kind == "node_founded"):
        return "除首条外，节点链的事件不得有效果"
    if event.seq == 1 and not numbers.was_issued_by(event.subject, own, event.document["epoch"]):
        return "节点链的编号不是本节点签发的"
    return ""


def _table(table: Kept, own: str, report: Report, marks: Mapping[int, str]) -> Iterator[Discrepancy]:
    """Compare each row with what was told of it last."""
    name, missing, columns = table.model.__name__, set(marks), ",".join(table.columns)
    for row in table.rows(own).order_by("pk").iterator():
        report.count(name)
        missing.discard(row.pk)
        try:
            mark = table.mark(row)
        except ValueError:
            mark = ""  # no value that was ever stored by the program
        if row.pk not in marks:
            yield Discrepancy(name, str(row.pk), columns, "节点链中没有它的记录")
        elif marks[row.pk] != mark:
            yield Discrepancy(name, str(row.pk), columns, "与节点链中的最近一次记录不符")
    for pk in sorted(missing):
        yield Discrepancy(name, str(pk), columns, "节点链记有此行，它却不见了")


def _blocks(
    source: blocks.Source, report: Report, told: list[Mapping[str, Any]], forgotten: int
) -> Iterator[Discrepancy]:
    after, name = 0, source.model.__name__
    columns = ",".join(("id", *source.columns))
    if forgotten and source.between(0, forgotten).exists():
        yield Discrepancy(name, f"1–{forgotten}", columns, "节点链记为已清除，却仍有记录")
    for block in told:
        last = block["last"]
        if last > forgotten:
            facts = source.facts(after, last)
            report.count(name, facts["count"])
            if facts != dict(block):
                yield Discrepancy(name, f"{after + 1}–{last}", columns, "与节点链中这一段记录的摘要不符")
        after = last


def _epoch(me: SelfNode, told: _Told) -> Iterator[Discrepancy]:
    key = me.fingerprint[:16] + "…"
    if me.epoch != told.epoch:
        yield Discrepancy("SelfNode", key, "epoch", f"节点链记为第 {told.epoch} 纪元")
    if me.recovering is told.declared:
        yield Discrepancy("SelfNode", key, "recovering", "与节点链中恢复的记录不符")


def _seals(told: Mapping[str, list[Any]]) -> Iterator[Discrepancy]:
    """A seal of a peer that the chain names is still held, or a later one."""
    for node, (epoch, size, named) in sorted(told.items()):
        key = f"{node[:16]}… 第 {epoch} 纪元 {size} 条"
        held = Seal.objects.filter(node=node, epoch__gte=epoch).order_by("epoch", "size").last()
        place = (held.epoch, held.size) if held else (0, 0)
        if held is None or place < (epoch, int(size)):
            yield Discrepancy("Seal", key, "node,epoch,size", "节点链记有对方的这份封存声明，它却不见了")
        elif place == (epoch, int(size)) and digest.of(held.raw.encode()) != named:
            yield Discrepancy("Seal", key, "raw", "与节点链中所记的封存声明不符")

"""
What another node sends of a case: reading it, and whose word it is (docs/protocol.md §11, steps 1 to 4).

Nothing here looks at what an event does. What is malformed, or not signed by whom it should be, is refused and nothing
of it kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from tongban.kernel import identity
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import events, seals, statements
from tongban.kernel.journal.events import Event


class TransferRefused(DomainError):
    """A transfer of which nothing is kept; the subclass says why."""

    code = "transfer_refused"
    status = 422


class EventMalformed(TransferRefused):
    """An event is not of the shape that the format prescribes."""

    code = "event_malformed"


class UnknownSuite(TransferRefused):
    """An event is of a format, or by algorithms, that this program does not know."""

    code = "unknown_suite"


class TransferNotAuthentic(TransferRefused):
    """What was sent was not signed by whom it should be, or is not what was signed."""

    code = "transfer_not_authentic"


class OutOfBounds(TransferRefused):
    """An event would change what the role that wrote it can never change."""

    code = "out_of_bounds"


class NotAParty(TransferRefused):
    """The sender, or this node, is not bound to the matter."""

    code = "not_a_party"
    status = 403


class ProcedureUnknown(TransferRefused):
    """What was sent is of no procedure that nodes send each other."""

    code = "procedure_unknown"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a node sent of one case. `sealed` shows its new events in its seal; asked only when there are any."""

    procedure: str
    subject: str
    events: Sequence[Mapping[str, Any]]
    statements: Sequence[Mapping[str, Any]]
    sender: str
    sealed: seals.Shown = field(default_factory=lambda: seals.Shown(None, None, None))


def read(transfer: Transfer) -> list[Event]:
    """Return the events of a transfer, each read by the strict schema; raises EventMalformed, UnknownSuite."""
    incoming = []
    for sent in transfer.events:
        try:
            envelope, body = sent["event"].encode(), sent["body"]
            event = events.read(envelope, None if body is None else body.encode())
        except events.UnknownSuite as error:
            raise UnknownSuite(
                f"{transfer.subject} 的记录使用本节点不认识的格式或算法（{error}），未处理。请先升级本节点。"
            ) from None
        except (events.MalformedEvent, KeyError, TypeError, AttributeError, UnicodeError) as error:
            why = str(error) if isinstance(error, events.MalformedEvent) else type(error).__name__
            raise EventMalformed(
                f"{transfer.subject} 的传送内容不是有效的记录（{why}）。请对方检查后重发。"
            ) from None
        if (event.procedure, event.subject) != (transfer.procedure, transfer.subject):
            raise EventMalformed(f"传送内容混入了其他事项的记录（{transfer.subject}）。请对方检查后重发。")
        incoming.append(event)
    return incoming


def demand_bodies(held: Sequence[Event], incoming: Sequence[Event]) -> None:
    """A body may be missing only where an event held, or sent along, redacts it."""
    redacted = {name for event in (*held, *incoming) for name in event.effects.get("redact", ())}
    for event in incoming:
        if event.body is None and event.hash not in redacted:
            raise EventMalformed(
                f"{event.subject} 的 {event.chain} 第 {event.seq} 条没有附文，又没有删除它的记录，未处理。请对方检查后重发。"
            )


def sort(held: Sequence[Event], incoming: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Part incoming events into those we lack and those of a branch that contradicts ours; drop duplicates."""
    places = {(event.chain, event.seq): event for event in held}
    fresh: dict[tuple[str, int], Event] = {}
    disputed: list[Event] = []
    for event in incoming:
        known = places.get((event.chain, event.seq)) or fresh.get((event.chain, event.seq))
        if known is None:
            fresh[event.chain, event.seq] = event
        elif known.hash != event.hash:
            disputed.append(event)
    # Whatever builds on a disputed event belongs to the other branch.
    branch = {event.hash: event for event in disputed}
    for event in sorted(fresh.values(), key=lambda event: event.seq):
        if event.prev in branch:
            branch[event.hash] = event
    return [event for event in fresh.values() if event.hash not in branch], list(branch.values())


def by_what_is_held(held: Sequence[Event], branch: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Part a branch into what contradicts events we hold and what contradicts such as come along: a park names what is held."""
    last: dict[str, int] = {}
    for event in held:
        last[event.chain] = max(event.seq, last.get(event.chain, 0))
    first: dict[str, int] = {}
    for event in branch:
        first[event.chain] = min(event.seq, first.get(event.chain, event.seq))
    now = [event for event in branch if first[event.chain] <= last.get(event.chain, 0)]
    return now, [event for event in branch if event not in now]


def missing_keys(incoming: Sequence[Event]) -> list[str]:
    """Return the nodes that wrote events and whose keys are not known here."""
    wanted = []
    for node in sorted({event.node for event in incoming}):
        try:
            identity.chain_of(node)
        except identity.UnknownNode:
            wanted.append(node)
    return wanted


type Covered = set[tuple[str, int, str, str]]  # chain, seq, hash, signer


def good_statements(transfer: Transfer, at: datetime) -> list[Mapping[str, Any]]:
    """Return the statements sent along that hold, by keys that are in force now, whoever brings them."""
    matter = transfer.procedure, transfer.subject
    return [document for document in transfer.statements if is_signed(document, matter, at)]


def is_signed(document: Mapping[str, Any], matter: tuple[str, str], at: datetime) -> bool:
    """Return whether a statement is about this matter (procedure, subject) and by a key of its signer in force at `at`."""
    try:
        statements.check(document, identity.chain_of(str(document.get("signer"))), at)
    except (ValueError, DomainError):
        return False
    return (document["procedure"], document["subject"]) == matter


def heads_of(document: Mapping[str, Any]) -> Covered:
    """Return the heads that a checked statement signs for, with who signs."""
    return {(c, seq, hash_, document["signer"]) for c, (seq, hash_) in document["heads"].items()}


def check_covered(subject: str, incoming: Sequence[Event], good: Sequence[Mapping[str, Any]]) -> None:
    """Every chain's last event must be a head that the chain's own node signed; links do the rest."""
    covered: Covered = set().union(*(heads_of(document) for document in good))
    by_chain: dict[str, list[Event]] = {}
    for event in incoming:
        by_chain.setdefault(event.chain, []).append(event)
    for chain, run in by_chain.items():
        run.sort(key=lambda event: event.seq)
        last = run[-1]
        linked = all(
            later.prev == earlier.hash and later.seq == earlier.seq + 1 and later.node == earlier.node
            for earlier, later in pairwise(run)
        )
        if not linked or (chain, last.seq, last.hash, last.node) not in covered:
            raise TransferNotAuthentic(f"{subject} 的 {chain} 记录没有其节点的有效签名。请对方检查后重发。")

"""
Taking in events of other nodes: verify, adopt the bytes unchanged, fold; never re-mint, never drop.

Shape before law before effect (docs/protocol.md §11): what is malformed, not signed by whom it should be, of a stranger
or out of bounds is refused and nothing of it kept. What is within bounds but not lawful here is adopted all the same, its
effects withheld, and the case parked for a human (待核／待升级). Forks are for `forks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from tongban.cases import forks, judging, papers, recording, redaction, reviewing, tables
from tongban.cases.models import Case
from tongban.cases.papers_named import named_by
from tongban.kernel import (
    bounds,
    events,
    fold,
    identity,
    journal,
    seals,
    signed,
    statements,
    timekeeping,
    vault,
)
from tongban.kernel.bounds import Known
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.events import Event
from tongban.kernel.fold import State, Step
from tongban.kernel.models import EpochRecord
from tongban.kernel.models import Event as EventRow


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
    """The matter is of a procedure that this node does not speak."""

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


@dataclass(slots=True)
class Adoption:
    """What became of a transfer: the state held now, and what is still wanted."""

    state: State
    forked: list[dict[str, Any]] = field(default_factory=list)  # our own events at the places in dispute
    missing_keys: list[str] = field(default_factory=list)
    missing_papers: list[str] = field(default_factory=list)


def adopt(transfer: Transfer, at: datetime) -> Adoption:
    """
    Take in events of one case, in one transaction.

    Events we hold are duplicates; events that leave a gap are not taken, and the heads of the state returned say from
    where to send again.

    Raises:
        TransferRefused: as its subclasses say; nothing was kept.
        seals.SealMissing, seals.SealDoesNotExtend, signed.BadSignature: of the sender's seal.
        MovedMeanwhile: a local act came between; send again.
    """
    subject = transfer.subject
    if transfer.procedure != tables.PROCEDURE:
        raise ProcedureUnknown(f"本节点尚未开通这种程序（{subject}），未处理。请待本节点升级后重新发送。")
    incoming = _read(transfer)
    held = journal.events_of(subject)
    _demand_bodies(held, incoming)
    state = fold.fold(transfer.procedure, subject, held)
    fresh, branch = _sort(held, incoming)
    wanted = _missing_keys([*fresh, *branch])
    if wanted:
        return Adoption(state, missing_keys=wanted)
    good = _good(transfer, at)
    _check_covered(subject, fresh, good)
    forked: list[dict[str, Any]] = []
    now, later = _by_what_is_held(held, branch)
    if now:
        state, forked = _dispute(transfer, state, held, now, good, at)
        held = journal.events_of(subject)
    try:
        ordered = fold.in_order(state, fresh)
    except fold.BrokenChain:
        return Adoption(state, forked)  # a gap: the heads say from where to send again
    if not ordered:
        return Adoption(state, forked)
    seen = _within_bounds(transfer, state, held, ordered)
    _check_sealed(transfer, ordered, at)
    lacking = sorted({name for event in ordered for some in named_by(event) for name in papers.missing(some)})
    if lacking:
        return Adoption(state, forked, missing_papers=lacking)
    state = _take_in(transfer, state, held, seen, at)
    if later:
        state, more = _dispute(transfer, state, journal.events_of(subject), later, good, at)
        forked = [*forked, *more]
    return Adoption(state, forked)


def demand_party(subject: str, sender: str) -> None:
    """Ask whether a node is bound to a case that this node holds, before anything of what it sends is looked at; raises NotAParty."""
    state = state_held(subject)
    if state is not None and sender not in state.parties():
        raise _stranger(subject)


def _read(transfer: Transfer) -> list[Event]:
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


def _demand_bodies(held: Sequence[Event], incoming: Sequence[Event]) -> None:
    """A body may be missing only where an event held, or sent along, redacts it."""
    redacted = {name for event in (*held, *incoming) for name in event.effects.get("redact", ())}
    for event in incoming:
        if event.body is None and event.hash not in redacted:
            raise EventMalformed(
                f"{event.subject} 的 {event.chain} 第 {event.seq} 条没有附文，又没有删除它的记录，未处理。请对方检查后重发。"
            )


def _sort(held: Sequence[Event], incoming: Sequence[Event]) -> tuple[list[Event], list[Event]]:
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


def _by_what_is_held(held: Sequence[Event], branch: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Part a branch into what contradicts events we hold and what contradicts such as come along: a park names what is held."""
    last: dict[str, int] = {}
    for event in held:
        last[event.chain] = max(event.seq, last.get(event.chain, 0))
    first: dict[str, int] = {}
    for event in branch:
        first[event.chain] = min(event.seq, first.get(event.chain, event.seq))
    now = [event for event in branch if first[event.chain] <= last.get(event.chain, 0)]
    return now, [event for event in branch if event not in now]


def _missing_keys(incoming: Sequence[Event]) -> list[str]:
    wanted = []
    for node in sorted({event.node for event in incoming}):
        try:
            identity.chain_of(node)
        except identity.UnknownNode:
            wanted.append(node)
    return wanted


type Covered = set[tuple[str, int, str, str]]  # chain, seq, hash, signer


def _good(transfer: Transfer, at: datetime) -> list[Mapping[str, Any]]:
    """Return the statements sent along that hold, by keys that are in force now, whoever brings them."""
    good = []
    for document in transfer.statements:
        try:
            statements.check(document, identity.chain_of(str(document.get("signer"))), at)
        except (signed.BadSignature, identity.UnknownNode):
            continue
        if (document["procedure"], document["subject"]) == (transfer.procedure, transfer.subject):
            good.append(document)
    return good


def _heads_of(document: Mapping[str, Any]) -> Covered:
    return {(c, seq, hash_, document["signer"]) for c, (seq, hash_) in document["heads"].items()}


def _check_covered(subject: str, incoming: Sequence[Event], good: Sequence[Mapping[str, Any]]) -> None:
    """Every chain's last event must be a head that the chain's own node signed; links do the rest."""
    covered: Covered = set().union(*(_heads_of(document) for document in good))
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


def _check_sealed(transfer: Transfer, ordered: Sequence[Event], at: datetime) -> None:
    """New events of the sender must be counted by a seal of the sender that goes on from the one we hold."""
    last = {event.chain: event for event in ordered if event.node == transfer.sender}
    if last:
        heads = [(event.chain, event.seq, event.hash) for event in last.values()]
        seals.receive(transfer.sealed, heads, identity.chain_of(transfer.sender), at)


type Seen = tuple[Event, State]  # an event, and the state its writer saw


def _within_bounds(
    transfer: Transfer, state: State, held: Sequence[Event], ordered: Sequence[Event]
) -> list[Seen]:
    """Ask of each new event whether it may be at all: written by the bound node, within its bounds, between parties."""
    known, seen = list(held), []
    for event in ordered:
        view = _view(state, known, event)
        _check_bounds(state, view, known, event)
        seen.append((event, view))
        known.append(event)
        state = _folded(transfer.subject, state, event, known)
    if not {transfer.sender, identity.fingerprint()} <= state.parties():
        raise _stranger(transfer.subject)
    return seen


def _folded(subject: str, state: State, event: Event, known: Sequence[Event]) -> State:
    try:
        return fold.apply(state, event, known[:-1])
    except fold.BrokenChain:
        raise TransferNotAuthentic(f"{subject} 的记录前后不能衔接。请对方检查后重发。") from None


def _take_in(
    transfer: Transfer, state: State, held: Sequence[Event], seen: Sequence[Seen], at: datetime
) -> State:
    """Store the events, judged; what is not lawful is parked, the first of each chain."""
    subject, own = transfer.subject, identity.fingerprint()
    known: list[Event] = list(held)
    steps: list[Step] = []
    parks: list[tuple[str, Event]] = []
    for event, view in seen:
        why = _why_not(view, known, event, at)
        if why and not any(one.chain == event.chain for _, one in parks):
            parks.append((why, event))
        steps.append(fold.step(state, event, known))
        state = steps[-1].after
        known.append(event)
    with write():
        for why, event in parks:
            for step in _parked(state, known, why, event, at):
                steps.append(step)
                state = step.after
                known.append(step.event)
        _expect_content(state, [event for event, _ in seen], own, transfer.sender, at)
        recording.record(steps, own=own, at=at, new=not held)
        redaction.forget(subject, [name for event, _ in seen for name in event.effects.get("redact", ())])
    return state


def _parked(state: State, known: Sequence[Event], why: str, event: Event, at: datetime) -> list[Step]:
    try:
        return reviewing.park(state, known, why, event, at)
    except reviewing.CannotPark:
        # What is not lawful and cannot be withheld would count.
        raise TransferNotAuthentic(
            f"{event.subject} 的 {event.chain} 第 {event.seq} 条不合规则（{why}），又无从挂起，未采用。请联系对方核查。"
        ) from None


def _view(state: State, known: Sequence[Event], event: Event) -> State:
    try:
        return judging.view_of(state, list(known), event)
    except fold.BrokenChain:
        raise TransferNotAuthentic(
            f"{state.subject} 的 {event.chain} 记录所见的前文不能衔接。请对方检查后重发。"
        ) from None


def _check_bounds(state: State, view: State, known: list[Event], event: Event) -> None:
    begins = not known and bounds.is_founding(view, event)
    if begins:
        _check_epoch(event)
    elif state.owner(event.chain) != event.node:
        raise TransferNotAuthentic(f"{event.subject} 的 {event.chain} 记录不是其节点所写。请对方检查后重发。")
    overstepped = bounds.fault(view, event, Known.of(known))
    if overstepped:
        raise OutOfBounds(
            f"{event.subject} 的 {event.chain} 第 {event.seq} 条越过了该角色所能改变的范围（{overstepped}），"
            "未采用。请对方检查后重发，或联系对方核查。"
        )


def _check_epoch(event: Event) -> None:
    """Else whoever begins a case could choose the epoch whose tag is somebody else's."""
    epoch = event.document["epoch"]
    if epoch > 1 and not EpochRecord.objects.filter(node=event.node, epoch=epoch).exists():
        raise TransferNotAuthentic(
            f"{event.subject} 由节点 {event.node[:16]}… 没有声明过的纪元写成。请对方附上纪元记录后重发。"
        )


def _why_not(view: State, known: list[Event], event: Event, at: datetime) -> str | None:
    if judging.is_in_future(event, at):
        timekeeping.demand_right(at)  # else it is our own clock, and a park would be our own wrong
        return "at_in_future"
    return judging.verdict(view, Known.of(known), event, papers.terms_if_held)


def _stranger(subject: str) -> NotAParty:
    return NotAParty(
        f"贵节点或本节点不是 {subject} 的收件地、办理地，未处理。请核对编号，并由其承办节点发送。"
    )


def _expect_content(state: State, adopted: Sequence[Event], own: str, sender: str, at: datetime) -> None:
    """Content is fetched by the nodes that are in charge now, not by one whose term has ended."""
    in_charge = {binding["node"] for binding in state.roles.values()}
    if own not in in_charge or vault.is_destroyed(state.subject):
        return
    for event in adopted:
        for piece in event.content:
            vault.expect(state.subject, piece["digest"], piece["size"], sender, at)


def _dispute(
    transfer: Transfer, state: State, held: Sequence[Event], branch: Sequence[Event],
    good: Sequence[Mapping[str, Any]], at: datetime,
) -> tuple[State, list[dict[str, Any]]]:  # fmt: skip
    """A fork is one only if the node bound to the chain has signed for both branches."""
    if any(state.owner(event.chain) != event.node for event in branch):
        raise TransferNotAuthentic(f"{transfer.subject} 的记录不是其节点所写。请对方检查后重发。")
    _check_covered(transfer.subject, branch, good)
    hashes = {event.hash for event in branch}
    signed_for = [
        document for document in good if any(hash_ in hashes for _, _, hash_, _ in _heads_of(document))
    ]
    return forks.keep(state, held, branch, signed_for, transfer.sender, at)


def heads_held(subject: str) -> dict[str, list[Any]]:
    """Return the heads this node holds of a case; empty if it holds nothing."""
    state = state_held(subject)
    return state.heads if state else {}


def state_held(subject: str) -> State | None:
    """Return the state of a case as this node holds it, or nothing."""
    row = Case.objects.filter(number=subject).values_list("state", flat=True).first()
    return None if row is None else State.from_dict(row)


def holds(subject: str, chain: str, head: Sequence[Any]) -> bool:
    """Return whether this node holds the very event that `head` ([seq, hash]) of a chain names."""
    role, term = chain.split("/")
    return EventRow.objects.filter(subject=subject, role=role, term=term, seq=head[0], hash=head[1]).exists()


def rows_after(subject: str, heads: Mapping[str, Sequence[Any]]) -> list[EventRow]:
    """Return the rows of what follows `heads` of each chain, ours and relayed, in the order we came to hold them."""
    rows = EventRow.objects.filter(subject=subject).order_by("id")
    return [row for row in rows if row.seq > int((heads.get(f"{row.role}/{row.term}") or [0])[0])]


def keep_statements(transfer: Transfer, state: State, at: datetime) -> None:
    """Keep the statements sent along that count: of a party, by a key in force, over what we hold or do not hold yet."""
    for document in transfer.statements:
        if is_good_statement(document, state, at):
            statements.keep(document)


def is_good_statement(document: Mapping[str, Any], state: State, at: datetime) -> bool:
    """Return whether a statement about a case may be kept and shown to others."""
    try:
        statements.check(document, identity.chain_of(str(document.get("signer"))), at)
    except (ValueError, DomainError):
        return False
    ours = (document["procedure"], document["subject"]) == (state.procedure, state.subject)
    if not ours or document["signer"] not in state.parties():
        return False
    return all(_fits(state, chain, head) for chain, head in document["heads"].items())


def _fits(state: State, chain: str, head: Sequence[Any]) -> bool:
    held = state.heads.get(chain)
    if held is None or head[0] > held[0]:
        # Of what others write there may be more than we hold; of our own nobody holds more.
        return state.owner(chain) not in (None, identity.fingerprint())
    return holds(state.subject, chain, head)

"""
Taking in events of other nodes: verify, adopt the bytes unchanged, fold; never re-mint, never drop.

Shape before law before effect (docs/protocol.md §11): what is malformed, not signed by whom it should be, of a stranger
or out of bounds is refused and nothing of it kept. What is within bounds but not lawful here is adopted all the same, its
effects withheld, and the matter parked for a human (待核／待升级). What is of a procedure that is unknown here is held and passed
on within the bounds, and judged once this node knows it (`judge`). Forks are for `forks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tongban.kernel import identity, vault
from tongban.kernel.db import joined, write
from tongban.kernel.journal import bounds, fold, seals, withholding, writing
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.bounds import Known
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State, Step
from tongban.kernel.journal.nodekinds import PROCEDURE as OF_THE_NODE
from tongban.kernel.models import EpochRecord, Fork
from tongban.kernel.time import timekeeping
from tongban.procedures import (
    disposal,
    forks,
    held_papers,
    holding,
    judging,
    recording,
    redaction,
    register,
    reviewing,
    transfers,
)
from tongban.procedures.models import Matter, Unjudged
from tongban.procedures.papers_named import named_by
from tongban.procedures.transfers import (
    NotAParty,
    OutOfBounds,
    ProcedureUnknown,
    Transfer,
    TransferNotAuthentic,
)


@dataclass(slots=True)
class Adoption:
    """What became of a transfer: the state held now, the statements whose signatures hold, and what is still wanted."""

    state: State
    statements: Sequence[Mapping[str, Any]]
    forked: list[dict[str, Any]] = field(default_factory=list)  # our own events at the places in dispute
    missing_keys: list[str] = field(default_factory=list)
    missing_papers: list[str] = field(default_factory=list)
    seal: Mapping[str, Any] | None = None  # of the sender, where new events of its own were taken in with it
    moved: bool = False  # whether anything was taken in


def adopt(transfer: Transfer, at: datetime) -> Adoption:
    """
    Take in events of one matter, in one transaction: the caller's, if there is one.

    Events we hold are duplicates; events that leave a gap are not taken, and the heads of the state returned say from
    where to send again.

    Raises:
        transfers.TransferRefused: as its subclasses say; nothing was kept.
        seals.SealMissing, seals.SealDoesNotExtend, signed.BadSignature: of the sender's seal.
        MovedMeanwhile: a local act came between; send again.
    """
    subject = transfer.subject
    if transfer.procedure == OF_THE_NODE:
        # What a node does outside matters it tells nobody, so nobody may send us any of it, ours or theirs.
        raise ProcedureUnknown(f"{subject} 是节点自己的记录，不在节点之间传送，未处理。请对方检查后重发。")
    incoming = transfers.read(transfer)
    held = journal.events_of(subject)
    if any(event.procedure != transfer.procedure for event in held[:1]):
        raise TransferNotAuthentic(f"{subject} 在本节点属于另一程序，未处理。请对方核对编号后重发。")
    transfers.demand_bodies(held, incoming)
    state = fold.fold(transfer.procedure, subject, held)
    fresh, branch = transfers.sort(held, incoming)
    good = transfers.good_statements(transfer, at)
    wanted = transfers.missing_keys([*fresh, *branch])
    if wanted:
        return Adoption(state, good, missing_keys=wanted)
    transfers.check_covered(subject, fresh, good)
    forked: list[dict[str, Any]] = []
    now, later = transfers.by_what_is_held(held, branch)
    if now:
        state, forked = _dispute(transfer, state, held, now, good, at)
        held = journal.events_of(subject)
    try:
        ordered = fold.in_order(state, fresh)
    except fold.BrokenChain:
        return Adoption(state, good, forked)  # a gap: the heads say from where to send again
    if not ordered:
        return Adoption(state, good, forked)
    seen = _within_bounds(transfer, state, held, ordered)
    destroyed = vault.is_destroyed(subject)
    seal = _check_sealed(transfer, ordered, at)
    lacking = sorted(
        {name for event in ordered for some in named_by(event) for name in held_papers.missing(some)}
    )
    if lacking:
        return Adoption(state, good, forked, missing_papers=lacking)
    state = _take_in(transfer, held, seen, good, at, destroyed=destroyed)
    if later:
        state, more = _dispute(transfer, state, journal.events_of(subject), later, good, at)
        forked = [*forked, *more]
    return Adoption(state, good, forked, seal=seal, moved=True)


def demand_party(subject: str, sender: str) -> None:
    """Ask whether a node is bound to a matter that this node holds, before anything of what it sends is looked at; raises NotAParty."""
    state = holding.state_held(subject)
    if state is not None and sender not in state.parties():
        raise _stranger(subject)


def _check_sealed(transfer: Transfer, ordered: Sequence[Event], at: datetime) -> Mapping[str, Any] | None:
    """New events of the sender must be counted by a seal of the sender that goes on from the one we hold; return it."""
    last = {event.chain: event for event in ordered if event.node == transfer.sender}
    if not last:
        return None
    heads = [(event.chain, event.seq, event.hash) for event in last.values()]
    return seals.receive(transfer.sealed, heads, identity.chain_of(transfer.sender), at)


type Seen = tuple[Step, State]  # an event with the states around it, and the state its writer saw


def _within_bounds(
    transfer: Transfer, state: State, held: Sequence[Event], ordered: Sequence[Event]
) -> list[Seen]:
    """Ask of each new event whether it may be at all: written by the bound node, within its bounds, between parties."""
    known, seen = list(held), []
    for event in ordered:
        before = Known.of(known)
        _check_seen(before, event)
        view = _view(state, known, event)
        _check_bounds(state, view, before, event)
        step = _step(transfer.subject, state, event, known)
        seen.append((step, view))
        known.append(event)
        state = step.after
    if not {transfer.sender, identity.fingerprint()} <= state.parties():
        raise _stranger(transfer.subject)
    return seen


def _check_seen(known: Known, event: Event) -> None:
    """What an event has seen was written: else every dossier that holds it would be wrong, ours too. Another branch counts."""
    for chain, (seq, hash_) in event.seen.items():
        there = known.places.get((chain, seq))
        branch = Fork.objects.filter(subject=event.subject, chain=chain, seq=seq, hash=hash_)
        if there is not None and there.hash != hash_ and not branch.exists():
            raise TransferNotAuthentic(
                f"{event.subject} 的 {event.chain} 第 {event.seq} 条所见的 {chain} 第 {seq} 条从未写过，未采用。请对方检查后重发。"
            )


def _step(subject: str, state: State, event: Event, known: Sequence[Event]) -> Step:
    try:
        return fold.step(state, event, known)
    except fold.BrokenChain:
        raise TransferNotAuthentic(f"{subject} 的记录前后不能衔接。请对方检查后重发。") from None


def _take_in(
    transfer: Transfer, held: Sequence[Event], seen: Sequence[Seen], good: Sequence[Mapping[str, Any]], at: datetime, *,
    destroyed: bool,
) -> State:  # fmt: skip
    """Store the events, judged; what is not lawful is parked, the first of each chain."""
    own = identity.fingerprint()
    steps = [step for step, _ in seen]
    adopted = [step.event for step in steps]
    is_known = register.find(transfer.procedure) is not None
    unlawful = _unlawful(held, seen, at) if is_known else []
    with joined():
        steps += _parked_all(steps[-1].after, [*held, *adopted], unlawful, at)
        state = steps[-1].after
        _expect_content(state, adopted, own, transfer.sender, at, destroyed=destroyed)
        signed = _signed_for(steps[: len(adopted)], good, transfer.sender)
        recording.record(steps, own=own, at=at, new=not held, signed=signed)
        redaction.follow(steps[0].before, state)
        if not is_known:
            note = {"number": transfer.subject, "procedure": transfer.procedure}
            writing.store([writing.Upsert(Unjudged, note, unique=("number",))])
    return state


def _signed_for(
    steps: Sequence[Step], good: Sequence[Mapping[str, Any]], sender: str
) -> dict[str, dict[str, list[Any]]]:
    """Return the heads of the state now, by the sender, if it has signed for them all: it holds what it sent."""
    if any(step.event.node == identity.fingerprint() for step in steps):
        return {}  # ours come back after a restore: who had them is to hear of our new epoch
    state = steps[-1].after
    heads = {chain: list(head[:2]) for chain, head in state.heads.items()}
    own = (one for one in good if one["signer"] == sender and one["heads"] == heads)
    return {sender: heads} if any(holding.counts(one, state) for one in own) else {}


def judge(number: str, at: datetime) -> int:
    """
    Judge what was taken in of a matter while its procedure was unknown here, as if it came now; return how much is parked.

    Raises:
        TransferNotAuthentic: something is not lawful and cannot be withheld. MovedMeanwhile: more came in between.
    """
    with write():
        row = Matter.objects.select_for_update().get(number=number)
        held = journal.events_of(number)
        state, seen, known = State(row.procedure, number), [], list[Event]()
        for event in held:
            view = _view(state, known, event)
            seen.append((_step(number, state, event, known), view))
            state = seen[-1][0].after
            known.append(event)
        recording.project_anew(state, fold.states(row.procedure, number, held))
        steps = _parked_all(state, held, _unlawful([], seen, at), at)
        if steps:
            recording.record(steps, own=identity.fingerprint(), at=at)
        Unjudged.objects.filter(number=number).delete()
    return len(steps)


def _unlawful(held: Sequence[Event], seen: Sequence[Seen], at: datetime) -> list[tuple[str, Event]]:
    """Return of each chain the first event that is not lawful, and every such succession, with why."""
    known: list[Event] = list(held)
    found: list[tuple[str, Event]] = []
    ends = withholding.Parks([*held, *(step.event for step, _ in seen)])
    for step, view in seen:
        event = step.event
        # What stands behind the end of its chain does nothing, lawful or not.
        why = None if ends.is_idle(event) else _why_not(view, known, event, at)
        if why and (event.effects.get("succeed") or not any(one.chain == event.chain for _, one in found)):
            found.append((why, event))
        known.append(event)
    return found


def _parked_all(
    state: State, known: Sequence[Event], unlawful: Sequence[tuple[str, Event]], at: datetime
) -> list[Step]:
    """Return the steps by which this side puts what is not lawful before a human."""
    steps: list[Step] = []
    for why, event in unlawful:
        now = steps[-1].after if steps else state
        steps += _parked(now, [*known, *(step.event for step in steps)], why, event, at)
    return steps


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


def _check_bounds(state: State, view: State, known: Known, event: Event) -> None:
    begins = not known.places and bounds.is_founding(view, event)
    if begins:
        _check_epoch(event)
    elif event.node not in {view.owner(event.chain)} & {state.nodes.get(event.chain, event.node)}:
        raise TransferNotAuthentic(f"{event.subject} 的 {event.chain} 记录不是其节点所写。请对方检查后重发。")
    overstepped = bounds.fault(view, event, known)
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
    return reviewing.objection(view, Known.of(known), event)


def _stranger(subject: str) -> NotAParty:
    return NotAParty(
        f"贵节点或本节点不是 {subject} 的收件地、办理地，未处理。请核对编号，并由其承办节点发送。"
    )


def _expect_content(
    state: State, adopted: Sequence[Event], own: str, sender: str, at: datetime, *, destroyed: bool
) -> None:
    """Content is fetched by the nodes that are in charge now, not by one whose term has ended."""
    in_charge = {binding["node"] for binding in state.roles.values()}
    if own not in in_charge:
        return
    if destroyed:
        if not disposal.is_needed(state, own):
            return
        # Deleted when an earlier term was over; called to the matter anew, this node gets all of it again.
        vault.reopen(state.subject)
        adopted = journal.events_of(state.subject)
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
    transfers.check_covered(transfer.subject, branch, good)
    hashes = {event.hash for event in branch}
    signed_for = [
        document
        for document in good
        if any(hash_ in hashes for _, _, hash_, _ in transfers.heads_of(document))
    ]
    return forks.keep(state, held, branch, signed_for, transfer.sender, at)

"""
Taking in events of other nodes: verify, adopt the bytes unchanged, fold; never re-mint, never drop.

What is authentic but not lawful here is adopted all the same and the case parked for a human (待核／待升级).
What contradicts an event we hold is kept as evidence of a fork, and the case parked. docs/protocol.md §11–13.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from tongban.accounts.actor import SYSTEM
from tongban.cases import bindings, decision, judging, papers, recording
from tongban.cases.models import Case
from tongban.cases.words import Act, Role
from tongban.kernel import calendars, events, fold, identity, journal, signed, statements, vault
from tongban.kernel.clock import official_day
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.events import Event
from tongban.kernel.fold import State, Step
from tongban.kernel.models import Event as EventRow
from tongban.kernel.models import Fork


class TransferNotAuthentic(DomainError):
    """What was sent was not signed by whom it should be, or is not what was signed."""

    code = "transfer_not_authentic"
    status = 422


@dataclass(slots=True)
class Adoption:
    """What became of a transfer: the heads held now, and what is still wanted."""

    heads: dict[str, list[Any]]
    adopted: int = 0
    forked: list[str] = field(default_factory=list)  # our own bytes at the places in dispute
    missing_keys: list[str] = field(default_factory=list)
    missing_papers: list[str] = field(default_factory=list)


def adopt(
    *, case: str, raws: Sequence[str], signed_heads: Iterable[Mapping[str, Any]], sender: str, at: datetime
) -> Adoption:
    """
    Take in events of one case, in one transaction.

    Events we hold are duplicates; events that leave a gap are not taken, and the heads returned say from
    where to send again.

    Raises:
        TransferNotAuthentic: an event is malformed, of another case, or not covered by its node's signature.
        CaseMovedMeanwhile: a local act came between; send again.
    """
    try:
        incoming = [events.read(raw.encode()) for raw in raws]
    except events.MalformedEvent as error:
        raise TransferNotAuthentic(
            f"办件 {case} 的传送内容不是有效的记录（{error}）。请对方检查后重发。"
        ) from None
    if any(event.case != case for event in incoming):
        raise TransferNotAuthentic(f"传送内容混入了其他办件的记录（办件 {case}）。请对方检查后重发。")
    held = journal.events_of(case)
    state = fold.fold(case, held)
    fresh, disputed = _sort(held, incoming)
    wanted = _missing_keys(fresh)
    if wanted:
        return Adoption(heads=state.heads, missing_keys=wanted)
    _check_authentic(case, [*fresh, *disputed], signed_heads)
    if disputed:
        return _keep_fork(case, state, held, disputed, sender, at)
    try:
        ordered = fold.in_order(state, fresh)
    except fold.BrokenChain:
        return Adoption(heads=state.heads)  # a gap: the heads say from where to send again
    if not ordered:
        return Adoption(heads=state.heads)
    lacking = _missing_papers(ordered)
    if lacking:
        return Adoption(heads=state.heads, missing_papers=lacking)
    return _take_in(case, state, held, ordered, sender, at)


def _sort(held: Sequence[Event], incoming: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Part incoming events into those we lack and those that contradict one we hold; drop duplicates."""
    places = {(event.chain, event.seq): event for event in held}
    fresh: dict[tuple[str, int], Event] = {}
    disputed: list[Event] = []
    for event in incoming:
        known = places.get((event.chain, event.seq)) or fresh.get((event.chain, event.seq))
        if known is None:
            fresh[event.chain, event.seq] = event
        elif known.hash != event.hash:
            disputed.append(event)
    # Whatever builds on a disputed event belongs to the other branch; fresh ones on our own are kept.
    return [] if disputed else list(fresh.values()), disputed


def _missing_keys(fresh: Sequence[Event]) -> list[str]:
    wanted = []
    for node in sorted({event.node for event in fresh}):
        try:
            identity.chain_of(node)
        except identity.UnknownNode:
            wanted.append(node)
    return wanted


def _check_authentic(case: str, incoming: Sequence[Event], signed_heads: Iterable[Mapping[str, Any]]) -> None:
    """Every chain's last event must be a head that the chain's own node signed; links do the rest."""
    if not incoming:
        return
    covered: set[tuple[str, int, str, str]] = set()
    for document in signed_heads:
        try:
            statements.check(document, identity.chain_of(str(document.get("signer"))))
        except (signed.BadSignature, identity.UnknownNode):
            continue
        if document["case"] == case:
            covered |= {(c, seq, hash_, document["signer"]) for c, (seq, hash_) in document["heads"].items()}
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
            raise TransferNotAuthentic(f"办件 {case} 的 {chain} 记录没有其节点的有效签名。请对方检查后重发。")


def _missing_papers(ordered: Sequence[Event]) -> list[str]:
    lacking = []
    for event in ordered:
        for binding in event.effects.get("bind", ()):
            try:
                papers.terms_of_pins(binding)
            except NotFound:
                lacking += [binding["offering"]["digest"], binding["agreement"]["digest"]]
    return sorted(set(lacking))


def _take_in(
    case: str, state: State, held: Sequence[Event], ordered: Sequence[Event], sender: str, at: datetime
) -> Adoption:
    known, steps = list(held), []
    verdict, offending = None, ordered[-1]
    for event in ordered:
        if _owner(state, event) != event.node:
            raise TransferNotAuthentic(f"办件 {case} 的 {event.chain} 记录不是其节点所写。请对方检查后重发。")
        if verdict is None:
            verdict, offending = _verdict(state, known, event), event
        try:
            steps.append(fold.step(state, event))
        except fold.BrokenChain:
            raise TransferNotAuthentic(f"办件 {case} 的记录前后不能衔接。请对方检查后重发。") from None
        state = steps[-1].after
        known.append(event)
    own = identity.fingerprint()
    with write():
        _expect_content(state, [step.event for step in steps], own, sender, at)
        if verdict:
            steps += _park(state, own, verdict, offending.hash, at)
        recording.record(steps, own=own, at=at, new=not held)
    return Adoption(heads=steps[-1].after.heads, adopted=len(ordered))


def _verdict(state: State, known: Sequence[Event], event: Event) -> str | None:
    """Judge an event by the state its writer saw, which may be older than ours."""
    view = _as_seen(state, known, event)
    wrong = judging.disorder([other for other in known if other.chain == event.chain], event)
    if wrong:
        return wrong
    places = {(other.chain, other.seq, other.hash) for other in known}
    if any(head[0] and (chain, *head) not in places for chain, head in event.seen.items()):
        return "saw_other_history"
    pins = judging.pins_for(view, event)
    if pins is None:
        return "unknown_terms"
    try:
        terms = papers.terms_of_pins(pins)
        if _wrong_papers(state, event):
            return "wrong_papers"
    except (NotFound, KeyError, TypeError):
        return "unknown_terms"
    return decision.judge(view, event, day=official_day(event.at), terms=terms)


def _wrong_papers(state: State, event: Event) -> bool:
    """Whether a binding rests on a guide or an agreement that does not fit the two places."""
    for binding in event.effects.get("bind", ()):
        intake = state.roles.get(Role.INTAKE, binding)
        pinned = [(role["offering"], role["agreement"]) for role in state.roles.values()]
        fault = bindings.problem(
            binding, papers.terms_of_pins(binding), intake=intake["node"], day=official_day(event.at),
            pinned_before=(binding["offering"], binding["agreement"]) in pinned,
        )  # fmt: skip
        if fault:
            return True
    return False


def _owner(state: State, event: Event) -> str | None:
    """Return the node whose chain an event claims to continue: who began it, or who is bound to begin it."""
    if event.chain in state.nodes:
        return state.nodes[event.chain]
    if event.kind == Act.FILE and event.chain == f"{Role.INTAKE}/1":
        return event.node  # nobody is bound yet: filing binds the intake role to who writes it
    bound = state.roles.get(event.role, {})
    return bound.get("node") if bound.get("term") == event.term else None


def _as_seen(state: State, known: Sequence[Event], event: Event) -> State:
    try:
        return judging.view_of(state, known, event)
    except fold.BrokenChain:
        return state


def _expect_content(state: State, adopted: Sequence[Event], own: str, sender: str, at: datetime) -> None:
    """Content is fetched by the nodes that are in charge now, not by one whose term has ended."""
    if own not in {binding["node"] for binding in state.roles.values()} or vault.is_destroyed(state.case):
        return
    for event in adopted:
        for piece in event.content:
            vault.expect(state.case, piece["digest"], piece["size"], sender, at)


def _park(state: State, own: str, reason: str, event_hash: str, at: datetime) -> list[Step]:
    """Our own chain says that the case waits for a human, and why."""
    role = next((role for role in Role if state.roles.get(role, {}).get("node") == own), None)
    if role is None or state.facts.get(f"parked.{role}"):
        return []
    node = identity.me()
    place = decision.Place(
        node=own, epoch=node.epoch, role=role, term=state.roles[role]["term"], calendar=calendars.current()
    )
    given = {"reason": reason, "event": event_hash}
    try:
        step = decision.decide(
            state, Act.PARK, by=SYSTEM, at=at, day=official_day(at), place=place,
            terms=papers.terms_of(state), given=given,
        )  # fmt: skip
    except DomainError:
        return []
    return [step]


def _keep_fork(
    case: str, state: State, held: Sequence[Event], disputed: Sequence[Event], sender: str, at: datetime
) -> Adoption:
    """Keep both branches, freeze the case, and tell: the answer carries our bytes, the parked event goes out."""
    own = identity.fingerprint()
    with write():
        for event in disputed:
            Fork.objects.get_or_create(
                hash=event.hash,
                defaults={
                    "case": case, "chain": event.chain, "seq": event.seq, "raw": event.raw.decode(),
                    "sender": sender, "at": at,
                },
            )  # fmt: skip
        steps = _park(state, own, "fork", disputed[0].hash, at)
        if steps:
            recording.record(steps, own=own, at=at)
    places = {(event.chain, event.seq) for event in disputed}
    ours = [event.raw.decode() for event in held if (event.chain, event.seq) in places]
    heads = steps[-1].after.heads if steps else state.heads
    return Adoption(heads=heads, forked=ours)


def note_fork(*, case: str, raws: Sequence[str], sender: str, at: datetime) -> None:
    """Keep the other branch that a peer answered with, and freeze the case here too."""
    held = journal.events_of(case)
    places = {(event.chain, event.seq): event for event in held}
    try:
        theirs = [events.read(raw.encode()) for raw in raws]
    except events.MalformedEvent:
        return
    disputed = [
        event
        for event in theirs
        if event.case == case
        and (event.chain, event.seq) in places
        and places[event.chain, event.seq].hash != event.hash
    ]
    if disputed and Case.objects.filter(number=case).exists():
        _keep_fork(case, fold.fold(case, held), held, disputed, sender, at)


def holds(case: str, chain: str, head: Sequence[Any]) -> bool:
    """Return whether this node holds the very event that `head` ([seq, hash]) of a chain names."""
    role, term = chain.split("/")
    return EventRow.objects.filter(case=case, role=role, term=term, seq=head[0], hash=head[1]).exists()


def heads_held(case: str) -> dict[str, list[Any]]:
    """Return the heads this node holds of a case; empty if it holds nothing."""
    row = Case.objects.filter(number=case).values_list("state", flat=True).first()
    if row is None:
        return {}
    heads: dict[str, list[Any]] = row["heads"]
    return heads


def events_after(case: str, heads: Mapping[str, Sequence[Any]]) -> list[Event]:
    """Return what follows `heads` of each chain, ours and relayed, in the order we came to hold them."""
    rows = EventRow.objects.filter(case=case).order_by("id").values_list("role", "term", "seq", "raw")
    after = [raw for role, term, seq, raw in rows if seq > int((heads.get(f"{role}/{term}") or [0])[0])]
    return [events.read(raw.encode()) for raw in after]

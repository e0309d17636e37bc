"""
Settling a fork (分叉核处): the writer of the chain proposes which branch counts, its counterpart signs, both say so.

docs/protocol.md §13. Only a branch that every other side's event has seen may be kept; the writer's node, where it
holds another, puts that one aside as evidence and goes on from the kept one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor, Permission
from tongban.kernel import committed, identity
from tongban.kernel.crypto import canon
from tongban.kernel.db import write
from tongban.kernel.errors import InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import fold
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Event as EventRow
from tongban.kernel.models import Evidence, Fork, Outstanding, Statement
from tongban.procedures import branches, commands, forks, holding, recording, settlements
from tongban.procedures.settlements import Document, SettlementInvalid
from tongban.procedures.standard_guards import open_parks
from tongban.procedures.words import Standard


class BranchSeen(InvalidInput):
    """Another side has acted on the other branch, so only that one may be kept."""

    code = "branch_seen"


@dataclass(frozen=True, slots=True)
class Branches:
    """One fork: where it begins, what this node has in the chain there, what it keeps as evidence, and whether it is settled."""

    subject: str
    chain: str
    seq: int
    held: str
    others: list[str]
    settled: bool


def open_forks(subject: str = "") -> list[Branches]:
    """Return the forks this node knows of, of one subject or of all."""
    known = Fork.objects.order_by("subject").values_list("subject", flat=True).distinct()
    return [
        _branches(number, chain, seq)
        for number in ([subject] if subject else known)
        for chain, seq in branches.places(number).items()
    ]


def _branches(subject: str, chain: str, seq: int) -> Branches:
    role, term = chain.split("/")
    held = EventRow.objects.filter(subject=subject, role=role, term=term, seq=seq).first()
    others = Fork.objects.filter(subject=subject, chain=chain, seq=seq).order_by("id")
    return Branches(
        subject, chain, seq, held.hash if held else "", list(others.values_list("hash", flat=True)),
        (chain, seq) not in branches.unsettled(subject),
    )  # fmt: skip


def propose(
    *, subject: str, chain: str, keep: str, basis: str, minutes: str, by: Actor, at: datetime
) -> Document:
    """
    Return the settlement of a fork of this node's own chain, signed by this node.

    Raises:
        NotPermitted: `by` does not supervise. NotFound: no such fork here, or no such branch.
        InvalidInput: the chain is not this node's, or there is no other side.
    """
    _ask(by)
    state, fork = _fork(subject, chain)
    own = identity.fingerprint()
    if state.owner(chain) != own:
        raise InvalidInput(f"{chain} 不是本节点所写的链，不能由本节点提出核处。请由写它的节点提出。")
    if keep not in (fork.held, *fork.others):
        raise NotFound(f"{subject} 的 {chain} 第 {fork.seq} 条没有这一分支。请用 tongban fork show 查看。")
    document = settlements.build(
        procedure=state.procedure, subject=subject, chain=chain, seq=fork.seq, kept=keep,
        dropped=[one for one in (fork.held, *fork.others) if one != keep], basis=basis, minutes=minutes, writer=own,
        counterpart=_counterpart(state, chain), at=at,
    )  # fmt: skip
    return settlements.sign_for(document, own, identity.sign)


def countersign(document: Mapping[str, Any], *, by: Actor, at: datetime) -> Document:
    """
    Sign a settlement as the counterpart, and carry it out here; return it with both signatures.

    Raises:
        NotPermitted, NotFound: as `propose`. InvalidInput: not signed by the chain's writer, or not about what is here.
        BranchSeen: this side has acted on the branch that would be dropped.
    """
    _ask(by)
    checked = _checked(document, both=False)
    own = identity.fingerprint()
    if checked["counterpart"] != own or checked["writer"] not in checked["signed"]:
        raise InvalidInput(
            "这份核处书没有写它的节点的签名，或相对方不是本节点，未签署。请对方核对后重新出具。"
        )
    state, fork = _fork(checked["subject"], checked["chain"])
    if checked["kept"] != fork.held and _has_been_seen(state, checked["chain"], fork.seq):
        raise BranchSeen(
            f"本节点已依 {checked['chain']} 的另一分支办理，只能保留那一分支，未签署。请对方改拟核处书。"
        )
    complete = settlements.sign_for(checked, own, identity.sign)
    carry_out(complete, by=by, at=at)
    return complete


def carry_out(document: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    """
    Do what a settlement signed by both sides says: keep that branch, and end this side's waiting for a human.

    Raises:
        NotPermitted, NotFound, InvalidInput: as named above.
    """
    _ask(by)
    checked = _checked(document, both=True)
    subject, chain = checked["subject"], checked["chain"]
    state, fork = _fork(subject, chain)
    sides = (checked["writer"], checked["counterpart"])
    if sides[0] != state.owner(chain) or sides[1] not in state.parties() - {sides[0]}:
        raise InvalidInput("核处书的双方不是这条链的写者和它的相对方，未采用。请核对。")
    if checked["seq"] != fork.seq or {checked["kept"], *checked["dropped"]} < {fork.held, *fork.others}:
        raise InvalidInput("核处书所指的分支与本节点所存的不同，未采用。请双方核对后重新出具。")
    with write():
        if checked["kept"] != fork.held:
            state = _exchange(state, chain, fork.seq, checked["kept"], at)
        forks.remember(Evidence.SETTLEMENT, subject, checked)
    _end_waiting(state, (chain, fork.seq), settlements.digest_of(checked), by, at)


def _end_waiting(state: State, fork: tuple[str, int], settlement: str, by: Actor, at: datetime) -> None:
    """Let in what waited for this settlement alone; what is held back for another reason waits on."""
    own = identity.fingerprint()
    for role in state.roles:
        if state.roles.get(role, {}).get("node") != own or not state.fact(role, "parked"):
            continue
        parks = open_parks(state, role)
        park = next((park for park, place in parks.items() if place == fork), None)
        if park is None and parks:
            continue
        release = {"park": park, "struck": None} if park else None
        given = {"release": release, "settlement": settlement}
        commands.act(matter=state.subject, act=Standard.SETTLE, by=by, at=at, given=given)
        return


def _exchange(state: State, chain: str, seq: int, kept: str, at: datetime) -> State:
    """Put the branch that stands in the chain aside, and the kept one in its place; return the state that follows."""
    role, term = chain.split("/")
    if _has_been_seen(state, chain, seq):
        raise BranchSeen(f"已有记录以 {chain} 的现有分支为前提，只能保留现有分支。请改拟核处书。")
    rows = EventRow.objects.filter(subject=state.subject, role=role, term=term, seq__gte=seq)
    dropped = list(rows.order_by("seq"))
    branch = _branch(state.subject, chain, kept)
    for row in dropped:
        Fork.objects.get_or_create(
            hash=row.hash,
            defaults={
                "subject": state.subject, "chain": chain, "seq": row.seq, "raw": row.raw, "sender": row.node,
                "at": at, "leaf": row.leaf, "body": row.body,
            },
        )  # fmt: skip
    _set_aside_statements(state.subject, chain, {row.hash for row in dropped})
    rows.delete()
    Fork.objects.filter(hash__in=[event.hash for event in branch]).delete()
    for event in branch:
        columns = journal.event_row(event, own_node=identity.fingerprint())
        EventRow.objects.create(**columns, xact=committed.transaction_id())
    return _project_anew(state, at)


def _branch(subject: str, chain: str, kept: str) -> list[Event]:
    """Return the events of a branch kept as evidence that begin with `kept`, in order."""
    found: list[Event] = []
    rows = Fork.objects.filter(subject=subject, chain=chain).order_by("seq", "id")
    for row in rows:
        event = journal.read_row(row.raw, row.body)
        if event.hash == kept or (found and event.prev == found[-1].hash):
            found.append(event)
    return found


def _set_aside_statements(subject: str, chain: str, dropped: set[str]) -> None:
    """Statements over the dropped branch are evidence from now on, no part of the story."""
    for row in Statement.objects.filter(subject=subject):
        document: Any = canon.decode(row.raw.encode())
        if document["heads"].get(chain, [0, ""])[1] in dropped:
            forks.remember(Evidence.STATEMENT, subject, document)
            row.delete()


def _project_anew(before: State, at: datetime) -> State:
    """Compute row and duties of a matter again from all its events."""
    known = journal.events_of(before.subject)
    states = fold.states(
        before.procedure, before.subject, fold.in_order(State(before.procedure, before.subject), known)
    )
    state = states[-1][1]
    recording.project_anew(state, states)
    Outstanding.objects.filter(subject=state.subject).update(acknowledged={}, lacking=True, next_at=at)
    return state


def _has_been_seen(state: State, chain: str, seq: int) -> bool:
    return any(
        event.seen.get(chain, [0])[0] >= seq
        for event in journal.events_of(state.subject)
        if event.chain != chain
    )


def _fork(subject: str, chain: str) -> tuple[State, Branches]:
    state = holding.state_held(subject)
    found = [one for one in open_forks(subject) if one.chain == chain]
    if state is None or not found or found[0].settled:
        raise NotFound(f"{subject} 的 {chain} 没有待核处的分叉。请用 tongban fork list 查看。")
    return state, found[0]


def _counterpart(state: State, chain: str) -> str:
    role = chain.partition("/")[0]
    others = [bound["node"] for name, bound in state.roles.items() if name != role]
    if not others or others[0] == state.owner(chain):
        raise InvalidInput(f"{state.subject} 没有另一节点参与，分叉不能由双方核处。请由上级核查本节点。")
    return str(others[0])


def _checked(document: Mapping[str, Any], *, both: bool) -> Document:
    nodes: Sequence[object] = (document.get("writer"), document.get("counterpart"))
    chains = {}
    for node in nodes:
        try:
            chains[str(node)] = identity.chain_of(str(node))
        except identity.UnknownNode:
            continue
    try:
        return settlements.check(document, chains, both=both)
    except SettlementInvalid as error:
        raise InvalidInput(f"{error}请对方核对后重新出具。") from None


def _ask(by: Actor) -> None:
    if not by.may(Permission.CASE_SUPERVISE):
        raise NotPermitted("您的岗位不能核处分叉。请由政务服务中心督办岗办理。")

"""
Succession (节点接替): another node takes the place of a peer that is lost, cloned or replaced (docs/protocol.md §13).

The counterpart says so, matter by matter, in its own chain; a human has compared the fingerprint of the new one. What the
old one wrote up to there stays; what it writes after has no effect.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from tongban.accounts.access.actor import Actor, Permission, actor_document
from tongban.agreements import queries as agreements
from tongban.cases import commands as cases
from tongban.cases.models import Case
from tongban.cases.words import Act, Role
from tongban.catalogue import commands as catalogue
from tongban.exchange import commands
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted
from tongban.kernel.journal import nodechain
from tongban.kernel.models import Content

BATCH = 200


@dataclass(slots=True)
class Succession:
    """What came of it: how many matters go on with the new node, which do not and why, which agreements are to be signed anew."""

    done: int = 0
    missing: int = 0  # pieces of content that the old node had not given yet
    left: dict[str, str] = field(default_factory=dict)
    agreements: list[str] = field(default_factory=list)


def succeed(
    *, old: str, card: Mapping[str, Any], fingerprint: str, under: str, by: Actor, at: datetime
) -> Succession:
    """
    Let the node of a card take the place of a peer, in everything that the two share. Again, it does what was left.

    `under` says in a few words on what ground.

    Raises:
        NotPermitted: `by` does not manage peers and supervise. NotFound: no such peer.
        InvalidInput: the card is not of the peer's organisation, or is the peer's own; no ground is given.
        commands.FingerprintDiffers, UnknownNode: as `commands.add`.
    """
    if not (by.may(Permission.PEERS_MANAGE) and by.may(Permission.CASE_SUPERVISE)):
        raise NotPermitted("您的岗位不能登记节点接替。请由节点管理员办理。")
    if not under.strip() or len(under) > 120:
        raise InvalidInput("没有写明接替的依据，或超过 120 字，没有登记。请写明依据的文件或核实记录。")
    before = commands.found(old)
    if (card["organisation"], card["division"]) != (before.organisation, before.division):
        raise InvalidInput(
            f"名片的机构、区划与 {before.name} 的不同，不能接替，没有登记。请核对是否拿错了名片。"
        )
    if card["node"] == before.node:
        raise InvalidInput("名片就是原节点自己的，没有登记。请向接替的节点索取名片。")
    commands.demand_fingerprint(card, fingerprint)
    peer = Peer.active().filter(node=card["node"]).first()
    if peer is None or before.state != Peer.State.REMOVED:
        peer = _exchange(before, card, fingerprint, by, at)
    found = Succession(agreements=agreements.numbers_between(before.node, identity.fingerprint()))
    for number, role in _shared(before.node):
        try:
            found.missing += _take_over(number, role, before.node, peer.node, under.strip(), by, at)
            found.done += 1
        except DomainError as error:
            found.left[number] = str(error)
    return found


def _exchange(before: Peer, card: Mapping[str, Any], fingerprint: str, by: Actor, at: datetime) -> Peer:
    """Put the new node where the old one was among the peers, and let it answer for the offerings."""
    with write():
        if before.state != Peer.State.REMOVED:
            commands.remove(node=before.node, by=by, at=at)
        catalogue.pass_on(node=before.node, successor=card["node"])
        peer = commands.add(card=card, fingerprint=fingerprint, by=by, at=at)
        Peer.objects.filter(pk=before.pk).update(trouble=f"已由 {peer.name} 接替")
        nodechain.tell(
            "peer_succeeded", peer, by=actor_document(by), at=at, node=before.node, successor=peer.node
        )
    return peer


def _shared(node: str) -> Iterator[tuple[str, Role]]:
    """Yield the cases in which a node fills the other role now, by number; each is read as it stands when its turn comes."""
    last = ""
    while True:
        rows = Case.objects.filter(Q(intake_node=node) | Q(handling_node=node), number__gt=last)
        batch = list(rows.order_by("number").values_list("number", "intake_node")[:BATCH])
        for number, intake in batch:
            yield number, Role.INTAKE if intake == node else Role.HANDLING
        if not batch:
            return
        last = batch[-1][0]


def _take_over(number: str, role: Role, old: str, new: str, under: str, by: Actor, at: datetime) -> int:
    """Say in a matter that it goes on with another node; return how many pieces of content nobody has any more."""
    term = Case.objects.get(number=number).state["roles"][role]["term"] + 1
    named = {"role": str(role), "term": term, "from": old, "node": new}
    with write():
        cases.act(case=number, act=Act.SUCCEED, by=by, at=at, given={"succeed": named, "under": under})
        return Content.objects.filter(subject=number, complete=False, source=old).update(source="")

"""What is read about peers and the exchange with them."""

from typing import Any, Final

from django.db import models
from django.db.models import Count, Min

from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.models import Division
from tongban.cases.procedure import NAME
from tongban.exchange.models import Peer
from tongban.kernel import memo
from tongban.kernel.models import Outstanding
from tongban.procedures import register

MOST_TROUBLES: Final = 50  # of one peer


def peers() -> models.QuerySet[Peer]:
    """Return all peers, by name."""
    return Peer.objects.order_by("name", "pk")


@memo.for_a_moment  # whoever asks without end is answered from memory
def is_peer(node: str) -> bool:
    """Return whether a node is one that is exchanged with."""
    return Peer.active().filter(node=node).exists()


def party_of(peer: Peer) -> dict[str, str]:
    """Return a peer as a party of an agreement."""
    division = Division.objects.filter(code=peer.division).order_by("-pk").first()
    name = f"{division.name}政务服务中心" if division else peer.name
    return {"node": peer.node, "organisation": peer.organisation, "division": peer.division, "name": name}


def parties() -> list[dict[str, str]]:
    """Return the peers that are exchanged with as parties of an agreement."""
    return [party_of(peer) for peer in Peer.active()]


def roots() -> list[str]:
    """Return the fingerprints of the nodes that this one trusts, as somebody has compared them; its own is not among them."""
    return list(Peer.active().values_list("node", flat=True))


def visible_to(actor: Actor) -> models.QuerySet[Peer]:
    """Return the peers that `actor` may know of: those who manage or supervise see them all."""
    if actor.may(Permission.PEERS_MANAGE) or actor.may(Permission.CASE_SUPERVISE):
        return peers()
    return Peer.objects.none()


def unreached(subject: str) -> Peer | None:
    """Return a peer for which news of a case waits because it did not answer, if there is one."""
    waiting = Outstanding.objects.filter(subject=subject, lacking=True).values("node")
    return peers().filter(node__in=waiting, attempts__gt=0).first()


def troubles() -> dict[str, list[dict[str, Any]]]:
    """Return, for each node, the matters that did not get through: subject, attempts, next try and why."""
    # Greater than nothing, not other than nothing: that is where the index begins.
    rows = _exchanged().filter(trouble__gt="").order_by("node", "next_at", "subject")
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        lines = found.setdefault(row.node, [])
        if len(lines) < MOST_TROUBLES:
            lines.append({name: getattr(row, name) for name in ("subject", "attempts", "next_at", "trouble")})
    return found


def speaks_ours(peer: Peer) -> bool:
    """Return whether a peer knows the rule table that this node writes by; if not, it is not upgraded yet."""
    return register.of(NAME).present.name in peer.speaks.get(NAME, [])


def _exchanged() -> models.QuerySet[Outstanding]:
    """Return what is exchanged with whom: with a node that was removed nothing is."""
    removed = Peer.objects.filter(state=Peer.State.REMOVED).values("node")
    return Outstanding.objects.exclude(node__in=removed)


def lag() -> dict[str, dict[str, object]]:
    """Return, for each peer, how many cases wait to be delivered to it and since when the oldest was due."""
    rows = (
        _exchanged().filter(lacking=True).values("node").annotate(waiting=Count("id"), oldest=Min("next_at"))
    )
    peers = Peer.objects.exclude(state=Peer.State.REMOVED).values_list("node", flat=True)
    return {node: {"waiting": 0, "oldest": None} for node in peers} | {
        row["node"]: {"waiting": row["waiting"], "oldest": row["oldest"]} for row in rows
    }

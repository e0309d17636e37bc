"""Keeping the neighbours' guides at hand, so that a window can file for their authorities."""

from datetime import datetime, timedelta

from tongban.catalogue import commands as catalogue
from tongban.catalogue.models import Guide
from tongban.exchange import gateway, wire
from tongban.exchange.asking import ask
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError

EVERY = timedelta(minutes=10)


def pull(peer: Peer, at: datetime) -> int:
    """Import the guides of a peer that we lack; return how many, none if it does not answer."""
    held = list(Guide.objects.filter(node=peer.node).order_by("id").values_list("digest", flat=True))
    try:
        reply = ask(peer, wire.PAPERS_REQUEST, at, held=held)
    except (gateway.Unreachable, wire.MessageRefused):
        return 0
    chain = identity.chain_of(peer.node)
    taken = 0
    for guide in reply.get("papers", {}).values():
        try:
            with write():
                catalogue.import_guide(signed_document=guide, chain=chain, at=at)
            taken += 1
        except DomainError:
            continue  # a guide that is not the peer's, or breaks a rule, is not ours to mend
    return taken

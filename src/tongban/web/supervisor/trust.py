"""Peers and their lag, and whether what this node stores still follows from what was signed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from tongban.accounts.access.actor import Permission
from tongban.exchange import queries as exchange
from tongban.exchange import unreached
from tongban.kernel.time import clock
from tongban.procedures.audit import journal_audit
from tongban.signin.actor import SignedInRequest
from tongban.supervision import queries as supervising
from tongban.web.access import signed_in
from tongban.web.display import place_name


@require_safe
@signed_in(Permission.CASE_SUPERVISE, Permission.PEERS_MANAGE)
def peers(request: SignedInRequest) -> HttpResponse:
    """The other nodes: when they were last heard, and what still waits to reach them."""
    behind, troubles = exchange.lag(), exchange.troubles()
    known = list(exchange.visible_to(request.actor))
    rows = [
        (
            peer,
            place_name(peer.division),
            behind.get(peer.node, {"waiting": 0, "oldest": None}),
            unreached.in_words(peer.trouble),
            not exchange.speaks_ours(peer),
        )
        for peer in known
    ]
    stuck = [
        (row, place_name(peer.division), unreached.in_words(row["trouble"]))
        for peer in known
        for row in troubles.get(peer.node, [])
    ]
    watches = request.actor.may(Permission.CASE_SUPERVISE)
    return render(request, "supervisor/peers.html", {"rows": rows, "stuck": stuck, "watches": watches})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_SUPERVISE)
def journal(request: SignedInRequest) -> HttpResponse:
    """Verify the journal of this node now, if it is small enough to wait for."""
    small = supervising.is_small()
    report = journal_audit.verify_journal() if small and request.method == "POST" else None
    context = {"report": report, "small": small, "at": clock.now(), "most": supervising.MOST_EVENTS}
    return render(request, "supervisor/journal.html", context)

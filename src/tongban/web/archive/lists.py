"""What the archive has to do: files whose time of keeping is over, and what is being disposed of."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Permission
from tongban.kernel.time import clock
from tongban.procedures import archive as archives
from tongban.procedures import listing
from tongban.procedures.tables import WAIT
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.archive.keepers import keeps_archive

SHOWN = 50


@require_safe
@signed_in(also=keeps_archive)
def archive(request: SignedInRequest) -> HttpResponse:
    """The archive's first page."""
    actor, today = request.actor, clock.official_day(clock.now())
    proposes = actor.may(Permission.ARCHIVE_DESTROY)
    over = archives.to_appraise(actor, today, SHOWN + 1) if proposes else []
    under_way = archives.under_way(actor, SHOWN + 1)
    items = listing.items_of([matter for matter, _last in over] + [matter for _duty, matter in under_way])
    context = {
        "proposes": proposes, "approves": actor.may(Permission.ARCHIVE_APPROVE), "wait": WAIT, "today": today,
        "over": [(matter, items[matter.number], last) for matter, last in over[:SHOWN]], "more_over": len(over) > SHOWN,
        "under_way": [(duty, matter, items[matter.number]) for duty, matter in under_way[:SHOWN]],
        "more_under_way": len(under_way) > SHOWN, "shown": SHOWN,
    }  # fmt: skip
    return render(request, "archive/list.html", context)

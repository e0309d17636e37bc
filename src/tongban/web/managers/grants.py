"""Posts that decide, waiting for a second manager (双人复核)."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Permission
from tongban.accounts.models import Grant
from tongban.accounts.people import granting
from tongban.kernel.errors import NotFound
from tongban.kernel.time import clock
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.managers import asking
from tongban.web.staff import names_of

SHOWN = 50
DONE = {
    "countersign": gettext_lazy("已复核，岗位即时生效。"), "decline": gettext_lazy("已记录，岗位不授予。"),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE)
def grants(request: SignedInRequest) -> HttpResponse:
    """What waits, and what was decided last; a button for each who may."""
    faults: list[tuple[str, str]] = []
    by, status = request.actor, 200
    if request.method == "POST":
        acts = {name: partial(_decide, act=act) for name, act in ACTS.items()}
        answer, faults, status = asking.done(request, acts, "act")
        if answer is not None:
            return answer
    seen = Grant.objects.visible_to(by).select_related("person", "post__organisation")
    waiting = list(seen.waiting()[:SHOWN])
    decided = list(seen.exclude(outcome="").order_by("-decided_at", "-pk")[:10])
    names = names_of(
        who
        for one in (*waiting, *decided)
        for who in (one.person.pseudonym, one.asked_by, one.decided_by)
        if who
    )
    context = {
        # Where nobody else could countersign, the page says what to do.
        "waiting": [(one, granting.others_who_countersign(one.post, by=one.asked_by)) for one in waiting],
        "decided": decided, "names": names, "me": by.staff, "faults": faults, "notice": asking.notice(request, DONE),
    }  # fmt: skip
    return render(request, "managers/grants.html", context, status=status)


def _decide(request: SignedInRequest, *, act: granting.Deciding) -> None:
    seen = Grant.objects.visible_to(request.actor).select_related("person", "post__organisation")
    found = seen.filter(pk=asking.number(request, "number")).first()
    if found is None:
        raise NotFound(_("未作更改：没有这项授予，或不在您的管理范围内。请刷新后再看。"))
    act(grant=found, by=request.actor, at=clock.now())


ACTS: dict[str, granting.Deciding] = {"countersign": granting.countersign, "decline": granting.decline}

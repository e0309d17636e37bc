"""The desk's first page: what needs the manager, and the people in their reach."""

from datetime import timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Permission
from tongban.accounts.models import ApiKey, Grant
from tongban.accounts.people import resetting
from tongban.accounts.people.bounds_of_keys import WARNED_BEFORE, ends_at
from tongban.accounts.roster import directory
from tongban.kernel.time import clock
from tongban.signin import throttle
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.staff import names_of

AHEAD: Final = timedelta(days=14)
NAMED: Final = 6  # of those who lack something, so many are named
LONGEST_WORDS: Final = 40


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE)
def desk(request: SignedInRequest) -> HttpResponse:
    """People by bureau, a page at a time; who is looked for by name is sent, so that no address holds a name."""
    by, at = request.actor, clock.now()
    asked = request.POST if request.method == "POST" else request.GET
    organisation = asked.get("org", "")[:18]
    state = directory.CLOSED if asked.get("state") == directory.CLOSED else directory.USED
    words = request.POST.get("words", "").strip()[:LONGEST_WORDS]
    after, more = None, False
    if words:
        rows, more = directory.found(by, words, organisation=organisation, state=state, at=at)
    else:
        begins = request.GET.get("after", "")[:12]
        rows, after = directory.page(by, organisation=organisation, state=state, after=begins, at=at)
    kept = {name: value for name, value in (("org", organisation), ("state", state)) if value}
    context = {
        "rows": rows, "more": more, "words": words, "state": state, "chosen": organisation,
        "bureaux": list(directory.bureaux(by)), "needs": _needs(request),
        "next": urlencode({**kept, "after": after.pseudonym}) if after else "",
        "empty": not (words or state or request.GET.get("after")), "today": clock.official_day(at),
    }  # fmt: skip
    return render(request, "managers/desk.html", context)


def _needs(request: SignedInRequest) -> dict[str, Any]:
    """Return what waits for the manager, each with whom it is about."""
    by, at = request.actor, clock.now()
    today = clock.official_day(at)
    grants = list(Grant.objects.visible_to(by).waiting().select_related("person", "post__organisation"))
    leaves = directory.leaves_without_substitute(by, first=today, last=today + AHEAD)
    lacking = directory.without_second(by)
    keys = ApiKey.objects.visible_to(by).filter(revoked_at=None).select_related("post__organisation")
    everybody = dict(directory.in_use(by))
    locked = [everybody[name] for name in sorted(throttle.locked(everybody, at))]
    resets = resetting.pending(by=by, at=at)
    meant = [one.person for one in grants] + [one.person for one in leaves] + [one.person for one in resets]
    names = names_of([one.pseudonym for one in meant] + [one.asked_by for one in grants] + locked)
    found: dict[str, Any] = {
        "grants": grants, "leaves": leaves, "lacking": lacking[:NAMED], "more_lacking": len(lacking) - NAMED, "locked": locked,
        "keys": [(one, ends_at(one)) for one in keys if ends_at(one) <= at + WARNED_BEFORE], "resets": resets,
    }  # fmt: skip
    found["count"] = sum(
        len(found[kind]) for kind in ("grants", "leaves", "keys", "locked", "resets")
    ) + bool(lacking)
    return found | {"names": names, "me": by.staff}

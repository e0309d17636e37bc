"""Keys for machines: until when, from where, used when; revoking. Making one stays with the command, which shows the secret."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tongban.accounts import commands
from tongban.accounts.access.actor import Permission
from tongban.accounts.models import ApiKey
from tongban.accounts.people.bounds_of_keys import WARNED_BEFORE, ends_at
from tongban.kernel.errors import NotFound
from tongban.kernel.time import clock
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.managers import asking

DONE = {"revoke": gettext_lazy("已吊销，立即不能再用。")}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE)
def keys(request: SignedInRequest) -> HttpResponse:
    """The keys that are not revoked, those that end first on top."""
    faults: list[tuple[str, str]] = []
    at, status = clock.now(), 200
    if request.method == "POST":
        answer, faults, status = asking.done(request, {"revoke": _revoke}, "act")
        if answer is not None:
            return answer
    seen = (
        ApiKey.objects.visible_to(request.actor).filter(revoked_at=None).select_related("post__organisation")
    )
    rows = [(one, ends_at(one)) for one in sorted(seen, key=ends_at)]
    context = {
        "rows": [(one, end, end <= at, end <= at + WARNED_BEFORE) for one, end in rows], "faults": faults,
        "notice": asking.notice(request, DONE),
    }  # fmt: skip
    return render(request, "managers/keys.html", context, status=status)


def _revoke(request: SignedInRequest) -> None:
    seen = ApiKey.objects.visible_to(request.actor).select_related("post__organisation")
    found = seen.filter(prefix=request.POST.get("prefix", "")[:12]).first()
    if found is None:
        raise NotFound(_("密钥未吊销：没有这个密钥，或不在您的管理范围内。请刷新后再看。"))
    commands.revoke_api_key(key=found, by=request.actor, at=clock.now())

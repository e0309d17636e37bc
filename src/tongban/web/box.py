"""The message box (消息): what somebody is told, newest first; opening a case from it marks what it says of the case as read."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tongban.kernel.time import clock
from tongban.notices import commands, queries
from tongban.procedures import queries as matters
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.desk.anywhere import page_of
from tongban.web.typed import whole

DIGITS = 12  # of the place where a page ended


@signed_in()
@require_http_methods(["GET", "HEAD", "POST"])
def box(request: SignedInRequest) -> HttpResponse:
    """The box by pages; or mark all that was shown as read."""
    if request.method == "POST":
        upto = whole(request.POST.get("upto", ""), digits=DIGITS)
        commands.mark_all_read(by=request.actor, upto=upto or 0, at=clock.now())
        return redirect(f"{request.path}?done=1")
    before = whole(request.GET.get("before", ""), digits=DIGITS)
    lines, following = queries.box(request.actor, before=before)
    context = {
        "lines": lines, "next": following, "first": before is None, "any_unread": any(one.notice.read_at is None for one in lines),
        "upto": lines[0].notice.pk if lines else 0, "notice": _("已全部标为已读。") if request.GET.get("done") else "",
    }  # fmt: skip
    return render(request, "web/box.html", context)


@require_safe
@signed_in()
def open_case(request: SignedInRequest, number: str) -> HttpResponse:
    """Lead to the page of a matter that the box tells of, now read."""
    found = matters.matter(number, request.actor)
    commands.mark_read(matter=found.number, by=request.actor, at=clock.now())
    return redirect(page_of(found, request.actor))

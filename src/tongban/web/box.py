"""The message box (消息): what somebody is told, newest first; opening a case from it marks what it says of the case as read."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tongban.kernel.errors import NotFound
from tongban.kernel.time import clock
from tongban.notices import commands, demo, queries, reaching
from tongban.procedures import queries as matters
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.desk.anywhere import page_of
from tongban.web.typed import whole

_NOTICES = {
    "read": gettext_lazy("已全部标为已读。"),
    "fewer": gettext_lazy("已记下：以后只发依法必须告知的短信。"),
    "all": gettext_lazy("已记下：办件有进展时给您发短信。"),
}
DIGITS = 12  # of the place where a page ended


@signed_in()
@require_http_methods(["GET", "HEAD", "POST"])
def box(request: SignedInRequest) -> HttpResponse:
    """The box by pages; or mark all that was shown as read, or say what is to be sent besides."""
    if request.method == "POST":
        return redirect(f"{request.path}?done={_changed(request)}")
    before = whole(request.GET.get("before", ""), digits=DIGITS)
    lines, following = queries.box(request.actor, before=before)
    context = {
        "lines": lines, "next": following, "first": before is None, "any_unread": any(one.notice.read_at is None for one in lines),
        "upto": lines[0].notice.pk if lines else 0, "notice": _NOTICES.get(request.GET.get("done", ""), ""),
        "is_applicant": bool(request.actor.applicant), "opted_out": reaching.has_opted_out(request.actor.applicant),
    }  # fmt: skip
    return render(request, "web/box.html", context)


@require_safe
def demo_sent(request: HttpRequest) -> HttpResponse:
    """What a demo node has sent to telephones and mailboxes; elsewhere there is no such page."""
    if not settings.NODE.demo:
        raise NotFound("没有这个页面。请从首页重新开始。")
    return render(request, "web/demo_sent.html", {"sent": demo.sent()})


def _changed(request: SignedInRequest) -> str:
    """Do what was sent; return the word of what was done."""
    asked, by, at = request.POST.get("sms", ""), request.actor, clock.now()
    if asked == "fewer":
        commands.opt_out(by=by, at=at)
    elif asked == "all":
        commands.opt_in(by=by)
    else:
        upto = whole(request.POST.get("upto", ""), digits=DIGITS)
        commands.mark_all_read(by=by, upto=upto or 0, at=at)
        return "read"
    return asked


@require_safe
@signed_in()
def open_case(request: SignedInRequest, number: str) -> HttpResponse:
    """Lead to the page of a matter that the box tells of, now read."""
    found = matters.matter(number, request.actor)
    commands.mark_read(matter=found.number, by=request.actor, at=clock.now())
    return redirect(page_of(found, request.actor))

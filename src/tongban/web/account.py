"""What everybody has for their own account: where they have signed in, and what was there before."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Channel
from tongban.kernel.time import clock
from tongban.signin import opened, sessions
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in

CHANNELS: Final = {
    Channel.DESK: gettext_lazy("办公端"), Channel.COUNTER: gettext_lazy("窗口端"), Channel.WEB: gettext_lazy("网页"),
    Channel.MOBILE: gettext_lazy("手机端"), Channel.KIOSK: gettext_lazy("自助机"), Channel.TV: gettext_lazy("电视端"),
}  # fmt: skip


@signed_in()
@require_http_methods(["GET", "HEAD", "POST"])
def open_sessions(request: SignedInRequest) -> HttpResponse:
    """Where one has signed in; end one, or all others."""
    if request.method == "POST":
        mark = request.POST.get("end", "")
        if mark:
            opened.end_one(mark=mark, by=request.actor)
        else:
            opened.end_others(request, by=request.actor)
        return redirect(f"{request.path}?done=1")
    rows = opened.of(request, by=request.actor, is_over=sessions.is_over, at=clock.now())
    notice = _("已结束。在那里须重新登录才能使用。") if request.GET.get("done") else ""
    where = {row.session: CHANNELS.get(Channel(row.channel), row.channel) for row in rows}
    context = {
        "rows": rows,
        "where": where,
        "others": [row for row in rows if not row.is_this],
        "notice": notice,
    }
    return render(request, "web/sessions.html", context)


def sign_out(request: HttpRequest, *, to: str) -> HttpResponse:
    """
    End the session, and lead to the page of this name; what scripts keep for a tab goes with it.

    Whoever may still be signed in at their identity provider is led to where they can sign out there.
    """
    came_from = sessions.sign_out(request)
    response = redirect("web:signed-out", came_from) if came_from else redirect(to)
    # Where an upload stands is nothing to whoever comes next to this browser.
    response["Clear-Site-Data"] = '"storage"'
    return response


def arrival(request: HttpRequest) -> dict[str, Any]:
    """Return, once after signing in, what the first page says of the time before."""
    actor, session = getattr(request, "actor", None), getattr(request, "session", None)
    if actor is None or session is None:
        return {}
    before, sentences = sessions.before(request), []
    if before.at:
        told = {
            "at": localtime(before.at).strftime("%Y-%m-%d %H:%M"),
            "device": before.device or _("其他程序"),
        }
        sentences.append(_("上次登录：%(at)s，%(device)s。") % told)
    if before.failures:
        sentences.append(
            _("此后登录失败 %(n)s 次；如果不是您本人，请修改密码，并告诉账号管理员。")
            % {"n": before.failures}
        )
    renew_by = session.get(sessions.RENEW)
    if renew_by:
        sentences.append(_("密码用到 %(day)s 就须更换，请提前修改。") % {"day": renew_by})
    for key in (sessions.EARLIER, sessions.RENEW):
        if key in session:
            del session[key]
    return {"sentences": sentences, "warn": bool(before.failures or renew_by)} if sentences else {}

"""The work queue (待办): open duties of the own organisation, earliest due first."""

from collections.abc import Mapping, Sized
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.cases.case_lists import Box
from tongban.cases.procedure import NAME
from tongban.kernel.errors import InvalidInput
from tongban.kernel.models import Duty
from tongban.kernel.time import clock
from tongban.procedures import queues, register
from tongban.procedures.words import OF_SYSTEM
from tongban.signin.actor import SignedInRequest
from tongban.web import desks, htmx
from tongban.web.access import signed_in
from tongban.web.desk import cases as case_tabs
from tongban.web.officer import rows
from tongban.web.typed import whole

PAGE = 30


# What posts do that have no cases to deal with, and where.
ELSEWHERE = (
    (Permission.ACCOUNTS_MANAGE, _("您管理账号和岗位：人员、岗位、替班、窗口和密钥见“账号管理”。")),
    (
        Permission.CATALOGUE_PUBLISH,
        _("您管理事项和协议：用命令 tongban catalogue 发布办事指南，用 tongban agreement 签订协议。"),
    ),
    (
        Permission.PEERS_MANAGE,
        _("您管理与对方县节点的联通：状态见“对方县”，用命令 tongban peer 添加和暂停。"),
    ),
)


@require_safe
@signed_in(kind=ActorKind.STAFF)
def queue(request: SignedInRequest) -> HttpResponse:
    """The open duties of the own organisation. Who supervises, and handles nothing, begins elsewhere."""
    actor, today = request.actor, clock.official_day(clock.now())
    if not actor.may(Permission.CASE_CONTENT) and actor.may(Permission.CASE_SUPERVISE):
        return redirect("web:supervision")
    if not actor.may(Permission.CASE_CONTENT):
        sentences = [sentence for permission, sentence in ELSEWHERE if actor.may(permission)]
        return render(request, "officer/no_desk.html", {"told": sentences, "own": desks.of(actor)})
    asked = {name: request.GET.get(name, "") for name in ("kind", "late", "mine")}
    offered = queues.kinds(of_offices=True)
    entries = _asked_for(actor, asked, offered, place_after(request), today)
    newest = queues.newest(actor)
    mark = htmx.mark(
        today, newest, len(entries), get_language(), [rows.state_of(one) for one in entries[:PAGE]]
    )
    if htmx.is_unchanged(request, mark):
        return HttpResponseNotModified()
    shown = rows.written(entries[:PAGE], actor, today)
    context = {
        "rows": shown, "count": len(entries[:PAGE]), "kinds": list(offered.items()), "asked": asked,
        "next": _next(request, entries), "whole": is_whole(request, entries), "mark": mark, "newest": newest,
    }  # fmt: skip
    told = _news(request, actor) if htmx.POLLING in request.headers else found_of(request, entries)
    if not htmx.wants_part(request):
        context |= {"tabs": case_tabs.tabs_beside(actor, today, get_language() or ""), "box": Box.TODO}
    return htmx.shown(request, "officer/queue.html", "list", context, **told)


def _asked_for(
    actor: Actor,
    asked: Mapping[str, str],
    offered: Mapping[str, str],
    after: queues.Place | None,
    today: date,
) -> list[queues.Entry]:
    """Return a page of what the actor's organisation owes and the post has to do with, and one more if there is more."""
    others = [one.name for one in register.everyone() if one.name != NAME]
    # Nobody delivers by hand, so that duty is shown only when asked for.
    chosen = asked["kind"] in offered
    leaving = queues.leaving_for(actor, *others, everywhere=() if chosen else tuple(sorted(OF_SYSTEM)))
    if not (chosen or asked["late"] or asked["mine"]):
        return queues.held_entries(actor, after, PAGE + 1, leaving=leaving)
    found = leaving.of(queues.held(actor))
    if chosen:
        found = queues.of_code(found, asked["kind"])
    if asked["late"]:
        found = queues.overdue(found, today)
    if asked["mine"]:
        found = found.filter(claimed_by=actor.staff)
    return queues.entries(found, after, PAGE + 1)


def _next(request: HttpRequest, entries: list[queues.Entry]) -> str:
    """Return the query of the page after this one; empty on the last."""
    if len(entries) <= PAGE:
        return ""
    last = dict(zip(queues.COLUMNS, entries[PAGE - 1], strict=True))
    return query_after(request, last["due_on"], last["id"])


def is_whole(request: HttpRequest, found: Sized, size: int = PAGE) -> bool:
    """Return whether what was found, a page and one more if there is more, is all that there is."""
    return len(found) <= size and not request.GET.get("after")


def found_of(request: HttpRequest, found: Sized, size: int = PAGE) -> dict[str, str]:
    """Return what is told with a list that somebody asked for, and that they are led to its next page."""
    count = min(len(found), size)
    if is_whole(request, found, size):
        said = ngettext("共 %(n)s 项。", "共 %(n)s 项。", count) % {"n": count}
    else:
        said = ngettext("本页 %(n)s 项。", "本页 %(n)s 项。", count) % {"n": count}
    return {"said": said, "focus": "#list" if request.GET.get("after") else ""}


def _news(request: HttpRequest, actor: Actor) -> dict[str, str]:
    """Return what is told with a list that comes by itself: the duties that have come since it was drawn."""
    seen = request.headers.get(htmx.POLLING, "")
    last = whole(seen, digits=18)
    if last is None:
        return {}
    come = queues.held(actor).exclude(kind__in=OF_SYSTEM).filter(pk__gt=last).count()
    said = ngettext("新到 %(n)s 项待办。", "新到 %(n)s 项待办。", come) % {"n": come}
    return {"said": said, "kind": "note ok"} if come else {}


def place_after(request: HttpRequest) -> queues.Place | None:
    """
    Return where the page before ended, from the address.

    Raises:
        InvalidInput: nobody was given such an address.
    """
    given = request.GET.get("after", "")
    if not given:
        return None
    day, _, number = given.partition(".")
    last = whole(number, digits=18)
    if last is None:
        raise InvalidInput(gettext("待办列表的翻页位置无效。请回到第一页。"))
    try:
        return queues.Place(date.fromisoformat(day) if day else None, last)
    except ValueError:
        raise InvalidInput(gettext("待办列表的翻页位置无效。请回到第一页。")) from None


def next_page(request: HttpRequest, duties: list[Duty], size: int) -> str:
    """Return the query of the page after this one, with the same filters; empty on the last."""
    return query_after(request, duties[size - 1].due_on, duties[size - 1].pk) if len(duties) > size else ""


def query_after(request: HttpRequest, due_on: date | None, pk: int) -> str:
    """Return the query of the page that begins after a duty, with the same filters."""
    kept = {name: str(value) for name, value in request.GET.items() if name != "after" and value}
    return urlencode({**kept, "after": f"{due_on or ''}.{pk}"})

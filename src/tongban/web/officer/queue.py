"""The work queue (待办): open duties of the own organisation, earliest due first."""

from datetime import date

from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.cases.procedure import NAME
from tongban.cases.words import Role
from tongban.kernel.errors import InvalidInput
from tongban.kernel.models import Duty
from tongban.kernel.time import clock
from tongban.procedures import listing, queues, register
from tongban.procedures.listing import Line
from tongban.procedures.standard import Owed
from tongban.signin.actor import SignedInRequest
from tongban.web import htmx
from tongban.web.access import signed_in
from tongban.web.display import place_name
from tongban.web.staff import names_of
from tongban.web.typed import whole

PAGE = 30


# What posts do that have no cases to deal with, and where.
ELSEWHERE = (
    (
        Permission.ACCOUNTS_MANAGE,
        _(
            "您管理账号和岗位：用命令 tongban office 登记机构、窗口、人员和口令；重置他人的两步登录，见页头“两步登录”。"
        ),
    ),
    (Permission.ARCHIVE_DESTROY, _("您决定材料内容的销毁：到期的办件由档案系统通过接口办理。")),
    (
        Permission.CATALOGUE_PUBLISH,
        _("您管理事项和协议：用命令 tongban catalogue 发布办事指南，用 tongban agreement 签订协议。"),
    ),
    (Permission.PEERS_MANAGE, _("您管理对方节点：状态见“对方节点”，用命令 tongban peer 添加和暂停。")),
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
        return render(request, "officer/no_desk.html", {"told": sentences})
    asked = {name: request.GET.get(name, "") for name in ("kind", "late", "mine")}
    others = [one.name for one in register.everyone() if one.name != NAME]
    found = queues.for_post(queues.held(actor), actor, *others)
    # Nobody delivers by hand, so that duty is shown only when asked for.
    offered = queues.kinds(of_offices=True)
    chosen = asked["kind"] in offered
    found = queues.of_code(found, asked["kind"]) if chosen else found.exclude(kind=Owed.DELIVER)
    if asked["late"]:
        found = queues.overdue(found, today)
    if asked["mine"]:
        found = found.filter(claimed_by=actor.staff)
    duties = queues.page(found, place_after(request), PAGE + 1)
    rows = listing.lines(duties[:PAGE], actor, today)
    newest = _newest(actor)
    mark = htmx.mark(today, newest, len(duties), [_state_of(row) for row in rows])
    if htmx.is_unchanged(request, mark):
        return HttpResponseNotModified()
    context = {
        "rows": [(row, place_name(row.origin), page_of(row, actor)) for row in rows], "kinds": list(offered.items()), "asked": asked,
        "staff": names_of(row.duty.claimed_by for row in rows),
        "today": today, "next": next_page(request, duties, PAGE), "mark": mark, "newest": newest,
        "unopened": sum(row.unopened for row in rows), "late": sum(row.overdue_days > 0 for row in rows),
    }  # fmt: skip
    told = _news(request, actor) if htmx.POLLING in request.headers else found_of(request, len(rows))
    return htmx.shown(request, "officer/queue.html", "list", context, **told)


def found_of(request: HttpRequest, count: int) -> dict[str, str]:
    """Return what is told with a list that somebody asked for, and that they are led to its next page."""
    said = ngettext("本页 %(n)s 项。", "本页 %(n)s 项。", count) % {"n": count}
    return {"said": said, "focus": "#list" if request.GET.get("after") else ""}


def _news(request: HttpRequest, actor: Actor) -> dict[str, str]:
    """Return what is told with a list that comes by itself: the duties that have come since it was drawn."""
    seen = request.headers.get(htmx.POLLING, "")
    last = whole(seen, digits=18)
    if last is None:
        return {}
    come = queues.held(actor).exclude(kind=Owed.DELIVER).filter(pk__gt=last).count()
    said = ngettext("新到 %(n)s 项待办。", "新到 %(n)s 项待办。", come) % {"n": come}
    return {"said": said, "kind": "note ok"} if come else {}


def _state_of(row: Line) -> tuple[object, ...]:
    """Return what of a line may change while it is shown."""
    duty = row.duty
    return duty.pk, row.item, duty.due_on, row.left, duty.first_opened_at, duty.claimed_by


def _newest(actor: Actor) -> int:
    """Return the id of the duty that came last."""
    return queues.held(actor).aggregate(last=Max("pk"))["last"] or 0


def page_of(line: Line, actor: Actor) -> str:
    """Return the page on which the actor deals with a matter: of a case the window's or the department's, of others the desk's."""
    matter = line.matter
    if matter.procedure != NAME:
        return reverse("web:desk-matter", args=[matter.procedure, matter.number])
    intake = line.duty.role == Role.INTAKE
    page = "web:counter-case" if intake and actor.may(Permission.CASE_RECEIVE) else "web:officer-case"
    return reverse(page, args=[matter.number])


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
    if len(duties) <= size:
        return ""
    last = duties[size - 1]
    kept = {name: str(value) for name, value in request.GET.items() if name != "after" and value}
    return urlencode({**kept, "after": f"{last.due_on or ''}.{last.pk}"})

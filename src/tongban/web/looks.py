"""Who looked (谁看过): of one matter, for who supervises it, who audits, and whose it is; and the whole record for auditors."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.kernel.accesses import OK, Kind
from tongban.kernel.journal import numbers
from tongban.procedures import consulting
from tongban.procedures import queries as matters
from tongban.signin import routes
from tongban.signin.actor import SignedInRequest
from tongban.supervision import looks, records
from tongban.supervision.models import Look
from tongban.web import consulted
from tongban.web.access import signed_in
from tongban.web.staff import names_of, places_called
from tongban.web.typed import whole

PAGE = 30
WHATS = (
    ("", gettext_lazy("全部")), (looks.REFUSED, gettext_lazy("被拒绝的")), (looks.EXPORTED, gettext_lazy("导出")),
    (looks.MANAGED, gettext_lazy("运维命令")),
)  # fmt: skip


@require_safe
@signed_in(also=looks.may_ask)
def who_looked(request: SignedInRequest, number: str) -> HttpResponse:
    """Who looked at a matter; applicants are told organisation and post, and no names."""
    actor = request.actor
    found = looks.of_matter(number, actor)
    asked = {name: request.GET.get(name, "") for name in ("day", "post")}
    places = looks.posts_of(found)
    typed, audits = str(numbers.parse(number)), actor.may(Permission.AUDIT_READ)
    told = consulting.audited(typed, actor) if audits else consulting.of(matters.matter(typed, actor), actor)
    context = {
        **_page(request, _filtered(found, asked), actor), "number": typed, "asked": asked,
        "consultations": consulted.lines(told),
        "posts": list(places_called(places).items()), "own": actor.kind is ActorKind.APPLICANT,
    }  # fmt: skip
    return render(request, "web/looks.html", context)


@require_safe
@signed_in(Permission.AUDIT_READ)
def audit(request: SignedInRequest) -> HttpResponse:
    """The record of access of the auditor's reach."""
    asked = {name: request.GET.get(name, "") for name in ("day", "number", "what")}
    found = _filtered(looks.everything(request.actor, asked["what"]), asked)
    context = {**_page(request, found, request.actor), "asked": asked, "whats": WHATS}
    return render(request, "web/audit.html", context)


def _filtered(found: "QuerySet[Look]", asked: dict[str, str]) -> "QuerySet[Look]":
    if asked["day"]:
        try:
            found = looks.on_day(found, date.fromisoformat(asked["day"]))
        except ValueError:
            return found.none()
    if asked.get("post"):
        found = looks.of_post(found, asked["post"])
    if asked.get("number", "").strip():
        # A number that is typed halfway finds nothing, and says so.
        try:
            found = found.filter(matter=str(numbers.parse(asked["number"])))
        except numbers.BadNumber:
            return found.none()
    return found


def _page(request: HttpRequest, found: "QuerySet[Look]", actor: Actor) -> dict[str, Any]:
    """Return a page of looks in words, and what leads to the next."""
    begin = (whole(request.GET.get("page", ""), digits=3) or 0) * PAGE
    rows = list(found[begin : begin + PAGE + 1])
    kept = {name: str(value) for name, value in request.GET.items() if name != "page" and value}
    following = urlencode({**kept, "page": str(begin // PAGE + 1)}) if len(rows) > PAGE else ""
    rows = rows[:PAGE]
    named = actor.kind is not ActorKind.APPLICANT
    staff = names_of(one.who for one in rows if one.kind in (Kind.STAFF, Kind.MACHINE)) if named else {}
    posts = places_called([f"{one.organisation}:{one.post}" for one in rows])
    return {"rows": [_shown(one, staff, posts, named) for one in rows], "next": following}


def _shown(row: Look, staff: dict[str, str], posts: dict[str, str], named: bool) -> dict[str, Any]:
    """Return a look as a line; from which place staff and machines came, but not those whose matter it is."""
    ours = row.kind in (Kind.STAFF, Kind.MACHINE, Kind.OPERATOR, Kind.NODE, "")
    return {
        "row": row, "what": routes.title(row.doing), "ok": row.result == OK, "where": posts[f"{row.organisation}:{row.post}"],
        "who": (staff.get(row.who) or _who(row)) if named else "", "from": records.address(row) if named and ours else "",
    }  # fmt: skip


def _who(row: Look) -> str:
    if row.kind == Kind.APPLICANT:
        return _("申请人")
    if row.kind == Kind.VISITOR:
        return _("凭短信验证码的人")
    return row.who[:20] if row.who else _("不明")

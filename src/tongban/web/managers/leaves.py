"""Leave and who stands in (请假和替班): two weeks ahead, entering, naming a substitute, cancelling."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Permission
from tongban.accounts.models import Leave, Person
from tongban.accounts.people import leaving
from tongban.kernel.errors import InvalidInput, NotFound
from tongban.kernel.time import clock
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.managers import asking
from tongban.web.staff import names_of

SHOWN, WEEKS = 200, timedelta(days=13)
DONE = {
    "enter": gettext_lazy("已登记请假。到第一天，此人认领的事项自动移交替班人；没有替班人的，退回待认领。"),
    "name": gettext_lazy("已指定替班人。"), "cancel": gettext_lazy("已取消请假。已移交的事项不再退回。"),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE)
def leaves(request: SignedInRequest) -> HttpResponse:
    """Who is away in the next two weeks and later, day by day; and the acts."""
    faults: list[tuple[str, str]] = []
    status, today = 200, clock.official_day(clock.now())
    if request.method == "POST":
        answer, faults, status = asking.done(request, ACTS, "act")
        if answer is not None:
            return answer
    seen = Leave.objects.visible_to(request.actor).filter(cancelled_at=None, ends_on__gte=today)
    rows = list(seen.select_related("person", "substitute").order_by("begins_on", "pk")[:SHOWN])
    days = [today + timedelta(days=n) for n in range(WEEKS.days + 1)]
    names = names_of(
        {one.person.pseudonym for one in rows} | {one.substitute.pseudonym for one in rows if one.substitute}
    )
    context: dict[str, Any] = {
        "rows": [(one, [one.begins_on <= day <= one.ends_on for day in days]) for one in rows], "days": days, "today": today,
        "names": names, "faults": faults, "notice": asking.notice(request, DONE), "typed": request.POST,
        "lone": [(one, leaving.substitutes_for(one.person)) for one in rows if not (one.substitute and one.substitute.is_active)],
    }  # fmt: skip
    context |= _whose(request)
    return render(request, "managers/leaves.html", context, status=status)


def _whose(request: SignedInRequest) -> dict[str, Any]:
    """Return whose leave is about to be entered, and who could stand in: chosen on their own page."""
    code = (request.POST.get("person") or request.GET.get("person") or "")[:12]
    found = Person.objects.visible_to(request.actor).filter(pseudonym=code, is_active=True).first()
    return {"person": found, "substitutes": leaving.substitutes_for(found) if found else []}


def _enter(request: SignedInRequest) -> None:
    person = asking.someone(request, request.POST.get("person", "")[:12])
    first = asking.day(request.POST.get("first", ""), _("第一天：请填写日期。"))
    last = asking.day(request.POST.get("last", ""), _("最后一天：请填写日期。"))
    leaving.enter(
        person=person, begins_on=first, ends_on=last, substitute=_substitute(request), note=request.POST.get("note", ""),
        by=request.actor, at=clock.now(),
    )  # fmt: skip


def _name(request: SignedInRequest) -> None:
    found, substitute = _leave(request), _substitute(request)
    if substitute is None:
        raise InvalidInput(_("替班人：请选择一人。"))
    leaving.appoint_substitute(leave=found, substitute=substitute, by=request.actor, at=clock.now())


def _cancel(request: SignedInRequest) -> None:
    leaving.cancel(leave=_leave(request), by=request.actor, at=clock.now())


def _leave(request: SignedInRequest) -> Leave:
    seen = Leave.objects.visible_to(request.actor).select_related("person")
    found = seen.filter(pk=asking.number(request, "number")).first()
    if found is None:
        raise NotFound(_("未作更改：没有这次请假，或不在您的管理范围内。请刷新后再看。"))
    return found


def _substitute(request: SignedInRequest) -> Person | None:
    code = request.POST.get("substitute", "")[:12]
    return asking.someone(request, code) if code else None


ACTS: dict[str, asking.Act] = {"enter": _enter, "name": _name, "cancel": _cancel}

"""Halls and windows, and who sits there today."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tongban.accounts import commands
from tongban.accounts.access.actor import Permission
from tongban.accounts.access.reach import within_reach
from tongban.accounts.models import Hall, Organisation, Window
from tongban.accounts.people import shifts
from tongban.accounts.places import amending
from tongban.accounts.roster import directory
from tongban.kernel.errors import InvalidInput, NotFound
from tongban.kernel.time import clock
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.managers import asking
from tongban.web.staff import names_of

DONE = {
    "phone": gettext_lazy("已保存工作电话。"),
    "hall": gettext_lazy("已添加大厅。"), "window": gettext_lazy("已添加窗口。"), "rename": gettext_lazy("已更名。"),
    "close": gettext_lazy("已停用。"),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE)
def places(request: SignedInRequest) -> HttpResponse:
    """Hall by hall its windows in use, who sits there now; adding, renaming, closing."""
    faults: list[tuple[str, str]] = []
    by, status = request.actor, 200
    if request.method == "POST":
        answer, faults, status = asking.done(request, ACTS, "act")
        if answer is not None:
            return answer
    sitting = {row.window.pk: row.clerks for row in shifts.staffing(for_actor=by, at=clock.now())}
    names = names_of(who for clerks in sitting.values() for who, _since in clerks)
    windows: dict[int, list[tuple[Window, list[tuple[str, object]]]]] = {}
    halls = list(_halls(request).select_related("organisation").order_by("organisation__name", "name"))
    for window in (
        Window.objects.filter(hall__in=halls, closed_at=None).select_related("organisation").order_by("label")
    ):
        clerks = [(names[who], since) for who, since in sitting.get(window.pk, [])]
        windows.setdefault(window.hall_id, []).append((window, list(clerks)))
    context = {
        "halls": [(hall, windows.get(hall.pk, [])) for hall in halls], "bureaux": list(directory.bureaux(by)),
        "rung": [*directory.bureaux(by), *directory.neighbours(by)],
        "faults": faults, "notice": asking.notice(request, DONE), "typed": request.POST,
    }  # fmt: skip
    return render(request, "managers/places.html", context, status=status)


def _halls(request: SignedInRequest) -> QuerySet[Hall]:
    return Hall.objects.filter(
        within_reach(request.actor, "organisation__"), organisation__node="", closed_at=None
    )


def _hall(request: SignedInRequest) -> Hall:
    found = _halls(request).select_related("organisation").filter(pk=asking.number(request, "hall")).first()
    if found is None:
        raise NotFound(_("未作更改：没有这个大厅，或不在您的管理范围内。请刷新后再看。"))
    return found


def _window(request: SignedInRequest) -> Window:
    seen = Window.objects.filter(hall__in=_halls(request)).select_related("hall__organisation")
    found = seen.filter(pk=asking.number(request, "window")).first()
    if found is None:
        raise NotFound(_("未作更改：没有这个窗口，或不在您的管理范围内。请刷新后再看。"))
    return found


def _bureau(request: SignedInRequest) -> Organisation:
    found = directory.bureaux(request.actor).filter(uscc=request.POST.get("org", "")).first()
    if found is None:
        raise InvalidInput(_("单位：请从列表中选择。"))
    return found


def _add_hall(request: SignedInRequest) -> None:
    given = {name: request.POST.get(name, "").strip() for name in ("name", "address", "phone", "open_hours")}
    longest = {"name": 120, "address": 200, "phone": 40, "open_hours": 200}
    if (
        not given["name"]
        or not given["address"]
        or any(len(given[one]) > most for one, most in longest.items())
    ):
        raise InvalidInput(
            _(
                "大厅未添加：名称和地址必填；名称至多 120 个字，地址和办公时间至多 200 个字，电话至多 40 个字。"
            )
        )
    commands.add_hall(organisation=_bureau(request), **given, by=request.actor, at=clock.now())


def _add_window(request: SignedInRequest) -> None:
    label = request.POST.get("label", "").strip()
    if not 0 < len(label) <= 60:
        raise InvalidInput(_("窗口未添加：请填写窗口名称，至多 60 个字。"))
    commands.add_window(
        hall=_hall(request), label=label, organisation=_bureau(request), by=request.actor, at=clock.now(),
        is_cross_province=request.POST.get("cross") == "1",
    )  # fmt: skip


def _rename(request: SignedInRequest) -> None:
    name = request.POST.get("name", "")
    if "window" in request.POST:
        amending.rename_window(window=_window(request), label=name, by=request.actor, at=clock.now())
    else:
        amending.rename_hall(hall=_hall(request), name=name, by=request.actor, at=clock.now())


def _close(request: SignedInRequest) -> None:
    if "window" in request.POST:
        amending.close_window(window=_window(request), by=request.actor, at=clock.now())
    else:
        amending.close_hall(hall=_hall(request), by=request.actor, at=clock.now())


def _phone(request: SignedInRequest) -> None:
    wanted = request.POST.get("org", "")
    known = [*directory.bureaux(request.actor), *directory.neighbours(request.actor)]
    bureau = next((one for one in known if one.uscc == wanted), None)
    if bureau is None:
        raise NotFound(_("没有这个单位，或不在您的管理范围内。请刷新后再看。"))
    amending.set_phone(
        organisation=bureau, phone=request.POST.get("phone", ""), by=request.actor, at=clock.now()
    )


ACTS: dict[str, asking.Act] = {
    "phone": _phone,
    "hall": _add_hall,
    "window": _add_window,
    "rename": _rename,
    "close": _close,
}

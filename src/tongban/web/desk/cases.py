"""The lists of cases at a desk: tabs with counts, filters in one line, saved views, and the way out as a table."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.places.models import Division
from tongban.cases import case_lists, saved_views
from tongban.cases.case_lists import BOXES, Asked, Box
from tongban.catalogue.models import Offering
from tongban.kernel import memo
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.procedures.listing import known_names
from tongban.signin.actor import SignedInRequest
from tongban.web import paging
from tongban.web.access import signed_in
from tongban.web.desk import case_rows
from tongban.web.english import told
from tongban.web.typed import whole

PAGE = 30
MOST = 1000  # what a count is counted to


@require_safe
@signed_in(Permission.CASE_CONTENT, kind=ActorKind.STAFF)
def cases(request: SignedInRequest) -> HttpResponse:
    """The cases of the own organisation, list by list."""
    return _page(request)


@require_POST
@signed_in(Permission.CASE_CONTENT, kind=ActorKind.STAFF)
def keep_view(request: SignedInRequest) -> HttpResponse:
    """Keep the filters of this list under a name, or delete a saved view."""
    given = {name: str(value) for name, value in request.POST.items()}
    back = {"box": given.get("box", ""), **case_lists.asked(given).to_dict()}
    try:
        if "remove" in given:
            saved_views.remove(view=whole(given["remove"], digits=18) or 0, by=request.actor)
        else:
            saved_views.keep(name=given.get("name", ""), given=given, by=request.actor)
    except DomainError as refusal:
        return _page(request, given, faults=[("name", told(refusal))], status=refusal.status)
    return redirect(
        f"{reverse('web:case-list')}?{urlencode({name: one for name, one in back.items() if one})}"
    )


def box_of(given: Any) -> Box:
    """Return the list that an address asks for; what is under way where it names none."""
    box = given.get("box", "")
    return Box(box) if box in set(Box) else Box.DOING


def tabs(by: Actor, today: date, wanted: Asked = Asked()) -> list[tuple[Box, str, str]]:  # noqa: B008 - frozen
    """Return the lists with their names and counts; 1000+ where there may be more than are counted."""
    found = []
    for box, name in BOXES.items():
        count, more = case_lists.listed(box, wanted, by=by, today=today).count(MOST)
        found.append((box, _(name), f"{count}+" if more else str(count)))
    return found


@memo.for_a_moment
def tabs_beside(by: Actor, today: date, language: str) -> list[tuple[Box, str, str]]:
    """Return the lists as `tabs`, as they were a moment ago: for the queue, at which people look all day."""
    return tabs(by, today)


def _page(
    request: SignedInRequest, given: Any = None, *, faults: list[tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    given = request.GET if given is None else given
    by, today = request.actor, clock.official_day(clock.now())
    box, wanted = box_of(given), case_lists.asked(given)
    found, last = case_lists.listed(box, wanted, by=by, today=today).page(
        paging.read(given.get("after", "")), PAGE
    )
    kept = {"box": str(box), **wanted.to_dict()}
    context = {
        "box": box, "tabs": tabs(by, today, wanted), "asked": wanted, "filtered": bool(wanted.to_dict()), "kept": kept,
        "filters": urlencode(wanted.to_dict()), "query": urlencode(kept), "rows": case_rows.rows(found, by, today),
        "next": urlencode({**kept, "after": paging.written(last)}) if last else "", "faults": faults or [],
        "views": [(one, one.query == urlencode(kept)) for one in saved_views.of(by)], "name": given.get("name", "") if faults else "",
        **_choices(by),
    }  # fmt: skip
    return render(request, "desk/cases.html", context, status=status)


def _choices(by: Actor) -> dict[str, Any]:
    """Return what each filter can be set to."""
    window = by.may(Permission.CASE_RECEIVE)
    return {
        "items": list(_items().items()), "days": list(case_lists.DAYS.items()), "dues": list(case_lists.DUES.items()),
        "holders": list(case_lists.HOLDERS.items()), "origins": list(_counties().items()),
        "bureaus": list(_bureaus().items()) if window else [],
    }  # fmt: skip


@memo.for_a_moment
def _items() -> dict[str, str]:
    return case_lists.items()


@memo.for_a_moment
def _counties() -> dict[str, str]:
    """Return the counties with which this node has to do: those whose items it knows."""
    codes = Offering.objects.order_by().values("division")
    return dict(
        Division.objects.filter(code__in=codes, valid_to=None).order_by("code").values_list("code", "name")
    )


@memo.for_a_moment
def _bureaus() -> dict[str, str]:
    usccs = set(Offering.objects.order_by().values_list("organisation", flat=True).distinct())
    return dict(sorted(known_names(usccs).items(), key=lambda one: one[1]))

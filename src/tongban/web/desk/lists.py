"""A procedure's lists: 待办 (owed here), 在办 (owed by others), 办过 (dealt with here), 全部; with counts, filters and pages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel.journal import numbers
from tongban.kernel.models import Duty
from tongban.kernel.time import clock
from tongban.procedures import listing, queues
from tongban.procedures.models import Matter, MatterQuerySet
from tongban.procedures.newest import Newest
from tongban.procedures.words import OF_SYSTEM
from tongban.signin.actor import SignedInRequest
from tongban.web import designs, paging
from tongban.web.access import signed_in
from tongban.web.designs import design_for
from tongban.web.designs.design import Design
from tongban.web.display import place_name

PAGE = 30
BOXES = (
    ("todo", gettext_lazy("待办")), ("doing", gettext_lazy("在办")), ("done", gettext_lazy("办过")),
    ("all", gettext_lazy("全部")),
)  # fmt: skip
MOST = 1000  # what a count is counted to


@require_safe
@signed_in(also=designs.anybody_with_a_desk)
def matters_of(request: SignedInRequest, procedure: str) -> HttpResponse:
    """The matters of a procedure that somebody may see, box by box."""
    design, actor = design_for(procedure, request.actor), request.actor
    asked = {name: request.GET.get(name, "") for name in ("box", "phase", "number")}
    box = asked["box"] if asked["box"] in dict(BOXES) else _first(design, actor)
    boxes = {code: _in_box(design, actor, code, asked) for code, _ in BOXES}
    rows, following = _page(request, boxes[box])
    context = {
        "design": design, "boxes": [(code, name, *boxes[code].count(MOST)) for code, name in BOXES], "box": box,
        "asked": asked, "next": following, "phases": list(design.of.phases.items()),
        "rows": _rows(rows, actor), "today": clock.official_day(clock.now()),
        "may_open": design.opening is not None and design.opening.lets(actor),
    }  # fmt: skip
    return render(request, "desk/list.html", context)


def _first(design: Design, actor: Actor) -> str:
    """Whoever owes something begins with that, everybody else with what is under way."""
    for box in ("todo", "doing"):
        rows, last = _in_box(design, actor, box, {}).page(None, 1)
        if rows or last:
            return box
    return "all"


def _in_box(design: Design, actor: Actor, box: str, asked: Mapping[str, str]) -> Newest[Matter]:
    number = _number(asked)
    found, owed = _filtered(asked, number), _owed(actor, design.procedure)
    whole = Newest(found, actor, design.procedure, number=number or "")
    match box:
        case "todo":
            return replace(whole, among=owed)
        case "doing":
            open_ = Duty.objects.filter(closed_at=None).exclude(kind__in=OF_SYSTEM)
            return replace(whole, found=found.in_progress().filter(_has(open_)), live=True, but=owed)
        case "done" if actor.kind is ActorKind.STAFF:
            ours = Duty.objects.filter(organisation=actor.organisation, closed_at__isnull=False)
            return replace(whole, found=found.filter(_has(ours.exclude(kind__in=OF_SYSTEM))), but=owed)
        case "done":
            return replace(whole, found=found.filter(live=False))
    return whole


def _has(duties: QuerySet[Duty]) -> Exists:
    return Exists(duties.filter(subject=OuterRef("number")))


def _owed(actor: Actor, *procedures: str) -> QuerySet[Duty]:
    """Return what the actor's post owes in these procedures."""
    held = queues.held(actor).filter(procedure__in=procedures).exclude(kind__in=OF_SYSTEM)
    return queues.leaving_for(actor, *procedures).of(held)


def _number(asked: Mapping[str, str]) -> str | None:
    """Return the number that is looked for; "" where none is, None where it is typed halfway."""
    typed = asked.get("number", "").strip()
    try:
        return str(numbers.parse(typed)) if typed else ""
    except numbers.BadNumber:
        return None


def _filtered(asked: Mapping[str, str], number: str | None) -> MatterQuerySet[Matter]:
    found = Matter.objects.defer("state")
    if asked.get("phase"):
        found = found.filter(phase=asked["phase"])
    if number is None:
        return found.none()  # finds nothing, and says so
    return found.filter(Q(number=number) | Q(about=number)) if number else found


def _page(request: HttpRequest, found: Newest[Matter]) -> tuple[list[Matter], str]:
    rows, last = found.page(paging.read(request.GET.get("after", "")), PAGE)
    if last is None:
        return rows, ""
    kept = {name: str(value) for name, value in request.GET.items() if name != "after" and value}
    return rows, urlencode({**kept, "after": paging.written(last)})


def _rows(rows: list[Matter], actor: Actor) -> list[dict[str, Any]]:
    items, duties = listing.items_of(rows), {}
    owed = _owed(actor, *{row.procedure for row in rows})
    for duty in owed.filter(subject__in=[row.number for row in rows]).order_by("-due_on", "-id"):
        duties[duty.subject] = duty  # the earliest due comes last, and stays
    return [
        {
            "matter": row, "item": items[row.number], "from": place_name(row.number[:6]), "duty": duties.get(row.number),
            "owed": row.title_of_duty(duties[row.number].kind) if row.number in duties else "",
        }
        for row in rows
    ]  # fmt: skip

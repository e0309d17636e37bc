"""A procedure's lists: 待办 (what the own organisation owes), 在办, 办过 (ended), 全部; with counts, filters and pages."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Actor
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.procedures import listing, queues
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.signin.actor import SignedInRequest
from tongban.web import designs
from tongban.web.access import signed_in
from tongban.web.designs import design_for
from tongban.web.designs.design import Design
from tongban.web.display import place_name

PAGE = 30
BOXES = (
    ("todo", gettext_lazy("待办")), ("doing", gettext_lazy("在办")), ("done", gettext_lazy("办结")),
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
    found = _filtered(_in_box(design, actor, box), asked)
    rows, following = _page(request, found)
    context = {
        "design": design, "boxes": [(code, name, _count(design, actor, code)) for code, name in BOXES], "box": box,
        "asked": asked, "next": following, "phases": list(design.of.phases.items()),
        "rows": _rows(rows, actor), "today": clock.official_day(clock.now()),
        "may_open": design.opening is not None and design.opening.lets(actor), "most": MOST,
    }  # fmt: skip
    return render(request, "desk/list.html", context)


def _first(design: Design, actor: Actor) -> str:
    """Whoever owes something begins with that, everybody else with what is under way."""
    return "todo" if _in_box(design, actor, "todo").exists() else "doing"


def _in_box(design: Design, actor: Actor, box: str) -> QuerySet[Matter]:
    found = matters.matters(actor, design.procedure)
    match box:
        case "todo":
            return found.filter(number__in=_owed(design, actor).values("subject"))
        case "doing":
            return found.filter(live=True)
        case "done":
            return found.filter(live=False)
    return found


def _owed(design: Design, actor: Actor) -> QuerySet[Any]:
    return queues.held(actor).filter(procedure=design.procedure).exclude(kind="deliver")


def _count(design: Design, actor: Actor, box: str) -> int:
    return _in_box(design, actor, box).order_by()[: MOST + 1].count()


def _filtered(found: QuerySet[Matter], asked: dict[str, str]) -> QuerySet[Matter]:
    if asked["phase"]:
        found = found.filter(phase=asked["phase"])
    if asked["number"].strip():
        # A number that is typed halfway finds nothing, and says so.
        try:
            number = str(numbers.parse(asked["number"]))
        except numbers.BadNumber:
            return found.none()
        found = found.filter(Q(number=number) | Q(about=number))
    return found


def _page(request: HttpRequest, found: QuerySet[Matter]) -> tuple[list[Matter], str]:
    start = request.GET.get("page", "")
    begin = int(start) * PAGE if start.isdigit() and len(start) < 4 else 0
    rows = list(found.defer("state")[begin : begin + PAGE + 1])
    if len(rows) <= PAGE:
        return rows, ""
    kept = {name: str(value) for name, value in request.GET.items() if name != "page" and value}
    return rows[:PAGE], urlencode({**kept, "page": str(begin // PAGE + 1)})


def _rows(rows: list[Matter], actor: Actor) -> list[dict[str, Any]]:
    items, duties = listing.items_of(rows), {}
    for duty in (
        queues.held(actor).filter(subject__in=[row.number for row in rows]).order_by("-due_on", "-id")
    ):
        duties[duty.subject] = duty  # the earliest due comes last, and stays
    return [
        {
            "matter": row, "item": items[row.number], "from": place_name(row.number[:6]), "duty": duties.get(row.number),
            "owed": row.title_of_duty(duties[row.number].kind) if row.number in duties else "",
        }
        for row in rows
    ]  # fmt: skip

"""
Doing an act at the desk: one page for each, made from the rows in `forms`.

Two officers at once: who comes second is told what happened meanwhile, keeps what was typed, and decides again.
"""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Permission
from tongban.cases import commands, queries, reading, results, steps
from tongban.cases.bases import basis_of
from tongban.cases.models import Case
from tongban.cases.procedure import RULES
from tongban.cases.words import Act, Duty
from tongban.catalogue import guides
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.time import clock
from tongban.procedures import possible
from tongban.procedures import queries as matters
from tongban.procedures.queries import Entry
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.english import told
from tongban.web.officer import forms
from tongban.web.officer.cases import heading, keep_claim
from tongban.web.officer.forms import FORMS, Filled
from tongban.web.staff import named
from tongban.web.twice import HARMLESS, done_already, seen_version
from tongban.web.unfinished import taken_up


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_CONTENT)
def act(request: SignedInRequest, number: str, act: str) -> HttpResponse:
    """Show the form of an act, or do it."""
    wanted, case = _act(act), queries.case(number, request.actor)
    if request.method != "POST":
        typed = taken_up(request)
        if typed is None:
            return _form(request, case, wanted, QueryDict())
        return _form(
            request, case, wanted, typed.data, news=_since(case, request, typed.data), notice=typed.notice
        )
    filled = forms.read(wanted, request.POST, request.FILES, _materials(case, request))
    if done_already(case, wanted, request.actor, request.POST.get("version", ""), filled.texts):
        return redirect(f"{reverse('web:officer-case', args=[case.number])}?done={wanted}")
    news = _since(case, request, request.POST)
    status = 422
    if not news and not filled.faults:
        try:
            _do(request, case, wanted, filled)
            return redirect(f"{reverse('web:officer-case', args=[case.number])}?done={wanted}")
        except DomainError as refusal:
            filled.faults, status = [("act", told(refusal))], refusal.status
            case = queries.case(number, request.actor)
            news = _since(case, request, request.POST)
    if news:
        return _form(request, case, wanted, request.POST, news=news, status=409)
    return _form(request, case, wanted, request.POST, faults=filled.faults, status=status)


def _act(name: str) -> Act:
    if name not in set(FORMS):
        raise NotFound(_("没有这种操作。请回到办件页面选择可办理的操作。"))
    return Act(name)


def _do(request: SignedInRequest, case: Case, act: Act, filled: Filled) -> None:
    by, at = request.actor, clock.now()
    if act == Act.SEND_RESULT:
        file = (filled.file.name or "", filled.file.read()) if filled.file else None
        results.send(
            case=case, way=filled.given["way"], text=filled.texts["result"], file=file, by=by, at=at,
            version=case.version,
        )  # fmt: skip
        return
    given = {**filled.given, "step": _next_step(case)["code"]} if act == Act.REVIEW else filled.given
    claimed = {name: duty["claimed"] for name, duty in case.state["duties"].items() if duty["claimed"]}
    mine = [name for name, staff in claimed.items() if matters.called(case.number, staff) == by.staff]
    done = commands.act(
        case=case, act=act, by=by, at=at, given=given, texts=filled.texts, version=case.version
    )
    if mine:
        keep_claim(done, by)


def _since(case: Case, request: SignedInRequest, typed: QueryDict) -> list[Entry]:
    """Return what happened after the version that the officer looked at, unless it changes nothing for them."""
    seen = seen_version(typed.get("version", ""))
    news = matters.timeline(case, request.actor)[seen:] if seen < case.version else []
    return named(news) if any(entry.act not in HARMLESS for entry in news) else []


def _next_step(case: Case) -> dict[str, Any]:
    """Return the review step that comes next by the guide."""
    guide = queries.guide_of(case)
    steps = guide["review_steps"] if guide else []
    done = len(case.facts.get("reviewed", []))
    return dict(steps[min(done, len(steps) - 1)]) if steps else {"code": "", "name": ""}


def _materials(case: Case, request: SignedInRequest) -> list[dict[str, Any]]:
    """Return the materials that the guide asks of this applicant."""
    guide, form = queries.guide_of(case), reading.read(case, request.actor).form
    return guides.materials_for(dict(guide), dict(form or {})) if guide else []


def _form(
    request: SignedInRequest, case: Case, act: Act, typed: QueryDict, *, news: list[Entry] | None = None,
    faults: list[tuple[str, str]] | None = None, status: int = 200, notice: str = "",
) -> HttpResponse:  # fmt: skip
    able = [one for one, _ in possible.possible_acts(case, request.actor, clock.now())]
    head = heading(case, request.actor)
    context = {
        **head, "act": act, "title": RULES[act].title, "basis": basis_of(RULES[act].basis, head["guide"]),
        "form": FORMS[act], "fields": forms.shown(act, typed, _materials(case, request), dict(faults or [])), "able": act in able,
        "faults": faults or [], "news": news or [], "notice": notice, "notice_kind": "warn", "now": case.phase_name,
        "step": steps.of_case(head["guide"], case.facts) if act == Act.REVIEW else None,
        "urged": [d for d in case.state["duties"].values() if d["kind"] == Duty.HEED_URGING],
    }  # fmt: skip
    return render(request, "officer/act.html", context, status=status)

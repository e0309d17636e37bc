"""Taking in on one page: who it is, what the card cannot tell, see and scan; then everything up to the pushing in one press."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tongban.accounts.access.actor import Actor, Permission
from tongban.cases import checklist, commands, sitting
from tongban.cases.checklist import Answer, Kind
from tongban.cases.words import Act, Mode
from tongban.catalogue import forms as judge
from tongban.catalogue import queries as catalogue
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.materials import arranging
from tongban.materials import commands as materials
from tongban.materials import queries as material_queries
from tongban.materials.models import Draft
from tongban.web import formprint, forms
from tongban.web.access import signed_in
from tongban.web.counter import cards, case, checks, helping, identity, scans, sheet
from tongban.web.counter.request import actor_of
from tongban.web.counter.sheet import Faults, Sheet
from tongban.web.english import told
from tongban.web.unfinished import taken_up

SCAN = "scan"  # what was ticked of the scanner's folder
PRINT = "print"  # what is filled in so far, on paper, to be signed
TAKE, PUSH = "take", "push"  # receive only; and all that follows, in one sitting
FINISHES: Final = (TAKE, PUSH, helping.CODE, helping.HELP)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_FILE)
def draft(request: HttpRequest, number: str) -> HttpResponse:
    """The one page on which a case is taken in."""
    by = actor_of(request)
    found = material_queries.draft(str(numbers.parse(number)), by)
    if found.filed:
        return redirect("web:counter-case", number=found.number)
    guide = catalogue.current_guide(found.offering).body
    if request.method != "POST":
        return _shown(request, found, guide)
    return _posted(request, found, guide, by)


@require_safe
@signed_in(Permission.CASE_FILE)
def thumbnail(request: HttpRequest, number: str, digest: str) -> HttpResponse:
    """A small picture of a page of a draft."""
    found = material_queries.draft(str(numbers.parse(number)), actor_of(request))
    response = HttpResponse(arranging.thumbnail(found.number, digest), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _shown(request: HttpRequest, found: Draft, guide: dict[str, Any]) -> HttpResponse:
    typed = taken_up(request)
    if typed is None:
        form = material_queries.form_of(found.number)
        return sheet.page(request, Sheet(found, guide, form, checks.kept(request, found.number)))
    form = forms.typed(guide["form"], typed.data, guide["form"]["x-order"])
    checked = checks.typed(typed.data, checklist.compiled(guide, form))
    again = Sheet(found, guide, form, checked, typed=typed.data, notice=typed.notice, notice_kind="warn")
    return sheet.page(request, again)


def _posted(request: HttpRequest, found: Draft, guide: dict[str, Any], by: Actor) -> HttpResponse:
    at, number, schema, do = clock.now(), found.number, guide["form"], request.POST.get("do", "")
    data, faults = _with_cards(request.POST, schema)
    form = forms.completed(schema, forms.typed(schema, data, schema["x-order"]))
    found = materials.save_form(number=number, instance=form, by=by, at=at)
    asked = checklist.compiled(guide, form)
    checked = checks.typed(data, asked)
    checks.keep(request, number, checked)
    if request.POST.get("drop"):
        materials.remove_material(number=number, digest=request.POST["drop"], by=by, at=at)
    if request.POST.get("turn"):
        arranging.turn(number=number, digest=request.POST["turn"], by=by, at=at, guide=guide)
    if request.POST.get("forward"):
        arranging.move_forward(number=number, digest=request.POST["forward"], by=by)
    refused, hints = _uploads(request, number, guide, by)
    if do == SCAN:
        faults += scans.taken(request, number, guide, by)
    faults += refused
    now = Sheet(found, guide, form, checked, typed=data, faults=faults, hints=hints)
    if do == PRINT and not faults:
        return formprint.filled(guide, judge.cleaned(schema, form), number=number, at=at)
    if do not in FINISHES or faults:
        return sheet.page(request, replace(now, notice="" if faults else _("已保存。")))
    # Whoever presses has told the applicant, and let them check: it stands beside the button.
    answers = {one.code: Answer.OK for one in asked if one.kind is Kind.ATTEST}
    now = _judged(replace(now, checked=replace(checked, answers={**checked.answers, **answers})), asked)
    seen, unseen = identity.typed(data, form)
    now.faults.extend(unseen if do in (PUSH, helping.HELP) else ())
    if now.faults:
        return sheet.page(request, now)
    if do == helping.CODE:
        return helping.sent(request, now, by)
    if do == helping.HELP:
        return helping.filed(request, now, seen, by)
    return _pushed(request, now, seen, by) if do == PUSH else _taken(request, now, by)


def _with_cards(data: QueryDict, schema: Mapping[str, Any]) -> tuple[QueryDict, Faults]:
    """Return what was typed, with what a reader's line fills in where no script did."""
    known = cards.readers(schema)
    answers, faults = cards.filled(data.dict(), known)  # type: ignore[arg-type]
    found = data.copy()
    for name, value in {**answers, **dict.fromkeys((one.name for one in known), "")}.items():
        found[name] = value
    return found, faults


def _judged(now: Sheet, asked: list[checklist.Check]) -> Sheet:
    """Return the page with everything that is wrong with form, checks and files."""
    wrong = judge.judge(now.guide["form"], now.form, on=clock.official_day(clock.now()))
    faults, number = forms.summary(now.guide["form"], wrong), now.draft.number
    held = set(material_queries.materials_of(number).values_list("code", flat=True))
    try:
        checklist.demand_complete(asked, now.checked, held, number=number)
    except checklist.ChecksIncomplete as incomplete:
        faults += [(f"check-{code}", sentence) for code, sentence in incomplete.faults]
    if material_queries.held_of(number).exists():
        faults.append(("part-see", _("有材料待查毒，暂不能提交。请几分钟后再试。")))
    return replace(now, wrong=wrong, faults=faults)


def _taken(request: HttpRequest, now: Sheet, by: Actor) -> HttpResponse:
    """File and receive; what follows is done on the page of the case."""
    number = now.draft.number
    commands.file(number=number, mode=Mode.PROXY_INTAKE, by=by, at=clock.now())
    checks.forget(request, number)
    texts = {checklist.LABEL: now.checked.to_text()}
    commands.act(case=number, act=Act.RECEIVE, by=by, at=clock.now(), texts=texts)
    return redirect(f"{reverse('web:counter-case', args=[number])}?done={Act.RECEIVE}")


def _pushed(request: HttpRequest, now: Sheet, seen: sitting.Seen, by: Actor) -> HttpResponse:
    """Do all that one sitting does; where an act is refused, show the case at the step from which it goes on."""
    number = now.draft.number
    came = sitting.take_in(number=number, checked=now.checked, seen=seen, by=by, at=clock.now())
    checks.forget(request, number)
    if came.refusal is not None and came.stopped is not None:
        return case.stopped(request, came.case, by, came.done, came.stopped, came.refusal)
    return redirect(f"{reverse('web:counter-case', args=[number])}?done={came.done[-1]}")


def _uploads(
    request: HttpRequest, number: str, guide: Mapping[str, Any], by: Actor
) -> tuple[Faults, dict[str, list[str]]]:
    """Keep every file that came along; what is refused is told beside its material, the rest stays."""
    faults: Faults = []
    hints: dict[str, list[str]] = {}
    for material in guide["materials"]:
        code = material["code"]
        for file in request.FILES.getlist(f"file-{code}"):
            try:
                added = materials.add_material(
                    number=number, code=code, name=file.name or "", data=file.read(), by=by, at=clock.now(), guide=guide,
                )  # fmt: skip
            except DomainError as refusal:
                faults.append((f"check-see-{code}", told(refusal)))
                continue
            hints.setdefault(code, []).extend([added.hints] if added.hints else [])
    return faults, hints

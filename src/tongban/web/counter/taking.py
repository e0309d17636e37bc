"""Taking in on one page: ask, fill in, see and scan, attest; then file and receive in one press."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Actor, Permission
from tongban.cases import checklist, commands
from tongban.cases.words import Act, Mode
from tongban.catalogue import forms as judge
from tongban.catalogue import queries as catalogue
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.materials import commands as materials
from tongban.materials import queries as material_queries
from tongban.materials import retention
from tongban.materials.models import Draft
from tongban.web import forms
from tongban.web.access import signed_in
from tongban.web.counter import checks
from tongban.web.counter.request import actor_of
from tongban.web.display import place_name
from tongban.web.english import told
from tongban.web.unfinished import taken_up

PAGE = "counter/draft.html"
Faults = list[tuple[str, str]]


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


def _shown(request: HttpRequest, found: Draft, guide: dict[str, Any]) -> HttpResponse:
    typed = taken_up(request)
    if typed is None:
        form = material_queries.form_of(found.number)
        return _page(request, found, guide, form, checks.kept(request, found.number))
    form = forms.typed(guide["form"], typed.data, guide["form"]["x-order"])
    checked = checks.typed(typed.data, checklist.compiled(guide, form))
    return _page(request, found, guide, form, checked, notice=typed.notice, notice_kind="warn")


def _posted(request: HttpRequest, found: Draft, guide: dict[str, Any], by: Actor) -> HttpResponse:
    at, number = clock.now(), found.number
    form = forms.typed(guide["form"], request.POST, guide["form"]["x-order"])
    found = materials.save_form(number=number, instance=form, by=by, at=at)
    asked = checklist.compiled(guide, form)
    checked = checks.typed(request.POST, asked)
    checks.keep(request, number, checked)
    if request.POST.get("drop"):
        materials.remove_material(number=number, digest=request.POST["drop"], by=by, at=at)
    faults, hints = _uploads(request, number, guide, by)
    if request.POST.get("do") != "take" or faults:
        notice = "" if faults else _("已保存。")
        return _page(request, found, guide, form, checked, faults=faults, hints=hints, notice=notice)
    wrong = judge.judge(guide["form"], form, on=clock.official_day(at))
    faults = forms.summary(guide["form"], wrong)
    held = set(material_queries.materials_of(number).values_list("code", flat=True))
    said: dict[str, str] = {}
    try:
        checklist.demand_complete(asked, checked, held, number=number)
    except checklist.ChecksIncomplete as incomplete:
        said = dict(incomplete.faults)
        faults += [(f"check-{code}", sentence) for code, sentence in incomplete.faults]
    if material_queries.held_of(number).exists():
        faults.append(("part-see", _("有材料待查毒，暂不能提交。请几分钟后再试。")))
    if faults:
        return _page(request, found, guide, form, checked, faults=faults, wrong=wrong, said=said, hints=hints)
    commands.file(number=number, mode=Mode.PROXY_INTAKE, by=by, at=at)
    checks.forget(request, number)
    texts = {checklist.LABEL: checked.to_text()}
    commands.act(case=number, act=Act.RECEIVE, by=by, at=clock.now(), texts=texts)
    return redirect(f"{reverse('web:counter-case', args=[number])}?done={Act.RECEIVE}")


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
                    number=number,
                    code=code,
                    name=file.name or "",
                    data=file.read(),
                    by=by,
                    at=clock.now(),
                    guide=guide,
                )
            except DomainError as refusal:
                faults.append((f"check-see-{code}", told(refusal)))
                continue
            hints.setdefault(code, []).extend([added.hints] if added.hints else [])
    return faults, hints


def _page(
    request: HttpRequest, found: Draft, guide: Mapping[str, Any], form: dict[str, Any], checked: checklist.Checked,
    *, faults: Faults | None = None, wrong: list[judge.Fault] | None = None, said: Mapping[str, str] | None = None,
    hints: Mapping[str, list[str]] | None = None, notice: str = "", notice_kind: str = "ok",
) -> HttpResponse:  # fmt: skip
    schema = guide["form"]
    refused = {anchor.removeprefix("check-"): sentence for anchor, sentence in faults or ()}
    asked = checklist.compiled(guide, form)
    files = list(material_queries.materials_of(found.number))
    told = dict(hints or {})
    # A newer file takes the place of the one that was found infected.
    for code in {one.code for one in material_queries.refused_of(found.number)} - {one.code for one in files}:
        told[code] = [*told.get(code, []), _("先前的扫描件查出病毒，已经删除，请检查设备后重新扫描")]
    context = {
        "draft": found, "guide": guide, "there": place_name(guide["division"]),
        "here": place_name(settings.NODE.division), "faults": faults, "notice": notice,
        "notice_kind": notice_kind, "controls": forms.draw(schema, form, schema["x-order"], wrong or ()),
        "lines": checks.lines(
            asked, checked, faults={**refused, **(said or {})}, hints=told,
            files=files,
            accept={m["code"]: ",".join(m["accept"]) for m in guide["materials"]},
        ),
        "offered": Mode.PROXY_INTAKE in guide["modes"],
        "ends": retention.told_of(found.changed_at, clock.official_day(clock.now())),
    }  # fmt: skip
    return render(request, PAGE, context, status=422 if faults else 200)

"""Filling in a draft's form, one step a page. Every step is kept before it is judged."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.cases import filers
from tongban.catalogue import forms as judge
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.time import clock
from tongban.materials import commands as materials
from tongban.signin.actor import SignedInRequest
from tongban.web import forms, htmx
from tongban.web.applicant.drafts import Work, applicants_only, step_url, work_on
from tongban.web.english import told
from tongban.web.unfinished import taken_up

PAGE = "applicant/step.html"


@applicants_only
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: SignedInRequest, number: str, step: int) -> HttpResponse:
    """Fill in one step."""
    work = work_on(request, number)
    if work.draft.filed:
        return redirect("web:my-case", number=work.number)
    if not 1 <= step <= len(work.steps):
        raise NotFound(_("申请表没有这一步。请从“我的办件”继续填写。"))
    names = work.steps[step - 1]["fields"]
    if request.method == "POST":
        return _take(request, work, step, names)
    found = taken_up(request)
    if found is None:
        # What the account has proved need not be typed; it is kept only once it is sent.
        own = {} if work.draft.form else filers.own_answers(work.schema, request.actor)
        return _page(request, work, step, names, own | work.instance)
    typed = _with(work, found.data, names)
    return _page(request, work, step, names, typed, notice=found.notice, notice_kind="warn")


def _take(request: SignedInRequest, work: Work, step: int, names: list[str]) -> HttpResponse:
    instance = _with(work, request.POST, names)
    if "keep" in request.POST and htmx.wants_part(request):
        return _kept(request, work, instance)
    try:
        draft = materials.save_form(number=work.number, instance=instance, by=request.actor, at=clock.now())
    except DomainError as refusal:
        if htmx.wants_part(request):
            raise
        said = [(forms.field_id((names[0],)), told(refusal))]
        return _page(request, work, step, names, instance, summary=said, status=refusal.status)
    work = replace(work, draft=draft)
    changed = request.POST.get("add") or request.POST.get("remove", "").rpartition("-")[0]
    if changed and htmx.wants_part(request):
        focus = f"#{forms.last_row(instance, changed) if 'add' in request.POST else f'f-{changed}'}"
        return _page(request, work, step, names, instance, focus=focus)
    if changed:
        return redirect(f"{step_url(work.number, step)}#f-{changed}")
    if "leave" in request.POST:
        return redirect(f"{reverse('web:my-cases')}?done=kept")
    found = judge.judge(work.schema, instance, on=clock.official_day(clock.now()))
    faults = [fault for fault in found if fault.path and fault.path[0] in names]
    if faults:
        summary = forms.summary(work.schema, faults)
        return _page(request, work, step, names, instance, faults, summary=summary, status=422)
    if step < len(work.steps):
        return redirect(step_url(work.number, step + 1))
    return redirect("web:draft-materials", number=work.number)


def _kept(request: SignedInRequest, work: Work, instance: dict[str, Any]) -> HttpResponse:
    """Keep what is being typed, without a word of who types; so never over what was kept elsewhere."""
    at = clock.now()
    draft = materials.save_form(
        number=work.number, instance=instance, by=request.actor, at=at, instead_of=request.POST.get("seen", "")
    )  # fmt: skip
    response = render(request, f"{PAGE}#seen", {"draft": draft, "anew": True})
    said = _("已自动保存 %(time)s") % {"time": f"{localtime(at):%H:%M}"}
    response.write(htmx.spoken(said, "hint"))
    return response


def _with(work: Work, data: Any, names: list[str]) -> dict[str, Any]:
    others = {name: value for name, value in work.instance.items() if name not in names}
    return others | forms.typed(work.schema, data, names)


def _page(
    request: HttpRequest, work: Work, step: int, names: list[str], instance: dict[str, Any],
    faults: list[judge.Fault] | None = None, *, summary: list[tuple[str, str]] | None = None, status: int = 200,
    focus: str = "", **more: str,
) -> HttpResponse:  # fmt: skip
    context = {
        **work.context(str(step)), "step": step, "title": work.steps[step - 1]["title"], "faults": summary or [],
        "controls": forms.draw(work.schema, instance, names, faults or ()),
        "before": step_url(work.number, step - 1) if step > 1 else "", **more,
    }  # fmt: skip
    response = htmx.shown(request, PAGE, "form", context, focus=focus)
    response.status_code = status
    return response

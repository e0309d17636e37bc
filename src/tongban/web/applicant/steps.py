"""Filling in a draft's form, one step a page; in 长辈版 one question a page. What is sent is kept before it is judged."""

from dataclasses import dataclass, replace
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
from tongban.web.applicant.one_by_one import ASK, Question, applying, question
from tongban.web.display import in_elder_mode
from tongban.web.english import told
from tongban.web.unfinished import taken_up

PAGE = "applicant/step.html"


@dataclass(frozen=True, slots=True)
class At:
    """Where one is in a form: the step, the fields that are asked for together, and in 长辈版 which question that is."""

    step: int
    names: list[str]
    one: Question | None = None


@applicants_only
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: SignedInRequest, number: str, step: int) -> HttpResponse:
    """Fill in one step."""
    work = work_on(request, number)
    if work.draft.filed:
        return redirect("web:my-case", number=work.number)
    if not 1 <= step <= len(work.steps):
        raise NotFound(_("申请表没有这一步。请从“我的办件”继续填写。"))
    if request.method == "POST":
        # By what the page asked, whatever has been chosen since.
        at = _at(work, step, request.POST.get(ASK, ""), one=ASK in request.POST)
        if at.one is not None and at.one.name != request.POST[ASK]:
            return redirect(_url(work, at))  # an answer given elsewhere has taken the question away
        return _take(request, work, at)
    found = taken_up(request)
    if found is None:
        at = _at(work, step, request.GET.get(ASK, ""), one=in_elder_mode(request))
        # What the account has proved need not be typed; it is kept only once it is sent.
        fresh = not work.draft.form or at.one is not None
        own = filers.own_answers(work.schema, request.actor) if fresh else {}
        return _page(request, work, at, own | work.instance)
    at = _at(work, step, found.data.get(ASK, ""), one=ASK in found.data)
    typed = _with(work, found.data, at.names)
    return _page(request, work, at, typed, notice=found.notice, notice_kind="warn")


def _at(work: Work, step: int, wanted: str, *, one: bool) -> At:
    """Return a step as it is asked: as a whole, or one question of it by itself."""
    names: list[str] = work.steps[step - 1]["fields"]
    if not one:
        return At(step, names)
    wrong = {str(fault.path[0]) for fault in work.faults() if fault.path}
    asked = question(work.schema, names, work.instance, wanted, wrong)
    return At(step, [asked.name], asked)


def _take(request: SignedInRequest, work: Work, at: At) -> HttpResponse:
    names, instance = at.names, _with(work, request.POST, at.names)
    if "keep" in request.POST and htmx.wants_part(request):
        return _kept(request, work, instance)
    try:
        draft = materials.save_form(number=work.number, instance=instance, by=request.actor, at=clock.now())
    except DomainError as refusal:
        if htmx.wants_part(request):
            raise
        said = [(forms.field_id((names[0],)), told(refusal))]
        return _page(request, work, at, instance, summary=said, status=refusal.status)
    work = replace(work, draft=draft)
    changed = request.POST.get("add") or request.POST.get("remove", "").rpartition("-")[0]
    if changed and htmx.wants_part(request):
        focus = f"#{forms.last_row(instance, changed) if 'add' in request.POST else f'f-{changed}'}"
        return _page(request, work, at, instance, focus=focus)
    if changed:
        return redirect(f"{_url(work, at)}#f-{changed}")
    if "leave" in request.POST:
        return redirect(f"{reverse('web:my-cases')}?done=kept")
    found = judge.judge(work.schema, instance, on=clock.official_day(clock.now()))
    faults = [fault for fault in found if fault.path and fault.path[0] in names]
    if faults:
        summary = forms.summary(work.schema, faults)
        return _page(request, work, at, instance, faults, summary=summary, status=422)
    if at.one is not None:
        # Asked of what is answered now: the answer may have brought another question.
        after = _at(replace(work, instance=instance), at.step, at.one.name, one=True).one
        if after is not None and after.after:
            return redirect(step_url(work.number, at.step, after.after))
    if at.step < len(work.steps):
        return redirect(step_url(work.number, at.step + 1))
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


def _url(work: Work, at: At) -> str:
    return step_url(work.number, at.step, at.one.name if at.one else "")


def _before(work: Work, at: At) -> str:
    """Return the address of what comes before: the question, or the last one of the step before."""
    if at.one is not None and at.one.before:
        return step_url(work.number, at.step, at.one.before)
    if at.step == 1:
        return ""
    asked = applying(work.schema, work.steps[at.step - 2]["fields"], work.instance) if at.one else []
    return step_url(work.number, at.step - 1, asked[-1] if asked else "")


def _with(work: Work, data: Any, names: list[str]) -> dict[str, Any]:
    others = {name: value for name, value in work.instance.items() if name not in names}
    return others | forms.typed(work.schema, data, names)


def _page(
    request: HttpRequest, work: Work, at: At, instance: dict[str, Any], faults: list[judge.Fault] | None = None, *,
    summary: list[tuple[str, str]] | None = None, status: int = 200, focus: str = "", **more: str,
) -> HttpResponse:  # fmt: skip
    context = {
        **work.context(str(at.step)), "step": at.step, "title": work.steps[at.step - 1]["title"], "faults": summary or [],
        "controls": forms.draw(work.schema, instance, at.names, faults or ()), "one": at.one, "before": _before(work, at), **more,
    }  # fmt: skip
    response = htmx.shown(request, PAGE, "form", context, focus=focus)
    response.status_code = status
    return response

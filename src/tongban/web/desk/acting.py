"""The form of an act, made from its row; and the form that opens a matter, made from the design."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.time import clock
from tongban.materials import attaching
from tongban.procedures import commands, practice
from tongban.procedures.models import Matter
from tongban.procedures.standard import Standard
from tongban.signin.actor import SignedInRequest
from tongban.web import designs
from tongban.web.access import signed_in
from tongban.web.designs import design_for, fields
from tongban.web.designs.design import ELSEWHERE, Design, fields_of
from tongban.web.desk.story import heading, offered, one
from tongban.web.english import told
from tongban.web.unfinished import taken_up


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(also=designs.anybody_with_a_desk)
def act(request: SignedInRequest, procedure: str, number: str, act: str) -> HttpResponse:
    """Show the form of an act, or do it."""
    design = design_for(procedure, request.actor)
    found = one(design, number, request.actor)
    rule = design.of.present.rules.get(act)
    if rule is None or act in ELSEWHERE or rule.is_of_system or rule.founds:
        raise NotFound(_("没有这种操作。请回到页面选择可办理的操作。"))
    asked, phrases = _fields(design, act), design.design_of(act).phrases
    if request.method != "POST":
        typed = taken_up(request)
        return _form(
            request,
            design,
            found,
            act,
            typed.data if typed else QueryDict(),
            notice=typed.notice if typed else "",
        )
    filled = fields.read(asked, request.POST, phrases, request.FILES)
    status = 422
    if not filled.faults:
        try:
            _do(request, found, act, filled)
            return redirect(f"{reverse('web:desk-matter', args=[procedure, found.number])}?done={act}")
        except DomainError as refusal:
            filled.faults, status = [("act", told(refusal))], refusal.status
    found = one(design, number, request.actor)
    return _form(request, design, found, act, request.POST, faults=filled.faults, status=status)


def _do(request: SignedInRequest, found: Matter, act: str, filled: fields.Filled) -> None:
    version = request.POST.get("version", "")
    named = {Standard.SUPERVISE: "duty"}.get(Standard(act)) if act in set(Standard) else None
    given = dict(filled.given)
    if named:
        given[named] = request.POST.get(named, "")
    # Before the transaction: decoding takes long, and other writers wait.
    files = {
        label: attaching.ready(file.name or "", file.read(), material=found.title_of_label(label))
        for label, file in filled.files.items()
    }
    commands.act(
        matter=found, act=act, by=request.actor, at=clock.now(), given=given, texts=filled.texts, files=files,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 8 else 0,
    )  # fmt: skip


def _form(
    request: SignedInRequest, design: Design, found: Matter, act: str, typed: QueryDict, *,
    faults: list[tuple[str, str]] | None = None, status: int = 200, notice: str = "",
) -> HttpResponse:  # fmt: skip
    rule, said = design.of.present.rules[act], design.design_of(act)
    able = act in {name for name, _title, _said in offered(design, found, request.actor)}
    context = {
        **heading(design, found, request.actor), "act": act, "title": rule.title, "basis": rule.basis, "said": said,
        "fields": fields.shown(_fields(design, act), typed, said.phrases, dict(faults or [])), "able": able,
        "faults": faults or [], "notice": notice, "notice_kind": "warn", "duty": _supervised(found, act),
    }  # fmt: skip
    return render(request, "desk/act.html", context, status=status)


def _fields(design: Design, act: str) -> tuple[fields.Field, ...]:
    own = design.design_of(act).fields
    return fields_of(design.of, act, design.of.present.rules[act]) if own is None else own


def _supervised(found: Matter, act: str) -> str:
    """Return the supervision that a note is about: the first that is open."""
    if act != Standard.SUPERVISE:
        return ""
    open_ = (name for name, duty in found.state["duties"].items() if duty["kind"] == Standard.SUPERVISE)
    return next(open_, "")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(also=designs.anybody_who_opens)
def opening(request: SignedInRequest, procedure: str) -> HttpResponse:
    """Show the form that opens a matter, or open it."""
    design = design_for(procedure, request.actor)
    how = design.opening
    if how is None or not how.lets(request.actor):
        raise NotFound(_("您的岗位不能在这里新建。请由有权岗位办理。"))
    if request.method != "POST":
        typed = taken_up(request)
        return _opening(
            request, design, typed.data if typed else request.GET, notice=typed.notice if typed else ""
        )
    filled = fields.read(how.fields, request.POST, {}, request.FILES)
    status = 422
    if not filled.faults:
        try:
            values = {**filled.given, **filled.texts}
            begun = practice.of(procedure).open(values, request.actor, clock.now())
            return redirect(f"{reverse('web:desk-matter', args=[procedure, begun.number])}?done=new")
        except DomainError as refusal:
            filled.faults, status = [("act", told(refusal))], refusal.status
    return _opening(request, design, request.POST, faults=filled.faults, status=status)


def _opening(
    request: SignedInRequest, design: Design, typed: Any, *, faults: list[tuple[str, str]] | None = None,
    status: int = 200, notice: str = "",
) -> HttpResponse:  # fmt: skip
    how = design.opening
    context = {
        "design": design, "how": how, "faults": faults or [], "notice": notice, "notice_kind": "warn",
        "fields": fields.shown(how.fields if how else (), typed, {}, dict(faults or [])),
    }  # fmt: skip
    return render(request, "desk/open.html", context, status=status)

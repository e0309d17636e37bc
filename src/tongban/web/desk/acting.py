"""The form of an act, made from its row; and the form that opens a matter, made from the design."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.identifiers import BadIdentifier
from tongban.cases import answer_code
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal.fold import State
from tongban.kernel.journal.numbers import BadNumber
from tongban.kernel.journal.writer import MovedMeanwhile
from tongban.kernel.time import clock
from tongban.materials import attaching
from tongban.procedures import commands, possible, practice, recording
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.signin import throttle
from tongban.signin.actor import ActorRequest, SignedInRequest
from tongban.signin.address import address_of
from tongban.signin.sessions import PasswordChangeNeeded
from tongban.web import designs
from tongban.web.access import SignInNeeded, asks_itself, signed_in
from tongban.web.designs import design_for, fields
from tongban.web.designs.design import ELSEWHERE, Design, fields_of
from tongban.web.desk.story import heading, one, withheld
from tongban.web.english import told
from tongban.web.twice import done_already, version_to_act_on
from tongban.web.unfinished import taken_up

# Somebody who has not signed in: may open what anybody may, and sees nothing.
STRANGER: Final = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB)
# What keeps what was typed: a slip in a number too, which the lower layers tell as a false value.
REFUSALS = (DomainError, BadNumber, BadIdentifier)


def _told(refusal: Exception) -> tuple[list[tuple[str, str]], int]:
    """Return what a form says of a refusal, and the status it goes out under."""
    return [("act", told(refusal))], getattr(refusal, "status", 422)


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
            typed.data if typed else _begun(design, found, act, request.actor),
            notice=typed.notice if typed else "",
        )
    filled = fields.read(asked, request.POST, phrases, request.FILES)
    status, done = 422, f"{reverse('web:desk-matter', args=[procedure, found.number])}?done={act}"
    if done_already(found, act, request.actor, request.POST.get("version", ""), filled.texts):
        return redirect(done)
    if not filled.faults:
        try:
            _do(request, found, act, filled)
            return redirect(done)
        except REFUSALS as refusal:
            filled.faults, status = _told(refusal)
    found = one(design, number, request.actor)
    return _form(request, design, found, act, request.POST, faults=filled.faults, status=status)


def _begun(design: Design, found: Matter, act: str, actor: Actor) -> QueryDict:
    """Return what the form of an act holds to begin with: nothing for whom it is not offered."""
    begins, typed = design.design_of(act).begins_with, QueryDict(mutable=True)
    if begins is not None and act in possible.tried(found, actor, clock.now()).acts:
        typed.update(begins(State.from_dict(found.state)))
    return typed


def _do(request: SignedInRequest, found: Matter, act: str, filled: fields.Filled) -> None:
    given = dict(filled.given)
    # Before the transaction: decoding takes long, and other writers wait.
    files = {
        label: attaching.ready(file.name or "", file.read(), material=found.title_of_label(label))
        for label, file in filled.files.items()
    }
    for last in (False, False, True):
        version = version_to_act_on(found, request.POST.get("version", ""))
        try:
            commands.act(
                matter=found, act=act, by=request.actor, at=clock.now(), given=given, texts=filled.texts, files=files,
                version=version,
            )  # fmt: skip
        except MovedMeanwhile:
            # News that changes nothing may come at this very moment; whether it does, is asked of what is stored now.
            found = recording.visible(found, request.actor)
            if last or version_to_act_on(found, request.POST.get("version", "")) != found.version:
                raise
        else:
            return


def _form(
    request: SignedInRequest, design: Design, found: Matter, act: str, typed: QueryDict, *,
    faults: list[tuple[str, str]] | None = None, status: int = 200, notice: str = "",
) -> HttpResponse:  # fmt: skip
    rule, said = design.of.present.rules[act], design.design_of(act)
    tried = possible.tried(found, request.actor, clock.now())
    able = act in tried.acts
    why = "" if able else dict(withheld(tried)).get(rule.title, "")
    context = {
        **heading(design, found, request.actor), "act": act, "title": rule.title, "basis": rule.basis, "said": said,
        "fields": fields.shown(_fields(design, act), typed, said.phrases, dict(faults or [])), "able": able, "why": why,
        "faults": faults or [], "notice": notice, "notice_kind": "warn",
    }  # fmt: skip
    return render(request, "desk/act.html", context, status=status)


def _fields(design: Design, act: str) -> tuple[fields.Field, ...]:
    own = design.design_of(act).fields
    return fields_of(design.of, act, design.of.present.rules[act]) if own is None else own


@asks_itself(also=designs.anybody_who_opens)
@require_http_methods(["GET", "HEAD", "POST"])
def opening(request: ActorRequest, procedure: str) -> HttpResponse:
    """Show the form that opens a matter, or open it; what anybody may open, also for who has not signed in."""
    if isinstance(request.refusal, PasswordChangeNeeded):
        raise request.refusal
    actor = request.actor or STRANGER
    design = designs.design_opened_by(procedure, actor)
    how = design.opening
    if how is None or not how.lets(actor):
        if request.actor is None:
            raise SignInNeeded(_("请先登录。"))
        raise NotFound(_("您的岗位不能在这里新建。请由有权岗位办理。"))
    if request.method != "POST":
        typed = taken_up(request) if request.actor else None
        return _opening(
            request, design, actor, typed.data if typed else request.GET, notice=typed.notice if typed else ""
        )
    filled = fields.read(how.asked_of(actor), request.POST, {}, request.FILES)
    status = 422
    if not filled.faults:
        try:
            return _opened(request, design, actor, {**filled.given, **filled.texts})
        except REFUSALS as refusal:
            filled.faults, status = _told(refusal)
    return _opening(request, design, actor, request.POST, faults=filled.faults, status=status)


def _opened(request: ActorRequest, design: Design, by: Actor, values: dict[str, str]) -> HttpResponse:
    """Open a matter and lead to it; to whom it is not shown, say under which number it goes on."""
    at, address = clock.now(), address_of(request)
    if by is STRANGER:
        throttle.ask(account=f"open:{address}", address=address, at=at)
        throttle.note_failure(account=f"open:{address}", address=address, at=at)
    begun = practice.of(design.procedure).open(values, by, at)
    if matters.matters(by).filter(number=begun.number).exists():
        return redirect(f"{reverse('web:desk-matter', args=[design.procedure, begun.number])}?done=new")
    context = {
        "design": design, "matter": begun, "stranger": by is STRANGER, "answer_code": answer_code.of(begun.number),
    }  # fmt: skip
    return render(request, "desk/opened.html", context)


def _opening(
    request: HttpRequest, design: Design, actor: Actor, typed: Any, *, faults: list[tuple[str, str]] | None = None,
    status: int = 200, notice: str = "",
) -> HttpResponse:  # fmt: skip
    how = design.opening
    context = {
        "design": design, "how": how, "faults": faults or [], "notice": notice, "notice_kind": "warn",
        "stranger": actor is STRANGER,
        "fields": fields.shown(how.asked_of(actor) if how else (), typed, {}, dict(faults or [])),
    }  # fmt: skip
    return render(request, "desk/open.html", context, status=status)

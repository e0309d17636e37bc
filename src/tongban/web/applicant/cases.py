"""The applicant's own cases: where they stand and why, answering, withdrawing, urging, the result."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongban.cases import answer_code, commands, corrections, queries, supplements
from tongban.cases.models import Case
from tongban.cases.reading import RESULT
from tongban.cases.rules_1.guards import is_withdrawal_pending
from tongban.cases.words import AWAITING_ACCEPTANCE, BEING_DECIDED, Act, Duty, Mode, Phase
from tongban.exchange import queries as exchange
from tongban.kernel.errors import DomainError, InvalidInput, NotFound
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.materials import queries as materials
from tongban.procedures import queries as matters
from tongban.procedures import viewing
from tongban.procedures.possible import possible_acts
from tongban.procedures.rule import FILE
from tongban.signin.actor import SignedInRequest
from tongban.web import answers, news, reopened
from tongban.web.applicant import own_form, papers, story, ways
from tongban.web.applicant.drafts import applicants_only
from tongban.web.applicant.filing import asked_materials, sent_file
from tongban.web.applicant.words import DONE, DUTIES
from tongban.web.english import name_in_guide, told
from tongban.web.files import download
from tongban.web.twice import done_already, version_to_act_on
from tongban.web.unfinished import taken_up

WITHDRAWABLE = AWAITING_ACCEPTANCE | BEING_DECIDED
LONGEST_REMARK = 2000


@applicants_only
@require_safe
def my_case(request: SignedInRequest, number: str) -> HttpResponse:
    """One case."""
    case = queries.case(number, request.actor)
    if news.is_asked(request):
        return news.answer(request, case, request.actor)
    typed, done = taken_up(request), request.GET.get("done", "")
    if typed is None:
        return _page(request, case, notice=DONE[Act(done)] if done in DONE else "")
    act = resolve(typed.path).kwargs.get("act", "")
    return _page(
        request, case, notice=typed.notice, notice_kind="warn", typed=(act, typed.data.get("remark", ""))
    )


@applicants_only
@require_POST
def act(request: SignedInRequest, number: str, act: str) -> HttpResponse:
    """Do one of the acts that are the applicant's."""
    if act not in DONE:
        raise NotFound(_("没有这项操作。请从办件页面选择。"))
    case, wanted = queries.case(number, request.actor), Act(act)
    version, remark = request.POST.get("version", ""), request.POST.get("remark", "")
    try:
        if len(remark.replace("\r\n", "\n")) > LONGEST_REMARK:  # as a browser counts
            raise InvalidInput(_("说明最多 %(n)s 个字，没有提交。请精简后再提交。") % {"n": LONGEST_REMARK})
        told_so = {"remark": remark}
        seen = version_to_act_on(case, version)
        if wanted in (Act.SUPPLEMENT, Act.ANSWER):
            corrections.answer(
                case=case, act=wanted, changes=reopened.typed(case, request.POST), by=request.actor, at=clock.now(),
                texts=told_so, version=seen,
            )  # fmt: skip
        else:
            commands.act(case=case, act=wanted, by=request.actor, at=clock.now(), texts=told_so, version=seen)
    except DomainError as refusal:
        case = queries.case(number, request.actor)
        if not done_already(case, wanted, request.actor, version, {"remark": remark}):
            faults = reopened.summary(case, refusal) or [(f"remark-{act}", told(refusal))]
            return _page(
                request, case, faults=faults, status=refusal.status, typed=(act, remark),
                open_fields=reopened.drawn(case, request.POST, refusal),
            )  # fmt: skip
    return redirect(f"{reverse('web:my-case', args=[case.number])}?done={act}")


@applicants_only
@require_POST
def supplement(request: SignedInRequest, number: str) -> HttpResponse:
    """Add a file that was asked for, or take one back."""
    case, code = queries.case(number, request.actor), request.POST.get("code", "")
    try:
        if "remove" in request.POST:
            digest = request.POST["remove"]
            supplements.remove(case=case, digest=digest, by=request.actor, at=clock.now())
        else:
            name, data = sent_file(request)
            supplements.add(case=case, code=code, name=name, data=data, by=request.actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, case, faults=[("file", told(refusal))], status=refusal.status, code=code)
    return redirect(f"{reverse('web:my-case', args=[case.number])}#answer")


@applicants_only
@require_safe
def content(request: SignedInRequest, number: str, digest: str) -> HttpResponse:
    """Save a file or a document of one's own case; that it was read is written down."""
    case = queries.case(number, request.actor)
    return download(*viewing.read(case, digest, by=request.actor, at=clock.now()))


@journal.read_once()
def _page(
    request: SignedInRequest, case: Case, *, notice: Any = "", notice_kind: str = "ok",
    faults: list[tuple[str, str]] | None = None, status: int = 200, typed: tuple[str, str] = ("", ""),
    code: str = "", open_fields: reopened.Fields | None = None,
) -> HttpResponse:  # fmt: skip
    possible = {
        str(act): rule
        for act, rule in possible_acts(case, request.actor, clock.now())
        # The rule lets a withdrawal cross a decision on the way; once it is known here, asking is in vain.
        if act in DONE and (act != Act.REQUEST_WITHDRAWAL or case.phase in WITHDRAWABLE)
    }
    pieces = matters.contents(case, request.actor)
    guide, known = own_form.guide_of(case), matters.names(case)
    today = clock.official_day(clock.now())
    fresh = list(materials.materials_of(case.number).unstated())
    given = papers.given(case, pieces, request)
    context = {
        "case": case, "item_name": name_in_guide(queries.item_name(case), guide), "standing": story.standing(case, today),
        "there": own_form.place_of(case), "intake": known.get(case.intake_org, ""), "handling": known.get(case.handling_org, ""),
        "timeline": story.told(case, request.actor), "decide_by": story.decide_by(case), "deadlines": story.deadlines(case),
        "names": known, "duties": DUTIES, "today": today, "possible": possible,
        "answer_code": answer_code.of(case.number), "changes": reopened.changes(case, masked=False),
        "open_fields": open_fields or reopened.drawn(case),
        "answering": next((act for act in (Act.SUPPLEMENT, Act.ANSWER) if act in possible), None),
        "waits_for_telling": any(duty["kind"] == Duty.TELL for duty in case.state["duties"].values()),
        "withdrawal_waits": is_withdrawal_pending(State.from_dict(case.state)), **given,
        "files": [
            (piece, own_form.material_name(guide, piece))
            for piece in pieces
            if piece.label.startswith(FILE) and piece.label != RESULT
        ],
        **_to_answer(_materials_asked(case, guide, fresh), code), "fresh": fresh,
        "sections": answers.sections(guide["form"], own_form.of(case)) if guide else [],
        "notice": notice, "notice_kind": notice_kind, "faults": faults or [], "typed": dict([typed]),
        # What was typed for something that cannot be done any more.
        "lost": typed if typed[0] and typed[0] not in possible else None,
        # Filed for the window: the papers are still to be taken there.
        "desks": ways.desks_here() if case.phase == Phase.FILED and case.mode == Mode.PROXY_INTAKE else [],
        "unreached": exchange.unreached(case.number),
    }  # fmt: skip
    return render(request, "applicant/my_case.html", context, status=status)


def _to_answer(asked: list[dict[str, Any]], code: str) -> dict[str, Any]:
    """Return the materials that the notice names, and the one to begin with."""
    first = next((one["code"] for one in asked if not one["files"]), "")
    return {"asked": asked, "chosen": code or first}


def _materials_asked(case: Case, guide: dict[str, Any] | None, fresh: list[Any]) -> list[dict[str, Any]]:
    wanted = corrections.materials_asked(case)
    if not guide or not wanted:
        return []
    return [one for one in asked_materials(guide, own_form.of(case), fresh) if one["code"] in wanted]

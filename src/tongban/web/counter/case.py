"""A case at the window: what it waits for, the next step, and everything else the table allows now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongban.accounts.access.actor import Actor, Permission
from tongban.cases import checklist, commands, corrections, papers, phrases, queries, supplements
from tongban.cases.bases import basis_of
from tongban.cases.checklist import Check
from tongban.cases.models import Case
from tongban.cases.procedure import RULES
from tongban.cases.reading import Reading
from tongban.cases.rules_1.guards import ONLINE
from tongban.cases.words import TERMINAL, Act, Duty, Phase
from tongban.catalogue.models import Offering
from tongban.exchange import queries as exchange
from tongban.kernel import vault
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.letters import queries as letters
from tongban.materials import quality
from tongban.materials import queries as material_queries
from tongban.notices import queries as notices
from tongban.procedures import claims, consulting, looking, possible
from tongban.procedures import queries as matters
from tongban.web import answers, asking, consulted, halted, news, reopened
from tongban.web.access import signed_in
from tongban.web.counter import acts, checks, reading, service, sure
from tongban.web.counter.request import actor_of
from tongban.web.desk import talking
from tongban.web.display import place_name
from tongban.web.english import told
from tongban.web.officer.cases import claimed_by
from tongban.web.staff import named
from tongban.web.twice import done_already, version_to_act_on
from tongban.web.unfinished import taken_up

PAGE = "counter/case.html"
Faults = list[tuple[str, str]]
TAKEN_IN = frozenset({Act.RECEIVE, Act.CHECK_IDENTITY, Act.FORWARD})  # with which a sitting may end
LOST = ("notice", "reason", "remark", "proof")  # what a clerk types by hand


@require_safe
@signed_in(Permission.CASE_RECEIVE)
def show(request: HttpRequest, number: str) -> HttpResponse:
    """The page of one case."""
    by = actor_of(request)
    if news.is_asked(request):
        return news.answer(request, queries.case(number, by), by)
    case = _looked_at(queries.case(number, by), by)
    typed = taken_up(request)
    if typed is not None:
        sent = resolve(typed.path).kwargs.get("act", "")
        wanted = Act(sent) if sent in acts.OFFERED else None
        return _page(
            request, case, by, wanted=wanted, data=typed.data, notice=typed.notice, notice_kind="warn"
        )
    done = request.GET.get("done", "")
    notice = _("“%(act)s”已完成。") % {"act": _(case.title_of_act(done))} if done in set(Act) else ""
    return _page(request, case, by, notice=notice, taken=done in TAKEN_IN)


def stopped(
    request: HttpRequest, case: Case, by: Actor, done: Sequence[Act], at: Act, refusal: DomainError
) -> HttpResponse:
    """The page of a case that was being taken in, at the step that was refused; what is done stays, and it goes on from here."""
    sentence = halted.sentence(case, done, at, refusal)
    return _page(request, case, by, faults=[(f"act-{at}", sentence)], wanted=at, status=refusal.status)


@require_POST
@signed_in(Permission.CASE_RECEIVE)
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Do one act of the table; what was typed stays on the page if it is refused."""
    by, wanted = actor_of(request), _offered(act)
    case, rule = queries.case(number, by), RULES[wanted]
    asked = _asked(wanted, case, by)
    own = str(material_queries.form_of(case.number).get("applicant_idno", ""))
    typed = acts.read(wanted, rule, request.POST, case, asked, _held(case), own, _askable(wanted, case))
    targets = _targets(case) if wanted == Act.FORWARD else []
    if targets and request.POST.get("offering") not in dict(targets):
        typed.faults.append((f"{wanted}-offering", _("改送哪个机关：请按办理地写的理由选择。")))
    if typed.faults:
        return _page(request, case, by, faults=typed.faults, wanted=wanted, data=request.POST, status=422)
    if "back" in request.POST:
        return _page(request, case, by, wanted=wanted, data=request.POST)
    try:
        if sure.is_to_ask(wanted, request.POST):
            form, target = (
                _form(wanted, case, by, [], [], None),
                dict(targets).get(request.POST.get("offering", ""), ""),
            )
            return sure.page(request, case, form, typed, by, target)
        _do(request, case, wanted, typed, by)
    except DomainError as refusal:
        case = queries.case(number, by)
        if not done_already(case, wanted, by, request.POST.get("version", ""), typed.texts):
            faults = reopened.summary(case, refusal) or [(f"act-{wanted}", told(refusal))]
            return _page(
                request, case, by, faults=faults, wanted=wanted, data=request.POST, status=refusal.status,
                open_fields=reopened.drawn(case, request.POST, refusal),
            )  # fmt: skip
    return redirect(f"{reverse('web:counter-case', args=[case.number])}?done={wanted}")


@require_POST
@signed_in(Permission.CASE_RECEIVE)
def supplement(request: HttpRequest, number: str) -> HttpResponse:
    """Add what was asked for, or take back what no act names yet."""
    by, at = actor_of(request), clock.now()
    case = queries.case(number, by)
    if request.POST.get("drop"):
        supplements.remove(case=case, digest=request.POST["drop"], by=by, at=at)
        return _page(request, case, by, notice=_("已移除。"))
    code, faults, hints = request.POST.get("code", ""), [], []
    for file in request.FILES.getlist("file"):
        try:
            data = file.read()
            added = supplements.add(case=case, code=code, name=file.name or "", data=data, by=by, at=at)
        except DomainError as refusal:
            faults.append(("supplement-file", told(refusal)))
            continue
        hints += quality.hints(data, added.media_type, len(data))
    if not request.FILES:
        faults.append(("supplement-file", _("请选择要上传的文件。")))
    notice = "" if faults else "；".join([_("已上传。"), *hints])
    return _page(request, case, by, faults=faults, notice=notice, status=422 if faults else 200)


def _do(request: HttpRequest, case: Case, wanted: Act, typed: acts.Typed, by: Actor) -> None:
    at, seen = clock.now(), version_to_act_on(case, request.POST.get("version", ""))
    if wanted == Act.FORWARD and _targets(case):
        commands.redirect_to(case=case, offering=request.POST["offering"], by=by, at=at)
        return
    if wanted in (Act.SUPPLEMENT, Act.ANSWER):
        corrections.answer(
            case=case, act=wanted, changes=reopened.typed(case, request.POST), by=by, at=at, given=typed.given,
            texts=typed.texts, version=seen,
        )  # fmt: skip
        return
    commands.act(case=case, act=wanted, by=by, at=at, given=typed.given, texts=typed.texts, version=seen)


def _offered(name: str) -> Act:
    if name not in {str(one) for one in acts.OFFERED}:
        raise NotFound(_("没有这种操作。请返回办件页面选择。"))
    return Act(name)


def _looked_at(case: Case, by: Actor) -> Case:
    """Write down who opened first what came from elsewhere; the clerk's own last act needs no looking at."""
    fresh = [
        name for name in possible.own_duties(case, by) if case.state["duties"][name]["first_opened"] is None
    ]
    if not fresh or not by.may(Permission.CASE_CONTENT):
        return case
    last = matters.timeline(case, by)[-1]
    if last.staff == by.staff:
        return case
    return looking.first_look(matter=case, by=by, at=clock.now())


def _guide(case: Case) -> Mapping[str, Any]:
    return papers.terms_of(State.from_dict(case.state)).guide


def _held(case: Case) -> set[str]:
    return set(material_queries.materials_of(case.number).values_list("code", flat=True))


def _asked(wanted: Act, case: Case, by: Actor) -> list[Check]:
    """The checks that go with an act: all at receipt; what was lacking, once more, at formal review."""
    if wanted not in (Act.RECEIVE, Act.PASS_REVIEW) or not by.may(Permission.CASE_CONTENT):
        return []
    asked = checklist.compiled(_guide(case), material_queries.form_of(case.number))
    if wanted == Act.RECEIVE:
        return [
            replace(one, why=checklist.FILED_ONLINE) if one.code == "attest-data" else one for one in asked
        ]
    lacking = set(letters.lacking_still(case, by))
    return [check for check in asked if check.code in lacking]


@journal.read_once()
def _page(
    request: HttpRequest, case: Case, by: Actor, *, faults: Faults | None = None, wanted: Act | None = None,
    data: QueryDict | None = None, notice: str = "", notice_kind: str = "ok", status: int = 200,
    open_fields: reopened.Fields | None = None, taken: bool = False,
) -> HttpResponse:  # fmt: skip
    at = clock.now()
    reads = by.may(Permission.CASE_CONTENT)
    lacking = letters.lacking_still(case, by) if reads else []
    offered = acts.ordered(possible.possible_acts(case, by, at), case, lacking=bool(lacking))
    forms = [
        _form(act, case, by, lacking, faults or [], data if act is wanted else None) for act, _rule in offered
    ]
    first = next((form for form in forms if form.act not in acts.NEVER_FIRST), None)
    asks_again = {Act.SUPPLEMENT, Act.ANSWER} & {act for act, _rule in offered}
    uploads = bool(asks_again and corrections.materials_asked(case)) and any(
        duty["kind"] in (Duty.SUPPLEMENT, Duty.ANSWER) for duty in case.state["duties"].values()
    )
    pieces = matters.contents(case, by) if reads else []
    found = reading.read(case, by) if reads else Reading()
    names = matters.names(case)
    timeline = [(e, found.texts.get((e.act, e.at), [])) for e in named(matters.timeline(case, by))]
    goal = case.facts["target"]["org"]
    gone = data is not None and wanted is not None and all(act is not wanted for act, _rule in offered)
    lost = data if gone and data is not None else {}
    context: dict[str, Any] = {
        "case": case, "item": queries.item_name(case), "here": place_name(settings.NODE.division),
        "there": names.get(case.handling_org or goal, case.handling_org or goal), "faults": faults, "notice": notice,
        "notice_kind": notice_kind, "next": first, "others": [form for form in forms if form is not first], "today": clock.official_day(at),
        "deadlines": [(one, names.get(one.holder, _("申请人")) if "/" in one.name else "") for one in matters.deadlines(case)],
        "timeline": timeline,
        "wanted": wanted if data is not None else None, "pieces": reading.files(case, pieces),
        "attested": reading.attested(case, pieces, by) if reads else [], "ended": case.phase in TERMINAL,
        "sections": _masked(case), "uploads": uploads, "guide": _guide(case),
        "unstated": list(material_queries.materials_of(case.number).unstated()), "told": reading.on_top(case, found),
        "letters": list(letters.due(case, by=by).items()) if reads else [], "gone": gone, "unreached": _unreached(case.number),
        "remedies": letters.remedies_end(case),
        "mine": claimed_by(case), "may_hand_over": bool(claims.held_by(case, by)), "may_claim": bool(claims.claimable(case, by)),
        "why_gone": found.why_not if not pieces else "",
        "changes": reopened.changes(case, masked=True), "open_fields": open_fields or reopened.drawn(case),
        "materials_asked": corrections.materials_asked(case),
        "taken": taken, "lost": [text for name in LOST if (text := lost.get(name))],
        **(talking.said_about(case, timeline, by, names) if reads else {}),
        "sent": notices.sent_of(case), "consultations": consulted.lines(consulting.of(case, by)),
    }  # fmt: skip
    return render(request, PAGE, context, status=status)


def _form(
    act: Act, case: Case, by: Actor, lacking: list[str], faults: Faults, data: QueryDict | None
) -> acts.ActForm:
    asked, said = _asked(act, case, by), dict(faults)
    askable = None
    if offered := _askable(act, case):
        begun = data if data is not None else _lacking(case, by, lacking)
        askable = asking.shown(offered, phrases.known(Act.ASK_CORRECTION), begun)
    lines = None
    if asked:
        checked = checks.typed(data, asked) if data is not None else checklist.NOTHING
        wrong = {anchor.removeprefix("check-"): sentence for anchor, sentence in faults}
        lines = checks.lines(asked, checked, faults=wrong, files=material_queries.materials_of(case.number))
    targets = _targets(case) if act == Act.FORWARD else []
    return acts.form(
        act, RULES[act], basis=basis_of(RULES[act].basis, _guide(case)), suggested={}, data=data, faults=said,
        lines=lines, targets=targets, online=case.mode in ONLINE, askable=askable,
        served=service.asked(data or {}, clock.official_day(clock.now())) if service.is_asked(act, case) else None,
    )  # fmt: skip


def _askable(act: Act, case: Case) -> list[asking.Askable]:
    """Return what the window may ask to be put right, where it asks for anything."""
    return (
        asking.askable(_guide(case), material_queries.form_of(case.number)) if act == Act.GIVE_NOTICE else []
    )


def _lacking(case: Case, by: Actor, lacking: list[str]) -> dict[str, str]:
    """Return what the form of the notice begins with: the materials that were found lacking, and what was remarked of them."""
    said = letters.remarks_of(case, by)
    begun: dict[str, str] = {}
    for code in lacking:
        material = code.removeprefix("see-")
        begun |= {
            f"item-material-{material}": "1", f"wrong-material-{material}": said.get(code, "") or "没有交，或者不合格",
            f"wanted-material-{material}": "请按要求补交",
        }  # fmt: skip
    return begun


def _targets(case: Case) -> list[tuple[str, str]]:
    """Where a case that came back may go: the other authorities of the same item; nothing for any other case."""
    if case.phase != Phase.REDIRECTED:
        return []
    same = Offering.objects.in_use().filter(item__key=case.item).order_by("division", "name")
    return [
        (one.code, f"{place_name(one.division)} {one.name}") for one in same if one.code != case.offering
    ][:50]


def _masked(case: Case) -> list[answers.Section]:
    form = {} if vault.is_destroyed(case.number) else material_queries.form_of(case.number)
    return answers.sections(_guide(case)["form"], form, masked=True) if form else []


def _unreached(number: str) -> str:
    """Return the place whose node does not answer while news of the case waits for it."""
    peer = exchange.unreached(number)
    return place_name(peer.division) if peer else ""

"""
Doing an act at the desk: one page for each, made from the rows in `forms`, with the file beside it.

An act that makes a letter shows that letter first, and is done by issuing what was shown; another that cannot be undone asks once.
Two officers at once: who comes second is told what happened meanwhile, keeps what was typed, and decides again.
"""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Permission
from tongban.cases import commands, phrases, queries, reading, results, steps
from tongban.cases.bases import basis_of
from tongban.cases.models import Case
from tongban.cases.phrases import Moment
from tongban.cases.procedure import RULES
from tongban.cases.words import Act, Duty
from tongban.catalogue.kinds import Kind
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.letters import issuing, official
from tongban.letters.contents import Official
from tongban.procedures import possible
from tongban.procedures import queries as matters
from tongban.procedures.queries import Entry
from tongban.signin.actor import SignedInRequest
from tongban.web import asking
from tongban.web.access import signed_in
from tongban.web.ahead import Ahead, ahead_of
from tongban.web.english import told
from tongban.web.officer import forms, onward
from tongban.web.officer.cases import file_of, framing, heading, keep_claim, stopped
from tongban.web.officer.forms import FORMS, Filled, Sheet
from tongban.web.officer.onward import Onward
from tongban.web.staff import named
from tongban.web.twice import HARMLESS, done_already, seen_version
from tongban.web.unfinished import taken_up

# Done at one press, as nothing of them reaches the applicant or is asked about later.
NOT_CARRIED = frozenset({"csrfmiddlewaretoken", "version", "sign", "sure", "back", *onward.NAMES})
LIGHT = frozenset({Act.ACKNOWLEDGE, Act.REVIEW, Act.REPLY_URGING, Act.SEND_RESULT})


@framing
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_CONTENT)
def act(request: SignedInRequest, number: str, act: str) -> HttpResponse:
    """Show the form of an act, or do it."""
    wanted, case = _act(act), queries.case(number, request.actor)
    if request.method != "POST":
        typed = taken_up(request)
        if typed is None:
            return _first(request, case, wanted)
        return _form(
            request, case, wanted, typed.data, news=_since(case, request, typed.data), notice=typed.notice
        )
    filled = forms.read(_sheet(case, wanted, request, request.POST), request.POST, request.FILES)
    if done_already(case, wanted, request.actor, request.POST.get("version", ""), filled.texts):
        return redirect(f"{reverse('web:officer-case', args=[case.number])}?done={wanted}")
    news = _since(case, request, request.POST)
    status = 422
    if not news and not filled.faults:
        try:
            after = _after(request, wanted)
            ahead = _ahead(request, case, wanted, filled, after)
            if ahead is not None:
                return ahead
            return _finished(request, _do(request, case, wanted, filled), wanted, after)
        except DomainError as refusal:
            filled.faults, status = [("act", told(refusal))], refusal.status
            case = queries.case(number, request.actor)
            news = _since(case, request, request.POST)
    if news:
        return _form(request, case, wanted, request.POST, news=news, status=409)
    return _form(request, case, wanted, request.POST, faults=filled.faults, status=status)


def _first(request: SignedInRequest, case: Case, act: Act) -> HttpResponse:
    """Return the form of an act; where nothing is filled in, at once the letter that it makes."""
    if FORMS[act].fields or "serial" not in RULES[act].given:
        return _form(request, case, act, QueryDict())
    try:
        letter = issuing.draft_of(case, act, by=request.actor, at=clock.now(), given={}, texts={})
    except DomainError as refusal:
        return _form(request, case, act, QueryDict(), faults=[("act", told(refusal))])
    return _form(request, case, act, QueryDict(), letter=letter, mark=issuing.fingerprint(letter))


def _after(request: SignedInRequest, act: Act) -> Onward:
    """Return what is to follow the issuing of a letter at the same press."""
    if "sign" not in request.POST or not onward.is_offered(act, request.actor):
        return onward.NOTHING
    return onward.read(request.POST, request.FILES)


def _finished(request: SignedInRequest, case: Case, act: Act, after: Onward) -> HttpResponse:
    """Return to the case; where the result is to be sent at once, after that, or with the step that was refused."""
    if after.sending is None:
        return redirect(f"{reverse('web:officer-case', args=[case.number])}?done={act}")
    sent = results.conclude_and_send(
        case=case, sending=after.sending, by=request.actor, at=clock.now(), done=(act,)
    )
    if sent.refusal is not None and sent.stopped is not None:
        return stopped(request, sent.case, sent.done, sent.stopped, sent.refusal)
    return redirect(f"{reverse('web:officer-case', args=[case.number])}?done={sent.done[-1]}")


def _ahead(
    request: SignedInRequest, case: Case, act: Act, filled: Filled, after: Onward
) -> HttpResponse | None:
    """
    Return the page that stands before an act: the letter that it makes, or what follows from it; nothing if it was seen
    and nothing is wrong with what is to follow.
    """
    if "back" in request.POST:
        return _form(request, case, act, request.POST)
    if "serial" not in RULES[act].given:
        if act in LIGHT or "sure" in request.POST:
            return None
        ahead = ahead_of(
            case, act, by=request.actor, at=clock.now(), given=filled.given, texts=filled.texts, version=case.version
        )  # fmt: skip
        return _form(request, case, act, request.POST, asks=ahead)
    letter = issuing.draft_of(
        case, act, by=request.actor, at=clock.now(), given=filled.given, texts=filled.texts
    )
    mark, seen = issuing.fingerprint(letter), request.POST.get("sign", "")
    if seen == mark and not after.faults:
        return None
    return _form(
        request,
        case,
        act,
        request.POST,
        letter=letter,
        mark=mark,
        changed=seen not in ("", mark),
        after=after,
        faults=after.faults,
        status=422 if after.faults else 409 if seen else 200,
    )


def _act(name: str) -> Act:
    if name not in set(FORMS):
        raise NotFound(_("没有这种操作。请回到办件页面选择可办理的操作。"))
    return Act(name)


def _do(request: SignedInRequest, case: Case, act: Act, filled: Filled) -> Case:
    by, at = request.actor, clock.now()
    if act == Act.SEND_RESULT:
        file = (filled.file.name or "", filled.file.read()) if filled.file else None
        sending = results.ready(way=filled.given["way"], text=filled.texts["result"], file=file)
        return results.send(case=case, sending=sending, by=by, at=at, version=case.version)
    given = {**filled.given, "step": _next_step(case)["code"]} if act == Act.REVIEW else filled.given
    claimed = {name: duty["claimed"] for name, duty in case.state["duties"].items() if duty["claimed"]}
    mine = [name for name, staff in claimed.items() if matters.called(case.number, staff) == by.staff]
    done = commands.act(
        case=case, act=act, by=by, at=at, given=given, texts=filled.texts, version=case.version
    )
    if mine:
        keep_claim(done, by)
    return done


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


def _sheet(case: Case, act: Act, request: SignedInRequest, typed: QueryDict) -> Sheet:
    """Return by what the form of an act is drawn and read."""
    guide = queries.guide_of(case)
    kind = str(guide["kind"]) if guide else Kind.SERVICE
    own = [*(guide.get("phrases", ()) if guide else ()), *official.phrases_of(case.handling_org)]
    outcome = typed.get("outcome", "") or request.GET.get("outcome", "")
    may_ask = bool(guide) and any(one.kind == "items" for one in FORMS[act].fields)
    form = reading.read(case, request.actor).form if may_ask else None
    return Sheet(
        act, outcome, phrases.known(act, own), Moment(State.from_dict(case.state), kind, clock.official_day(clock.now())),
        asking.askable(guide, form) if guide and may_ask else (),
    )  # fmt: skip


def _form(
    request: SignedInRequest, case: Case, act: Act, typed: QueryDict, *, news: list[Entry] | None = None,
    faults: list[tuple[str, str]] | None = None, status: int = 200, notice: str = "", letter: Official | None = None,
    mark: str = "", changed: bool = False, asks: Ahead | None = None, after: Onward = onward.NOTHING,
) -> HttpResponse:  # fmt: skip
    able = [one for one, _ in possible.possible_acts(case, request.actor, clock.now())]
    head, sheet = heading(case, request.actor), _sheet(case, act, request, typed)
    ahead = letter is not None or asks is not None
    context = {
        **head, "act": act, "title": RULES[act].title, "basis": basis_of(RULES[act].basis, head["guide"]),
        "form": FORMS[act], "fields": forms.shown(sheet, typed, dict(faults or [])), "able": act in able,
        "outcome": sheet.outcome, "outcome_name": dict(FORMS[act].outcomes).get(sheet.outcome, ""), "choosing": sheet.waits_for_outcome,
        "letter": letter, "mark": mark, "changed": changed, "asks": asks, "makes_letter": "serial" in RULES[act].given,
        "after": after if letter is not None and onward.is_offered(act, request.actor) else None,
        "carried": [(name, value) for name in typed for value in typed.getlist(name) if name not in NOT_CARRIED] if ahead else [],
        **file_of(case, request.actor, head),
        "faults": faults or [], "news": news or [], "notice": notice, "notice_kind": "warn", "now": case.phase_name,
        "step": steps.of_case(head["guide"], case.facts) if act == Act.REVIEW else None,
        "urged": [d for d in case.state["duties"].values() if d["kind"] == Duty.HEED_URGING],
    }  # fmt: skip
    return render(request, "officer/act.html", context, status=status)

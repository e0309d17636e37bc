"""The page of a case at the desk: what was filed on the left, the files on the right, what can be done below."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from tongban.accounts.access.actor import Actor, Permission
from tongban.cases import queries, reading, steps
from tongban.cases.models import Case
from tongban.cases.procedure import CASE, RULES
from tongban.cases.reading import Paper
from tongban.cases.words import Act, Duty
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import writer as journal
from tongban.kernel.time import clock
from tongban.letters import queries as letters
from tongban.procedures import claims, consulting, possible, viewing
from tongban.procedures import queries as matters
from tongban.procedures.looking import first_look
from tongban.procedures.practice import Step
from tongban.signin.actor import SignedInRequest
from tongban.web import consulted, halted, news, reopened
from tongban.web.access import signed_in
from tongban.web.desk import talking
from tongban.web.desk.anywhere import page_of
from tongban.web.display import place_name
from tongban.web.files import handed_out
from tongban.web.officer import answers
from tongban.web.officer.forms import FORMS
from tongban.web.prints import pdf_of
from tongban.web.staff import named, names_of

PICTURES, DOCUMENTS = {"PNG", "JPEG"}, {"PDF"}  # as `reading` calls them
# One press, without a page of its own: it binds nobody.
AT_ONCE = (Act.ACKNOWLEDGE,)


# The page may frame its own files, and nothing else.
POLICY: dict[str, Any] = {**settings.SECURE_CSP, "frame-src": [CSP.SELF]}
framing = csp_override(POLICY)


@framing
@require_safe
@signed_in(Permission.CASE_CONTENT)
def case(request: SignedInRequest, number: str) -> HttpResponse:
    """Open a case. The first opening of each duty is written down."""
    if news.is_asked(request):
        return news.answer(request, queries.case(number, request.actor), request.actor)
    found = first_look(matter=queries.case(number, request.actor), by=request.actor, at=clock.now())
    return _page(request, found)


@framing
@require_POST
@signed_in(Permission.CASE_CONTENT)
def reveal(request: SignedInRequest, number: str) -> HttpResponse:
    """Show the numbers of people in full, and write down who asked."""
    found = queries.case(number, request.actor)
    for piece in matters.contents(found, request.actor):
        if piece.label == "form" and piece.here:
            viewing.note(found, piece.digest, by=request.actor, at=clock.now())
    return _page(request, found, full=True)


@require_POST
@signed_in(Permission.CASE_CONTENT)
def claim(request: SignedInRequest, number: str) -> HttpResponse:
    """Take the case upon oneself (认领)."""
    by, found = request.actor, queries.case(number, request.actor)
    done = claims.claim(matter=found, duties=claims.claimable(found, by), by=by, at=clock.now())
    return redirect(f"{page_of(done, by)}?done={Act.CLAIM}")


@require_safe
@signed_in(Permission.CASE_CONTENT)
def file(request: SignedInRequest, number: str, digest: str) -> HttpResponse:
    """Hand out a file, and write down who read it."""
    found = queries.case(number, request.actor)
    name, media_type, data = viewing.read(found, digest, by=request.actor, at=clock.now())
    return handed_out(request, name, media_type, data)


@require_safe
@signed_in(Permission.CASE_CONTENT)
def letter(request: SignedInRequest, number: str, kind: str) -> HttpResponse:
    """One letter of a case, to print and seal."""
    found = queries.case(number, request.actor)
    return pdf_of(kind, found, by=request.actor, at=clock.now())


def stopped(
    request: SignedInRequest, found: Case, done: Sequence[Act], at: Act, refusal: DomainError
) -> HttpResponse:
    """The page of a case of which several acts were to be done at one press, at the one that was refused; what is done stays."""
    sentence = halted.sentence(found, done, at, refusal)
    return _page(request, found, faults=[("acts", sentence)], status=refusal.status)


def keep_claim(found: Case, by: Actor) -> None:
    """Claim what an act of theirs has opened for whoever had claimed the case, if it is theirs to do."""
    names = doable(found, by, [act for act, _rule in possible.possible_acts(found, by, clock.now())])
    if not names:
        return
    try:
        claims.claim(matter=found, duties=names, by=by, at=clock.now())
    except DomainError:
        return  # the act itself is done; the case moved on before it could be claimed again


def doable(found: Case, by: Actor, able: Iterable[str]) -> list[str]:
    """Return the duties that somebody may take upon themselves and can end by an act that they are `able` to do."""
    ended = {kind for act in able for kind in RULES[act].closes}
    return [name for name in claims.claimable(found, by) if found.state["duties"][name]["kind"] in ended]


def heading(found: Case, actor: Actor) -> dict[str, Any]:
    """Return what the top of every page of a case shows."""
    guide, known = queries.guide_of(found), matters.names(found)
    return {
        "case": found, "item": guide["name"] if guide else queries.item_name(found), "guide": guide, "names": known,
        "here": place_name(found.number[:6]), "there": place_name(guide["division"]) if guide else "",
        "intake": known.get(found.intake_org, ""), "handling": known.get(found.handling_org, ""),
        "mine": claimed_by(found), "remedies": letters.remedies_end(found),
    }  # fmt: skip


def claimed_by(found: Case) -> list[str]:
    """Return who has taken something of a case upon themselves, as pages call them."""
    duties = found.state["duties"].values()
    return sorted(
        names_of({matters.called(found.number, d["claimed"]) for d in duties if d["claimed"]}).values()
    )


def file_of(found: Case, actor: Actor, head: dict[str, Any]) -> dict[str, Any]:
    """Return what the page of an act shows of the case beside it: form, files, what was said, the story."""
    read = reading.read(found, actor)
    schema = head["guide"]["form"] if head["guide"] else {}
    return {
        "today": clock.official_day(clock.now()), "changes": reopened.changes(found, masked=True),
        "why_not": read.why_not, "papers": read.papers, "pictures": PICTURES, "documents": DOCUMENTS,
        "sections": answers.sections(schema, read.form, full=False) if read.form is not None else [],
        "entries": [(e, read.texts.get((e.act, e.at), [])) for e in named(matters.timeline(found, actor))],
        "deadlines": [(one, head["names"].get(one.holder, "")) for one in matters.deadlines(found)],
    }  # fmt: skip


def _waits_for(found: Case, actor: Actor, step: Step | None) -> str:
    """Return what the own organisation owes now by the hand of another post; nothing where there is no such thing."""
    for name in possible.own_duties(found, actor):
        kind = found.state["duties"][name]["kind"]
        review = step if kind == Duty.REVIEW else None
        permission = review.permission if review else CASE.present.ends.get(kind)
        if permission and not actor.may(permission):
            return review.name if review else _(found.title_of_duty(kind))
    return ""


def _shown(papers: list[Paper], digest: str) -> dict[str, Any]:
    """Return the file that was asked for, how a browser shows it, and its neighbours; nothing is opened unasked."""
    here = [one for one in papers if one.here]
    place = next((n for n, one in enumerate(here) if one.digest == digest), None)
    if place is None:
        return {"shown": None, "following": here[0] if here else None}
    kind = here[place].kind
    return {
        "shown": here[place], "shown_as": "picture" if kind in PICTURES else "document" if kind in DOCUMENTS else "",
        "before": here[place - 1] if place else None, "following": here[place + 1] if place + 1 < len(here) else None,
    }  # fmt: skip


@journal.read_once()
def _page(
    request: SignedInRequest, found: Case, *, full: bool = False, faults: list[tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    actor, at = request.actor, clock.now()
    read = reading.read(found, actor)
    head = heading(found, actor)
    lawful = [act for act, _ in possible.possible_acts(found, actor, at)]
    able = [act for act in lawful if act in FORMS]
    step = steps.of_case(head["guide"], found.facts)
    schema = head["guide"]["form"] if head["guide"] else {}
    entries = [(e, read.texts.get((e.act, e.at), [])) for e in named(matters.timeline(found, actor))]
    done = request.GET.get("done", "")
    context = {
        "faults": faults or [],
        **head, "today": clock.official_day(at), "full": full, "changes": reopened.changes(found, masked=not full),
        "why_not": read.why_not, "papers": read.papers,
        **_shown(read.papers, request.GET.get("view", "")),
        "sections": answers.sections(schema, read.form, full=full) if read.form is not None else [],
        "deadlines": [(one, head["names"].get(one.holder, "")) for one in matters.deadlines(found)],
        "entries": entries,
        "at_once": [(act, RULES[act].title, FORMS[act].explains) for act in able if act in AT_ONCE],
        "with_form": [(act, RULES[act].title, FORMS[act].grave) for act in able if act not in AT_ONCE],
        "letters": list(letters.due(found, by=actor).items()), "may_claim": bool(doable(found, actor, lawful)),
        "may_hand_over": bool(claims.held_by(found, actor)),
        **talking.said_about(found, entries, actor, head["names"]),
        "consultations": consulted.lines(consulting.of(found, actor)),
        "step": step, "waits_for": _waits_for(found, actor, step),
        "notice": _("已记录：") + _(found.title_of_act(done)) if done in set(Act) else "",
    }  # fmt: skip
    return render(request, "officer/case.html", context, status=status)

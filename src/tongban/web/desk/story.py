"""The page of a matter: where it stands, what can be done, what it says, whose turn it is by when, and what happened."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel import vault
from tongban.kernel.errors import DomainError, NotFound, NotPermitted
from tongban.kernel.time import clock
from tongban.procedures import claims, listing, possible, practice, queues, viewing
from tongban.procedures import queries as matters
from tongban.procedures.looking import first_look
from tongban.procedures.models import Matter, supervised_by
from tongban.procedures.possible import Tried
from tongban.procedures.queries import Entry, Piece
from tongban.procedures.rule import FILE
from tongban.procedures.words import Standard
from tongban.signin.actor import SignedInRequest
from tongban.web import designs
from tongban.web.access import signed_in
from tongban.web.designs import design_for
from tongban.web.designs.design import ELSEWHERE, Design
from tongban.web.display import place_name
from tongban.web.english import told
from tongban.web.files import download
from tongban.web.staff import named, names_of


@require_safe
@signed_in(also=designs.anybody_with_a_desk)
def matter(request: SignedInRequest, procedure: str, number: str) -> HttpResponse:
    """Open a matter. The first opening of each duty is written down."""
    design, actor = design_for(procedure, request.actor), request.actor
    found = first_look(matter=one(design, number, actor), by=actor, at=clock.now())
    tried = possible.tried(found, actor, clock.now())
    context = {
        **heading(design, found, actor), "acts": offered(design, tried), "may_claim": bool(claimable(found, actor, tried)),
        "may_hand_over": bool(claims.held_by(found, actor)),
        "may_relieve": Standard.RELIEVE in tried.acts,
        "withheld": withheld(tried), "done": _done(design, found, request.GET.get("done", "")),
        "entries": _story(found, actor), "files": _files(found, actor),
        "about": matters_about(found, actor), "watches": procedure in supervised_by(actor),
    }  # fmt: skip
    return render(request, "desk/matter.html", context)


@require_safe
@signed_in(also=designs.anybody_with_a_desk)
def printed(request: SignedInRequest, procedure: str, number: str) -> HttpResponse:
    """Show a matter as it is put on paper: where it stands and what happened, without what can be done."""
    design, actor = design_for(procedure, request.actor), request.actor
    found = one(design, number, actor)
    context = {**heading(design, found, actor), "entries": _story(found, actor), "printed": clock.now()}
    return render(request, "desk/print.html", context)


def one(design: Design, number: str, actor: Actor) -> Matter:
    """Return a matter of the procedure that somebody may see; raises NotFound, BadNumber."""
    found = matters.matter(number, actor)
    if found.procedure != design.procedure:
        raise NotFound(_("没有编号为 %(number)s 的事项，或您无权查看。请核对编号。") % {"number": number})
    return found


def heading(design: Design, found: Matter, actor: Actor) -> dict[str, Any]:
    """Return what the top of every page of a matter shows."""
    known, procedure = matters.names(found), design.of
    claimed = {
        matters.called(found.number, d["claimed"]) for d in found.state["duties"].values() if d["claimed"]
    }
    return {
        "design": design, "matter": found, "item": listing.items_of([found])[found.number], "here": place_name(found.number[:6]),
        "today": clock.official_day(clock.now()),
        "parties": [
            (procedure.role_name(role), known.get(bound["org"], bound["org"])) for role, bound in found.state["roles"].items()
        ],
        "facts": _facts(design, found), "mine": sorted(names_of(claimed).values()) if actor.kind is ActorKind.STAFF else [],
        "deadlines": [(one, known.get(one.holder, "")) for one in matters.deadlines(found)],
    }  # fmt: skip


def offered(design: Design, tried: Tried) -> list[tuple[str, str, Any]]:
    """Return the acts that somebody may do now, each with its title and what is said of it."""
    return [(act, rule.title, design.design_of(act)) for act, rule in tried.possible if act not in ELSEWHERE]


def withheld(tried: Tried) -> list[tuple[str, str]]:
    """Return the acts that would be the actor's now but for a rule, with the sentence that says why not."""
    return [(rule.title, told(refusal)) for rule, refusal in tried.withheld]


def claimable(found: Matter, by: Actor, tried: Tried) -> list[str]:
    """Return the duties of the own organisation that somebody may take upon themselves and has not."""
    duties, others = found.state["duties"], queues.for_others(found.procedure, by)
    free = claims.claimable(found, by) if Standard.CLAIM in tried.acts else []
    return [name for name in free if duties[name]["kind"] not in others]


@require_POST
@signed_in(also=designs.anybody_with_a_desk)
def claim(request: SignedInRequest, procedure: str, number: str) -> HttpResponse:
    """Take a matter upon oneself (认领)."""
    design, by = design_for(procedure, request.actor), request.actor
    found = one(design, number, by)
    names = claimable(found, by, possible.tried(found, by, clock.now()))
    claims.claim(matter=found, duties=names, by=by, at=clock.now())
    return redirect(f"{reverse('web:desk-matter', args=[procedure, found.number])}?done={Standard.CLAIM}")


@require_safe
@signed_in(also=designs.anybody_who_reads)
def content(request: SignedInRequest, procedure: str, number: str, digest: str) -> HttpResponse:
    """Hand out a piece of content, and write down who read it."""
    design, actor = design_for(procedure, request.actor), request.actor
    name, media_type, data = viewing.read(one(design, number, actor), digest, by=actor, at=clock.now())
    return download(name, media_type, data)


def matters_about(found: Matter, actor: Actor) -> list[Matter]:
    """Return the matters about this one that somebody may see, and the one it is about."""
    seen = matters.matters(actor)
    return [
        *seen.filter(number=found.about).defer("state"),
        *seen.filter(about=found.number).defer("state")[:30],
    ]


def _done(design: Design, found: Matter, done: str) -> str:
    """Return what has just been done, in words: an act, or that it was opened."""
    if done == "new":
        return str(design.opening.title) if design.opening else ""
    return found.title_of_act(done) if done in design.of.present.rules else ""


def _facts(design: Design, found: Matter) -> list[tuple[str, str]]:
    """Return what was chosen on the way, in words, and whose choice it was where not the founder's."""
    procedure, codes, facts = design.of, design.of.codes, found.state["facts"]
    return [
        (
            procedure.labels.get(name, name) if role == procedure.founder
            else f"{procedure.labels.get(name, name)}（{procedure.role_name(role)}）",
            codes[name].get(str(said[name]), str(said[name])),
        )
        for role, said in sorted(facts.items(), key=lambda one: one[0] != procedure.founder)
        for name in codes
        if said.get(name)
    ]  # fmt: skip


def _readable(found: Matter, actor: Actor) -> list[Piece]:
    try:
        return matters.contents(found, actor)
    except NotPermitted:
        return []


def _story(found: Matter, actor: Actor) -> list[tuple[Entry, list[tuple[str, str]]]]:
    texts: dict[tuple[str, Any], list[tuple[str, str]]] = {}
    last: dict[str, str] = {}
    how = practice.of(found.procedure)
    for piece in _readable(found, actor):
        if not piece.label.startswith(FILE):
            text = _text(found, piece)
            said = how.told(found, piece.label, text, last.get(piece.label, ""))
            texts.setdefault((piece.act, piece.at), []).append((found.title_of_label(piece.label), said))
            last[piece.label] = text
            viewing.note_once(found, piece.digest, by=actor, at=clock.now())
    entries = matters.timeline(found, actor)
    return [(entry, texts.get((entry.act, entry.at), [])) for entry in named(entries)]


def _text(found: Matter, piece: Piece) -> str:
    if not piece.here:
        return _("（到达中）")
    try:
        return vault.get(found.number, piece.digest).decode(errors="replace")
    except DomainError as refusal:
        return str(refusal)


def _files(found: Matter, actor: Actor) -> list[tuple[str, Piece]]:
    return [(found.title_of_label(piece.label), piece) for piece in _readable(found, actor)]

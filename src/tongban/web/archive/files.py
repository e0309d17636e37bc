"""One file of the archive: what it holds, how long it is kept, and what is done about it (鉴定、批准、撤回)."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongban.kernel import vault
from tongban.kernel.errors import DomainError, NotFound, NotPermitted
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.procedures import archive, commands, listing, possible, practice, readable, register, viewing
from tongban.procedures import queries as matters
from tongban.procedures.disposal import GROUNDS
from tongban.procedures.models import Matter
from tongban.procedures.queries import Piece
from tongban.procedures.tables import WAIT
from tongban.procedures.words import Standard
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.archive.keepers import keeps_archive
from tongban.web.english import told
from tongban.web.files import download
from tongban.web.staff import named, names_of

LONGEST = 4000
NOTE = "note"
ACTS = (
    Standard.APPRAISE, Standard.APPROVE_DESTRUCTION, Standard.DECLINE_DESTRUCTION, Standard.RETRACT_DESTRUCTION,
)  # fmt: skip


@require_safe
@signed_in(also=keeps_archive)
def file(request: SignedInRequest, number: str) -> HttpResponse:
    """The page of a file."""
    return _page(request, _ended(request, number))


@require_POST
@signed_in(also=keeps_archive)
def act(request: SignedInRequest, number: str, act: str) -> HttpResponse:
    """Propose, approve, decline or take back that the content be destroyed."""
    found = _ended(request, number)
    if act not in ACTS:
        raise NotFound(_("没有这种操作。请回到页面选择可办理的操作。"))
    ground, note = request.POST.get("ground", "")[:20], request.POST.get("note", "").strip()[:LONGEST]
    given = {"ground": ground} if act == Standard.APPRAISE else {}
    texts = {"note": note} if act == Standard.DECLINE_DESTRUCTION else {}
    faults: list[tuple[str, str]] = []
    if act == Standard.APPRAISE and ground not in GROUNDS:
        faults = [("ground", _("销毁依据：请选择一项。"))]
    elif act == Standard.DECLINE_DESTRUCTION and not note:
        faults = [("note", _("处置说明：请写明为什么不同意。"))]
    if faults:
        return _page(request, found, faults=faults, status=422)
    try:
        commands.act(matter=found, act=act, by=request.actor, at=clock.now(), given=given, texts=texts)
    except DomainError as refusal:
        return _page(
            request, _ended(request, number), faults=[("acts", told(refusal))], status=refusal.status
        )
    return redirect(f"{reverse('web:archive-file', args=[found.number])}?done={act}")


@require_safe
@signed_in(also=keeps_archive)
def content(request: SignedInRequest, number: str, digest: str) -> HttpResponse:
    """Hand out a piece of content to who has to judge whether it is worth keeping, and write down who read it."""
    return download(*viewing.read(_ended(request, number), digest, by=request.actor, at=clock.now()))


def _ended(request: SignedInRequest, number: str) -> Matter:
    """Return a matter that has ended; what goes on is in no archive."""
    found = matters.matter(number, request.actor)
    if found.live:
        raise NotFound(
            _("编号 %(number)s 的事项还在办理，不在档案中。请办结后再查。") % {"number": found.number}
        )
    return found


def _contents(found: Matter, request: SignedInRequest) -> list[Piece] | None:
    """Return what there is to appraise; nothing for whom it is too early."""
    try:
        return matters.contents(found, request.actor)
    except NotPermitted:
        return None


def _notes(found: Matter, pieces: list[Piece]) -> dict[tuple[str, datetime], list[tuple[str, str]]]:
    """Return what people have written of a proposal, by act: why it was declined."""
    if vault.is_destroyed(found.number):
        return {}
    return {
        (one.act, one.at): [(found.title_of_label(NOTE), vault.get(found.number, one.digest).decode())]
        for one in pieces
        if one.label == NOTE and one.here
    }


def _page(
    request: SignedInRequest, found: Matter, *, faults: list[tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    actor, done = request.actor, request.GET.get("done", "")
    able = possible.tried(found, actor, clock.now()).acts
    pieces, sides = _contents(found, request), archive.disposals(found)
    procedure, how = register.of(found.procedure), practice.of(found.procedure)
    notes = _notes(found, pieces or [])
    for piece in pieces or []:
        if piece.label == NOTE:
            viewing.note_once(found, piece.digest, by=actor, at=clock.now())
    called = {
        pseudonym: matters.called(found.number, pseudonym)
        for one in sides
        for pseudonym in (one.appraised_by, one.approved_by)
    }
    names = names_of(called.values())
    context: dict[str, Any] = {
        "matter": found, "item": listing.items_of([found])[found.number], "able": able & set(ACTS), "faults": faults or [],
        "kept_until": readable.keeps_until(State.from_dict(found.state)), "today": clock.official_day(clock.now()),
        "grounds": GROUNDS.items(), "wait": WAIT, "typed": request.POST,
        "sides": [(procedure.role_name(one.role), one) for one in sides],
        "who": {pseudonym: names[code] for pseudonym, code in called.items()},
        "pieces": None if pieces is None else [(how.title_of(found, one.label), one) for one in pieces],
        "entries": [(entry, notes.get((entry.act, entry.at), [])) for entry in named(matters.timeline(found, actor))],
        "destroyed": vault.is_destroyed(found.number),
        "notice": _("已记录：") + _(found.title_of_act(done)) if done in ACTS else "", "notice_kind": "ok",
    }  # fmt: skip
    return render(request, "archive/file.html", context, status=status)

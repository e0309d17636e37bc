"""
What is said about a case beside its acts: to the other place (往来, part of the record), and to colleagues alone (内部便笺).

Both are written on the page of the case; what is refused comes back on a page of its own, with what was typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.cases import commands, queries
from tongban.cases.models import Case
from tongban.cases.words import Act, Role
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.time import clock
from tongban.procedures import notes
from tongban.procedures.queries import Entry
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.desk.anywhere import page_of
from tongban.web.english import told
from tongban.web.staff import names_of
from tongban.web.typed import whole

LONGEST = 2000  # characters of a message


@dataclass(frozen=True, slots=True)
class Said:
    """One message: when, which office, who, what."""

    at: datetime
    office: str
    who: str
    text: str


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_CONTENT, kind=ActorKind.STAFF)
def write(request: SignedInRequest, number: str) -> HttpResponse:
    """Write to the other place about a case."""
    found, by = queries.case(number, request.actor), request.actor
    text = request.POST.get("message", "").strip()
    if request.method != "POST":
        return _page(request, found, "message", text)
    try:
        if not text or len(text) > LONGEST:
            raise InvalidInput(_("没有发送：请填写要说的话，最多 %(n)s 个字。") % {"n": LONGEST})
        done = commands.act(case=found, act=Act.WRITE, by=by, at=clock.now(), texts={"message": text})
        return redirect(f"{page_of(done, by)}?done={Act.WRITE}#talk")
    except DomainError as refusal:
        return _page(request, found, "message", text, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_CONTENT, kind=ActorKind.STAFF)
def note(request: SignedInRequest, number: str) -> HttpResponse:
    """Leave a note for colleagues of the own office, or delete one's own."""
    found, by = queries.case(number, request.actor), request.actor
    text = request.POST.get("note", "").strip()
    if request.method != "POST":
        return _page(request, found, "note", text)
    try:
        if "remove" in request.POST:
            notes.remove(matter=found, note=whole(request.POST["remove"], digits=18) or 0, by=by)
        else:
            notes.add(matter=found, text=text, by=by, at=clock.now())
        return redirect(f"{page_of(found, by)}#notes")
    except DomainError as refusal:
        return _page(request, found, "note", text, refusal)


def said_about(
    found: Case, story: Sequence[tuple[Entry, Sequence[tuple[str, str]]]], by: Actor, names: dict[str, str]
) -> dict[str, Any]:
    """
    Return what the page of a case shows of what was said: messages and notes, newest first, and whom to ring.

    `story` is the timeline of the page, each entry with what was written in it.
    """
    messages = [
        Said(entry.at, entry.name, entry.staff, text)
        for entry, texts in reversed(story)
        if entry.act == Act.WRITE
        for _title, text in texts
    ]
    own = notes.of(found, by)
    who = names_of({one.staff for one in own})
    return {
        "talk": messages, "may_write": {Role.INTAKE, Role.HANDLING} <= found.state["roles"].keys() and found.live,
        "notes": [(one, notes.words_of(one), who[one.staff], one.staff == by.staff) for one in own],
        "telephones": _telephones(found, by, names), "most": {"message": LONGEST, "note": notes.LONGEST},
    }  # fmt: skip


def _telephones(found: Case, by: Actor, names: dict[str, str]) -> list[tuple[str, str]]:
    """Return the other offices of a case with the telephone under which they are reached; empty where nobody entered one."""
    offices = [uscc for bound in found.state["roles"].values() for uscc in (bound["org"], bound["office"])]
    others = [uscc for uscc in dict.fromkeys(offices) if uscc != by.organisation]
    known = accounts.phones(others)
    return [(names[uscc], known.get(uscc, "")) for uscc in others if uscc in names]


def _page(
    request: SignedInRequest, found: Case, kind: str, typed: str, refusal: DomainError | None = None
) -> HttpResponse:
    context = {
        "case": found, "kind": kind, "typed": typed, "back": page_of(found, request.actor),
        "most": LONGEST if kind == "message" else notes.LONGEST,
        "faults": [(kind, told(refusal))] if refusal else [],
    }  # fmt: skip
    return render(request, "desk/talking.html", context, status=refusal.status if refusal else 200)

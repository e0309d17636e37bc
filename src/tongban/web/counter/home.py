"""Where a clerk begins: find the item and the place, go on with what was begun, see what waits."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.identifiers import mask_name
from tongban.cases.models import Case
from tongban.cases.procedure import NAME as CASE
from tongban.cases.words import Duty
from tongban.catalogue import queries as catalogue
from tongban.catalogue.models import Offering
from tongban.kernel.errors import InvalidInput
from tongban.kernel.journal import numbers
from tongban.kernel.models import Duty as DutyRow
from tongban.kernel.time import clock
from tongban.materials import queries as materials
from tongban.materials import retention
from tongban.procedures import queries as matters
from tongban.procedures import queues
from tongban.procedures.newest import Newest
from tongban.web import discards, htmx
from tongban.web.access import signed_in
from tongban.web.counter import shift
from tongban.web.counter.beginning import begun, way, ways
from tongban.web.counter.request import actor_of
from tongban.web.desk.anywhere import page_of
from tongban.web.display import place_name
from tongban.web.english import told
from tongban.web.typed import scanned

OWED_HERE = (
    Duty.REACH,
    Duty.CONFIRM_ANSWER,
    Duty.TELL,
    Duty.HAND_OUT,
    Duty.CONFIRM,
    Duty.RECEIVE,
    Duty.FORMAL_REVIEW,
    Duty.FORWARD,
)
SHOWN = 50
ASKED_AS = ("applicant_name", "enterprise_name", "company_name")  # in the forms of guides
LONGEST, LONGEST_CODE = 100, 4000  # of words; of what a scanner types
# Six digits and about as long as a number: then it was meant as one, and is told what is wrong with it.
LIKE_A_NUMBER = re.compile(r"\d{6}[\s0-9A-Za-z-]{16,30}")


@require_safe
@signed_in(Permission.CASE_RECEIVE)
def home(request: HttpRequest) -> HttpResponse:
    """The counter's first page; a number in the search box leads straight to what it is of."""
    by, typed = actor_of(request), request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_CODE]
    text, wrong = scanned(typed)[:LONGEST], ""
    try:
        number = str(numbers.parse(text))
        other = matters.matters(by).exclude(procedure=CASE).filter(number=number).first()
        return redirect(page_of(other, by) if other else reverse("web:counter-case", args=[number]))
    except numbers.BadNumber as bad:
        wrong = told(bad) if LIKE_A_NUMBER.fullmatch(text) else ""
    rows = search(text) if text and not wrong else []
    can = ways([row.code for row in rows])
    found = [(row, place_name(row.division), can[row.code]) for row in rows] if text else None
    # While somebody types, only what is found is asked for.
    desk = {} if htmx.wants_part(request) else _desk(by)
    said = ngettext("查到 %(n)s 项。", "查到 %(n)s 项。", len(found or ())) % {"n": len(found or ())}
    context = {"q": text, "found": found, "wrong": wrong, "notice": discards.notice(request), **desk}
    return htmx.shown(request, "counter/home.html", "found", context, said=said if text else "")


@require_POST
@signed_in(Permission.CASE_FILE)
def take(request: HttpRequest, code: str) -> HttpResponse:
    """Begin taking in: a number at once, then the one page of the case."""
    if shift.is_due(actor_of(request)):
        found = Offering.objects.in_use().filter(code=code).first()
        words = f"{found.name} {place_name(found.division)}" if found else ""
        back = f"{reverse('web:counter')}?{urlencode({'q': words})}"
        return redirect(f"{reverse('web:shift')}?{urlencode({'next': back, 'take': code})}")
    if why_not := way(code).why_not:
        raise InvalidInput(why_not)
    return redirect("web:counter-draft", number=begun(request, code))


def search(text: str) -> list[Offering]:
    """Return offerings in use that fit words of an item and of a place, typed in any order."""
    divisions = Offering.objects.in_use().order_by().values_list("division", flat=True).distinct()
    places = {division: place_name(division) for division in divisions}
    words, wanted = [], set(places)
    for word in text.split():
        there = {division for division, name in places.items() if word in name}
        if there:
            wanted &= there
        else:
            words.append(word)
    return list(catalogue.search(" ".join(words)).filter(division__in=wanted)[:SHOWN])


def _desk(by: Actor) -> dict[str, Any]:
    """Return what lies on the clerk's desk: what waits for them, what they began, what others now deal with."""
    owed, drafts, waiting = list(_owed(by)), list(materials.drafts_of(by)[:SHOWN]), list(_elsewhere(by))
    cases = Case.objects.visible_to(by).in_bulk([duty.subject for duty in owed])
    forms = materials.forms_of(cases) if by.may(Permission.CASE_CONTENT) else {}
    today = clock.official_day(clock.now())
    codes = {draft.offering for draft in drafts} | {case.offering for case in [*cases.values(), *waiting]}
    return {
        "owed": [
            (duty, cases[duty.subject], for_whom(forms.get(duty.subject, {}))) for duty in owed if duty.subject in cases
        ],
        "places": {code: place_name(division) for code, division in _divisions(codes).items()},
        "drafts": [(draft, retention.told_of(draft.changed_at, today)) for draft in drafts],
        "waiting": waiting, "names": _names(codes), "today": today,
    }  # fmt: skip


def _owed(by: Actor) -> list[DutyRow]:
    kinds = [str(kind) for kind in OWED_HERE]
    return queues.page(queues.held(by).filter(kind__in=kinds), None, SHOWN)


def _elsewhere(by: Actor) -> list[Case]:
    """Cases of this window that somebody else has to move."""
    held = queues.held(by).filter(kind__in=[str(kind) for kind in OWED_HERE])
    # Not by the index of the window's book, which SQLite would read from its beginning: what is under way is found by `Newest`.
    own = (
        Case.objects.in_progress()
        .alias(window=Coalesce("intake_org", Value("")))
        .filter(window=by.organisation)
    )
    return Newest(own.defer("state"), by, CASE, live=True, but=held, own=True).page(None, SHOWN)[0]


def for_whom(form: Mapping[str, Any]) -> str:
    """Return the masked name of whom a form is for, so that two of the same item are told apart."""
    return mask_name(next((str(form[one]) for one in ASKED_AS if form.get(one)), ""))


def _divisions(codes: set[str]) -> dict[str, str]:
    """Where offerings are decided, by one query."""
    return dict(Offering.objects.filter(code__in=codes).values_list("code", "division"))


def _names(codes: set[str]) -> dict[str, str]:
    """Names of offerings for the rows, by one query."""
    return dict(Offering.objects.filter(code__in=codes).values_list("code", "name"))

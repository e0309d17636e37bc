"""我的办件: the applicant's own cases by tabs, what needs them first; what each waits for, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Actor
from tongban.cases.models import Case, CaseQuerySet
from tongban.cases.procedure import NAME
from tongban.cases.told_of import tidy
from tongban.catalogue import queries as catalogue
from tongban.kernel.time import calendars, clock
from tongban.procedures import queues
from tongban.procedures.newest import Newest
from tongban.signin.actor import SignedInRequest
from tongban.web import chips, discards, paging
from tongban.web.applicant import own_drafts, story
from tongban.web.applicant.drafts import applicants_only
from tongban.web.desk import case_rows

PAGE = 30
MOST = 1000  # what a count is counted to
LONGEST = 60  # of what is looked for
SHORTEST = 4  # characters of a number
BOXES: Final = (
    ("todo", gettext_lazy("需要您办")), ("doing", gettext_lazy("办理中")), ("done", gettext_lazy("已办结")),
    ("all", gettext_lazy("全部")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One case as its owner sees it in a list."""

    case: Case
    name: str
    place: str
    phase: str
    tag: str
    waits: Any  # what is waited for; whether it is theirs says `yours`
    due: SafeString | str
    yours: bool


@applicants_only
@require_safe
def my_cases(request: SignedInRequest) -> HttpResponse:
    """Drafts to go on with, and cases."""
    by, today = request.actor, clock.official_day(clock.now())
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    found = _looked_for(q)
    counts = {code: _listed(code, found, by).count(MOST) for code, _name in BOXES}
    box = request.GET.get("box", "")
    if box not in counts:
        box = "todo" if counts["todo"][0] else "all"
    after = paging.read(request.GET.get("after", ""))
    rows, last = _listed(box, found, by, apart=box == "all").page(after, PAGE)
    if box == "all" and after is None:
        rows = [*_listed("todo", found, by).page(None, PAGE)[0], *rows]
    kept = {"box": box, **({"q": q} if q else {})}
    context = {
        "drafts": own_drafts.rows(by), "rows": _rows(rows, today), "box": box, "q": q,
        "tabs": [(code, name, f"{n}+" if more else str(n)) for (code, name), (n, more) in zip(BOXES, counts.values(), strict=True)],
        "next": urlencode({**kept, "after": paging.written(last)}) if last else "", "query": urlencode({"q": q}) if q else "",
        "any": bool(counts["all"][0]) or bool(q),
        "notice": _("已经存好，随时可以回来接着填。") if request.GET.get("done") == "kept" else discards.notice(request),
    }  # fmt: skip
    return render(request, "applicant/my_cases.html", context)


def _listed(box: str, found: CaseQuerySet, by: Actor, *, apart: bool = False) -> Newest[Case]:
    """Return one of the lists; `apart`: without what is the applicant's turn, which stands before it."""
    whole, owed = Newest(found, by, NAME), queues.held(by).filter(procedure=NAME)
    match box:
        case "todo":
            return replace(whole, among=owed)
        case "doing":
            return replace(whole, found=found.in_progress(), live=True, but=owed)
        case "done":
            return replace(whole, found=found.filter(live=False), ended=True, but=owed)
    return replace(whole, but=owed) if apart else whole


def _looked_for(q: str) -> CaseQuerySet:
    """Return the cases that fit what is looked for: an item's name or everyday name, or part of a number."""
    found = Case.objects.all()
    if not q:
        return found
    plain, codes = tidy(q), list(catalogue.search(q).values_list("code", flat=True))
    fits = Q(offering__in=codes)
    if plain.isascii() and len(plain) >= SHORTEST:
        fits |= Q(number__contains=plain)
    return found.filter(fits)


def _rows(cases: Sequence[Case], today: date) -> list[Row]:
    known = own_drafts.offerings({case.offering for case in cases})
    duties = case_rows.due_first(cases, of_applicant=True)
    calendar = calendars.current()
    found = []
    for case in cases:
        duty = duties.get(case.number)
        name, place = own_drafts.words_of(known, case.offering)
        due = chips.of_due(duty.standing(today, calendar), duty.limit) if duty else ""
        found.append(
            Row(
                case, name, place, case_rows.phase_of(case), case_rows.tag_of(case), story.meaning(case), due,
                yours=duty is not None and not duty.organisation,
            )
        )  # fmt: skip
    return found

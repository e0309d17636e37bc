"""
Several late duties put to those who owe them, with one text (督办), and the letter of it on paper (督办单).

Each is recorded on its own matter and may be refused by itself; the page says of each what came of it.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongban.accounts.access.actor import Actor, Permission
from tongban.kernel import identity
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.letters import contents, printing, sources
from tongban.procedures import listing, viewing, watched
from tongban.procedures import queries as matters
from tongban.procedures.listing import Line
from tongban.procedures.models import Matter
from tongban.procedures.watched import Asked
from tongban.procedures.words import Owed, Standard
from tongban.signin.actor import SignedInRequest
from tongban.supervision import queries as supervising
from tongban.web import chips
from tongban.web.access import signed_in
from tongban.web.desk.many import MOST, joined
from tongban.web.english import told

LONGEST: Final = 4000  # characters of what is demanded
NOT_PUT: Final = frozenset({str(Owed.SUPERVISE), str(Owed.RESOLVE)})
UNSAID: Final = "请说明逾期原因，并写明何日前办结。"  # what the system asks by itself


def says_something(words: str) -> bool:
    """Return whether a text has anything to read: signs that nobody sees are none."""
    return any(unicodedata.category(sign)[0] in "LN" for sign in words)


def is_offered(row: Line) -> bool:
    """Return whether a line of the list can be chosen: late, and owed by people of an office here."""
    duty = row.duty
    owed_here = duty.node == identity.fingerprint() and bool(duty.organisation)
    return owed_here and row.standing.is_late and not row.of_system and duty.kind not in NOT_PUT


@require_POST
@signed_in(Permission.CASE_SUPERVISE)
def press(request: SignedInRequest) -> HttpResponse:
    """Ask for the text, then put each chosen duty to whoever owes it."""
    by, chosen = request.actor, _chosen(request)
    note = request.POST.get("note")
    words = (note or "").strip()
    if not says_something(words) or len(words) > LONGEST:
        asks = _("要求：请写明要求什么、何时办结，最多 %(n)s 个字。") % {"n": LONGEST}
        context: dict[str, Any] = {
            "rows": _lines(chosen, by),
            "faults": [] if note is None else [("note", asks)],
            "note": words[:LONGEST],
        }
        return render(request, "supervisor/press.html", context, status=200 if note is None else 422)
    done, refused = [], []
    found_of = {f"{row.duty.subject} {row.duty.name}": row for row in _lines(chosen, by)}
    for key in chosen:
        row = found_of.get(key)
        try:
            if row is None or not is_offered(row):
                raise InvalidInput(_("没有找到这一项逾期事项，可能已经办结。请回到督办列表重新勾选。"))
            found = matters.matter(row.matter.number, by)
            watched.press(matter=found, about=row.duty.name, note=words, by=by, at=clock.now())
            done.append(row)
        except DomainError as refusal:
            refused.append((row, told(refusal)))
    context = {"done": done, "refused": refused}
    return render(request, "supervisor/pressed.html", context, status=200 if done else 422)


@require_POST
@signed_in(Permission.CASE_SUPERVISE)
def sheet(request: SignedInRequest) -> HttpResponse:
    """Print what was put to offices and waits for an answer: one letter for each office."""
    by, at = request.actor, clock.now()
    offices: dict[str, dict[str, list[contents.LateLine]]] = {}
    for row in _lines(_chosen(request), by):
        found = matters.matter(row.matter.number, by)
        asked = next((one for one in watched.open_in(found) if one.about == row.duty.name), None)
        if asked is None:
            raise InvalidInput(
                _("没有打印：办件 %(number)s 没有等答复的督办，可能已经答复。请回到督办列表重新勾选。")
                % {"number": found.number}
            )
        offices.setdefault(row.holder, {}).setdefault(_demand(found, asked, by, at), []).append(
            _late(row, asked)
        )
    if not offices:
        raise InvalidInput(_("没有打印：勾选的事项已经办结。请回到督办列表重新勾选。"))
    issuer, day = matters.names_of({by.organisation}), sources.chinese(clock.official_day(at))
    sheets = [
        contents.Order(issuer.get(by.organisation, ""), office, day, at, list(parts.items()))
        for office, parts in offices.items()
    ]
    response = HttpResponse(joined(printing.pdf(one) for one in sheets), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="supervision.pdf"'
    return response


def _chosen(request: SignedInRequest) -> list[str]:
    """Return what was ticked: `number name-of-duty`, each once."""
    chosen = list(dict.fromkeys(request.POST.getlist("duty")))
    if not chosen or len(chosen) > MOST:
        raise InvalidInput(_("没有办理：请勾选 1 到 %(n)s 项。") % {"n": MOST})
    return chosen


def _lines(chosen: Iterable[str], by: Actor) -> list[Line]:
    """Return the open duties of that name that `by` supervises."""
    keys = [key.partition(" ") for key in chosen]
    wanted = reduce(or_, (Q(subject=number, name=name) for number, _, name in keys))
    duties = list(supervising.open_duties(by).filter(wanted).order_by("due_on", "pk"))
    return listing.lines(duties, by, clock.official_day(clock.now()))


def _demand(found: Matter, asked: Asked, by: Actor, at: datetime) -> str:
    """Return what was written as it was put to the office; that it was read is written down."""
    since = datetime.fromisoformat(found.state["duties"][asked.duty]["since"])
    for piece in matters.contents(found, by):
        if (piece.label, piece.act, piece.at) == ("note", Standard.PRESS, since):
            viewing.note_once(found, piece.digest, by=by, at=at)
            return matters.open_content(found, piece.digest, by)[2].decode(errors="replace")
    return UNSAID


def _late(row: Line, asked: Asked) -> contents.LateLine:
    due, answer_by = row.duty.due_on, asked.answer_by
    return contents.LateLine(
        numbers.grouped(row.duty.subject), row.item, row.title, sources.chinese(due) if due else "—",
        chips.in_words(row.standing, row.duty.limit), sources.chinese(answer_by) if answer_by else "—",
    )  # fmt: skip

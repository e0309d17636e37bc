"""The receipt: the case number, and what this node has signed to hold, as a code to print or to photograph."""

import json

import segno
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from tongban.cases import answer_code, queries
from tongban.cases.words import Mode
from tongban.kernel import identity
from tongban.kernel.crypto import canon
from tongban.kernel.time import clock
from tongban.procedures import queries as matters
from tongban.signin.actor import SignedInRequest
from tongban.web.applicant import story, ways
from tongban.web.applicant.drafts import applicants_only
from tongban.web.applicant.own_form import guide_of, place_of
from tongban.web.english import name_in_guide


@applicants_only
@require_safe
def receipt(request: SignedInRequest, number: str) -> HttpResponse:
    """Show the receipt of one's own case."""
    case = queries.case(number, request.actor)
    statement = matters.receipt(case, clock.now())
    known = matters.names(case)
    context = {
        "case": case, "item_name": name_in_guide(queries.item_name(case), guide_of(case)), "there": place_of(case),
        "intake": known.get(case.intake_org, ""), "handling": known.get(case.handling_org, ""),
        "desks": ways.desks_here() if case.mode == Mode.PROXY_INTAKE else [], "at": clock.now(),
        "standing": story.standing(case, clock.official_day(clock.now())), "code": qr(canon.encode(statement)),
        "answer_code": answer_code.of(case.number) if case.intake_node == identity.fingerprint() else "",
        "data": json.dumps(statement, ensure_ascii=False, indent=1, sort_keys=True),
    }  # fmt: skip
    return render(request, "applicant/receipt.html", context)


def qr(data: bytes) -> str:
    """Return a QR code as SVG that takes the size of what it stands in."""
    drawn = segno.make(data, error="l", micro=False).svg_inline(omitsize=True, border=4)
    return mark_safe(drawn)  # noqa: S308 - it holds nothing but numbers of segno's making

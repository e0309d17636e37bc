"""The receipt: the case number, and a code that opens the page of its progress; what this node has signed to hold, for whoever asks."""

from urllib.parse import urlencode

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
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
from tongban.web.files import download


@applicants_only
@require_safe
def receipt(request: SignedInRequest, number: str) -> HttpResponse:
    """Show the receipt of one's own case."""
    case = queries.case(number, request.actor)
    known = matters.names(case)
    context = {
        "case": case, "item_name": name_in_guide(queries.item_name(case), guide_of(case)), "there": place_of(case),
        "intake": known.get(case.intake_org, ""), "handling": known.get(case.handling_org, ""),
        "desks": ways.desks_here() if case.mode == Mode.PROXY_INTAKE else [],
        "standing": story.standing(case, clock.official_day(clock.now())), "code": qr(progress(case.number)),
        "answer_code": answer_code.of(case.number) if case.intake_node == identity.fingerprint() else "",
    }  # fmt: skip
    return render(request, "applicant/receipt.html", context)


@applicants_only
@require_safe
def proof(request: SignedInRequest, number: str) -> HttpResponse:
    """Save what this node signs to hold of one's own case, for a program that verifies it later."""
    statement = matters.receipt(queries.case(number, request.actor), clock.now())
    return download(f"签名凭据-{number}.json", "application/json", canon.encode(statement))


def progress(number: str) -> str:
    """Return the address at which everybody asks how a case stands; the number fills the field in, and proves nothing."""
    query = urlencode({"number": number})
    return f"{settings.NODE.url.rstrip('/')}{reverse('web:lookup')}?{query}"


def qr(text: str) -> str:
    """Return a QR code as SVG that takes the size of what it stands in."""
    drawn = segno.make(text, micro=False).svg_inline(omitsize=True, border=4)
    return mark_safe(drawn)  # noqa: S308 - it holds nothing but numbers of segno's making

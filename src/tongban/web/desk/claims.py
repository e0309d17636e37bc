"""Handing over what one has claimed in a matter (转交), and giving back what somebody absent has claimed (解除认领)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Actor
from tongban.accounts.people import colleagues
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.procedures import claims, register
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.procedures.words import Standard
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.desk.anywhere import page_of
from tongban.web.english import told
from tongban.web.staff import names_of

TO_ALL = ""  # handed back to all: whoever comes first may claim it
LONGEST = 4000


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(also=claims.claims_something)
def hand_over(request: SignedInRequest, number: str) -> HttpResponse:
    """Hand over all that one has claimed in a matter."""
    found, faults, status = matters.matter(number, request.actor), [], 200
    if request.method == "POST":
        chosen = request.POST.get("colleague", TO_ALL)[:12]
        try:
            done = claims.hand_over(matter=found, colleague=chosen, by=request.actor, at=clock.now())
            return redirect(f"{page_of(done, request.actor)}?done={Standard.HAND_OVER}")
        except DomainError as refusal:
            faults, status = [("colleague", told(refusal))], refusal.status
    names = claims.held_by(found, request.actor)
    context = {"colleagues": _choices(found, request.actor), "chosen": request.POST.get("colleague", "")}
    return _page(request, found, names, Standard.HAND_OVER, faults, status, context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(also=claims.relieves_somebody)
def relieve(request: SignedInRequest, number: str) -> HttpResponse:
    """Give back to all what is claimed in a matter, and say why."""
    found, faults, status = matters.matter(number, request.actor), [], 200
    note = request.POST.get("note", "").strip()[:LONGEST]
    if request.method == "POST":
        try:
            if note:
                done = claims.relieve(matter=found, note=note, by=request.actor, at=clock.now())
                return redirect(f"{page_of(done, request.actor)}?done={Standard.RELIEVE}")
            faults, status = [("note", _("处置说明：请写明谁缺岗、为什么解除认领。"))], 422
        except DomainError as refusal:
            faults, status = [("note", told(refusal))], refusal.status
    return _page(request, found, claims.claimed(found), Standard.RELIEVE, faults, status, {"note": note})


def _choices(found: Matter, actor: Actor) -> list[tuple[str, str]]:
    """Return whom the actor's work can be handed to."""
    procedure = register.find(found.procedure)
    if procedure is None:
        return []
    return [(code, str(one)) for code, one in colleagues.beside(actor, procedure.reads).items()]


def _page(
    request: SignedInRequest, found: Matter, names: list[str], act: Standard, faults: list[tuple[str, str]], status: int,
    more: dict[str, Any],
) -> HttpResponse:  # fmt: skip
    duties = found.state["duties"]
    who = names_of(matters.called(found.number, duties[name]["claimed"]) for name in names)
    claimed = [
        (
            found.title_of_duty(duties[name]["kind"]),
            who[matters.called(found.number, duties[name]["claimed"])],
        )
        for name in names
    ]
    context = {
        "matter": found, "title": found.title_of_act(act), "act": act, "claimed": claimed, "faults": faults,
        "back": page_of(found, request.actor), **more,
    }  # fmt: skip
    return render(request, "desk/claims.html", context, status=status)

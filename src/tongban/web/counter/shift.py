"""Going on shift at a window and handing over: whose window it is stands on what is issued there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.people import colleagues, shifts
from tongban.cases.models import Case
from tongban.cases.procedure import CASE
from tongban.catalogue.models import Offering
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.materials import queries as materials
from tongban.procedures import claims, queues, recording
from tongban.signin import sessions
from tongban.web import account, wanted
from tongban.web.access import signed_in
from tongban.web.counter.beginning import begun, way
from tongban.web.counter.request import actor_of
from tongban.web.english import told
from tongban.web.staff import names_of

SHOWN = 50
KEPT = "kept"  # the clerk comes back to them


def is_due(by: Actor) -> bool:
    """Return whether somebody at the counter still has to say at which window they sit."""
    return by.may(Permission.CASE_RECEIVE) and not by.window and shifts.windows_for(by).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_RECEIVE)
def start(request: HttpRequest) -> HttpResponse:
    """Choose hall and window; the last one is chosen already, so that Enter is enough."""
    by, chosen = actor_of(request), request.POST.get("window", "")
    windows = list(shifts.windows_for(by)[:SHOWN])
    faults = []
    if request.method == "POST":
        if chosen in {str(window.pk) for window in windows}:
            sessions.start_shift(request, window=int(chosen), by=by, at=clock.now())
            item = request.POST.get("take", "")
            if item and by.may(Permission.CASE_FILE) and not way(item).why_not:
                # Somebody was about to take in when they were asked for their window.
                return redirect("web:counter-draft", number=begun(request, item))
            return redirect(wanted.address(request, otherwise=reverse("web:counter")))
        faults = [("window", _("窗口：请选择您现在所在的窗口。"))]
    last = shifts.last(by)
    taken: dict[int, list[str]] = {
        row.window.pk: [name for name, _since in row.clerks if name != by.staff]
        for row in shifts.staffing(for_actor=by, at=clock.now())
    }
    names = names_of(who for others in taken.values() for who in others)
    context = {
        "windows": [(window, [names[who] for who in taken.get(window.pk, [])]) for window in windows], "faults": faults,
        "chosen": last.window_id if last else (windows[0].pk if windows else 0), "next": wanted.address(request, otherwise=""),
        "take": (request.POST.get("take") or request.GET.get("take") or "")[:60],
    }  # fmt: skip
    return render(request, "counter/shift.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_RECEIVE)
def hand_over(request: HttpRequest) -> HttpResponse:
    """See what is still held, hand it on, then end the shift and the session."""
    by, faults = actor_of(request), []
    if request.method == "POST":
        try:
            _hand_on(by, request.POST.get("colleague", KEPT)[:12])
            shifts.end_shift(by=by, at=clock.now())
            return account.sign_out(request, to="web:sign-in")
        except DomainError as refusal:
            faults = [("colleague", told(refusal))]
    claimed = list(queues.held(by).filter(claimed_by=by.staff).order_by("due_on", "id")[:SHOWN])
    cases = Case.objects.visible_to(by).in_bulk([duty.subject for duty in claimed])
    drafts = list(materials.drafts_of(by)[:SHOWN])
    codes = {draft.offering for draft in drafts} | {case.offering for case in cases.values()}
    context = {
        "claimed": [(duty, cases[duty.subject]) for duty in claimed if duty.subject in cases],
        "drafts": drafts, "today": clock.official_day(clock.now()),
        "names": dict(Offering.objects.filter(code__in=codes).values_list("code", "name")),
        "shift": shifts.current(by, clock.now()), "faults": faults, "kept": KEPT,
        "colleagues": [(code, str(one)) for code, one in colleagues.beside(by, CASE.reads).items()] if claimed else [],
    }  # fmt: skip
    return render(request, "counter/hand_over.html", context, status=409 if faults else 200)


def _hand_on(by: Actor, colleague: str) -> None:
    """Hand every claimed case to a colleague, or back to all; nothing where the clerk keeps them."""
    if colleague == KEPT:
        return
    for number in queues.held(by).filter(claimed_by=by.staff).values_list("subject", flat=True).distinct():
        claims.hand_over(matter=recording.visible(number, by), colleague=colleague, by=by, at=clock.now())

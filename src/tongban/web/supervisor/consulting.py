"""
Consulting a case (调阅材料): a ground and a reason are asked for, then form and files are shown for as long as that lasts.

Whether they are open is asked of `readable` at every request; these pages decide nothing.
"""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tongban.accounts.access.actor import Permission
from tongban.cases import queries, reading
from tongban.cases.models import Case
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import writer as journal
from tongban.kernel.time import clock
from tongban.procedures import consulting, viewing
from tongban.procedures.consultation import Ground
from tongban.procedures.consulting import ConsultationOpen, GroundUnknown
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.english import told
from tongban.web.files import handed_out
from tongban.web.officer import answers
from tongban.web.officer.cases import DOCUMENTS, PICTURES, heading
from tongban.web.unfinished import taken_up


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_SUPERVISE)
def ask(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask for ground and reason; whoever consults the case already is led to what they may read."""
    found, by, at = queries.case(number, request.actor), request.actor, clock.now()
    there = reverse("web:consulted-case", args=[found.number])
    if request.method != "POST":
        return redirect(there) if consulting.open_to(found, by, at) else _page(request, found)
    typed = {name: request.POST.get(name, "") for name in ("ground", "reason")}
    try:
        consulting.consult(matter=found, ground=typed["ground"], reason=typed["reason"], by=by, at=at)
    except ConsultationOpen:
        return redirect(there)  # pressed twice
    except DomainError as refusal:
        return _page(request, found, typed, refusal)
    return redirect(there)


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
@journal.read_once()
def case(request: SignedInRequest, number: str) -> HttpResponse:
    """Form and files, until when and by which ground; whoever does not consult the case is asked first."""
    found, by, at = queries.case(number, request.actor), request.actor, clock.now()
    consultation = consulting.open_to(found, by, at)
    if consultation is None:
        return redirect(f"{reverse('web:supervision-consult', args=[found.number])}?closed=1")
    head, read = heading(found, by), reading.read(found, by)
    if read.form_digest:
        viewing.note(found, read.form_digest, by=by, at=at)
    schema = head["guide"]["form"] if head["guide"] else {}
    context = {
        **head, "today": clock.official_day(at), "consultation": consultation, "papers": read.papers,
        "why_not": read.why_not, "shown": PICTURES | DOCUMENTS,
        "sections": answers.sections(schema, read.form, full=False) if read.form is not None else [],
    }  # fmt: skip
    return render(request, "supervisor/consulted.html", context)


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
def file(request: SignedInRequest, number: str, digest: str) -> HttpResponse:
    """Hand out a file while the case is consulted, and write down who read it."""
    found = queries.case(number, request.actor)
    name, media_type, data = viewing.read(found, digest, by=request.actor, at=clock.now())
    return handed_out(request, name, media_type, data)


def _page(
    request: SignedInRequest, found: Case, typed: dict[str, str] | None = None, refusal: DomainError | None = None
) -> HttpResponse:  # fmt: skip
    kept = taken_up(request) if refusal is None else None
    typed = typed or ({name: kept.data.get(name, "") for name in ("ground", "reason")} if kept else {})
    field = "ground" if isinstance(refusal, GroundUnknown) else "reason"
    closed = _("材料现在没有打开：没有调阅，或者两小时已到。要看，请写明依据和理由。")
    context = {
        "case": found, "item": queries.item_name(found), "grounds": Ground.choices, "typed": typed,
        "faults": [(field, told(refusal))] if refusal else [], "shortest": consulting.SHORTEST,
        "longest": consulting.LONGEST, "hours": int(consulting.LASTS.total_seconds() // 3600),
        "notice": kept.notice if kept else closed if "closed" in request.GET else "", "notice_kind": "warn",
    }  # fmt: skip
    return render(request, "supervisor/consult.html", context, status=refusal.status if refusal else 200)

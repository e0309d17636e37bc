"""Opening a draft, and where to go on with it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tongban.accounts.access.actor import ActorKind
from tongban.cases import commands
from tongban.catalogue import forms as judge
from tongban.catalogue import queries as catalogue
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.materials import queries, quotas, retention
from tongban.materials.models import Draft
from tongban.signin.actor import SignedInRequest
from tongban.web import answers
from tongban.web.access import signed_in
from tongban.web.applicant import one_by_one, own_drafts
from tongban.web.applicant.ways import closed_because, desks_here, modes_for
from tongban.web.display import place_name
from tongban.web.english import told

applicants_only = signed_in(kind=ActorKind.APPLICANT)
MODES = "modes"  # in the session: draft number → mode chosen at the start


@dataclass(frozen=True, slots=True)
class Work:
    """A draft that is being filled in, with the guide it follows."""

    draft: Draft
    offering: Any
    guide: dict[str, Any]
    instance: dict[str, Any]

    @property
    def number(self) -> str:
        """The number of the draft."""
        return self.draft.number

    @property
    def schema(self) -> dict[str, Any]:
        """The form's schema."""
        schema: dict[str, Any] = self.guide["form"]
        return schema

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps that are pages of their own."""
        return answers.steps_of(self.schema)

    def faults(self) -> list[judge.Fault]:
        """Return what the one judge has against the form as it is kept."""
        return judge.judge(self.schema, self.instance, on=clock.official_day(clock.now()))

    def done(self) -> set[str]:
        """Return the keys of the pages that are complete: steps with something in them and nothing wrong."""
        wrong = {fault.path[0] for fault in self.faults() if fault.path}
        steps = {
            str(n) for n, step in enumerate(self.steps, 1)
            if not wrong & set(step["fields"]) and set(self.instance) & set(step["fields"])
        }  # fmt: skip
        complete = len(steps) == len(self.steps) and not queries.missing_required(self.number, self.guide)
        return steps | ({"materials"} if complete else set())

    def context(self, current: str) -> dict[str, Any]:
        """Return what every page of a draft shows; `current` is the step it is at."""
        pages = [(str(n), s["title"], step_url(self.number, n)) for n, s in enumerate(self.steps, 1)]
        pages.append(("materials", _("材料"), reverse("web:draft-materials", args=[self.number])))
        pages.append(("confirm", _("核对提交"), reverse("web:draft-confirm", args=[self.number])))
        return {
            "done": self.done(), "draft": self.draft, "offering": self.offering, "guide": self.guide, "pages": pages, "current": current,
            "there": place_name(self.offering.division), "closed": closed_because(self.offering),
            "ends": retention.told_of(self.draft.changed_at, clock.official_day(clock.now())),
        }  # fmt: skip


@applicants_only
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: SignedInRequest, code: str) -> HttpResponse:
    """Choose how it is to be handled and open a draft."""
    offering, guide = catalogue.offering(code), catalogue.current_guide(code).body
    mine = queries.drafts_of(request.actor).filter(offering=code)
    # Pressed twice, or pressed and never filled in: the same draft again.
    untouched = mine.filter(form="").first()
    full = None if untouched else quotas.refusal_of_new(request.actor.applicant, clock.now())
    modes, closed = modes_for(guide, request.actor), closed_because(offering)
    if request.method == "POST" and not full:
        mode = next((mode for mode, why in modes if not why and mode == request.POST.get("mode")), None)
        if mode is not None:
            number = (
                untouched.number
                if untouched
                else commands.open_draft(offering=code, by=request.actor, at=clock.now())
            )
            request.session[MODES] = {**request.session.get(MODES, {}), number: str(mode)}
            return redirect("web:draft", number=number)
    first = next((mode for mode, why in modes if not why), None)
    faults = [("mode", _("请选择一种办理方式。"))] if request.method == "POST" and not full else []
    context = {
        "offering": offering, "guide": guide, "modes": modes, "closed": closed, "drafts": mine.exclude(form="")[:5],
        "there": place_name(offering.division), "can": not closed and bool(first), "first": first, "desks": desks_here(),
        "faults": faults, "full": told(full) if full else "", "own": own_drafts.rows(request.actor) if full else [],
    }  # fmt: skip
    response = render(request, "applicant/start.html", context, status=422 if faults else 200)
    return _refused(response, full) if full and request.method == "POST" else response


def _refused(response: HttpResponse, refusal: DomainError) -> HttpResponse:
    """Return a page that shows a refusal and what to do about it, as the answer to what was refused."""
    response.status_code = refusal.status
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


@applicants_only
@require_safe
def draft(request: SignedInRequest, number: str) -> HttpResponse:
    """Go on where something is still to be done."""
    work = work_on(request, number)
    if work.draft.filed:
        return redirect("web:my-case", number=work.number)
    wrong = {fault.path[0] for fault in work.faults() if fault.path}
    for n, step in enumerate(work.steps, 1):
        if wrong & set(step["fields"]):
            return redirect(step_url(work.number, n))
    lacking = queries.missing_required(work.number, work.guide)
    return redirect("web:draft-materials" if lacking else "web:draft-confirm", number=work.number)


def work_on(request: SignedInRequest, number: str) -> Work:
    """
    Return the reader's own draft.

    Raises:
        numbers.BadNumber: no number. NotFound: none of theirs, or its guide is gone.
    """
    draft = queries.draft(str(numbers.parse(number)), request.actor)
    guide = catalogue.current_guide(draft.offering)
    return Work(draft, guide.offering, guide.body, queries.form_of(draft.number))


def step_url(number: str, step: int, ask: str = "") -> str:
    """Return the address of a step; in 长辈版, of the question `ask` in it."""
    return reverse("web:draft-step", args=[number, step]) + (f"?{one_by_one.ASK}={ask}" if ask else "")

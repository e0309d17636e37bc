"""Giving a draft up, after being asked once: the applicant's, and the window's."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import ActorKind, Permission
from tongban.catalogue.models import Offering
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.materials import discarding, queries
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in

DISCARDED = "discarded"  # in the session: the draft that was given up last, for who presses twice


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(kind=ActorKind.APPLICANT)
def applicants(request: HttpRequest, number: str) -> HttpResponse:
    """Give up a draft of one's own."""
    return _answer(request, number, "web:my-cases", "web:my-case", "web:draft")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.CASE_FILE)
def windows(request: HttpRequest, number: str) -> HttpResponse:
    """Give up a draft of the window."""
    return _answer(request, number, "web:counter", "web:counter-case", "web:counter-draft")


def _answer(request: HttpRequest, number: str, afterwards: str, case: str, back: str) -> HttpResponse:
    known, by = str(numbers.parse(number)), cast(SignedInRequest, request).actor
    gone = f"{reverse(afterwards)}?done={DISCARDED}"
    if request.session.get(DISCARDED) == known:
        return redirect(gone)
    draft = queries.draft(known, by)
    if draft.filed:
        return redirect(case, number=known)
    if request.method == "POST":
        discarding.discard(number=known, by=by, at=clock.now())
        request.session[DISCARDED] = known
        return redirect(gone)
    offering = Offering.objects.filter(code=draft.offering).first()
    context = {
        "draft": draft, "name": offering.name if offering else draft.offering, "back": reverse(back, args=[known]),
        "files": queries.materials_of(known).count(),
    }  # fmt: skip
    return render(request, "web/discard.html", context)


def notice(request: HttpRequest) -> str:
    """Return the sentence for the page that one comes to afterwards, if that is where one comes from."""
    return _("草稿已放弃，填写的内容和上传的文件已经销毁。") if request.GET.get("done") == DISCARDED else ""

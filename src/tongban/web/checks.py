"""The public page on which whoever holds a letter checks that it was issued, by the code that stands on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.signin import letter_checks
from tongban.signin.address import address_of
from tongban.web.english import told


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Say of a letter whether it was issued here: its title, number, issuer and day, to be compared by eye."""
    typed = request.GET.get("code", "").strip()[:200]
    context: dict[str, Any] = {"typed": typed, "asked": bool(typed)}
    try:
        context["found"] = letter_checks.check(code=typed, address=address_of(request), at=clock.now())
    except DomainError as refusal:
        context["faults"] = [("code", told(refusal))]
        return render(request, "web/check.html", context, status=refusal.status)
    return render(request, "web/check.html", context, status=404 if typed and not context["found"] else 200)

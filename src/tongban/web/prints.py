"""A letter as the answer to a request: PDF, to print and to sign. Who may have which is for `letters.queries` to say."""

from datetime import datetime

from django.http import HttpResponse

from tongban.accounts.access.actor import Actor
from tongban.cases.models import Case
from tongban.letters import queries as letters


def pdf_of(kind: str, case: Case, *, by: Actor, at: datetime) -> HttpResponse:
    """Return a letter to look at and print; raises as `letters.printed`."""
    response = HttpResponse(letters.printed(kind, case, by=by, at=at).pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{case.number}-{kind}.pdf"'
    return response

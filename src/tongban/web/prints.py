"""A letter as the answer to a request: PDF, to print and to sign. Who may have which is for `letters.queries` to say."""

from django.http import HttpResponse

from tongban.letters import printing
from tongban.letters.contents import Letter


def pdf_of(letter: Letter, kind: str) -> HttpResponse:
    """Return a letter to look at and print; raises as `printing.pdf`."""
    response = HttpResponse(printing.pdf(letter), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{letter.head.number}-{kind}.pdf"'
    return response

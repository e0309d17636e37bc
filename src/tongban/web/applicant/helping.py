"""请人帮办: who can help somebody who cannot file alone: by telephone, at the window, or as their agent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongban.web.applicant import ways


@require_safe
def helpers(request: HttpRequest) -> HttpResponse:
    """Say whom to ring, where somebody helps, and how another files in one's name."""
    return render(request, "applicant/helpers.html", {"desks": ways.desks_here()})

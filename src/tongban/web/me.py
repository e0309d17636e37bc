"""The page behind one's name: who one is here, how pages are shown, and what belongs to the account."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in


@signed_in()
@require_safe
def me(request: SignedInRequest) -> HttpResponse:
    """Show who is signed in, in which post, and what can be set."""
    return render(request, "web/me.html")

"""Where somebody reads a matter of whatever procedure: the one address that a number alone leads to."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.cases.procedure import NAME as CASE
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in


@require_safe
@signed_in()
def matter(request: SignedInRequest, number: str) -> HttpResponse:
    """Lead to the page of a matter."""
    return redirect(page_of(matters.matter(number, request.actor), request.actor))


def page_of(found: Matter, actor: Actor) -> str:
    """Return the page on which somebody reads a matter: of a case the page of their post, of all others the desk's."""
    if found.procedure != CASE:
        return reverse("web:desk-matter", args=[found.procedure, found.number])
    if actor.kind is ActorKind.APPLICANT:
        page = "web:my-case"
    elif actor.may(Permission.CASE_RECEIVE):
        page = "web:counter-case"
    else:
        page = "web:officer-case" if actor.may(Permission.CASE_CONTENT) else "web:supervised-case"
    return reverse(page, args=[found.number])

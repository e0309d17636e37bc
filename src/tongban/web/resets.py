"""Lost second factors by pages: who manages accounts asks for a reset, another of them or who supervises confirms it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Permission
from tongban.accounts.models import Person
from tongban.accounts.people import resetting
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.time import clock
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.english import told
from tongban.web.typed import whole


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE, Permission.CASE_SUPERVISE)
def resets(request: SignedInRequest) -> HttpResponse:
    """What waits for a second pair of eyes, and the form that asks for another."""
    asks, status = request.actor.may(Permission.ACCOUNTS_MANAGE), 200
    shown: dict[str, Any] = {"notice": _("已申请，等另一人复核。") if request.GET.get("done") else ""}
    if request.method == "POST":
        confirms = request.POST.get("do") == "confirm"
        try:
            if confirms:
                return _confirmed(request)
            resetting.ask(person=_named(request), by=request.actor, at=clock.now())
            return redirect(f"{request.path}?done=1")
        except DomainError as refusal:
            # Nobody looked for something that is not there: what was typed, or the list, has to be looked at again.
            status = 422 if isinstance(refusal, NotFound) else refusal.status
            shown["faults"] = [("username" if asks and not confirms else "pending", told(refusal))]
    shown |= {
        "rows": resetting.pending(by=request.actor, at=clock.now()),
        "asks": asks,
        "username": request.POST.get("username", ""), "me": request.actor.staff,
    }  # fmt: skip
    return render(request, "web/resets.html", shown, status=status)


def _confirmed(request: SignedInRequest) -> HttpResponse:
    number = whole(request.POST.get("number", ""))
    rows = resetting.pending(by=request.actor, at=clock.now())
    person = next((row.person for row in rows if row.pk == number), None)
    if person is None:
        raise NotFound("未重置：没有这项申请，或已过 24 小时，或已经办理。请刷新后再看。")
    new = passwords.made_up(login=person.username)
    resetting.confirm(person=person, password=new, by=request.actor, at=clock.now())
    return render(request, "web/reset_done.html", {"username": person.username, "password": new})


def _named(request: SignedInRequest) -> Person:
    username = request.POST.get("username", "").strip().lower()
    found = Person.objects.visible_to(request.actor).filter(username=username, is_active=True).first()
    if not username or found is None:
        raise NotFound("未申请：没有这个在用的账号。请核对账号。")
    return found

"""Who of the staff signs in by an identity provider: who manages accounts binds and unbinds them."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Permission
from tongban.accounts.models import Person, StaffIdentity
from tongban.accounts.people import staff_identities
from tongban.configuration.staff_providers import StaffProviderConfig
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.time import clock
from tongban.signin.actor import SignedInRequest
from tongban.signin.providers import offered_to_staff
from tongban.web.access import signed_in
from tongban.web.english import told
from tongban.web.typed import whole

DONE = {
    "bind": gettext_lazy("已绑定。本人下次登录起可用单位认证平台。"),
    "unbind": gettext_lazy("已解除。本人的登录都已结束。"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE)
def bindings(request: SignedInRequest) -> HttpResponse:
    """Whose account is bound to which provider, with a button to unbind it, and the form that binds another."""
    shown: dict[str, Any] = {"notice": DONE.get(request.GET.get("done", ""), "")}
    status = 200
    if request.method == "POST":
        unbinds = request.POST.get("do") == "unbind"
        try:
            _unbind(request) if unbinds else _bind(request)
            return redirect(f"{request.path}?done={'unbind' if unbinds else 'bind'}")
        except DomainError as refusal:
            # Nobody looked for something that is not there: what was typed, or the list, has to be looked at again.
            status = 422 if isinstance(refusal, NotFound) else refusal.status
            shown["faults"] = [("bound" if unbinds else "username", told(refusal))]
    shown |= {
        "rows": [(row, _name(row)) for row in _rows(request)], "providers": offered_to_staff(),
        "username": request.POST.get("username", ""),
        "subject": request.POST.get("subject", ""), "chosen": request.POST.get("provider", ""),
    }  # fmt: skip
    return render(request, "web/staff_identities.html", shown, status=status)


def own(person: Person) -> list[tuple[str, datetime]]:
    """Return by which providers somebody can sign in themselves, and since when they are bound."""
    bound = StaffIdentity.objects.bound().filter(person=person).order_by("bound_at")
    return [(_name(one), one.bound_at) for one in bound]


def _name(bound: StaffIdentity) -> str:
    # One that the node has given up has no name any more.
    return next((one.name for one in offered_to_staff() if one.issuer == bound.issuer), bound.issuer)


def _bind(request: SignedInRequest) -> None:
    subject, provider = request.POST.get("subject", "").strip(), _provider(request)
    username = request.POST.get("username", "").strip().lower()
    person = Person.objects.visible_to(request.actor).filter(username=username, is_active=True).first()
    if not username or person is None:
        raise NotFound("未绑定：没有这个在用的账号。请核对账号。")
    staff_identities.bind(
        person=person, issuer=provider.issuer, subject=subject, by=request.actor, at=clock.now()
    )


def _unbind(request: SignedInRequest) -> None:
    number = whole(request.POST.get("number", ""))
    found = next((row for row in _rows(request) if row.pk == number), None)
    if found is None:
        raise NotFound("未解除：没有这项绑定，或已经解除。请刷新后再看。")
    staff_identities.unbind(person=found.person, issuer=found.issuer, by=request.actor, at=clock.now())


def _provider(request: HttpRequest) -> StaffProviderConfig:
    for one in offered_to_staff():
        if one.key == request.POST.get("provider", ""):
            return one
    raise NotFound("未绑定：请选择单位认证平台。本节点接入了哪些，见 config.toml。")


def _rows(request: SignedInRequest) -> list[StaffIdentity]:
    bound = StaffIdentity.objects.bound().visible_to(request.actor).select_related("person")
    return list(bound.order_by("person__username", "issuer"))

"""The applicant's own account: what stands there, and the rights to change it, to take a copy of everything, and to close it."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tongban.accounts import identifiers
from tongban.accounts.models import Applicant
from tongban.accounts.people.staffing import WrongPassword
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.time import clock
from tongban.rights import closing, copying
from tongban.signin import changing, proving
from tongban.signin.actor import SignedInRequest
from tongban.signin.address import address_of
from tongban.web.applicant.drafts import applicants_only
from tongban.web.english import told
from tongban.web.files import copy_of_data

SAID = {
    "telephone": lambda: _("手机号已更改，您在别处的登录都已结束。"),
    "login": lambda: _("账号已更改，您在别处的登录都已结束。"),
}
LISTED = 50


@applicants_only
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """What the account says, hidden as far as its owner knows it anyway; and where each thing is corrected."""
    own = proving.applicant_of(request)
    said = SAID.get(request.GET.get("done", ""))
    context = {
        "account": own, "telephone": identifiers.mask_mobile(own.telephone), "login": _login(own),
        "name": identifiers.mask_name(own.name), "idno": identifiers.mask_id(own.identity_number),
        "level": Applicant.Assurance(own.assurance).label, "notice": said() if said else "",
    }  # fmt: skip
    return render(request, "account/account.html", context)


@applicants_only
@require_http_methods(["GET", "HEAD", "POST"])
def telephone(request: SignedInRequest) -> HttpResponse:
    """Another telephone; the present one is shown in part."""

    def change(own: Applicant) -> HttpResponse:
        typed = request.POST.get("telephone", "")[:100]
        changing.change_telephone(request, applicant=own, telephone=typed, at=clock.now())
        return redirect(_done(request, "telephone"))

    return _ask(request, "account/telephone.html", "telephone", change)


@applicants_only
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: SignedInRequest) -> HttpResponse:
    """Another login name."""

    def change(own: Applicant) -> HttpResponse:
        changing.change_login(request, applicant=own, login=request.POST.get("login", ""), at=clock.now())
        return redirect(_done(request, "login"))

    return _ask(request, "account/login.html", "login", change)


@applicants_only
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: SignedInRequest) -> HttpResponse:
    """A copy of all that the node holds, made while it is saved."""

    def make(own: Applicant) -> HttpResponse:
        answer = copy_of_data(copying.begin(applicant=own, by=request.actor, at=clock.now()))
        return cast(HttpResponse, answer)  # as all that stands around a page takes it

    return _ask(request, "account/copy.html", "copy", make, most=copying.A_DAY)


@applicants_only
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: SignedInRequest) -> HttpResponse:
    """Close the account, after a page that says what goes, what stays and why."""

    def end(own: Applicant) -> HttpResponse:
        if not request.POST.get("sure"):
            raise InvalidInput(_("账号没有注销：请先勾选“我知道注销不能撤销”。"))
        closing.close(applicant=own, by=request.actor, at=clock.now())
        request.session.flush()
        return render(request, "account/closed.html")

    follows = closing.what_follows(request.actor)
    return _ask(
        request,
        "account/close.html",
        "sure",
        end,
        follows=follows,
        listed=f":{LISTED}",
        days=settings.NODE.records_days,
    )


def _ask(
    request: SignedInRequest, page: str, field: str, do: Callable[[Applicant], HttpResponse], **more: Any
) -> HttpResponse:  # fmt: skip
    """Show a form that asks who it is once more, or do what was sent; what is wrong with the proof stands at the proof."""
    own, at = proving.applicant_of(request), clock.now()
    faults: list[tuple[str, str]] = []
    status = 200
    if request.method == "POST":
        try:
            typed = request.POST.get("password", "")
            return do(proving.prove(request, password=typed, address=address_of(request), at=at))
        except (WrongPassword, proving.FreshSignInNeeded) as refusal:
            faults, status = [("password", told(refusal))], 422
        except DomainError as refusal:
            faults, status = [(field, told(refusal))], refusal.status
    context = {
        **more, "account": own, "faults": faults, "fault": dict(faults), "typed": request.POST.get(field, "")[:200],
        "telephone": identifiers.mask_mobile(own.telephone), "login": _login(own),
        "has_password": bool(own.password), "fresh": not own.password and proving.is_fresh(request, at),
        "ways": proving.ways_back(own) if not own.password else [],
    }  # fmt: skip
    return render(request, page, context, status=status)


def _login(own: Applicant) -> str:
    """Return a login name as its owner knows it again: one that is a telephone number in part."""
    is_number = identifiers.is_valid(identifiers.mobile, own.login)
    return identifiers.mask_mobile(own.login) if is_number else own.login


def _done(request: SignedInRequest, what: str) -> str:
    return f"{request.path.rsplit('/', 2)[0]}/?done={what}"

"""People change their own password; staff who were handed one, or whose is too old, have to before anything else."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import ActorKind
from tongban.accounts.access.passwords import SHORTEST
from tongban.accounts.models import Person
from tongban.accounts.people import past_passwords
from tongban.accounts.people.staffing import WrongPassword
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.kernel.time import clock
from tongban.signin import changing
from tongban.signin.actor import ActorRequest
from tongban.signin.address import address_of
from tongban.web import wanted
from tongban.web.access import SignInNeeded, asks_itself
from tongban.web.english import told


@asks_itself(kind=ActorKind.STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The present password once, the new one twice."""
    if not isinstance(changing.account_of(request), Person) and cast(ActorRequest, request).actor is not None:
        raise NotPermitted(_("这里只能修改工作人员的密码。"))
    return _page(request)


@asks_itself()
@require_http_methods(["GET", "HEAD", "POST"])
def own_password(request: HttpRequest) -> HttpResponse:
    """The same for everybody who has signed in."""
    return _page(request)


def _page(request: HttpRequest) -> HttpResponse:
    account = changing.account_of(request)
    if account is None:
        raise SignInNeeded(_("请先登录。"))
    faults: dict[str, str] = {}
    if request.method == "POST":
        faults = _change(request)
        if not faults:
            return redirect(wanted.address(request, otherwise=f"{request.path}?done=1"))
    hint = _("至少 %(n)s 个字符，不含账号，不用常见密码，不与最近 %(last)s 个密码相同。") % {
        "n": SHORTEST,
        "last": past_passwords.LAST,
    }
    fields = [
        _field("old", _("现在的密码"), "current-password", faults),
        _field("new", _("新密码"), "new-password", faults, hint),
        _field("again", _("再输入一次新密码"), "new-password", faults),
    ]
    staff = account if isinstance(account, Person) else None
    login = account.username if isinstance(account, Person) else account.login
    context = {
        "fields": fields, "faults": list(faults.items()),
        "needed": staff and staff.must_change_password,
        "aged": staff and past_passwords.is_over(staff.password_changed_at, clock.now()),
        "username": login,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "notice": _("密码已修改，您在别处的登录都已失效。") if request.GET.get("done") else "",
    }  # fmt: skip
    return render(request, "web/password.html", context, status=422 if faults else 200)


def _change(request: HttpRequest) -> dict[str, str]:
    old, new, again = (request.POST.get(name, "") for name in ("old", "new", "again"))
    if not old:
        return {"old": _("现在的密码：请填写。")}
    if new != again:
        return {"again": _("两次输入的新密码不一致，请重新输入。")}
    try:
        changing.change_password(request, old=old, new=new, address=address_of(request), at=clock.now())
    except WrongPassword as refusal:
        return {"old": told(refusal)}
    except DomainError as refusal:
        return {"new": told(refusal)}
    return {}


def _field(
    name: str, label: str, autocomplete: str, faults: dict[str, str], hint: str = ""
) -> dict[str, str]:
    return {
        "name": name,
        "label": label,
        "autocomplete": autocomplete,
        "fault": faults.get(name, ""),
        "hint": hint,
    }

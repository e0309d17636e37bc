"""Two steps of signing in (两步登录): the page of the second step, and what staff have to take it with."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.models import Authenticator, RecoveryCode
from tongban.accounts.people.second import is_demanded_of, next_code
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.kernel.time import clock
from tongban.signin import passkeys, second
from tongban.signin.actor import ActorRequest
from tongban.signin.address import address_of
from tongban.signin.halfopen import SecondFactorNeeded
from tongban.signin.second import ProofNeeded, Someone
from tongban.web.access import SignInNeeded, admits, asks_itself
from tongban.web.english import told
from tongban.web.entrance import onward
from tongban.web.resets import resets
from tongban.web.staff_identities import bindings, own
from tongban.web.typed import whole

METHODS = ["GET", "HEAD", "POST"]
DONE = {
    "totp": gettext_lazy("已登记手机验证码。"), "passkey": gettext_lazy("已登记通行密钥。"),
    "remove": gettext_lazy("已删除。"),
}  # fmt: skip


@asks_itself(kind=ActorKind.STAFF)
@require_http_methods(METHODS)
def step(request: HttpRequest) -> HttpResponse:
    """Type the code that the telephone shows, or use a passkey; also to prove oneself again later."""
    me = _someone(request)
    if not me.held:
        return _led_to("web:authenticators", request)
    fault, status = "", 200
    if request.method == "POST":
        try:
            return onward(request, _prove(request))
        except DomainError as refusal:
            fault, status = told(refusal), refusal.status
    kinds, at = {one.kind for one in me.held}, clock.now()
    context = {
        "next": _wanted(request), "faults": [("code", fault)] if fault else [], "again": not me.is_half,
        "shows_codes": Authenticator.Kind.TOTP in kinds, "options": passkeys.asked_to_sign(request, me.person),
        "demo": settings.NODE.demo, "demo_code": next_code(me.person, at), "username": me.person.username,
    }  # fmt: skip
    return render(request, "web/second.html", context, status=status)


@asks_itself(kind=ActorKind.STAFF)
@require_http_methods(METHODS)
def authenticators(request: HttpRequest) -> HttpResponse:
    """One's own authenticators: enrol the first, add, remove, new recovery codes."""
    me = _someone(request)
    fault, status = ("", ""), 200
    if me.is_half and me.held:
        return _led_to("web:second", request)
    if request.method == "POST":
        what = request.POST.get("do", "")
        try:
            codes, actor = _change(request, what)
        except (ProofNeeded, SecondFactorNeeded):
            return _led_to("web:second", request)
        except DomainError as refusal:
            where = {"totp": "code", "passkey": "passkey-label"}.get(what, "held")
            fault, status = (where, told(refusal)), refusal.status
        else:
            if codes:
                onto = onward(request, actor)["Location"] if me.is_half else reverse("web:authenticators")
                shown = {"codes": codes, "onto": onto, "notice": DONE.get(what, "")}
                return render(request, "web/recovery_codes.html", shown)
            return onward(request, actor) if me.is_half else redirect(f"{request.path}?done={what}")
    return render(request, "web/authenticators.html", _shown(request, me, fault), status=status)


def _prove(request: HttpRequest) -> Actor | None:
    address, at = address_of(request), clock.now()
    answer = request.POST.get("credential", "")
    if answer:
        return second.prove_by_passkey(request, answer=answer, address=address, at=at)
    code = request.POST.get("code", "").strip()
    if not code:
        raise CodeMissing(_("验证码：请填写。"))
    return second.prove_by_code(request, code=code, address=address, at=at)


class CodeMissing(DomainError):
    """Nothing was typed where a code belongs; nothing was counted as a failure."""

    code = "code_missing"
    status = 422


def _change(request: HttpRequest, what: str) -> tuple[list[str], Actor | None]:
    at, label = clock.now(), request.POST.get("label", "")
    if what == "codes":
        return second.make_recovery_codes(request, at=at), None
    if what == "remove":
        second.remove(request, number=whole(request.POST.get("number", "")) or 0, at=at)
        return [], None
    if what == "passkey":
        answer = request.POST.get("credential", "")
        return second.enrol_passkey(request, answer=answer, label=label or _("通行密钥"), at=at)
    code = request.POST.get("code", "").strip()
    if not code:
        raise CodeMissing(_("验证码：请填写。"))
    return second.enrol_totp(request, code=code, label=label or _("手机"), at=at)


def _shown(request: HttpRequest, me: Someone, fault: tuple[str, str]) -> dict[str, Any]:
    may_change = second.may_change(request, clock.now())
    shown: dict[str, Any] = {
        "held": me.held, "enrols": me.is_half, "may_change": may_change, "next": _wanted(request),
        "demanded": is_demanded_of(me.person), "faults": [fault] if fault[1] else [], "fault": dict([fault]),
        "codes_left": RecoveryCode.objects.filter(person=me.person, used_at=None).count(),
        "notice": DONE.get(request.GET.get("done", ""), ""), "username": me.person.username, "resets": _lets(request, resets),
        "binds": _lets(request, bindings), "bound": own(me.person),
    }  # fmt: skip
    if may_change:
        secret = second.new_secret(request)
        drawn = segno.make(second.address_of(secret, me.person), micro=False).svg_inline(
            omitsize=True, border=4
        )
        groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        shown |= {
            "secret": groups,
            "code": mark_safe(drawn),  # noqa: S308 - it holds nothing but numbers of segno's making
            "options": passkeys.asked_to_make(request, me.person) if passkeys.are_possible() else "",
        }
    return shown


def _lets(request: HttpRequest, view: Callable[..., HttpResponse]) -> bool:
    actor, wanted = cast(ActorRequest, request).actor, admits(view)
    return actor is not None and wanted is not None and wanted.lets(actor)


def _someone(request: HttpRequest) -> Someone:
    me = second.someone(request, clock.now())
    if me is None and cast(ActorRequest, request).actor is not None:
        raise NotPermitted(_("这里只供工作人员使用。"))
    if me is None:
        raise SignInNeeded(_("请先登录。"))
    return me


def _led_to(page: str, request: HttpRequest) -> HttpResponse:
    wanted = _wanted(request) or (reverse("web:authenticators") if page == "web:second" else "")
    return redirect(f"{reverse(page)}?{urlencode({'next': wanted}, safe='/')}" if wanted else reverse(page))


def _wanted(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""

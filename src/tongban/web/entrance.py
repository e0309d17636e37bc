"""The way in: display choices, signing in and out."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.people import logins, shifts
from tongban.kernel import db
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.signin import providers, sessions
from tongban.signin.actor import ActorRequest
from tongban.signin.address import address_of
from tongban.signin.halfopen import SecondFactorNeeded, SecondFactorNotSetUp
from tongban.signin.sessions import PostChoiceNeeded
from tongban.web import account, desks, unfinished, wanted
from tongban.web.counter import shift
from tongban.web.display import COOKIE, chosen
from tongban.web.english import told
from tongban.web.typed import whole

LANGUAGES = ("zh-hans", "en")
_KEPT: Any = {"samesite": "Lax", "httponly": True, "secure": settings.SESSION_COOKIE_SECURE}


@require_safe
def display(request: HttpRequest) -> HttpResponse:
    """Keep a choice of display in a cookie and go back."""
    kept = chosen(request)
    for name, allowed in (("elder", ("0", "1", "2", "3")), ("contrast", ("0", "1"))):
        value = request.GET.get(name, "")
        if value in allowed:
            kept[name] = "" if value == "0" else value
    response = redirect(wanted.address(request, otherwise=reverse("web:home")))
    text = "&".join(f"{name}={value}" for name, value in kept.items() if value)
    response.set_cookie(COOKIE, text, max_age=365 * 86400, **_KEPT)
    language = request.GET.get("language")
    if language in LANGUAGES and translation.check_for_language(language):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, **_KEPT)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as an applicant or as staff."""
    if request.method != "POST":
        notice = ""
        if unfinished.waits(request):
            notice = _("刚才填写的内容没有丢。请在 30 分钟内用同一账号登录，登录后接着办。")
        shown = {"next": request.GET.get("next", ""), "notice": notice, "notice_kind": "warn"}
        return sign_in_page(request, shown)
    who, name = request.POST.get("who", "applicant"), request.POST.get("name", "").strip()
    # A page must not be as large as what somebody typed.
    shown = {"next": request.POST.get("next", ""), "who": who, "name": name[: logins.LONGEST]}
    try:
        actor = _enter(request, who, name)
    except PostChoiceNeeded as needed:
        return sign_in_page(request, {**shown, "posts": needed.choices})
    except (SecondFactorNeeded, SecondFactorNotSetUp):
        return led_to("web:second", shown["next"])
    except DomainError as refusal:
        return sign_in_page(request, {**shown, "faults": [("name", told(refusal))]}, refusal.status)
    return onward(request, actor)


def led_to(page: str, there: str) -> HttpResponse:
    """Lead somebody to a further step of signing in; where they wanted to go is not forgotten."""
    return redirect(f"{reverse(page)}?{urlencode({'next': there}, safe='/')}" if there else reverse(page))


def onward(request: HttpRequest, actor: Actor | None, there: str = "") -> HttpResponse:
    """Lead somebody who has just signed in to where they wanted to go (`there`, if said before), else to where their work begins."""
    sweep(request)
    begins = ""
    if actor is not None:
        begins = reverse("web:shift") if shift.is_due(actor) else desks.first(actor)
    return redirect(there or wanted.address(request, otherwise=begins or reverse("web:home")))


def sign_in_page(request: HttpRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    """Answer with the page on which one signs in, and what is `shown` on it."""
    # Whoever was to be sent back from a bad answer is not: the address holds codes that nobody should keep.
    shown.setdefault("next", "")
    offered = {"providers": providers.offered(), "staff_providers": providers.offered_to_staff()}
    return render(request, "web/sign_in.html", {**shown, **offered}, status=status)


def sweep(request: HttpRequest) -> None:
    """Delete sessions that are over, with what waited in them and nobody came back for."""
    with db.write():
        request.session.clear_expired()


def _enter(request: HttpRequest, who: str, name: str) -> Actor:
    password, address = request.POST.get("password", ""), address_of(request)
    if who == "staff":
        post = request.POST.get("post", "")
        return sessions.sign_in(
            request, username=name, password=password, post=whole(post),
            channel=Channel.DESK, address=address, at=clock.now(),
        )  # fmt: skip
    return sessions.sign_in_applicant(
        request, login=name, password=password, channel=Channel.WEB, address=address, at=clock.now()
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; whoever leaves has left the window too, but may still be signed in where they came from."""
    actor = cast(ActorRequest, request).actor
    if actor is not None and actor.window:
        shifts.end_shift(by=actor, at=clock.now())
    return account.sign_out(request, to="web:home")

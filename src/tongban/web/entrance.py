"""The way in: display choices, signing in and out."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.people import logins, shifts
from tongban.kernel import db
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.signin import entrance, providers, sessions
from tongban.signin.actor import ActorRequest
from tongban.signin.address import address_of
from tongban.signin.halfopen import SecondFactorNeeded, SecondFactorNotSetUp
from tongban.signin.sessions import PostChoiceNeeded
from tongban.web import desks, unfinished
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
    response = redirect(_next(request))
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
        return _sign_in_page(request, shown)
    who, name = request.POST.get("who", "applicant"), request.POST.get("name", "").strip()
    # A page must not be as large as what somebody typed.
    shown = {"next": request.POST.get("next", ""), "who": who, "name": name[: logins.LONGEST]}
    try:
        actor = _enter(request, who, name)
    except PostChoiceNeeded as needed:
        return _sign_in_page(request, {**shown, "posts": needed.choices})
    except (SecondFactorNeeded, SecondFactorNotSetUp):
        query = urlencode({"next": shown["next"]}, safe="/") if shown["next"] else ""
        return redirect(f"{reverse('web:second')}{'?' if query else ''}{query}")
    except DomainError as refusal:
        return _sign_in_page(request, {**shown, "faults": [("name", told(refusal))]}, refusal.status)
    return onward(request, actor)


def onward(request: HttpRequest, actor: Actor | None) -> HttpResponse:
    """Lead somebody who has just signed in to where they wanted to go, else to where their work begins."""
    _sweep(request)
    begins = ""
    if actor is not None:
        begins = reverse("web:shift") if shift.is_due(actor) else desks.first(actor)
    return redirect(_next(request, begins))


@require_safe
def sign_in_with(request: HttpRequest, key: str) -> HttpResponse:
    """Go to an identity provider; by a link, since `form-action` would stop a form that leads there."""
    back = settings.NODE.url + reverse("web:sign-in-back", args=[key])
    try:
        url, begun = entrance.provider(key).begin(back=back, next=_next(request), at=clock.now())
    except DomainError as refusal:
        return _not_signed_in(request, refusal)
    sessions.keep_begun(request, begun)
    return HttpResponseRedirect(url)


@require_safe
def sign_in_back(request: HttpRequest, key: str) -> HttpResponse:
    """Come back from an identity provider; an answer counts once, whatever comes of it."""
    answer, at = {name: str(value) for name, value in request.GET.items()}, clock.now()
    kept = sessions.take_begun(request)
    try:
        provider = entrance.provider(key)
        begun = providers.ask_begun(kept, key, answer, at)
        actor = sessions.sign_in_identified(
            request, identity=provider.complete(begun=begun, answer=answer, at=at), at=at
        )
    except DomainError as refusal:
        return _not_signed_in(request, refusal)
    _sweep(request)
    return redirect(begun.next if begun.next != reverse("web:home") else desks.first(actor))


def _not_signed_in(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    return _sign_in_page(
        request, {"faults": [("providers" if providers.offered() else "name", told(refusal))]}, refusal.status
    )


def _sign_in_page(request: HttpRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    # Whoever was to be sent back from a bad answer is not: the address holds codes that nobody should keep.
    shown.setdefault("next", "")
    return render(request, "web/sign_in.html", {**shown, "providers": providers.offered()}, status=status)


def _sweep(request: HttpRequest) -> None:
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
    """End the session; whoever leaves has left the window too."""
    actor = cast(ActorRequest, request).actor
    if actor is not None and actor.window:
        shifts.end_shift(by=actor, at=clock.now())
    sessions.sign_out(request)
    return redirect("web:home")


def _next(request: HttpRequest, otherwise: str = "") -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return otherwise or reverse("web:home")

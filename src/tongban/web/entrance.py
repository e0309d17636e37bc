"""The way in: display choices, signing in and out."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongban.accounts.actor import Actor, ActorKind, Channel, Permission
from tongban.kernel import clock
from tongban.kernel.errors import DomainError
from tongban.signin import sessions
from tongban.signin.sessions import PostChoiceNeeded
from tongban.web.display import COOKIE, chosen

LANGUAGES = ("zh-hans", "en")


@require_GET
def display(request: HttpRequest) -> HttpResponse:
    """Keep a choice of display in a cookie and go back."""
    kept = chosen(request)
    for name, allowed in (("elder", ("0", "1", "2", "3")), ("contrast", ("0", "1"))):
        value = request.GET.get(name, "")
        if value in allowed:
            kept[name] = "" if value == "0" else value
    response = redirect(_next(request))
    text = "&".join(f"{name}={value}" for name, value in kept.items() if value)
    response.set_cookie(COOKIE, text, max_age=365 * 86400, samesite="Lax", httponly=True)
    language = request.GET.get("language")
    if language in LANGUAGES and translation.check_for_language(language):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", httponly=True)
    return response


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as an applicant or as staff."""
    if request.method == "GET":
        return render(request, "web/sign_in.html", {"next": request.GET.get("next", "")})
    who, name = request.POST.get("who", "applicant"), request.POST.get("name", "").strip()
    shown = {"next": request.POST.get("next", ""), "who": who, "name": name}
    try:
        actor = _enter(request, who, name)
    except PostChoiceNeeded as needed:
        return render(request, "web/sign_in.html", {**shown, "posts": needed.choices}, status=200)
    except DomainError as refusal:
        faults = [("name", str(refusal))]
        return render(request, "web/sign_in.html", {**shown, "faults": faults}, status=refusal.status)
    return redirect(_next(request, reverse(_desk_of(actor))))


def _desk_of(actor: Actor) -> str:
    """Return the name of the page on which somebody's work begins."""
    if actor.kind is ActorKind.APPLICANT:
        return "web:my-cases"
    desks = (
        (Permission.CASE_RECEIVE, "web:counter"),
        (Permission.CASE_CONTENT, "web:queue"),
        (Permission.CASE_SUPERVISE, "web:supervision"),
    )
    return next((page for permission, page in desks if actor.may(permission)), "web:home")


def _enter(request: HttpRequest, who: str, name: str) -> Actor:
    password, address = request.POST.get("password", ""), request.META.get("REMOTE_ADDR", "")
    if who == "staff":
        post = request.POST.get("post", "")
        return sessions.sign_in(
            request, username=name, password=password, post=int(post) if post.isdigit() else None,
            channel=Channel.DESK, address=address, at=clock.now(),
        )  # fmt: skip
    return sessions.sign_in_applicant(
        request, login=name, password=password, channel=Channel.WEB, address=address, at=clock.now()
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    sessions.sign_out(request)
    return redirect("web:home")


def _next(request: HttpRequest, otherwise: str = "") -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return otherwise or reverse("web:home")

"""Signing in and out with an identity provider: there and back, the choice of a post, and signing out there too."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.signin import entrance, identified, identified_staff, providers
from tongban.signin.halfopen import SecondFactorNeeded, SecondFactorNotSetUp
from tongban.signin.providers import StillSignedInThere
from tongban.signin.sessions import PostChoiceNeeded
from tongban.web import wanted
from tongban.web.english import told
from tongban.web.entrance import led_to, onward, sign_in_page
from tongban.web.typed import whole


@require_safe
def sign_in_with(request: HttpRequest, key: str) -> HttpResponse:
    """Go to an identity provider; by a link, since `form-action` would stop a form that leads there."""
    back = settings.NODE.url + reverse("web:sign-in-back", args=[key])
    try:
        anew = request.GET.get("anew") == "1"
        url = entrance.begin(
            request,
            key,
            back=back,
            next=wanted.address(request, otherwise=reverse("web:home")),
            at=clock.now(),
            anew=anew,
        )
    except DomainError as refusal:
        return _not_signed_in(request, refusal)
    return HttpResponseRedirect(url)


@require_safe
def sign_in_back(request: HttpRequest, key: str) -> HttpResponse:
    """Come back from an identity provider; an answer counts once, whatever comes of it."""
    answer = {name: str(value) for name, value in request.GET.items()}
    begun = identified.take_begun(request)
    there = begun.next if begun and begun.next != reverse("web:home") else ""
    try:
        actor = entrance.complete(request, key, begun=begun, answer=answer, at=clock.now())
    except DomainError as refusal:
        return _instead(request, refusal, there)
    return onward(request, actor, there)


@require_http_methods(["GET", "HEAD", "POST"])
def choose_post(request: HttpRequest) -> HttpResponse:
    """Choose one of one's posts, having come back from an identity provider."""
    at, there = clock.now(), request.POST.get("next") or request.GET.get("next") or ""
    try:
        if request.method == "POST":
            post = whole(request.POST.get("post", ""))
            return onward(request, identified_staff.choose(request, post=post, at=at))
        posts = identified_staff.choices(request, at=at)
    except DomainError as refusal:
        return _instead(request, refusal, there)
    return render(request, "web/sign_in_post.html", {"posts": posts, "next": there})


@require_safe
def signed_out(request: HttpRequest, key: str) -> HttpResponse:
    """Say that one has signed out here, and lead to where one signs out of the identity provider."""
    return _signed_out(request, key)


@require_safe
def sign_out_with(request: HttpRequest, key: str) -> HttpResponse:
    """Go to where one signs out of the identity provider."""
    try:
        back = settings.NODE.url + reverse("web:sign-in")
        return HttpResponseRedirect(entrance.staff_provider(key).leaving(back=back))
    except StillSignedInThere as refusal:
        return _signed_out(request, key, refusal)


def _signed_out(request: HttpRequest, key: str, refusal: StillSignedInThere | None = None) -> HttpResponse:
    faults = [("there", told(refusal))] if refusal else []
    shown = {"provider": entrance.staff_provider(key).config, "faults": faults}
    return render(request, "web/signed_out.html", shown, status=refusal.status if refusal else 200)


def _instead(request: HttpRequest, refusal: DomainError, there: str) -> HttpResponse:
    """Go on to what is still wanted of somebody before they are signed in, or say why they are not."""
    match refusal:
        case PostChoiceNeeded():
            return led_to("web:sign-in-post", there)
        case SecondFactorNeeded() | SecondFactorNotSetUp():
            return led_to("web:second", there)
    return _not_signed_in(request, refusal)


def _not_signed_in(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    place = "providers" if providers.offered() or providers.offered_to_staff() else "name"
    response = sign_in_page(request, {"faults": [(place, told(refusal))]}, refusal.status)
    response.refused_as = refusal.code  # type: ignore[attr-defined]
    return response

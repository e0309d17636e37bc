"""Finding an item and reading its guide."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import SYSTEM, Actor
from tongban.accounts.people.models import Applicant
from tongban.cases.procedure import NAME
from tongban.catalogue import queries as catalogue
from tongban.catalogue.kinds import KIND_NAMES, Kind
from tongban.catalogue.models import Offering
from tongban.kernel.time import clock
from tongban.procedures import queues
from tongban.signin import providers
from tongban.web import formprint, htmx
from tongban.web.applicant import flow, ways
from tongban.web.applicant.questions import questions
from tongban.web.display import in_elder_mode, place_name

NOBODY = Actor(kind=SYSTEM.kind, channel=SYSTEM.channel)
PAGE = "applicant/items.html"
MOST = 120  # more would make a heavy page, and nobody reads so far
OTHERS = "其他"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where everybody begins: search, themes, places."""
    if in_elder_mode(request):
        owed = queues.held(_reader(request)).filter(procedure=NAME).count()
        return render(request, "applicant/elder_home.html", {"waiting": owed})
    offerings = list(catalogue.offerings_visible_to(_reader(request)).select_related("item"))
    places = sorted({offering.division for offering in offerings})
    return render(
        request,
        "applicant/home.html",
        {
            "places": [(code, place_name(code)) for code in places],
            "themes": _themes(offerings),
            "choose": "#division",
        },
    )


@require_safe
def items(request: HttpRequest) -> HttpResponse:
    """Offerings by words, place and theme."""
    text, division = request.GET.get("q", "").strip()[:100], request.GET.get("division", "")
    theme = request.GET.get("theme", "")
    found = (
        catalogue.search(text, division or None) if text else catalogue.offerings_visible_to(_reader(request))
    )
    if division and not text:
        found = found.filter(division=division)
    rows = list(found.select_related("item").order_by("name", "division", "pk")[:200])
    if theme:
        rows = [row for row in rows if _theme(row) == theme]
    places = sorted({offering.division for offering in catalogue.offerings_visible_to(_reader(request))})
    context = {
        "q": text, "division": division, "theme": theme, "there": place_name(division) if division else "",
        "rows": [(row, place_name(row.division)) for row in rows[:MOST]], "total": len(rows), "most": MOST if len(rows) > MOST else 0,
        "places": [(code, place_name(code)) for code in places], "choose": "#division",
    }  # fmt: skip
    said = ngettext("查到 %(n)s 项。", "查到 %(n)s 项。", len(rows)) % {"n": len(rows)}
    return htmx.shown(request, PAGE, "found", context, said=said)


@require_safe
def item(request: HttpRequest, code: str) -> HttpResponse:
    """One offering and its guide."""
    offering, guide = catalogue.offering(code), catalogue.current_guide(code)
    body = guide.body
    closed, there = ways.closed_because(offering), ways.desks(offering.division)
    found, limit = ways.ways(body, getattr(request, "actor", None)), _limit(body["limits"])
    context = {
        "offering": offering, "guide": body, "since": clock.official_day(guide.published_at), "there": place_name(offering.division),
        "open": [mode for mode, why in found if not why and not closed], "closed": closed,
        "ways": found, "elsewhere": ways.not_here_because(body), "desks": ways.desks_here(),
        "desks_there": there if offering.division != settings.NODE.division else [],
        "levels": [level for level in Applicant.Assurance if level], "wanted": body["identity"]["online_assurance"],
        "limit": limit, "flows": flow.flows(body, limit), "questions": questions(body, limit),
        "fee_known": body["fee"]["verified"], "kind": KIND_NAMES[Kind(body["kind"])],
        "desks_of_it": there, "ring": next((one.hall.phone for one in there if one.hall.phone), ""),
        "higher": _higher(request, offering.code), "unverified": body["verification"]["unverified_fields"],
    }  # fmt: skip
    return render(request, "applicant/item.html", context)


@require_safe
def blank_form(request: HttpRequest, code: str) -> HttpResponse:
    """The form of an offering on paper, with nothing filled in."""
    return formprint.blank(catalogue.current_guide(code).body, at=clock.now())


@require_safe
def example_form(request: HttpRequest, code: str) -> HttpResponse:
    """The form of an offering on paper, filled in with invented answers."""
    return formprint.example(catalogue.current_guide(code).body, at=clock.now())


def _limit(limits: dict[str, Any]) -> dict[str, Any] | None:
    """Return the limit that somebody has verified, the promised one before the statutory; the public is told no other."""
    for kind in ("promised", "statutory"):
        if limits[kind] and limits[f"{kind}_verified"]:
            found: dict[str, Any] = limits[kind]
            return found
    return None


def _higher(request: HttpRequest, code: str) -> str:
    """Return where one signs in with the identity service and comes back with a higher level; empty where none is set up."""
    ways_in = providers.offered()
    if not ways_in:
        return ""
    back = urlencode({"anew": 1, "next": reverse("web:item", args=[code])})
    return f"{reverse('web:sign-in-with', args=[ways_in[0].key])}?{back}"


def _themes(offerings: list[Offering]) -> list[str]:
    """Return the themes, those with most items first; what is nowhere else comes last."""
    found = Counter(_theme(offering) for offering in offerings if _theme(offering))
    return sorted(found, key=lambda theme: (theme == OTHERS, -found[theme], theme))


def _theme(offering: Offering) -> str:
    return offering.item.theme if offering.item else OTHERS


def _reader(request: HttpRequest) -> Actor:
    return getattr(request, "actor", None) or NOBODY

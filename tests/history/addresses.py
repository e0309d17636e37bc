"""
Where there is something to get: every route and operation as configured, with arguments that are tried until it opens.

Nothing is listed here by hand. What a placeholder may stand for comes from the node; what a list can be filtered and
paged by comes from its own form and links, and of the API from the contract.
"""

import re
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin

from django.urls import Resolver404, ResolverMatch, resolve, reverse

from tests import stories
from tests.api.test_matrix import operations
from tests.browser import roles as browsing
from tests.hidden import IDNO, MOBILE, NAME
from tests.history.scenes import NODE, OTHER, Scene
from tests.web.browser import Reader
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.api.contract import api
from tongban.letters.models import Letter
from tongban.letters.queries import LETTERS
from tongban.procedures import register
from tongban.procedures.models import Matter
from tongban.web import htmx
from tongban.web.access import admits


@dataclass(frozen=True)
class Address:
    """One thing to get: the route, and how it is asked for."""

    route: str
    path: str
    headers: tuple[tuple[str, str], ...] = field(default=())
    sent: tuple[tuple[str, str], ...] = field(default=())  # with a form that posts what it looks for

    def __str__(self) -> str:
        return f"{self.route} {self.path}" + (" (polled)" if self.headers else "") + f" {self.sent or ''}"


# What people type into a field of a form, and callers of the API give by name.
TYPED: dict[str, list[Any]] = {
    "q": ["社会保障"], "number": [], "about": [], "day": ["2026-03-02"], "division": ["341723"], "start": ["2026-03-02"], "n": [5],
    "unit": ["working"], "limit": [7], "phase": ["decided", "delivered"], "in_progress": ["true"], "live": ["true", "false"],
    "overdue": ["true"], "kind": ["accept_or_correct"], "procedure": [], "after": [], "days": ["30"],
}  # fmt: skip


def may_open(role: str, route: str) -> bool:
    """Return whether a page admits a role."""
    wanted = admits(browsing.routes()[route].callback)
    return wanted is None or any(wanted.lets(one) for one in _actors(role))


def _actors(role: str) -> Iterator[Actor]:
    if role == browsing.APPLICANT:
        yield Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB)
    elif role not in (browsing.NOBODY, "machine"):
        powers = STANDARD_POSTS[role.partition(" ")[0]].permissions
        yield Actor(kind=ActorKind.STAFF, channel=Channel.DESK, permissions=powers)


class Arguments:
    """What somebody knows of that can stand for the placeholders of an address: what is in hand, and what they were shown."""

    def __init__(self, scene: Scene) -> None:
        self._open, self._ended = [*scene.open, *scene.drafts], scene.ended
        self._offering = scene.world[OTHER].offering(stories.PROXY)
        with scene.world.on(NODE):
            found = Matter.objects.filter(number__in=[*scene.open, *scene.ended])
            self._procedures = dict(found.values_list("number", "procedure"))
            self._letters = list(Letter.objects.order_by("pk").values_list("code", flat=True)[:1])
        self.shown: dict[str, ResolverMatch] = {}  # every address that they were shown
        self.told: dict[str, list[str]] = {}  # number → digests that the API told them of

    def see(self, path: str, text: str) -> None:
        """Notice what an answer leads to."""
        for link in set(re.findall(r'(?:href|action|src)="([^"]*)"', text)):
            place = urljoin(path, unescape(link)).partition("?")[0].partition("#")[0]
            with suppress(Resolver404):
                found = resolve(place)
                # Copies are there to be listed, not to be opened: they have no content.
                if found.kwargs.get("number", self._open[0]) in (*self._open, *self._ended):
                    self.shown[place] = found
        for number in self._procedures:
            if f"/{number}/" in path:
                self.told.setdefault(number, []).extend(re.findall(r'"digest": ?"([^"]+)"', text))

    def kind(self, values: dict[str, Any]) -> str:
        """Return of which kind of matter an address is."""
        return str(values.get("procedure") or self._procedures.get(str(values.get("number")), ""))

    def of_page(self, name: str, placeholders: Container[str]) -> Iterator[dict[str, Any]]:
        """Yield what may stand for the placeholders of a page: as in what was shown, else as it is in hand."""
        yield from [found.kwargs for found in self.shown.values() if found.url_name == name]
        yield from self._in_hand(placeholders)

    def of_reading(self, placeholders: Container[str]) -> Iterator[dict[str, Any]]:
        """Yield what may stand for the placeholders of an operation."""
        if "digest" in placeholders:
            for number, digests in self.told.items():
                yield from ({"number": number, "digest": digest} for digest in digests)
        else:
            yield from self._in_hand(placeholders)

    def _in_hand(self, placeholders: Container[str]) -> Iterator[dict[str, Any]]:
        plain = {"code": self._offering, "step": 1, "key": "none", "form": "csv", "name": "first-day"}
        values = {name: value for name, value in plain.items() if name in placeholders}
        if "digest" in placeholders or "act" in placeholders:
            return  # only pages tell
        if "kind" in placeholders and "number" not in placeholders:
            yield from ({"kind": kind} for kind in LETTERS)  # of the case that a visitor's code opened
            return
        if "kind" in placeholders:
            yield from ({"number": number, "kind": kind} for number in self._open for kind in LETTERS)
            return
        if "number" in placeholders:
            for number in (*self._open, *self._ended):
                procedure = (
                    {"procedure": self._procedures.get(number, "case")} if "procedure" in placeholders else {}
                )
                yield {**values, "number": number, **procedure}
        elif "procedure" in placeholders:
            yield from ({**values, "procedure": one.name} for one in register.everyone())
        else:
            yield values

    def typed(self, name: str) -> list[Any]:
        """Return what is given by a name in a query; a name that nobody knows raises KeyError."""
        own = {
            "number": self._open[:1],
            "about": self._open[:1],
            "code": self._letters,
            "procedure": [one.name for one in register.everyone()],
        }
        return own.get(name) or TYPED[name]


def pages(role: str, arguments: Arguments) -> Iterator[tuple[str, str, str]]:
    """Yield the pages that admit a role: the route, of which kind of matter, and an address to try; lists come first."""
    for route in sorted(browsing.pages(), key=lambda one: len(browsing.routes()[one].pattern.converters)):
        if may_open(role, route):
            placeholders = set(browsing.routes()[route].pattern.converters)
            for values in arguments.of_page(route.partition(":")[2], placeholders):
                yield route, arguments.kind(values), reverse(route, kwargs=values)


def readings(arguments: Arguments) -> Iterator[tuple[str, str, str]]:
    """Yield what can be got from the API, in the same way."""
    for name, (method, path) in sorted(operations().items(), key=lambda one: one[1][1].count("{")):
        if method == "get":
            placeholders = {part[1:-1] for part in path.split("/") if part.startswith("{")}
            needed = urlencode({one: arguments.typed(one)[0] for one in _query(name, required=True)})
            for values in arguments.of_reading(placeholders):
                yield name, arguments.kind(values), path.format(**values) + (f"?{needed}" if needed else "")


@cache
def _query(operation: str, *, required: bool) -> list[str]:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    ways = next(one for way in paths.values() for one in way.values() if one["operationId"] == operation)
    return [
        one["name"]
        for one in ways.get("parameters", ())
        if one["in"] == "query" and bool(one.get("required")) is required
    ]


def searches(address: Address, arguments: Arguments) -> Iterator[Address]:
    """Yield what somebody looks for where that is posted: people of whom there are ever more, numbers, items, and those together."""
    if address.route == "web:find" and not address.sent:
        number = arguments.typed("number")[0]
        for q in (
            NAME,
            NAME[:2],
            IDNO[-6:],
            MOBILE[-4:],
            number[18:26],
            "社会保障卡",
            f"{NAME[:2]} 社会保障卡",
            "张三",
            f"张三 {IDNO[-6:]}",
        ):
            yield Address(address.route, address.path, sent=(("q", q), ("why", "work")))


def next_found(address: Address, text: str) -> Iterator[Address]:
    """Yield the next page of what was found, where there is one."""
    after = re.search(r'name="after" value="([^"]+)"', text)
    if address.sent and after:
        yield Address(address.route, address.path, sent=(*address.sent, ("after", after[1])))


def more_of_page(address: Address, text: str, arguments: Arguments) -> Iterator[Address]:
    """Yield what a page that was opened leads to within itself: its filters one by one, its next pages, and its polling."""
    reader, here = Reader(), address.path.partition("?")[0]
    reader.feed(text)
    queries: dict[str, str] = {}
    for form in reader.forms:
        if form.method == "get" and urljoin(address.path, form.action).partition("?")[0] == here:
            for name in {**form.values, **form.offered}:
                offered = [one for one in (*form.values.get(name, ()), *form.offered.get(name, ())) if one]
                if not offered and name in form.offered:
                    continue  # nothing to choose from
                offered = offered or arguments.typed(name)
                queries |= {name: urlencode({name: offered[-1]})}
    for link in map(unescape, re.findall(r'href="([^"]+)"', text)):
        path, _, query = urljoin(address.path, link).partition("?")
        if path == here and query:
            # One for each set of names, and for each value where it is the only one.
            names = [part.partition("=")[0] for part in query.split("&")]
            queries.setdefault(
                query if len(names) == 1 and names != ["after"] else "&".join(sorted(names)), query
            )
    yield from (Address(address.route, f"{here}?{query}") for query in queries.values())
    if htmx.POLLING in text:
        yield Address(address.route, here, ((htmx.POLLING, "1"), ("HX-Request", "true")))


def more_of_reading(address: Address, told: Any, arguments: Arguments) -> Iterator[Address]:
    """Yield what else an operation can be asked by its contract: each parameter by itself, and the next page."""
    base = address.path + ("&" if "?" in address.path else "?")
    for name in _query(address.route, required=False):
        values = [told["next"]] if name == "after" and isinstance(told, dict) and told.get("next") else []
        for value in values if name == "after" else arguments.typed(name):
            yield Address(address.route, base + urlencode({name: value}))

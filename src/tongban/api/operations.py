"""For those who run the node: is it alive, can it serve, how is it doing. Counts only, nothing of any case."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Permission
from tongban.api import problems
from tongban.api.models import Probe
from tongban.configuration import newest_sqlite
from tongban.configuration.tokens import TokenConfig
from tongban.exchange import queries as exchange
from tongban.kernel import identity, memo
from tongban.kernel.crypto import cryptoki, keyring, tokenfile
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.models import Content, Duty, Event, Seal
from tongban.kernel.time import clock
from tongban.materials import scanning
from tongban.materials.models import Material
from tongban.procedures import queues
from tongban.signin import throttle
from tongban.signin.actor import ActorRequest
from tongban.signin.address import comes_from_here
from tongban.supervision.models import LookAlarm


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Able to serve: database and keys are there, nothing is being restored, and a row can be written."""
    checks = {"database": False, "keys": False, "writable": False}
    try:
        node = identity.row()
        checks["database"] = True
        keyring.sign_key(settings.NODE.keys, identity.chain_of(node.fingerprint).current.number)
        checks["keys"] = True
    except (DomainError, DatabaseError, OSError, ValueError):
        pass
    with suppress(DomainError, DatabaseError, OSError):
        checks["writable"] = checks["database"] and not node.recovering and _can_write()
    # What follows keeps nobody from being served; what begins anew without its token does not begin.
    more = {**_sqlite(), **_token(), "scanner": scanning.recent_standing()}
    return JsonResponse({**checks, **more}, status=200 if all(checks.values()) else 503)


@memo.for_a_moment  # whoever asks without end must not hold up those who write
def _can_write() -> bool:
    """Write a row and keep it; raises what the database says when it can't."""
    # On SQLite as much as an act, which writes whole pages: less might still find room where no act does.
    filler = os.urandom(64 * 1024 if connection.vendor == "sqlite" else 1024)
    row = Probe(pk=1, at=clock.now(), filler=filler)
    with write():
        Probe.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["id"], update_fields=["at", "filler"]
        )
    return True


def _sqlite() -> dict[str, Any]:
    """Return the version of SQLite where it is the database, and what is wrong with it."""
    if connection.vendor != "sqlite":
        return {}
    warning = newest_sqlite.warning()
    return {"sqlite": newest_sqlite.version()} | ({"warning": warning} if warning else {})


def _token() -> dict[str, bool]:
    """Return whether the token is plugged in, where one guards the keys."""
    place = settings.NODE.token
    return {"token": _is_there(place)} if place and tokenfile.is_in_force(settings.NODE.keys) else {}


@memo.for_a_moment  # whoever asks without end must not wear the token out
def _is_there(place: TokenConfig) -> bool:
    return cryptoki.is_there(place)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116); nothing where the operator has named nobody."""
    if not settings.NODE.security_contact:
        return problems.plain(404)
    until = (clock.now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    lines = (
        f"Contact: {settings.NODE.security_contact}", f"Expires: {until}", "Preferred-Languages: zh, en",
        f"Canonical: {settings.NODE.url}/.well-known/security.txt",
    )  # fmt: skip
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: to this machine itself, or to a key that may supervise or manage peers."""
    if not _may_measure(request):
        return problems.plain(403)
    lines = [
        line for name, help_, kind, samples in _figures() for line in _written(name, help_, kind, samples)
    ]
    told = "\n".join(lines) + "\n"
    kind = "text/plain; version=0.0.4; charset=utf-8"
    return HttpResponse(told, content_type=kind, headers={"Cache-Control": "no-store"})


type Samples = list[tuple[str, float]]


def _figures() -> Iterator[tuple[str, str, str, Samples]]:
    now = clock.now()
    open_duties = Duty.objects.filter(closed_at=None)
    kinds = open_duties.values_list("kind").annotate(n=Count("id")).order_by("kind")
    late = queues.overdue(open_duties, clock.official_day(now)).values_list("kind")
    lag = exchange.lag()
    ages = [
        (_label("node", node), max(0.0, (now - one["oldest"]).total_seconds()))  # type: ignore[operator]
        for node, one in lag.items()
        if one["oldest"]
    ]
    yield "tongban_duties_open", "Open duties.", "gauge", [(_label("kind", k), n) for k, n in kinds]
    yield (
        "tongban_duties_overdue", "Open duties past their due date.", "gauge",
        [(_label("kind", k), n) for k, n in late.annotate(n=Count("id")).order_by("kind")],
    )  # fmt: skip
    yield (
        "tongban_cases_outstanding", "Cases a peer lacks news of.", "gauge",
        [(_label("node", node), float(one["waiting"])) for node, one in lag.items()],  # type: ignore[arg-type]
    )  # fmt: skip
    yield "tongban_outstanding_oldest_seconds", "Age of the oldest news a peer lacks.", "gauge", ages
    yield (
        "tongban_content_missing",
        "Content still to be fetched.",
        "gauge",
        [("", Content.objects.filter(complete=False).count())],
    )
    held = Material.objects.held().count()
    yield "tongban_materials_held", "Files that wait for the virus scanner.", "gauge", [("", held)]
    scanner = _label("state", scanning.recent_standing())
    yield (
        "tongban_scanner",
        "How the node stands with its virus scanner: absent, away, ready.",
        "gauge",
        [(scanner, 1)],
    )
    if token := _token():
        yield (
            "tongban_key_token_present",
            "Whether the token that guards the keys is plugged in.",
            "gauge",
            [("", token["token"])],
        )
    failed = throttle.failures_of_this_hour(now)
    yield "tongban_sign_in_failures", "Failed sign-ins of the hour being counted.", "gauge", [("", failed)]
    unusual = LookAlarm.objects.open().count()
    yield "tongban_look_alarms_open", "Unusual looking that nobody has closed.", "gauge", [("", unusual)]
    # Ids only grow and are never given back, so the last one is the count at no cost.
    last = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    yield "tongban_events_total", "Events written or adopted.", "counter", [("", last)]
    sealed = Seal.objects.filter(node=identity.fingerprint()).order_by("-epoch", "-size").first()
    yield (
        "tongban_sealed_events_total",
        "Events under the latest seal.",
        "counter",
        [("", sealed.size if sealed else 0)],
    )


def _written(name: str, help_: str, kind: str, samples: Samples) -> Iterator[str]:
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{labels} {value:.15g}"


def _label(name: str, value: str) -> str:
    return f'{{{name}="{value}"}}'


def _may_measure(request: HttpRequest) -> bool:
    actor = cast(ActorRequest, request).actor
    if actor is not None and (actor.may(Permission.PEERS_MANAGE) or actor.may(Permission.CASE_SUPERVISE)):
        return True
    return comes_from_here(request)

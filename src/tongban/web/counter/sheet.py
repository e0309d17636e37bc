"""The one page of taking in as it is drawn: identity, form, materials, and what one press does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from tongban.cases import checklist
from tongban.cases.words import Act, Mode
from tongban.catalogue import forms as judge
from tongban.kernel.time import clock
from tongban.materials import queries as material_queries
from tongban.materials import retention
from tongban.materials.models import Draft
from tongban.signin import helping
from tongban.web import forms
from tongban.web.counter import acts, cards, checks, scans
from tongban.web.counter.request import actor_of
from tongban.web.display import place_name

PAGE, CODE = "counter/draft.html", "help-code"
Faults = list[tuple[str, str]]
COMES: Final = ("handled_by", "agent")  # who stands at the window belongs to identity


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page shows: a draft under its guide, filled in and checked so far, and what is to be said of it."""

    draft: Draft
    guide: Mapping[str, Any]
    form: dict[str, Any]
    checked: checklist.Checked
    typed: QueryDict | None = None
    faults: Faults = field(default_factory=list)
    wrong: list[judge.Fault] = field(default_factory=list)
    hints: Mapping[str, list[str]] = field(default_factory=dict)
    notice: str = ""
    notice_kind: str = "ok"


def page(request: HttpRequest, now: Sheet) -> HttpResponse:
    """Return the page; refused, where something is wrong."""
    schema, number, guide = now.guide["form"], now.draft.number, now.guide
    said = {anchor.removeprefix("check-"): sentence for anchor, sentence in now.faults}
    first = _of_identity(schema)
    files, known = list(material_queries.materials_of(number)), cards.readers(schema)
    context = {
        "draft": now.draft, "guide": guide, "there": place_name(guide["division"]),
        "here": place_name(settings.NODE.division), "faults": now.faults, "notice": now.notice,
        "notice_kind": now.notice_kind, "fresh": not now.faults and not now.notice,
        "who": forms.draw(schema, now.form, first, now.wrong),
        "controls": forms.draw(schema, now.form, [one for one in schema["x-order"] if one not in first], now.wrong),
        "readers": [(one, cards.as_data(one), said.get(one.name, "")) for one in known],
        "seen": _seen(now), "lines": checks.lines(
            checklist.compiled(dict(guide), now.form), now.checked, faults=said, hints=_hints(now, files), files=files,
            accept={m["code"]: ",".join(m["accept"]) for m in guide["materials"]},
        ),
        "scans": scans.waiting(actor_of(request)), "offered": Mode.PROXY_INTAKE in guide["modes"], "helps": helping.is_for(guide),
        "code": (now.typed or QueryDict()).get(CODE, ""), "code_fault": said.get(CODE, ""),
        "ends": retention.told_of(now.draft.changed_at, clock.official_day(clock.now())),
    }  # fmt: skip
    return render(request, PAGE, context, status=422 if now.faults else 200)


def _of_identity(schema: Mapping[str, Any]) -> list[str]:
    """Return the fields that say who applies and who comes: the form's first step, and the agent."""
    steps = schema.get("x-ui", {}).get("steps", [])
    first = steps[0]["fields"] if steps else []
    return [*first, *(one for one in COMES if one in schema["properties"] and one not in first)]


def _seen(now: Sheet) -> dict[str, Any]:
    """Return the part about what was seen of somebody's identity."""
    typed, mine = now.typed or QueryDict(), f"{Act.CHECK_IDENTITY}-"
    return {
        "methods": [(code, title, typed.get("seen-method") == code) for code, title in acts.METHODS.items()],
        "same": bool(typed.get("seen-same")), "evidence": typed.get("seen-evidence", ""),
        "fault": {anchor.removeprefix(mine): text for anchor, text in now.faults if anchor.startswith(mine)},
    }  # fmt: skip


def _hints(now: Sheet, files: list[Any]) -> dict[str, list[str]]:
    """Return by material what to look at; a newer file takes the place of the one that was found infected."""
    told = dict(now.hints)
    for code in {one.code for one in material_queries.refused_of(now.draft.number)} - {
        one.code for one in files
    }:
        told[code] = [*told.get(code, []), _("先前的扫描件查出病毒，已经删除，请检查设备后重新扫描")]
    return told

"""The fields of a form that are open again (补正), as pages draw them and read them back; and what became of those that were."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict

from tongban.cases import corrections, queries
from tongban.cases.commands import FormFaulty
from tongban.cases.models import Case
from tongban.catalogue.forms import Fault, judge
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.web import forms
from tongban.web.answers import MASKS


@dataclass(frozen=True, slots=True)
class Fields:
    """The controls of the open fields, and what each of them said before."""

    controls: list[forms.Control] = field(default_factory=list)
    before: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Change:
    """A field that was put right, in the words of its form."""

    title: str
    before: str
    after: str
    at: datetime


def typed(case: Case, data: QueryDict) -> dict[str, Any]:
    """Return what was typed into the open fields."""
    schema = _schema(case)
    return forms.typed(schema, data, corrections.fields_asked(case, schema))


def drawn(case: Case, data: QueryDict | None = None, refusal: DomainError | None = None) -> Fields:
    """Return the open fields as a page draws them: as they were filed, or as they were just typed, with what is wrong."""
    schema = _schema(case)
    names = corrections.fields_asked(case, schema)
    if not names:
        return Fields()
    try:
        form = corrections.latest_form(case.number)
    except DomainError:
        return Fields()
    instance = form if data is None else {**form, **forms.typed(schema, data, names)}
    faults = _faults(schema, instance, names) if isinstance(refusal, FormFaulty) else []
    before = [
        (_title(schema, name), _said(schema, name, form.get(name), masked=False))
        for name in names
        if name in form
    ]
    return Fields(forms.draw(schema, instance, names, faults), before)


def summary(case: Case, refusal: DomainError) -> list[tuple[str, str]]:
    """Return what is wrong with the open fields, each with the control it is about; nothing for any other refusal."""
    if not isinstance(refusal, FormFaulty):
        return []
    return [(f"f-{pointer.strip('/').replace('/', '-')}", sentence) for pointer, sentence in refusal.faults]


def changes(case: Case, *, masked: bool) -> list[Change]:
    """Return what was put right in a case, the latest first."""
    schema = _schema(case)
    return [
        Change(
            _title(schema, one.name), _said(schema, one.name, one.before, masked=masked),
            _said(schema, one.name, one.after, masked=masked), one.at,
        )
        for one in corrections.history(case.number)
    ]  # fmt: skip


def _schema(case: Case) -> Mapping[str, Any]:
    guide = queries.guide_of(case)
    return guide["form"] if guide else {"properties": {}, "x-ui": {"steps": []}}


def _faults(schema: Mapping[str, Any], instance: dict[str, Any], names: list[str]) -> list[Fault]:
    found = judge(dict(schema), instance, on=clock.official_day(clock.now()))
    return [fault for fault in found if fault.path and fault.path[0] in names]


def _title(schema: Mapping[str, Any], name: str) -> str:
    return str(schema.get("properties", {}).get(name, {}).get("title", name))


def _said(schema: Mapping[str, Any], name: str, value: Any, *, masked: bool) -> str:
    """Return one answer in words; of a block or of rows, one after the other."""
    asked = schema.get("properties", {}).get(name, {})
    if value in (None, "", [], {}):
        return "—"
    if isinstance(value, Mapping):
        return "；".join(_said(asked, inner, one, masked=masked) for inner, one in value.items())
    if isinstance(value, list):
        items = {"properties": {name: asked.get("items", {})}}
        return "、".join(_said(items, name, one, masked=masked) for one in value)
    kind = asked.get("x-ui", {}).get("kind", "")
    mask = MASKS.get(kind) if masked and kind != "name" else None  # at a desk people have names
    words = {one["const"]: one["title"] for one in asked.get("oneOf", ())}
    return mask(str(value)) if mask else str(words.get(value, value))

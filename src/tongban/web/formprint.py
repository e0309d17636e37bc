"""The form of a guide on paper: filled in, to be signed at the window; blank, to be filled in by hand; or as an example."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.letters import contents, printing
from tongban.web import answers
from tongban.web.forms import Schema, kind_of
from tongban.web.specimen import specimen

Sections = list[tuple[str, list[tuple[str, str]]]]


def filled(guide: Mapping[str, Any], form: Mapping[str, Any], *, number: str, at: datetime) -> HttpResponse:
    """Return what was filled in so far, in full, as a sheet to sign; raises as `printing.pdf`."""
    return _answer(guide, _said(guide["form"], form), number=number, at=at, agent="agent" in form)


def example(guide: Mapping[str, Any], *, at: datetime) -> HttpResponse:
    """Return the form filled in with invented answers, marked as an example (样表); raises as `printing.pdf`."""
    form = specimen(guide["form"], on=clock.official_day(at))
    sections = _said(guide["form"], form)
    return _answer(guide, sections, number="", at=at, agent="agent" in form, mark="样表")


def blank(guide: Mapping[str, Any], *, at: datetime) -> HttpResponse:
    """Return the form with nothing filled in; raises as `printing.pdf`."""
    schema = guide["form"]
    sections = [(step["title"], _fields(schema, step["fields"], "")) for step in answers.steps_of(schema)]
    return _answer(guide, sections, number="", at=at, agent="agent" in schema["properties"])


def _answer(
    guide: Mapping[str, Any], sections: Sections, *, number: str, at: datetime, agent: bool, mark: str = ""
) -> HttpResponse:
    schema, code = guide["form"], f"{guide['offering']}-{'example' if mark else 'form'}"
    sheet = contents.FormSheet(
        schema.get("title", guide["name"]), guide["name"], guide["organisation"]["name"], numbers.grouped(number) if number else "",
        sections, [schema["properties"][one].get("title", one) for one in answers.promises_of(schema)],
        ["申请人签字", *(["代理人签字"] if agent else [])], at, [contents.qr("编号", number)] if number else [], mark,
    )  # fmt: skip
    response = HttpResponse(printing.pdf(sheet), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{number or code}.pdf"'
    return response


def _said(schema: Schema, form: Mapping[str, Any]) -> Sections:
    said = answers.sections(schema, form)
    return [(one.title, [(each.title, each.text) for each in one.answers]) for one in said if one.answers]


def _fields(schema: Schema, names: list[str], before: str) -> list[tuple[str, str]]:
    found = []
    for name in names:
        field = schema["properties"][name]
        title, kind = before + field.get("title", name), kind_of(field)
        if kind in ("block", "rows"):
            inner = field if kind == "block" else field["items"]
            found += _fields(inner, inner["x-order"], f"{title} · ")
            continue
        offered = (field.get("items", {}) if kind == "choices" else field).get("oneOf", ())
        found.append((title, "　".join(f"□ {one.get('title', one['const'])}" for one in offered)))
    return found

"""The form of a guide on paper: filled in, to be signed at the window, or blank, to be filled in by hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from tongban.kernel.journal import numbers
from tongban.letters import contents, printing
from tongban.web import answers
from tongban.web.forms import Schema, kind_of

Sections = list[tuple[str, list[tuple[str, str]]]]


def filled(guide: Mapping[str, Any], form: Mapping[str, Any], *, number: str, at: datetime) -> HttpResponse:
    """Return what was filled in so far, in full, as a sheet to sign; raises as `printing.pdf`."""
    said = answers.sections(guide["form"], form)
    sections = [
        (one.title, [(answer.title, answer.text) for answer in one.answers]) for one in said if one.answers
    ]
    return _answer(guide, sections, number=number, at=at, agent="agent" in form)


def blank(guide: Mapping[str, Any], *, at: datetime) -> HttpResponse:
    """Return the form with nothing filled in; raises as `printing.pdf`."""
    schema = guide["form"]
    sections = [(step["title"], _fields(schema, step["fields"], "")) for step in answers.steps_of(schema)]
    return _answer(guide, sections, number="", at=at, agent="agent" in schema["properties"])


def _answer(
    guide: Mapping[str, Any], sections: Sections, *, number: str, at: datetime, agent: bool
) -> HttpResponse:
    schema, code = guide["form"], f"{guide['offering']}-form"
    sheet = contents.FormSheet(
        schema.get("title", guide["name"]), guide["name"], guide["organisation"]["name"], numbers.grouped(number) if number else "",
        sections, [schema["properties"][one].get("title", one) for one in answers.promises_of(schema)],
        ["申请人签字", *(["代理人签字"] if agent else [])], at, [contents.qr("编号", number)] if number else [],
    )  # fmt: skip
    response = HttpResponse(printing.pdf(sheet), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{number or code}.pdf"'
    return response


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

"""Reading a filled-in form back in words, in the order of its steps; for who wrote it in full, for others masked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from tongban.accounts import identifiers
from tongban.web.forms import Path, Schema, field_id, kind_of

MASKS: Final[dict[str, Callable[[str], str]]] = {
    "idno": identifiers.mask_id, "name": identifiers.mask_name, "mobile": identifiers.mask_mobile,
    "document-number": identifiers.mask_id,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """One field and what was answered."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One step of the form."""

    number: int
    title: str
    answers: list[Answer]


def steps_of(schema: Schema) -> list[dict[str, Any]]:
    """Return the steps that are pages of their own: title and fields. Promises are made at the end."""
    said = schema.get("x-ui", {}).get("steps") or [
        {"title": schema.get("title", ""), "fields": schema["x-order"]}
    ]
    promised = set(promises_of(schema))
    kept = [{**step, "fields": [f for f in step["fields"] if f not in promised]} for step in said]
    return [step for step in kept if step["fields"]]


def promises_of(schema: Schema) -> list[str]:
    """Return the names of the boxes that are ticked when everything has been read once more."""
    return [name for name in schema["x-order"] if kind_of(schema["properties"][name]) == "promise"]


def sections(schema: Schema, instance: Mapping[str, Any], *, masked: bool = False) -> list[Section]:
    """Return the answers step by step; `masked` hides most of what names or identifies a person."""
    return [
        Section(number, step["title"], _answers(schema, instance, step["fields"], (), "", masked))
        for number, step in enumerate(steps_of(schema), 1)
    ]


def _answers(
    schema: Schema, instance: Mapping[str, Any], names: list[str], path: Path, before: str, masked: bool
) -> list[Answer]:
    found: list[Answer] = []
    for name in names:
        field, value, here = schema["properties"].get(name, {}), instance.get(name), (*path, name)
        title, kind = before + field.get("title", name), kind_of(field)
        if value is None:
            continue
        if kind == "block" and isinstance(value, Mapping):
            found += _answers(field, value, field["x-order"], here, f"{title} · ", masked)
        elif kind == "rows" and isinstance(value, list):
            row_name = field.get("x-ui", {}).get("row", field.get("title", name))
            for number, row in enumerate(value):
                inner, order = f"{row_name} {number + 1} · ", field["items"]["x-order"]
                held = row if isinstance(row, Mapping) else {}
                found += _answers(field["items"], held, order, (*here, number), inner, masked)
        else:
            found.append(Answer(field_id(here), title, _text(field, value, kind, masked)))
    return found


def _text(field: Schema, value: Any, kind: str, masked: bool) -> str:
    if isinstance(value, list):
        return _("、").join(_text(field.get("items", {}), one, "choice", masked) for one in value)
    if value is True:
        return _("是")
    words = {choice["const"]: choice.get("title", choice["const"]) for choice in field.get("oneOf", ())}
    if masked and field.get("x-personal"):
        return MASKS.get(kind, _first_words)(str(value))
    unit = field.get("x-ui", {}).get("unit", "")
    return f"{words.get(str(value), value)}{' ' + unit if unit else ''}"


def _first_words(text: str) -> str:
    return text[:6] + "…"

"""A filled-in form as people read it: sections, names of fields, words for codes, numbers of people masked. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tongban.accounts.identifiers import mask_id, mask_mobile

MASKS = {"idno": mask_id, "document-number": mask_id, "mobile": mask_mobile}


@dataclass(frozen=True, slots=True)
class Answer:
    """One field with its answer; `hidden`: only part of a number is shown."""

    title: str
    value: str
    hidden: bool = False


def sections(
    schema: Mapping[str, Any], form: Mapping[str, Any], *, full: bool
) -> list[tuple[str, list[Answer]]]:
    """Return the answers by the steps of the form; with `full`, numbers of people in full."""
    found, told = [], set()
    for step in schema.get("x-ui", {}).get("steps", ()):
        told.update(step["fields"])
        answers = [a for name in step["fields"] for a in _answers(schema, name, form, full)]
        if answers:
            found.append((step["title"], answers))
    rest = [a for name in form if name not in told for a in _answers(schema, name, form, full)]
    return [*found, (_("其他"), rest)] if rest else found


def _answers(schema: Mapping[str, Any], name: str, form: Mapping[str, Any], full: bool) -> Iterator[Answer]:
    if form.get(name) in (None, "", [], {}):
        return
    field, value = schema.get("properties", {}).get(name, {}), form[name]
    title = field.get("title", name)
    if isinstance(value, Mapping):
        for inner in _named(field, value):
            yield from _answers(field, inner, value, full)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for number, row in enumerate(value, start=1):
            for inner in _named(field.get("items", {}), row):
                for answer in _answers(field.get("items", {}), inner, row, full):
                    yield Answer(f"{title} {number} · {answer.title}", answer.value, answer.hidden)
    else:
        yield _answer(title, field, value, full)


def _named(field: Mapping[str, Any], value: Mapping[str, Any]) -> list[str]:
    order = [name for name in field.get("x-order", ()) if name in value]
    return order + [name for name in value if name not in order]


def _answer(title: str, field: Mapping[str, Any], value: Any, full: bool) -> Answer:
    mask = MASKS.get(field.get("x-ui", {}).get("kind", ""))
    if mask is not None and not full:
        return Answer(title, mask(str(value)), hidden=True)
    words = {one["const"]: one["title"] for one in field.get("oneOf", ())}
    words |= {one["const"]: one["title"] for one in field.get("items", {}).get("oneOf", ())}
    if isinstance(value, list):
        return Answer(title, "、".join(str(words.get(one, one)) for one in value))
    if isinstance(value, bool):
        return Answer(title, _("是") if value else _("否"))
    unit = field.get("x-ui", {}).get("unit", "")
    return Answer(title, f"{words.get(value, value)}{unit}")

"""A form's values beside what the form calls them."""

from collections.abc import Iterator, Mapping
from typing import Any

from tongban.catalogue.formpaths import Path, field_at, title_of

Schema = dict[str, Any]


def of(schema: Schema, form: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each answer of a form: its path, what the field is called, the value, and in words where it was chosen."""
    return [_answer(schema, path, value) for path, value in _leaves(form, ())]


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, (*path, str(name)))
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value):
            yield from _leaves(one, (*path, number))
    else:
        yield path, value


def _answer(schema: Schema, path: Path, value: Any) -> dict[str, Any]:
    field = field_at(schema, path)
    choices = field.get("oneOf") or field.get("items", {}).get("oneOf") or ()
    words = {one["const"]: one.get("title", one["const"]) for one in choices if "const" in one}
    told = [
        str(words.get(one, one)) for one in (value if isinstance(value, list) else [value]) if one is not True
    ]
    return {
        "field": "/".join(str(step) for step in path), "title": title_of(schema, path), "value": value,
        "words": "、".join(told) or "是",
    }  # fmt: skip

"""
From the short way in which we write a form down to the JSON Schema that is published.

A template says `{"title": "手机", "kind": "mobile"}`; `KINDS` says what that means. The published
schema is self-contained: whoever judges or draws it needs nothing from here. A condition (`when`)
becomes an `if`/`else` for the judge and an `x-ui.when` for the page, from one source.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

Schema = dict[str, Any]

DATA: Final = Path(__file__).parent / "data"  # lists of choices: countries.json

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_PRINTABLE: Final[Schema] = {"pattern-message": "含有看不见的控制字符，请重新输入"}

# `·` stands in the names of minority citizens; up to 50 characters must pass.
KINDS: Final[dict[str, Schema]] = {
    "text": {"type": "string", "maxLength": 100, "pattern": r"^[^\p{Cc}]+$", "x-ui": _PRINTABLE},
    "longtext": {
        "type": "string",
        "maxLength": 500,
        "pattern": r"^[^\p{Cc}]([^\p{Cc}]|[\r\n\t])*$",
        "x-ui": _PRINTABLE,
    },
    "name": {
        "type": "string",
        "maxLength": 50,
        "pattern": r"^[\p{L}·•.\- ]+$",
        "x-personal": True,
        "x-ui": {"pattern-message": "请填写证件上的姓名，只用文字和间隔号“·”"},
    },
    "idno": {"type": "string", "format": "cn-idno", "x-personal": True},
    "mobile": {"type": "string", "format": "cn-mobile", "x-personal": True},
    "address": {
        "type": "string",
        "minLength": 5,
        "maxLength": 200,
        "pattern": r"^[^\p{Cc}]+$",
        "x-personal": True,
        "x-ui": _PRINTABLE,
    },
    "document-number": {
        "type": "string",
        "maxLength": 40,
        "pattern": r"^[\p{L}0-9（）()〔〕\-—]+$",
        "x-personal": True,
        "x-ui": {"pattern-message": "请照证件填写编号，不要空格"},
    },
    # The full name of a division on the list (县级以上行政区划).
    "place": {"type": "string", "maxLength": 60, "format": "cn-place"},
    "uscc": {"type": "string", "format": "uscc"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
    "choice": {"type": "string"},
    "choices": {"type": "array", "minItems": 1, "uniqueItems": True},
    "promise": {"const": True},
    "block": {"type": "object"},
    "rows": {"type": "array", "minItems": 1, "maxItems": 50},
}

_LIMITS: Final = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
}


def form_schema(title: str, steps: list[Schema], rules: list[Schema]) -> Schema:
    """Return the form's JSON Schema; each step is a title and the fields shown together."""
    fields = {name: field for step in steps for name, field in step["fields"].items()}
    return {
        "$schema": DIALECT,
        "title": title,
        **_object(fields),
        "x-ui": {"steps": [{"title": step["title"], "fields": list(step["fields"])} for step in steps]},
        "x-rules": rules,
    }


def _object(fields: dict[str, Schema]) -> Schema:
    asked = [name for name, field in fields.items() if field.get("required", True)]
    schema: Schema = {
        "type": "object",
        "properties": {name: _field(field) for name, field in fields.items()},
        "required": [name for name in asked if "when" not in fields[name]],
        "additionalProperties": False,
        "x-order": list(fields),
    }
    conditions = [
        _condition(name, field, fields, asked=name in asked)
        for name, field in fields.items()
        if "when" in field
    ]
    return {**schema, "allOf": conditions} if conditions else schema


def _field(field: Schema) -> Schema:
    kind = field["kind"]
    schema = {"title": field["title"], **KINDS[kind]}
    ui = {"kind": kind, **schema.get("x-ui", {})}
    if "help" in field:
        schema["description"] = field["help"]
    if "choices" in field:
        # A name stands for a list that many forms share; what is published holds it whole.
        offered = _list(field["choices"]) if isinstance(field["choices"], str) else field["choices"]
        choices: Schema = {"oneOf": [{"const": code, "title": word} for code, word in offered.items()]}
        schema |= {"items": {"type": "string", **choices}} if kind == "choices" else choices
    if "fields" in field:
        inner = _object(field["fields"])
        schema |= {"items": inner} if kind == "rows" else inner
    for word, keyword in zip(("min", "max"), _LIMITS.get(schema.get("type", ""), ()), strict=False):
        if word in field:
            schema[keyword] = field[word]
    if "when" in field:
        ui["when"] = field["when"]
    for word in ("unit", "autocomplete", "row", "starts"):
        if word in field:
            ui[word] = field[word]
    schema["x-ui"] = ui
    return schema


@cache
def _list(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _condition(name: str, field: Schema, fields: dict[str, Schema], *, asked: bool) -> Schema:
    """Return the clause that shows, and where asked demands, a field when another has one of some values."""
    [(other, values)] = field["when"].items()
    holds: Schema = {"enum": values}
    if fields[other]["kind"] == "choices":
        holds = {"contains": holds}
    clause: Schema = {
        "if": {"properties": {other: holds}, "required": [other]},
        "else": {"properties": {name: False}},
    }
    return {**clause, "then": {"required": [name]}} if asked else clause

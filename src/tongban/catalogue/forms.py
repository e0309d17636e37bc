"""
The one judge of a filled-in form: the JSON Schema of the guide it was filed under.

Blanks are dropped and what the applicant can no longer see is pruned before judging; sentences
are Chinese, name the field, and never repeat what was typed. Rules between fields (`x-rules`)
are a closed list of kinds, because JSON Schema cannot compare two values.
"""

import json
from collections.abc import Callable
from datetime import date
from functools import lru_cache, partial
from typing import Any, Final

import jsonschema_rs

from tongban.accounts import identifiers
from tongban.catalogue.formpaths import Fault, Path, Schema, field_at, place_of, title_of
from tongban.catalogue.formrules import RULES, day_of

__all__ = ["Fault", "cleaned", "field_at", "judge", "title_of"]


def judge(schema: Schema, instance: dict[str, Any], *, on: date) -> list[Fault]:
    """Return what is wrong with `instance` on the day `on`, in the form's order; empty if nothing is."""
    tidy = cleaned(schema, instance)
    faults = [_fault(schema, error) for error in _compiled(schema).iter_errors(tidy)]
    spoiled = {fault.path for fault in faults}
    for rule in schema.get("x-rules", ()):
        faults += [
            fault for fault in RULES[rule["kind"]](schema, tidy, rule, on) if fault.path not in spoiled
        ]
    unique = dict.fromkeys(faults)
    return sorted(unique, key=lambda fault: place_of(schema, fault.path))


def cleaned(schema: Schema, instance: dict[str, Any]) -> dict[str, Any]:
    """Return a copy without blanks and without values of fields that are not shown (条件不满足)."""
    tidy: dict[str, Any] = _without_blanks(instance) or {}
    validator = _compiled(schema)
    # A pruned value may have shown another field, so ask again until nothing is hidden.
    while hidden := [e.instance_path for e in validator.iter_errors(tidy) if e.kind.name == "falseSchema"]:
        for path in hidden:
            _drop(tidy, path)
        tidy = _without_blanks(tidy) or {}
    return tidy


def _compiled(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    return _compile(json.dumps(schema, ensure_ascii=False, sort_keys=True))


# Keyed by the whole text: two forms never share a judge, and serialising is cheap beside a request.
@lru_cache(maxsize=256)
def _compile(text: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(text), validate_formats=True, formats=FORMATS)


def _without_blanks(value: Any) -> Any:
    """Return `value` without empty strings, empty rows and empty blocks: HTML sends "" for nothing."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, dict):
        kept = {key: tidy for key, inner in value.items() if (tidy := _without_blanks(inner)) is not None}
        return kept or None
    if isinstance(value, list):
        return [tidy for inner in value if (tidy := _without_blanks(inner)) is not None] or None
    return value


def _drop(value: Any, path: list[str | int]) -> None:
    for step in path[:-1]:
        value = value[step]
    # Two conditions may hide the same field.
    if isinstance(value, dict):
        value.pop(path[-1], None)


def _is_date(text: str) -> bool:
    return day_of(text) is not None


FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "cn-idno": partial(identifiers.is_valid, identifiers.citizen_id),
    "uscc": partial(identifiers.is_valid, identifiers.uscc),
    "cn-mobile": partial(identifiers.is_valid, identifiers.mobile),
    "date": _is_date,
}

FORMAT_MESSAGES: Final = {
    "cn-idno": "请填写18位居民身份证号码，末位可为 X；请对照证件逐位核对",
    "uscc": "请填写18位统一社会信用代码，请对照营业执照核对",
    "cn-mobile": "请填写11位手机号码",
    "date": "请按“年-月-日”填写存在的日期，例如 2026-01-31",
}

# By kind of error; what the kind carries (limit, property) may be quoted, what was typed may not.
MESSAGES: Final[dict[str, Callable[[Any, Schema], str]]] = {
    "required": lambda kind, field: "请选择" if "oneOf" in field else "请填写",
    "format": lambda kind, field: FORMAT_MESSAGES.get(kind.format, "填写的格式不对，请核对"),
    "minLength": lambda kind, field: f"至少填写{kind.limit}个字",
    "maxLength": lambda kind, field: f"最多填写{kind.limit}个字，请精简",
    "minimum": lambda kind, field: f"不能小于{kind.limit}",
    "maximum": lambda kind, field: f"不能大于{kind.limit}",
    "minItems": lambda kind, field: f"至少填写{kind.limit}项",
    "maxItems": lambda kind, field: f"最多填写{kind.limit}项",
    "uniqueItems": lambda kind, field: "有重复的项，请删去重复",
    "enum": lambda kind, field: "请从列出的选项中选择",
    "oneOfNotValid": lambda kind, field: "请从列出的选项中选择",
    "constant": lambda kind, field: "须勾选确认后才能提交",
    "pattern": lambda kind, field: field.get("x-ui", {}).get("pattern-message", "填写的格式不对，请核对"),
    "type": lambda kind, field: "请填写整数" if field.get("type") == "integer" else "填写的内容类型不对",
}


def _fault(schema: Schema, error: jsonschema_rs.ValidationError) -> Fault:
    path: Path = tuple(error.instance_path)
    kind = error.kind
    if kind.name == "required":
        path = (*path, kind.property)
    if kind.name in ("additionalProperties", "unevaluatedProperties"):
        return Fault(path, "含有本表没有的栏目，请刷新页面后重新填写。")
    sentence = MESSAGES.get(kind.name, lambda kind, field: "填写不符合要求，请核对")(
        kind, field_at(schema, path)
    )
    return Fault(path, f"{title_of(schema, path)}：{sentence}。")

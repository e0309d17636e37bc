"""
The one judge of a filled-in form: the JSON Schema of the guide it was filed under.

Blanks are dropped and what the applicant can no longer see is pruned before judging; sentences
are Chinese, name the field, and never repeat what was typed. Rules between fields (`x-rules`)
are a closed list of kinds, because JSON Schema cannot compare two values.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any, Final

import jsonschema_rs

from tongban.accounts import identifiers
from tongban.accounts.places.names import is_place
from tongban.catalogue.formpaths import Fault, Path, Schema, field_at, place_of, title_of
from tongban.catalogue.formrules import RULES, day_of
from tongban.kernel import writing_direction

__all__ = ["Fault", "cleaned", "field_at", "judge", "title_of"]


def judge(schema: Schema, instance: dict[str, Any], *, on: date) -> list[Fault]:
    """Return what is wrong with `instance` on the day `on`, in the form's order; empty if nothing is."""
    tidy, errors = _settled(schema, instance)
    faults = [_fault(schema, error) for error in errors]
    faults += [
        Fault(path, f"{title_of(schema, path)}：{writing_direction.SENTENCE}。") for path in _turning(tidy)
    ]
    spoiled = {fault.path for fault in faults}
    for rule in schema.get("x-rules", ()):
        found = RULES[rule["kind"]](schema, tidy, rule, on)
        # One mistake is told once.
        faults += [fault for fault in found if fault.path not in spoiled]
    unique = dict.fromkeys(faults)
    return sorted(unique, key=lambda fault: place_of(schema, fault.path))


def cleaned(schema: Schema, instance: dict[str, Any]) -> dict[str, Any]:
    """Return a copy without blanks and without values of fields that are not shown (条件不满足)."""
    return _settled(schema, instance)[0]


def _settled(
    schema: Schema, instance: dict[str, Any]
) -> tuple[dict[str, Any], list[jsonschema_rs.ValidationError]]:
    """Return the clean form and what the schema has against it."""
    validator = _compiled(schema)
    tidy: dict[str, Any] = _without_blanks(instance) or {}
    errors = list(validator.iter_errors(tidy))
    # A pruned value may have shown another field, so ask again until nothing is hidden.
    while hidden := [error.instance_path for error in errors if error.kind.name == "falseSchema"]:
        for path in hidden:
            _drop(tidy, path)
        tidy = _without_blanks(tidy) or {}
        errors = list(validator.iter_errors(tidy))
    return tidy, errors


def compiled(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    """
    Return a form ready to judge by; it stands for itself, wherever it came from: nothing is fetched for it.

    Raises:
        ValueError, jsonschema_rs.ValidationError: it is no schema, or it needs something from elsewhere.
    """
    return jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, formats=FORMATS, retriever=_from_elsewhere
    )


def _from_elsewhere(address: str) -> None:
    raise ValueError("a form needs nothing from elsewhere")


def leaves(schema: Any) -> bool:
    """Return whether a form refers to anything outside itself."""
    if isinstance(schema, list):
        return any(leaves(one) for one in schema)
    if not isinstance(schema, dict):
        return False
    named = (schema.get(word) for word in ("$ref", "$dynamicRef", "$recursiveRef"))
    return any(isinstance(one, str) and not one.startswith("#") for one in named) or any(
        leaves(one) for one in schema.values()
    )


def _compiled(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    """Return the compiled schema, remembered by the very object: published forms never change."""
    known = _COMPILED.get(id(schema))
    # Another schema may since have taken the place in memory, so the object itself is kept and compared.
    if known is None or known[0] is not schema:
        if len(_COMPILED) >= MOST_COMPILED:
            _COMPILED.clear()
        known = (
            schema,
            compiled(schema),
        )
        _COMPILED[id(schema)] = known
    return known[1]


# A mobile, or an identity number of a citizen or resident: written with blanks or in wide figures it is still one.
_NUMBER: Final = re.compile(r"1[3-9][0-9]{9}|[0-9]{17}[0-9Xx]", re.ASCII)
MOST_COMPILED: Final = 256
DEEPEST: Final = 8  # no form nests deeper; whoever sends more means harm
_COMPILED: Final[dict[int, tuple[Schema, jsonschema_rs.Draft202012Validator]]] = {}


def _turning(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield where a text turns the direction of writing."""
    if isinstance(value, str):
        if writing_direction.turns(value):
            yield path
    elif isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _turning(inner, (*path, name))


def _plain(text: str) -> str:
    """Return a text without what nobody typed; figures of an identity or telephone number as the judge and masks know them."""
    # Half a surrogate pair is no character, and no UTF-8 can hold it.
    found = text.encode(errors="ignore").decode().strip()
    close = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", found))
    return close.upper() if _NUMBER.fullmatch(close) else found


def _without_blanks(value: Any, depth: int = 0) -> Any:
    """Return `value` without empty strings, rows and blocks (HTML sends "" for nothing), whole numbers as such."""
    if isinstance(value, str):
        return _plain(value) or None
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 1.0 is an integer to JSON Schema, but has no canonical form
    if depth >= DEEPEST and isinstance(value, dict | list):
        return "…"  # cut short, yet still something that the schema refuses
    if isinstance(value, dict):
        tidied = {_without_blanks(key): _without_blanks(inner, depth + 1) for key, inner in value.items()}
        return {key: tidy for key, tidy in tidied.items() if key and tidy is not None} or None
    if isinstance(value, list):
        return [tidy for inner in value if (tidy := _without_blanks(inner, depth + 1)) is not None] or None
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
    "cn-place": is_place,
    "date": _is_date,
}

FORMAT_MESSAGES: Final = {
    "cn-idno": "请填写18位居民身份证号码，末位可为 X；请对照证件逐位核对。港澳台居民居住证、新版外国人永久居留证填证上18位号码；"
    "只有护照、通行证的，本系统不能登记，请凭证件直接向办理地申请",
    "cn-place": "请按省、市、县写全称，例如“浙江省嘉兴市嘉善县”；名单上没有的，请核对是否写了简称或旧名",
    "uscc": "请填写18位统一社会信用代码，请对照营业执照核对",
    "cn-mobile": "请填写11位手机号码",
    "date": "请按“年-月-日”填写存在的日期，例如 2026-01-31",
}

# By kind of error; what the kind carries (limit, property) may be quoted, what was typed may not.
MESSAGES: Final[dict[str, Callable[[Any, Schema], str]]] = {
    "required": lambda kind, field: (
        "请勾选" if "const" in field else "请选择" if "oneOf" in field else "请填写"
    ),
    "format": lambda kind, field: FORMAT_MESSAGES.get(kind.format, "填写的格式不对，请核对"),
    "minLength": lambda kind, field: f"至少填写{kind.limit}个字",
    "maxLength": lambda kind, field: f"最多填写{kind.limit}个字，请精简",
    "minimum": lambda kind, field: f"不能小于{kind.limit}",
    "maximum": lambda kind, field: f"不能大于{kind.limit}",
    "minItems": lambda kind, field: f"至少填写{kind.limit}项",
    "maxItems": lambda kind, field: f"最多填写{kind.limit}项",
    "uniqueItems": lambda kind, field: "有重复的项，请删去重复",
    "enum": lambda kind, field: "请从列出的选项中选择",
    "oneOf": lambda kind, field: "请从列出的选项中选择",
    "const": lambda kind, field: "须勾选确认后才能提交",
    "pattern": lambda kind, field: field.get("x-ui", {}).get("pattern-message", "填写的格式不对，请核对"),
    "type": lambda kind, field: "请填写整数" if field.get("type") == "integer" else "填写的内容类型不对",
}


def _says_nothing_more(kind: Any, field: Schema) -> str:
    return "填写不符合要求，请核对"


def _fault(schema: Schema, error: jsonschema_rs.ValidationError) -> Fault:
    path: Path = tuple(error.instance_path)
    kind: Any = error.kind  # what it carries differs from kind to kind
    if kind.name == "required":
        path = (*path, kind.property)
    if kind.name in ("additionalProperties", "unevaluatedProperties"):
        return Fault(path, "含有本表没有的栏目，请刷新页面后重新填写。")
    says = MESSAGES.get(kind.name, _says_nothing_more)
    sentence = says(kind, field_at(schema, path))
    return Fault(path, f"{title_of(schema, path)}：{sentence}。")

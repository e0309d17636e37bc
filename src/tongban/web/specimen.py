"""
A form filled in with what is plainly invented (样表), for whoever wonders what belongs where: by the schema alone, never stored.

Its people are 张三 and 李四; their numbers have a right check digit and the sequence 000, which nobody is given. Its days fit today.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any, Final

from stdnum.cn import ric
from stdnum.cn import uscc as codes

from tongban.web.forms import Schema, kind_of

NAMES: Final = ("张三", "李四", "王五", "赵六", "钱七", "孙八")
PLACE: Final = "安徽省池州市青阳县"
PLACE_CODE: Final = "341723"
BORN: Final = date(1990, 3, 7)
LATER: Final = ("届满", "期满", "到期", "止", "结束")  # what ends lies ahead


def specimen(schema: Schema, *, on: date) -> dict[str, Any]:
    """Return an example of a filled-in form of this schema, as on a day; fields that its own answers hide are left out."""
    form = _filled(schema, count(), on)
    for rule in schema.get("x-rules", ()):
        _keep(rule, form, schema, on)
    return form


def _filled(schema: Schema, people: "count[int]", on: date) -> dict[str, Any]:
    person, form = next(people), dict[str, Any]()
    for name in schema["x-order"]:
        field = schema["properties"][name]
        when: dict[str, list[str]] = field.get("x-ui", {}).get("when", {})
        if all(_has(form.get(other), values) for other, values in when.items()):
            form[name] = _value(field, person, people, on)
    for name, field in schema["properties"].items():
        start = form.get(field.get("x-ui", {}).get("starts", ""))
        if name in form and start:
            form[name] = f"{start}{'43':0>{max(field.get('minLength', 0) - len(start), 2)}}"
    return form


def _has(answer: Any, values: list[str]) -> bool:
    return bool(set(answer) & set(values)) if isinstance(answer, list) else answer in values


def _value(field: Schema, person: int, people: "count[int]", on: date) -> Any:
    kind = kind_of(field)
    match kind:
        case "block":
            return _filled(field, people, on)
        case "rows":
            return [_filled(field["items"], people, on) for _ in range(max(field.get("minItems", 1), 1))]
        case "choices":
            return [_first(field["items"])]
        case "choice":
            return _first(field)
        case "promise":
            return True
        case "integer":
            return max(field.get("minimum", 0), min(1, field.get("maximum", 1)))
        case "date":
            return _day(field.get("title", ""), on).isoformat()
    return _text(field, kind, person)


def _first(field: Schema) -> str:
    return str(next((one["const"] for one in field.get("oneOf", ())), ""))


def _text(field: Schema, kind: str, person: int) -> str:
    number = f"{PLACE_CODE}{BORN + timedelta(days=person):%Y%m%d}000"
    unit = f"91{PLACE_CODE}MA{person + 1:07}"
    said = {
        "name": NAMES[person % len(NAMES)], "idno": number + ric.calc_check_digit(f"{number}0"),
        "mobile": f"1380000{person + 1:04}", "address": f"{PLACE}演示路{person + 1}号", "place": PLACE,
        "uscc": unit + codes.calc_check_digit(f"{unit}0"), "document-number": f"样表字{person + 1:04}号",
    }.get(kind, f"样例：{field.get('title', '')}")  # fmt: skip
    return said[: field.get("maxLength", len(said))].ljust(field.get("minLength", 0), "0")


def _day(title: str, on: date) -> date:
    if "出生" in title:
        return BORN
    return on + timedelta(days=365 if any(word in title for word in LATER) else -30)


def _keep(rule: Schema, form: dict[str, Any], schema: Schema, on: date) -> None:
    """Change what breaks a rule between fields: a sum, a day that lies ahead, an account that has to be another's."""
    if rule["kind"] == "sum-equals" and rule["field"] in form:
        parts = list(_places(form, rule["other"].split(".")))
        total = schema["properties"][rule["field"]]
        if parts and total.get("minimum") == total.get("maximum"):
            holder, name = parts[0]
            holder[name] += total["minimum"] - sum(where[what] for where, what in parts)
        form[rule["field"]] = sum(where[what] for where, what in parts)
    elif rule["kind"] == "not-after-today":
        for holder, name in _places(form, rule["field"].split(".")):
            holder[name] = min(holder[name], (on - timedelta(days=1)).isoformat())
    elif rule["kind"] == "different-from" and form.get(rule["field"]) == form.get(rule["other"], ""):
        form[rule["field"]] = form[rule["field"]].replace("1", "2")


def _places(holder: Any, path: list[str]) -> Iterator[tuple[dict[str, Any], str]]:
    name, rest = path[0].removesuffix("[]"), path[1:]
    if name not in holder:
        return
    if not rest:
        yield holder, name
        return
    for inner in holder[name] if path[0].endswith("[]") else [holder[name]]:
        yield from _places(inner, rest)

"""
Rules between the fields of a form (`x-rules`), which JSON Schema cannot express.

A closed list of kinds. A field is named by a dotted path; `members[].idno` goes through the rows
of a repeating group. There is no expression language until one is missed.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from tongban.catalogue.formpaths import Fault, Path, Schema, title_of

Rule = Callable[[Schema, dict[str, Any], Schema, date], Iterator[Fault]]


def day_of(value: Any) -> date | None:
    """Return the day that an ISO date names, or None."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _values(instance: Any, path: list[str], at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Find every value behind a dotted path; `[]` after a name goes through the rows."""
    if not path:
        yield at, instance
        return
    name, rest = path[0].removesuffix("[]"), path[1:]
    inner = instance.get(name) if isinstance(instance, dict) else None
    if inner is None:
        return
    if path[0].endswith("[]"):
        for number, row in enumerate(inner if isinstance(inner, list) else ()):
            yield from _values(row, rest, (*at, name, number))
    else:
        yield from _values(inner, rest, (*at, name))


def _pairs(instance: Any, rule: Schema) -> Iterator[tuple[Path, Any, Path, Any]]:
    """Find the pairs a rule compares: within the same row where both go through rows, else all with all."""
    field, other = rule["field"].split("."), rule["other"].split(".")
    for path, value in _values(instance, field):
        for other_path, other_value in _values(instance, other):
            same_rows = field[0].endswith("[]") and field[0] == other[0]
            if path != other_path and (not same_rows or rule.get("across") or path[:2] == other_path[:2]):
                yield path, value, other_path, other_value


def _said(schema: Schema, rule: Schema, path: Path, sentence: str) -> Fault:
    return Fault(path, f"{title_of(schema, path)}：{rule.get('message', sentence)}。")


def _not_before(schema: Schema, instance: dict[str, Any], rule: Schema, on: date) -> Iterator[Fault]:
    for path, value, other_path, other in _pairs(instance, rule):
        day, earliest = day_of(value), day_of(other)
        if day and earliest and day < earliest:
            yield _said(schema, rule, path, f"不能早于{title_of(schema, other_path)}")


def _not_after_today(schema: Schema, instance: dict[str, Any], rule: Schema, on: date) -> Iterator[Fault]:
    for path, value in _values(instance, rule["field"].split(".")):
        day = day_of(value)
        if day and day > on:
            yield _said(schema, rule, path, "不能晚于今天")


def _matches_id_birth(schema: Schema, instance: dict[str, Any], rule: Schema, on: date) -> Iterator[Fault]:
    for path, value, other_path, number in _pairs(instance, rule):
        born = day_of(f"{number[6:10]}-{number[10:12]}-{number[12:14]}") if isinstance(number, str) else None
        if born and day_of(value) and day_of(value) != born:
            yield _said(schema, rule, path, f"与{title_of(schema, other_path)}中的出生日期不一致，请核对两处")


def _sum_equals(schema: Schema, instance: dict[str, Any], rule: Schema, on: date) -> Iterator[Fault]:
    parts = [value for _, value in _values(instance, rule["other"].split("."))]
    for path, total in _values(instance, rule["field"].split(".")):
        numbers = [total, *parts]
        if parts and all(isinstance(number, int) for number in numbers) and sum(parts) != total:
            yield _said(schema, rule, path, "应等于各项之和，请核对")


def _different_from(schema: Schema, instance: dict[str, Any], rule: Schema, on: date) -> Iterator[Fault]:
    for path, value, other_path, other in _pairs(instance, rule):
        if str(value).upper() == str(other).upper():
            yield _said(schema, rule, path, f"不能与{title_of(schema, other_path)}相同")


RULES: Final[dict[str, Rule]] = {
    "not-before": _not_before,
    "not-after-today": _not_after_today,
    "matches-id-birth": _matches_id_birth,
    "sum-equals": _sum_equals,
    "different-from": _different_from,
}

"""
Canonical JSON, written to lie with: it also writes what the form forbids.

`Raw` puts text in as it is, `Pairs` writes an object with its members in any order, also twice; a fraction, a huge
number or half a surrogate pair is written too.
"""

import json
from dataclasses import dataclass
from typing import Any

SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
LARGEST = 2**53 - 1
DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Raw:
    """Text that stands for itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object as it is written: these members in this order."""

    members: tuple[tuple[str, Any], ...]


def canonical(value: Any) -> bytes:
    return _text(value).encode()


def text_of(value: Any) -> str:
    return _text(value)


def _text(value: Any) -> str:
    match value:
        case Raw(text):
            return text
        case Pairs(members):
            return "{" + ",".join(f"{_string(name)}:{_text(inner)}" for name, inner in members) + "}"
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return _string(value)
        case int():
            return str(value)
        case float():
            return repr(value)
        case list() | tuple():
            return "[" + ",".join(_text(one) for one in value) + "]"
        case dict():
            names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
            return "{" + ",".join(f"{_string(name)}:{_text(value[name])}" for name in names) + "}"
    raise TypeError(type(value).__name__)


def _string(text: str) -> str:
    return '"' + "".join(_character(one) for one in text) + '"'


def _character(one: str) -> str:
    if one in SHORT:
        return SHORT[one]
    if one < " " or "\ud800" <= one <= "\udfff":
        return f"\\u{ord(one):04x}"
    return one


def read(data: bytes) -> Any:
    """Return the value that `data` is the canonical form of; raise ValueError for anything else."""

    def refuse(found: object) -> Any:
        raise ValueError(f"not a value: {found}")

    value = json.loads(data.decode(), parse_float=refuse, parse_constant=refuse)
    _check(value, 0)
    if canonical(value) != data:
        raise ValueError("not the canonical form")
    return value


def _check(value: Any, depth: int) -> None:
    if isinstance(value, dict | list):
        if depth == DEEPEST:
            raise ValueError("too deep")
        for inner in value.values() if isinstance(value, dict) else value:
            _check(inner, depth + 1)
    if isinstance(value, dict) and any(one > "\uffff" for name in value for one in name):
        raise ValueError("a name beyond the basic plane")
    if isinstance(value, str) and any("\ud800" <= one <= "\udfff" for one in value):
        raise ValueError("half a pair")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError("too large")

"""Whom a form names as filing it: the agent who handles it (代理人), or else those whom it is about."""

from collections.abc import Iterator
from typing import Any

from tongban.catalogue.formpaths import Path, Schema

IDENTITY = frozenset({"cn-idno", "uscc"})
AGENT = "agent"


def numbers_of_filer(schema: Schema, instance: dict[str, Any]) -> list[tuple[Path, str]]:
    """
    Return the identity numbers, with their places, of which whoever files online must hold one.

    Empty where the form asks for none.
    """
    found = list(_numbers(schema, instance))
    by_agent = instance.get("handled_by") == AGENT
    return [(path, number) for path, number in found if (path[0] == AGENT) == by_agent]


def _numbers(schema: Schema, value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        if schema.get("format") in IDENTITY:
            yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _numbers(schema.get("properties", {}).get(name, {}), inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _numbers(schema.get("items", {}), inner, (*path, place))

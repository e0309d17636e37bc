"""Whom a form names as filing it: the agent who handles it (代理人), or else those whom it is about."""

from collections.abc import Iterator
from typing import Any

from tongban.catalogue.formpaths import Path, Schema

IDENTITY = frozenset({"cn-idno", "uscc"})
AGENT = "agent"
MOBILE = "cn-mobile"
MOBILES = ("applicant_mobile", "contact_mobile")
OWN = (("applicant_idno",), ("enterprise_uscc", "legal_idno"))


def numbers_of_filer(schema: Schema, instance: dict[str, Any]) -> list[tuple[Path, str]]:
    """
    Return the identity numbers, with their places, of which whoever files online must hold one.

    Empty where the form asks for none.
    """
    found = list(_numbers(schema, instance))
    by_agent = instance.get("handled_by") == AGENT
    return [(path, number) for path, number in found if (path[0] == AGENT) == by_agent]


def numbers_of_applicant(schema: Schema, instance: dict[str, Any]) -> list[str]:
    """
    Return by which identity numbers whoever files is known: the agent's; else the applicant's own; else an enterprise's and its head's.

    Employers, banks and others whom a form only mentions are not among them.
    """
    if instance.get("handled_by") == AGENT:
        return [str(instance.get(AGENT, {}).get("idno", ""))]
    own = next((names for names in OWN if names[0] in schema["properties"]), ())
    return [str(instance[name]) for name in own if instance.get(name)]


def mobile_of_filer(schema: Schema, instance: dict[str, Any]) -> tuple[Path, str]:
    """Return where a form asks for the mobile number of whoever files, and what it says; no place where it does not ask."""
    agent = schema["properties"].get(AGENT, {}).get("properties", {})
    if instance.get("handled_by") == AGENT and agent.get("mobile"):
        return (AGENT, "mobile"), str(instance.get(AGENT, {}).get("mobile", ""))
    asked = [name for name, field in schema["properties"].items() if field.get("format") == MOBILE]
    name = next((one for one in (*MOBILES, *asked) if one in asked), "")
    return ((name,), str(instance.get(name, ""))) if name else ((), "")


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

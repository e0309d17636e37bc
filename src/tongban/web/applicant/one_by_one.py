"""长辈版 asks one thing a page, a question or a material: which one it is, and which come before and after it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tongban.catalogue import forms as judge
from tongban.catalogue.formpaths import Schema

ASK: Final = "ask"  # of an address: the name of the field, or the code of the material, that is asked for


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a step (a group with what belongs to it) or one material, among those that apply to what was answered so far."""

    name: str
    place: int
    of: int
    before: str  # the name of the one before; nothing at the first
    after: str


def applying(schema: Schema, names: Sequence[str], instance: Mapping[str, Any]) -> list[str]:
    """Return those of the fields `names` that have to do with what was answered so far."""
    tidy = judge.cleaned(schema, dict(instance))
    return [name for name in names if _applies(schema["properties"][name], tidy)]


def question(
    schema: Schema, names: Sequence[str], instance: Mapping[str, Any], wanted: str, wrong: Collection[str]
) -> Question:
    """Return the question that is `wanted`; where there is no such, the first that is `wrong`, else the first."""
    # Whoever changes the answer on which a question hangs meets that question no more.
    return one_of(applying(schema, names, instance) or names[:1], wanted, wrong)


def one_of(asked: Sequence[str], wanted: str, wrong: Collection[str]) -> Question:
    """Return which of the things that are `asked` comes now: what is `wanted`, else the first that is `wrong`, else the first."""
    name = wanted if wanted in asked else next((name for name in asked if name in wrong), asked[0])
    at = asked.index(name)
    return Question(
        name, at + 1, len(asked), asked[at - 1] if at else "", asked[at + 1] if at + 1 < len(asked) else ""
    )


def _applies(field: Schema, tidy: Mapping[str, Any]) -> bool:
    when = field.get("x-ui", {}).get("when", {})
    return all(tidy.get(other) in values for other, values in when.items())

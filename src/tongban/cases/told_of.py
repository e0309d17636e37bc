"""
What the form of a case says of whom it is for, and by what of it the case is found again (查找). Pure but for the node's key.

Names by every run of two to four characters and whole; identity numbers whole and by the last six; telephones whole and by the
last four; codes of enterprises whole; the case's own number by its last groups. Nothing of the people that rows list.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from tongban.accounts.identifiers import mask_name
from tongban.kernel.journal import numbers
from tongban.procedures import tracing

PERSON: Final = "applicant_name"
ENTERPRISES: Final = ("enterprise_name", "company_name")
SHORTEST, LONGEST = 2, 4  # of the runs of a name that are found by themselves
_MOST = 40  # characters of a name that are looked at
_FORMATS = {"cn-idno": "id", "cn-mobile": "mobile", "uscc": "uscc"}
_TAIL = {"id": 6, "mobile": 4}


class Kind(StrEnum):
    """What a trace is of."""

    NAME = "name"
    RUN = "run"
    ID = "id"
    ID_END = "id-end"
    MOBILE = "mobile"
    MOBILE_END = "tel-end"
    USCC = "uscc"
    NUMBER = "number"


def given(schema: Mapping[str, Any], form: Mapping[str, Any], *formats: str) -> Iterator[tuple[str, str]]:
    """Yield what is given in fields of these formats, with the format, in a form and in its blocks; not of the people that rows list."""
    for name, field in schema.get("properties", {}).items():
        value = form.get(name)
        if field.get("format") in formats and isinstance(value, str) and value:
            yield field["format"], value
        elif field.get("type") == "object" and isinstance(value, Mapping):
            yield from given(field, value, *formats)


def bearers(schema: Mapping[str, Any], form: Mapping[str, Any]) -> list[str]:
    """Return the names of whom a form is for: as guides call the field, else the names in its blocks."""
    named = [form[one] for one in (*ENTERPRISES, PERSON) if isinstance(form.get(one), str) and form[one]]
    return named or list(_names(schema, form))


def shown(schema: Mapping[str, Any], form: Mapping[str, Any]) -> str:
    """Return what lists call whom a form is for: an enterprise's name, or a person's masked."""
    for one in ENTERPRISES:
        if isinstance(form.get(one), str) and form[one]:
            return str(form[one])[:_MOST]
    return "、".join(mask_name(one) for one in bearers(schema, form)[:2])


def traces(number: str, schema: Mapping[str, Any], form: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return by what a case is found: kinds and tokens."""
    said: set[tuple[str, str]] = set()
    for name in bearers(schema, form):
        plain = tidy(name)[:_MOST]
        said.add((Kind.NAME, plain))
        said |= {(Kind.RUN, one) for one in runs(plain)}
    for written, value in given(schema, form, *_FORMATS):
        kind, plain = _FORMATS[written], tidy(value)
        said.add((kind, plain))
        if kind in _TAIL:
            said.add((Kind.ID_END if kind == Kind.ID else Kind.MOBILE_END, plain[-_TAIL[kind] :]))
    said |= {(Kind.NUMBER, one) for one in ends_of(number)}
    return {(str(kind), tracing.token(kind, plain)) for kind, plain in said if plain}


def ends_of(number: str) -> set[str]:
    """Return the parts of a number by which it is found: what is drawn at random, with its check and sub-case, and how that ends."""
    try:
        parsed = numbers.parse(number)
    except numbers.BadNumber:
        return set()
    return {parsed.random, parsed.random + parsed.check, parsed.random[-4:]}


def runs(name: str) -> set[str]:
    """Return every run of two to four characters of a name."""
    return {
        name[at : at + length]
        for length in range(SHORTEST, LONGEST + 1)
        for at in range(len(name) - length + 1)
    }


def tidy(text: str) -> str:
    """Return text as it is hashed: one form of letters and digits, nothing between them."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text)).upper()


def _names(schema: Mapping[str, Any], form: Mapping[str, Any]) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        value = form.get(name)
        if field.get("x-ui", {}).get("kind") == "name" and isinstance(value, str) and value:
            yield value
        elif field.get("type") == "object" and isinstance(value, Mapping):
            yield from _names(field, value)

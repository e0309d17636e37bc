"""
Canonical JSON: one value, one sequence of bytes, on every node and in ten years.

RFC 8785 (JCS), restricted to what we hash and sign: strings, whole numbers, true, false, null,
lists and objects. Fractions are left out because their text form is where implementations differ;
numbers beyond ±(2^53 - 1) because other languages cannot hold them; object names outside the Basic
Multilingual Plane because RFC 8785 sorts by UTF-16 and nearly nobody else does.
"""

import json
from functools import partial

import orjson

MAX_INT = 2**53 - 1
MAX_DEPTH = 64

type Canonical = bool | int | str | list[Canonical] | tuple[Canonical, ...] | dict[str, Canonical] | None


class CanonError(ValueError):
    """The value or the bytes cannot be canonical JSON."""


def encode(value: object) -> bytes:
    """
    Return the canonical bytes of `value`; tuples count as lists.

    Raises:
        CanonError: a type, number, name or text that we do not hash, or nested too deep.
    """
    _check(value, MAX_DEPTH)
    try:
        return _DUMP(value)
    except orjson.JSONEncodeError:  # all else was looked at before
        raise CanonError("text holds half of a surrogate pair") from None


def encode_again(value: object) -> bytes:
    """Return the canonical bytes of a value all of whose parts `encode` has taken, or that are digits of ours."""
    return _DUMP(value)


def decode(data: bytes) -> Canonical:
    """
    Return the value whose canonical bytes are exactly `data`.

    Raises:
        CanonError: any other bytes, even if they are JSON: white space, another order of names,
            a name given twice, fractions, needless escapes.
    """
    try:
        value: Canonical = json.loads(data.decode(), parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):  # includes bad UTF-8, and numbers of thousands of digits
        raise CanonError("not JSON of the kind we hash") from None
    # One comparison covers every way in which two texts can mean the same.
    if encode(value) != data:
        raise CanonError("JSON, but not in canonical form")
    return value


# It escapes exactly as RFC 8785 asks, and below U+10000 bytes sort as UTF-16 does; a property test compares it with another's work.
# Names may be words of an enumeration, which it does not count as text unless told to.
_DUMP = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def _check(value: object, depth: int) -> None:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if not -MAX_INT <= value <= MAX_INT:
            raise CanonError("number beyond 2^53 - 1")
    elif depth == 0:
        raise CanonError(f"nested deeper than {MAX_DEPTH}")
    elif isinstance(value, dict):
        for name, member in value.items():
            if type(name) is not str or not name.isascii():
                _check_name(name)
            if type(member) is not str:  # as most are
                _check(member, depth - 1)
    elif isinstance(value, list | tuple):
        for member in value:
            if type(member) is not str:
                _check(member, depth - 1)
    else:
        raise CanonError(f"{type(value).__name__} has no canonical form")


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise CanonError("the name of a member is not text")
    if not name.isascii() and max(name) > "\uffff":
        raise CanonError("the name of a member goes beyond the Basic Multilingual Plane")


def _refuse(text: str) -> None:
    raise CanonError("fractions have no canonical form here")

"""Canonical JSON against an independent implementation of RFC 8785."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.crypto import canon

NAMES = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-canon.MAX_INT, canon.MAX_INT) | st.text()
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=5) | st.dictionaries(NAMES, v, max_size=5))


@pytest.mark.slow
@given(VALUES)
def test_writes_what_rfc_8785_writes(value: object) -> None:
    assert canon.encode(value) == rfc8785.dumps(value)


@pytest.mark.slow
@given(VALUES)
def test_reads_back_what_it_wrote(value: object) -> None:
    assert canon.decode(canon.encode(value)) == value


@given(st.binary(max_size=40))
def test_reads_nothing_but_canonical_bytes(data: bytes) -> None:
    try:
        value = canon.decode(data)
    except canon.CanonError:
        return
    assert canon.encode(value) == data


@pytest.mark.parametrize("name", ["\U00010000", "a\U00010000", "\U0001f600一", "一\U0001f600"])
def test_takes_no_name_beyond_the_basic_plane_wherever_in_it_that_stands(name: str) -> None:
    for value in ({name: 1}, [{"a": {name: None}}]):
        with pytest.raises(canon.CanonError, match="Basic Multilingual Plane"):
            canon.encode(value)
    assert canon.encode({"\uffff": name})


def test_a_tuple_is_a_list() -> None:
    assert canon.encode({"b": (1, "二"), "a": None}) == '{"a":null,"b":[1,"二"]}'.encode()


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        b"bytes",
        {1: "a name that is no text"},
        {"\U00020000": "a name sorted differently by UTF-16"},
        "\ud800",
        {"a": ["\udfff"]},
        {1, 2},
        nested(canon.MAX_DEPTH + 1),
    ],
)
def test_refuses_what_has_no_single_form(value: object) -> None:
    with pytest.raises(canon.CanonError):
        canon.encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1\n",
        b"1.0",
        b"1e2",
        b"-0",
        b"01",
        b"NaN",
        b"Infinity",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\xff"',
        b'\xef\xbb\xbf"a"',
        b"9007199254740992",
        b"9" * 5000,
        b"[" * 100_000,
        b"[" * 65 + b"]" * 65,
    ],
)
def test_refuses_other_spellings(data: bytes) -> None:
    with pytest.raises(canon.CanonError):
        canon.decode(data)


def test_nests_as_deep_as_allowed() -> None:
    value = nested(canon.MAX_DEPTH)
    assert canon.decode(canon.encode(value)) == value

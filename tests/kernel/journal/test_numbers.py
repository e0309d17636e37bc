from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.journal import numbers
from tongban.kernel.journal.numbers import BadNumber, Number

NODE = "sm3:" + "5d" * 32
MONDAY = date(2026, 3, 2)
SEEDS = st.integers(0, 2**32)


def issued(seed: int = 7) -> Number:
    return numbers.issue("341723", NODE, 1, MONDAY, entropy=Random(seed))


def test_tells_where_by_whom_and_when() -> None:
    number = issued()
    assert (number.division, number.on, number.sub) == ("341723", MONDAY, 0)
    assert number.issuer == numbers.issuer_tag(NODE, 1)
    assert len(str(number)) == 27


def test_another_node_or_epoch_has_another_tag() -> None:
    tags = {
        numbers.issuer_tag(NODE, 1),
        numbers.issuer_tag(NODE, 2),
        numbers.issuer_tag("sm3:" + "5e" * 32, 1),
    }
    assert len(tags) == 3


def test_two_of_one_day_differ() -> None:
    assert len({str(numbers.issue("341723", NODE, 1, MONDAY)) for _ in range(1000)}) == 1000


@given(SEEDS, st.integers(0, 99))
def test_comes_back_from_what_is_stored_and_shown(seed: int, sub: int) -> None:
    number = issued(seed).child(sub) if sub else issued(seed)
    assert len(str(number)) <= numbers.MAX_LENGTH
    assert numbers.parse(str(number)) == numbers.parse(number.display()) == number
    assert numbers.grouped(str(number)) == number.display()
    assert number.parent == issued(seed)


@pytest.mark.slow
@given(SEEDS, st.randoms())
def test_survives_reading_aloud_and_typing(seed: int, random: Random) -> None:
    number = issued(seed)
    heard = {"0": "0oOＯ０", "1": "1iIlL１", "-": "- —–－"}
    typed = "".join(random.choice(heard.get(c, c + c.lower())) for c in number.display())
    assert numbers.parse(f" {typed}\n") == number


@given(SEEDS, st.integers(0, 26), st.sampled_from(numbers.ALPHABET))
def test_one_wrong_character_is_always_noticed(seed: int, place: int, other: str) -> None:
    text = str(issued(seed))
    wrong = text[:place] + other + text[place + 1 :]
    if wrong != text:
        with pytest.raises(BadNumber):
            numbers.parse(wrong)


def test_two_swapped_characters_are_nearly_always_noticed() -> None:
    swaps = missed = 0
    for text in (str(issued(seed)) for seed in range(50)):
        for place in range(26):
            wrong = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
            if wrong != text:
                swaps += 1
                missed += numbers_accept(wrong)
    assert missed / swaps < 0.01


def numbers_accept(text: str) -> bool:
    try:
        numbers.parse(text)
    except BadNumber:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "27 位"),
        ("341723", "27 位"),
        (str(issued()) + "-1", "27 位"),
        (str(issued()) + "-00", "子办件"),
        (str(issued()).replace("20260302", "20260332"), "日期"),
        ("U" * 27, "27 位"),
        ("一" * 5000, "27 位"),
    ],
)
def test_refuses_with_a_place_to_look(text: str, what: str) -> None:
    with pytest.raises(BadNumber, match=what):
        numbers.parse(text)


def test_a_sub_case_has_no_sub_cases() -> None:
    with pytest.raises(ValueError):
        issued().child(1).child(1)
    with pytest.raises(ValueError):
        issued().child(100)


def test_refuses_to_issue_for_no_division() -> None:
    with pytest.raises(ValueError):
        numbers.issue("青阳县", NODE, 1, MONDAY)

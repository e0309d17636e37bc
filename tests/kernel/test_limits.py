"""The figures of docs/protocol.md §2 and those of the program are the same."""

import re
from pathlib import Path

import pytest

from tongban.kernel import limits

PAGE = (Path(__file__).parents[2] / "docs/protocol.md").read_text(encoding="utf-8")


def told(row: str) -> list[int]:
    """Return the numbers in the row of the table of limits that begins so."""
    found = re.findall(rf"^\| {re.escape(row)} \| (.*) \|$", PAGE, re.MULTILINE)[0]
    return [int(number.replace(",", "")) for number in re.findall(r"(?<![\^\d])\d[\d,]*", found)]


@pytest.mark.parametrize(
    ("row", "figures"),
    [
        ("a message", [limits.MESSAGE]),
        ("events in a transfer", [limits.EVENTS]),
        ("terms of a role", [limits.TERMS]),
        ("`refs`", [limits.REFS]),
        ("references to content in an event", [limits.CONTENTS]),
    ],
)
def test_are_those_of_the_page(row: str, figures: list[int]) -> None:
    assert told(row) == figures

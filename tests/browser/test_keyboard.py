"""A case of ten pages is taken in without a mouse, and the manual says what that takes."""

import re
from pathlib import Path

import pytest

from tests.browser.seen import Seen

pytestmark = [pytest.mark.slow, pytest.mark.prove("walks by browser, by keyboard alone")]

MANUAL = Path("docs/guide/window.md")
SAYS = r"走 (\d+) 个页面，按 (\d+) 次键，其中打字\s*(\d+) 次"


def test_is_pushed_by_keys_alone(walk: Seen) -> None:
    assert walk.keys["pages"] <= 7
    assert walk.keys["typed"] + walk.keys["pressed"] < 200


def test_the_manual_says_what_it_takes(examined: Seen) -> None:
    said = re.search(SAYS, MANUAL.read_text(encoding="utf-8"))
    assert said, f"{MANUAL} does not say how many pages and keys a case takes"
    pages, keys, typed = map(int, said.groups())
    took = examined.keys
    assert pages == took["pages"]
    # A guide whose form is changed a little is no reason to write a new manual.
    assert keys == pytest.approx(took["pressed"] + took["typed"], rel=0.05)
    assert typed == pytest.approx(took["typed"], rel=0.05)

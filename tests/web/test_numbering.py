"""A number on a page: it may wrap between its groups, and its check character never stands alone."""

import re

import pytest

from tongban.kernel.journal import numbers
from tongban.web import numbering

NUMBER = "341723ZKT320260302YZMBEMH33"


@pytest.mark.parametrize("number", [NUMBER, f"{NUMBER}-01"])
def test_its_last_groups_stay_in_one_line(number: str) -> None:
    shown = numbering.shown(number)
    assert shown.endswith(f'<span class="one">YZMBEMH3-3{number[27:]}</span>')
    assert re.sub(r"<[^>]+>", "", shown) == numbers.grouped(number)

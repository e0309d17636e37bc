"""A number on a page: it may wrap between its groups, and its check character never stands alone."""

import re

import pytest

from tongban.kernel.journal import numbers
from tongban.web import numbering
from tongban.web.templatetags.tongban_web import file_type

NUMBER = "341723J7W42026030284G7ZWYRH"


@pytest.mark.parametrize("number", [NUMBER, f"{NUMBER}-01"])
def test_its_last_groups_stay_in_one_line(number: str) -> None:
    shown = numbering.shown(number)
    assert shown.endswith(f'<span class="one">84G7ZWYR-H{number[27:]}</span>')
    assert re.sub(r"<[^>]+>", "", shown) == numbers.grouped(number)


def test_a_refusal_groups_the_number_it_names() -> None:
    told = numbering.in_sentence(f"办件 {NUMBER} 已被他人处理，摘要 {'0' * 64}，请刷新。")
    assert told == f"办件 341723-J7W4-20260302-84G7ZWYR\u2011H 已被他人处理，摘要 {'0' * 64}，请刷新。"
    assert str(numbers.parse(told[3:34])) == NUMBER  # and may be copied from there


def test_types_of_files_are_words() -> None:
    assert [file_type(one) for one in ("image/png", "JPEG", "application/pdf", "x/y")] == [
        "图片",
        "照片",
        "PDF",
        "文件",
    ]

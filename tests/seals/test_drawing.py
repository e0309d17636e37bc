"""Seals are drawn in true size, their letters within the ring and clear of one another."""

import io
import re
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians, sin
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typst
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from tongban.seals import drawing

LETTERS = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
NAMES = st.text(LETTERS, min_size=5, max_size=26)
INSIDE = drawing.RADIUS - drawing.RING


def corners(letter: drawing.Letter) -> list[tuple[float, float]]:
    """Return the corners of a letter's box as polar coordinates: radius, degrees from the top."""
    half = letter.width / 2
    places = [(x, y) for y in (letter.outer, letter.outer - letter.height) for x in (-half, half)]
    return [(hypot(x, y), letter.angle + degrees(atan2(x, y))) for x, y in places]


@given(NAMES)
@example("青阳县民政局")
@example("长" * 26)
def test_letters_stand_within_the_ring_and_never_touch(name: str) -> None:
    placed = drawing.letters(name)

    assert [one.text for one in placed] == list(name)
    ends = [(min(a for _, a in corners(one)), max(a for _, a in corners(one))) for one in placed]
    assert all(before[1] < after[0] for before, after in pairwise(ends))
    assert all(radius <= INSIDE - 1 + 1e-9 for one in placed for radius, _ in corners(one))
    assert all(one.outer - one.height > drawing.STAR + 3 for one in placed), "clear of the star"


@given(NAMES)
def test_the_name_is_level_and_leaves_the_foot_free(name: str) -> None:
    placed = drawing.letters(name)

    assert placed[-1].angle == pytest.approx(-placed[0].angle)
    assert placed[-1].angle - placed[0].angle <= 250 + 1e-9
    lowest = max(-radius * cos(radians(angle)) for one in placed for radius, angle in corners(one))
    (word,) = drawing.foot("行政审批专用章", demo=False)
    _, height, width, middle = word
    reach = 7 * width / 2
    for one in placed:
        for radius, angle in corners(one):
            x, y = radius * sin(radians(angle)), -radius * cos(radians(angle))
            assert abs(x) > reach or y < middle - height / 2, f"{one} stands in the word at the foot"
    assert lowest < INSIDE


@given(NAMES)
def test_the_picture_puts_each_letter_where_it_belongs(name: str) -> None:
    svg = drawing.picture(name, "official", 45, demo=False).decode()

    turned = re.findall(r"rotate\((.+?)\) translate\(0 (.+?)\) scale\((.+?) 1\)\">(.)<", svg)
    assert "".join(text for *_, text in turned) == name
    for (angle, up, narrow, _), one in zip(turned, drawing.letters(name), strict=True):
        assert float(angle) == pytest.approx(one.angle, abs=1e-3)
        assert float(narrow) == pytest.approx(one.width / one.height, abs=1e-4)
        # In a font of this kind the box of a letter reaches 0.88 above the baseline and 0.12 below it.
        assert -float(up) == pytest.approx(one.outer - 0.88 * one.height, abs=2e-3)
    assert float(turned[0][0]) < 0 < float(turned[-1][0]), "read from left to right"


def test_short_names_are_not_scattered() -> None:
    steps = [after.angle - before.angle for before, after in pairwise(drawing.letters("青阳县民政局"))]

    assert steps == pytest.approx([30] * 5)


def test_the_ring_is_as_wide_as_the_seal() -> None:
    svg = drawing.picture("青阳县民政局", "official", 45, demo=False).decode()

    (radius, breadth) = re.findall(r'<circle r="(.+?)".+?stroke-width="(.+?)"', svg)[0]
    assert float(radius) + float(breadth) / 2 == 22.5
    assert 'viewBox="-22.5 -22.5 45 45"' in svg


@given(NAMES)
def test_letters_stay_readable(name: str) -> None:
    assert all(one.height >= 3.5 and one.width >= 0.59 * one.height for one in drawing.letters(name))


def test_longer_names_get_narrower_and_then_smaller_letters_but_never_touch() -> None:
    sizes = [(one.width, one.height) for n in range(1, 61) for one in drawing.letters("长" * n)[:1]]

    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0][0] == pytest.approx(drawing.TALLEST)


@given(st.integers(1, 12), st.booleans())
def test_what_stands_at_the_foot_is_within_the_ring(length: int, demo: bool) -> None:
    lines = drawing.foot("章" * length, demo=demo)

    spans = []
    for text, height, width, middle in lines:
        assert hypot(len(text) * width / 2, middle + height / 2) < INSIDE
        spans.append((middle - height / 2, middle + height / 2))
    assert all(upper[1] < lower[0] for upper, lower in pairwise(spans))


@pytest.mark.parametrize(("kind", "width"), [("competent", 45), ("township", 42), ("service_centre", 45)])
def test_sizes_are_those_of_the_state_council(kind: str, width: int) -> None:
    assert drawing.width_of(kind) == width


def test_the_picture_says_what_it_should() -> None:
    words = {
        ("official", False): "", ("official", True): "演示", ("special", False): "行政审批专用章",
        ("special", True): "行政审批专用章演示",
    }  # fmt: skip
    for (kind, demo), foot in words.items():
        svg = drawing.picture("蓉城镇人民政府（演示）", kind, 42, demo, "行政审批专用章")
        root = ElementTree.fromstring(svg)  # our own
        assert (root.get("width"), root.get("height")) == ("42mm", "42mm")
        assert "".join(root.itertext()).replace("\n", "") == f"蓉城镇人民政府{foot}"
        assert svg.count(b"#C8161D") == 2
        assert b"Noto Serif CJK SC" in svg


def test_names_are_text_and_never_markup() -> None:
    svg = drawing.picture("<局>&“局”", "official", 45, demo=False)

    assert "".join(ElementTree.fromstring(svg).itertext()).replace("\n", "") == "<局>&“局”"


@pytest.mark.slow
def test_typst_draws_it_in_true_size(tmp_path: Path) -> None:
    (tmp_path / "seal.svg").write_bytes(drawing.picture("青阳县市场监督管理局", "official", 42, demo=True))
    (tmp_path / "page.typ").write_text(
        '#set page(width: 50mm, height: 50mm, margin: 0mm)\n#place(image("seal.svg"))', encoding="utf-8"
    )
    drawn = typst.compile(tmp_path / "page.typ", format="png", ppi=254)  # ten dots a millimetre
    assert isinstance(drawn, bytes)

    picture = Image.open(io.BytesIO(drawn)).convert("L").point(lambda value: 255 if value < 200 else 0)

    assert picture.getbbox() == pytest.approx((0, 0, 420, 420), abs=1)
    # Letters and 演示 are there: red where the first letter and the foot stand, white between.
    assert picture.crop((190, 360, 230, 385)).getbbox() is not None
    assert picture.crop((190, 290, 230, 350)).getbbox() is None
    first = drawing.letters("青阳县市场监督管理局")[0]
    x, y = (first.outer - 2.6) * sin(radians(first.angle)), -(first.outer - 2.6) * cos(radians(first.angle))
    scale = 420 / 45
    where = (210 + (x - 2) * scale, 210 + (y - 2) * scale, 210 + (x + 2) * scale, 210 + (y + 2) * scale)
    assert picture.crop(tuple(map(int, where))).getbbox() is not None

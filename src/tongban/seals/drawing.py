"""
The picture of a seal: ring, star, the name along the upper arc, at the foot what the seal is for and whose it is not.

Pure: no Django, no file. 国发〔1999〕25 号 says how large seals are and what stands in them; all lengths here are those of a
seal of 45 mm, and another size is the same drawing, smaller.
"""

from dataclasses import dataclass
from math import atan2, cos, degrees, pi, radians, sin, tan
from typing import Final
from xml.sax.saxutils import escape

RED: Final = "#C8161D"
FONT: Final = "Noto Serif CJK SC"
AUTHORITY, TOWNSHIP = 45, 42  # mm across, of 机关 and of 乡镇
SPECIAL: Final = "special"
DEMO: Final = "（演示）"

RADIUS: Final = 22.5
RING: Final = 1.2  # how broad
MARGIN: Final = 1.0  # between ring and letters
ARC: Final = 250.0  # degrees from the middle of the first letter to that of the last
WIDEST: Final = 30.0  # degrees from letter to letter where the name is short
TALLEST: Final = 5.2
NARROWEST: Final = 0.6  # of a letter's height: narrower ones can't be read
CLOSE: Final = 0.94  # of the room that a letter has; the rest stays white
ASCENT: Final = 0.88  # of a letter's height stands above its baseline
STAR: Final = 7.0  # from the middle to its points


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of the name: its box stands on a circle, turned about the middle of the seal."""

    text: str
    angle: float  # degrees clockwise from the top, of the middle of its box
    height: float
    width: float
    outer: float  # radius of the middle of the box's upper edge

    @property
    def half_angle(self) -> float:
        """How many degrees the box reaches to either side, at its lower edge, where room is scarcest."""
        return degrees(atan2(self.width / 2, self.outer - self.height))


def width_of(organisation_kind: str) -> int:
    """Return how many millimetres the seal of an organisation of this kind (`Organisation.Kind`) measures across."""
    return TOWNSHIP if organisation_kind == "township" else AUTHORITY


def picture(name: str, kind: str, width_mm: float, demo: bool, word: str = "") -> bytes:
    """
    Return a round seal as SVG, in true size.

    Args:
        name: of the organisation; an ending （演示） is left out, since the foot says it.
        kind: `special` has `word` at the foot, 专用章 where none is given; `official` has none.
        width_mm: across, as `width_of` says.
        demo: 演示 stands at the foot; for seals of demo nodes alone.
        word: what a special seal is for, e.g. 行政审批专用章.
    """
    lines = foot((word or "专用章") if kind == SPECIAL else "", demo=demo)
    size = f"{width_mm:g}mm"
    box = f"{-RADIUS:g} {-RADIUS:g} {2 * RADIUS:g} {2 * RADIUS:g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="{box}">',
        f'<circle r="{RADIUS - RING / 2:g}" fill="none" stroke="{RED}" stroke-width="{RING:g}"/>',
        f'<g fill="{RED}" font-family="{FONT}" font-weight="700" text-anchor="middle">',
        f'<polygon points="{_star()}"/>',
        *map(_drawn, letters(name)),
        *(
            _text(text, height, width / height, f"translate(0 {middle + (ASCENT - 0.5) * height:.3f})")
            for text, height, width, middle in lines
        ),
        "</g></svg>",
    ]
    return "\n".join(parts).encode()


def letters(name: str) -> list[Letter]:
    """
    Return where each letter of a name stands; neighbours don't touch, and all stand within the ring.

    Long names get narrower letters, very long ones smaller letters too.
    """
    name = "".join(name.removesuffix(DEMO).split())
    outer = RADIUS - RING - MARGIN
    step = min(WIDEST, ARC / max(len(name) - 1, 1))
    height = min(TALLEST, _tallest(step, outer))
    # The middle of the upper edge: its corners, farther out, touch the circle.
    width = min(height, _room(step, outer - height))
    upper = (outer**2 - (width / 2) ** 2) ** 0.5
    width = min(width, _room(step, upper - height))
    first = -step * (len(name) - 1) / 2
    return [Letter(text, first + step * n, height, width, upper) for n, text in enumerate(name)]


def foot(word: str, *, demo: bool) -> list[tuple[str, float, float, float]]:
    """Return the lines at the foot: text, height and width of a letter, and how far below the middle they stand."""
    lines = []
    if word:
        height = 3.6
        lines.append((word, height, min(height, 18.5 / len(word)), 12.2))
    if demo:
        lines.append(("演示", 2.8, 2.8, 17.4))
    return lines


def _room(step: float, inner: float) -> float:
    """Return how wide letters may be that stand `step` degrees apart with their lower edge at the radius `inner`."""
    return CLOSE * 2 * inner * tan(radians(step) / 2)


def _tallest(step: float, outer: float) -> float:
    """Return how tall letters may be so that they need not be narrower than `NARROWEST` of it."""
    share = CLOSE * 2 * tan(radians(step) / 2)
    return share * outer * 0.99 / (NARROWEST + share)


def _drawn(letter: Letter) -> str:
    baseline = letter.outer - ASCENT * letter.height
    where = f"rotate({letter.angle:.3f}) translate(0 {-baseline:.3f})"
    return _text(letter.text, letter.height, letter.width / letter.height, where)


def _text(text: str, height: float, narrow: float, where: str) -> str:
    return f'<text font-size="{height:.3f}" transform="{where} scale({narrow:.4f} 1)">{escape(text)}</text>'


def _star() -> str:
    inner = STAR * sin(pi / 10) / sin(3 * pi / 10)
    corners = [(STAR if n % 2 == 0 else inner, radians(36 * n)) for n in range(10)]
    return " ".join(f"{r * sin(a):.3f},{-r * cos(a):.3f}" for r, a in corners)

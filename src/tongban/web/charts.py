"""Bars as SVG made by the server: sizes in em and per cent, so that text keeps its size on every screen."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

ROW = 3.0  # em per bar, with its label above
LONGEST = 22  # characters of a label; the table behind has it in full


def bars(rows: Sequence[tuple[str, int, int]], *, title: str, part: str) -> SafeString:
    """
    Return horizontal bars, longest first and none for nothing: (label, whole, part of it), the part drawn into the whole.

    The numbers stand beside the label, so nothing rests on colour; `part` is the word for the part, such as 逾期.
    """
    ordered = sorted((row for row in rows if row[1]), key=lambda row: -row[1])
    most = max((whole for _, whole, _ in ordered), default=0) or 1
    drawn = format_html_join(
        "",
        '<text x="0" y="{}em">{}</text><rect class="whole" x="0" y="{}em" width="{}%" height="1em"/>'
        '<rect class="part" x="0" y="{}em" width="{}%" height="1em"/>',
        (
            (
                round(ROW * index + 1, 2), _label(label, whole, late, part), round(ROW * index + 1.4, 2),
                round(100 * whole / most, 1), round(ROW * index + 1.4, 2), round(100 * late / most, 1),
            )
            for index, (label, whole, late) in enumerate(ordered)
        ),
    )  # fmt: skip
    return format_html(
        '<svg class="bars" role="img" aria-label="{}" width="100%" height="{}em">{}</svg>',
        title, round(ROW * len(ordered) + 0.2, 2), drawn,
    )  # fmt: skip


def bar(whole: int, part: int, most: int) -> SafeString:
    """Return a small bar for a cell of a table, the part drawn into the whole; the figures stand beside it in cells of their own."""
    scale = most or 1
    return format_html(
        '<svg class="bar" aria-hidden="true" width="8em" height="1em"><rect class="whole" width="{}%" height="1em"/>'
        '<rect class="part" width="{}%" height="1em"/></svg>',
        round(100 * whole / scale, 1), round(100 * part / scale, 1),
    )  # fmt: skip


def _label(label: str, whole: int, late: int, part: str) -> str:
    short = label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"
    return f"{short} {whole}（{part} {late}）" if late else f"{short} {whole}"

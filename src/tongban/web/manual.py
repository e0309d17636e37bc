"""
Help (帮助): the manual's sections, one for each desk, and the first day; kept as texts in `handbook/`, as they are written.

A text is headings (#, ##), lists (- and 1.), paragraphs, and links to pages of this site: [words](/address/).
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongban.kernel.errors import NotFound

FOLDER: Final = Path(__file__).with_name("handbook")
SECTIONS: Final = (
    "first-day", "applicant", "window", "officer", "supervisor", "archive", "accounts", "matters",
)  # fmt: skip
LINK: Final = re.compile(r"\[([^\]]+)\]\((/[^)\s]*)\)")
KINDS: Final = (
    (re.compile(r"## (.+)"), "h2"),
    (re.compile(r"- (.+)"), "ul"),
    (re.compile(r"\d+\. (.+)"), "ol"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a list or a paragraph: its kind as HTML calls it, and its lines."""

    kind: str
    lines: list[SafeString]


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the manual."""

    name: str
    title: str
    blocks: list[Block]


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """List the sections."""
    return render(request, "web/manual.html", {"sections": [section(name) for name in SECTIONS]})


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one section."""
    if name not in SECTIONS:
        raise NotFound(_("没有这一节帮助。请从帮助目录选择。"))
    return render(request, "web/manual.html", {"section": section(name)})


@cache
def section(name: str) -> Section:
    """Return a section of the manual, read once."""
    first, *lines = (FOLDER / f"{name}.md").read_text(encoding="utf-8").splitlines()
    blocks: list[Block] = []
    for line in filter(None, lines):
        kind, said = next(
            ((kind, found[1]) for sign, kind in KINDS if (found := sign.fullmatch(line))), ("p", line)
        )
        if kind in ("ul", "ol") and blocks and blocks[-1].kind == kind:
            blocks[-1].lines.append(_linked(said))
        else:
            blocks.append(Block(kind, [_linked(said)]))
    return Section(name, first.removeprefix("# "), blocks)


def _linked(text: str) -> SafeString:
    parts = LINK.split(text)  # words, then what is linked and where to, and so on
    found = zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True)
    return format_html_join(
        "", "{}{}", ((plain, format_html('<a href="{}">{}</a>', to, words) if to else "") for plain, words, to in found)
    )  # fmt: skip

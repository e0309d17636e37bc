"""From a letter's content to PDF: one template each, one compiler per process."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import typst

from tongban.kernel.errors import DomainError
from tongban.kernel.gates import Gate
from tongban.letters.contents import Letter, Official

TEMPLATES: Final = Path(__file__).parent / "data"
FONTS: Final = frozenset({"Noto Serif CJK SC", "Noto Sans CJK SC"})
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
GATE: Final = Gate(
    at_once=1, waiting=2, patience=8.0,
    sentence="文书没有生成：此刻正在生成的文书太多，系统正忙。请过几秒再打印。",
)  # fmt: skip


class FontsMissing(DomainError):
    """Without the fonts every letter would come out as empty boxes."""

    code = "fonts_missing"
    status = 503


def pdf(letter: Letter) -> bytes:
    """
    Return a letter as PDF; the same content always gives the same bytes.

    Raises:
        FontsMissing: this computer lacks the Chinese fonts. Busy: other letters are being made, and more wait.
    """
    return _compiled(letter, "pdf")


def picture(letter: Letter) -> bytes:
    """Return the first page of a letter as PNG, as a printer would draw it at 200 dpi; raises as `pdf`."""
    return _compiled(letter, "png")


def archival(letter: Official) -> bytes:
    """Return a letter as PDF/A-2b, as it is signed and kept; raises as `pdf`."""
    return _compiled(letter, "pdf", ["a-2b"])


def book(dossier: Any, annex: bytes) -> bytes:
    """Return a dossier as PDF/A-3b, the part of the standard that lets a file of any kind be attached; raises as `pdf`."""
    return _compiled(dossier, "pdf", ["a-3b"], {"annex": annex.decode()})


def _compiled(
    letter: Any, format_: Literal["pdf", "png"], standards: list[Any] | None = None, more: Mapping[str, str] = NOTHING,
) -> bytes:  # fmt: skip
    _demand_fonts(available())
    content = json.dumps(asdict(letter), ensure_ascii=False, default=str)
    with GATE.turn():
        found = _compiler().compile(
            input=TEMPLATES / f"{letter.template}.typ", format=format_, ppi=200,
            timestamp=int(_made_at(letter).timestamp()), sys_inputs={"letter": content, **more},
            pdf_standards=standards or [],
        )  # fmt: skip
    pages = found if isinstance(found, list) else [found]
    if not isinstance(pages[0], bytes):
        raise TypeError("nothing was drawn")
    return pages[0]


def _made_at(letter: Any) -> datetime:
    made: datetime = letter.head.at if hasattr(letter, "head") else letter.at
    return made


@cache
def available() -> frozenset[str]:
    """Return the font families of this computer."""
    return frozenset(_fonts().families())


def _demand_fonts(families: frozenset[str]) -> None:
    missing = FONTS - families
    if missing:
        raise FontsMissing(
            f"文书没有生成：本机缺少中文字体 {'、'.join(sorted(missing))}。请安装 fonts-noto-cjk 后重启服务再打印。"
        )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=TEMPLATES, font_paths=_fonts())

"""What each letter says: one content model each. Nothing here knows how it looks."""

import io
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

import segno


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code: what is written under it, and its picture (SVG)."""

    caption: str
    svg: str


@dataclass(frozen=True, slots=True)
class Head:
    """What every letter begins and ends with (文书通用首部与尾部)."""

    title: str
    number: str
    display: str
    item: str
    applicant: str
    contact: str
    filed_on: date
    issuer: str
    handling: str
    staff: str
    at: datetime
    day: str
    basis: str
    window: str = ""  # hall and window of whoever took it in
    codes: list[Code] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """One material: how many files and copies, and what became of the original."""

    name: str
    form: str
    copies: int
    files: int
    original: str  # 已核对退还 / 留存 / —
    back: str  # whether it is given back after use


@dataclass(frozen=True, slots=True)
class Receipt:
    """收件凭证: what the window has taken in, and what that means."""

    template: ClassVar[str] = "receipt"
    head: Head
    materials: list[MaterialLine]
    lacking: list[str]
    clock: str


@dataclass(frozen=True, slots=True)
class Notice:
    """一次性告知书: everything that is missing, told once."""

    template: ClassVar[str] = "notice"
    head: Head
    lines: list[str]
    until: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Handover:
    """材料交接清单: paper by paper, signed by both sides."""

    template: ClassVar[str] = "handover"
    head: Head
    serial: str
    materials: list[MaterialLine]


type Letter = Receipt | Notice | Handover


def qr(caption: str, text: str | bytes) -> Code:
    """Return a QR code that a phone and a counter's scanner read."""
    buffer = io.BytesIO()
    made = segno.make(text, micro=False, error="m" if len(text) < 100 else "l")
    # Without a viewBox it would be cropped when it is drawn smaller.
    made.save(buffer, kind="svg", omitsize=True, xmldecl=False, border=4)
    return Code(caption, buffer.getvalue().decode())

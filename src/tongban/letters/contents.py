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
    serial: str  # 文书号
    number: str
    display: str
    item: str
    applicant: str
    identity: str  # a person's masked, an enterprise's USCC in full
    contact: str
    address: str
    filed_on: date
    received: str  # when the window took it in; empty where none did
    intake: str  # organisation, hall and window that took it in
    handling: str
    issuer: str  # whose seal it bears
    staff: str  # who acts for the issuer, or prints and hands it out; empty on what the applicant prints
    capacity: str  # as which of the two
    enquiries: str  # address, telephone, hours
    at: datetime  # of printing
    day: str  # of issue
    basis: str
    codes: list[Code] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """One material: how many files, copies and pages, and what becomes of the original."""

    name: str
    form: str
    copies: int
    files: int
    pages: int | None  # of the files; None where they cannot be counted
    original: str  # 已核对退还 / 留存 / —
    back: str  # whether what was kept is given back after use


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
    """一次性告知书、补正告知书: everything that is missing, told once."""

    template: ClassVar[str] = "notice"
    head: Head
    lines: list[str]
    until: str
    where: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """受理通知书、不予受理通知书、决定书: what was done about an application, why, and what follows from it."""

    template: ClassVar[str] = "announcement"
    head: Head
    opening: str
    facts: list[tuple[str, str]]
    parts: list[tuple[str, list[str]]]  # heading, lines


@dataclass(frozen=True, slots=True)
class Official:
    """A letter of the authority (文书): made once, as content of the act that it tells of, numbered and sealed."""

    template: ClassVar[str] = "official"
    kind: str  # by name, as `sorts` has it
    title: str
    serial: str  # empty until it is issued
    issuer: str
    to: str
    opening: str  # when, where and for what was applied, and how it ends
    decided: str
    facts: list[tuple[str, str]]
    parts: list[tuple[str, list[str]]]  # heading, lines
    contact: list[str]
    day: str
    at: datetime
    demo: bool
    seal: str = ""  # its picture (SVG); empty until it is issued
    seal_mm: int = 45
    code: str = ""
    check: str = ""  # where the code is asked for
    qr: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """材料交接清单: paper by paper, signed by both sides."""

    template: ClassVar[str] = "handover"
    head: Head
    materials: list[MaterialLine]


@dataclass(frozen=True, slots=True)
class Delivery:
    """送达回证: which documents reached the applicant, how and when; signed by who takes them."""

    template: ClassVar[str] = "delivery"
    head: Head
    documents: list[tuple[str, str]]  # what it is, its serial or description
    way: str  # empty: to be ticked
    ways: list[str]
    handed_out: str  # when; empty: to be written
    remark: str


@dataclass(frozen=True, slots=True)
class FormSheet:
    """The filled-in form (申请表) on paper, to be signed; or blank, to be filled in by hand."""

    template: ClassVar[str] = "form"
    title: str
    item: str
    organisation: str
    display: str  # the number; empty on a blank one
    sections: list[tuple[str, list[tuple[str, str]]]]
    promises: list[str]
    signers: list[str]
    at: datetime
    codes: list[Code] = field(default_factory=list)
    mark: str = ""  # what is written across every page


@dataclass(frozen=True, slots=True)
class Filing:
    """申请存根: what was filed, in full, for whoever filed it."""

    template: ClassVar[str] = "filing"
    head: Head
    filed: str  # when
    sections: list[tuple[str, list[tuple[str, str]]]]  # step of the form: what was asked, what was answered
    materials: list[tuple[str, str]]  # what, when


@dataclass(frozen=True, slots=True)
class LateLine:
    """One thing that an office has to answer for, in words."""

    display: str  # the number
    item: str
    what: str
    due: str
    late: str  # since when and by how much
    answer_by: str


@dataclass(frozen=True, slots=True)
class Order:
    """督办单: what one office has to answer for, what is demanded, and by when; of all that was put to it at once."""

    template: ClassVar[str] = "order"
    issuer: str
    to: str
    day: str
    at: datetime
    parts: list[tuple[str, list[LateLine]]]  # what is demanded, of what


type Slip = Receipt | Notice | Announcement | Handover | Delivery
type Letter = Slip | Official | FormSheet | Filing | Order


def qr(caption: str, text: str | bytes) -> Code:
    """Return a QR code that a phone and a counter's scanner read."""
    buffer = io.BytesIO()
    made = segno.make(text, micro=False, error="m" if len(text) < 100 else "l")
    # Without a viewBox it would be cropped when it is drawn smaller.
    made.save(buffer, kind="svg", omitsize=True, xmldecl=False, border=4)
    return Code(caption, buffer.getvalue().decode())

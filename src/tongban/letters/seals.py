"""The seal on a letter: its picture where the page is drawn, its signature over the finished file."""

from datetime import datetime
from typing import Final

from tongban.seals import drawing, queries, signing
from tongban.seals.models import Seal
from tongban.seals.refusals import SealMissing

_POINTS: Final = 72 / 25.4  # to a millimetre
# Where `official.typ` draws it, in millimetres from the lower left corner of the last page.
_LEFT, _FOOT, _WIDE, _HIGH = 210 - 25 - 74, 40.0, 74.0, 45.0


def usable(organisation: str, kind: str, at: datetime) -> Seal:
    """
    Return the seal with which an organisation seals: its special one, where it has one and the letter asks for no more, else the official.

    Raises:
        SealMissing, SealRevoked, SealExpired: it has none that counts at `at`.
    """
    try:
        return queries.usable(organisation, kind, at)
    except SealMissing:
        return queries.usable(organisation, Seal.Kind.OFFICIAL, at)


def picture_of(organisation: str, kind: str, at: datetime) -> tuple[str, int]:
    """Return the picture of the seal (SVG) and its width in millimetres; raises as `usable`."""
    seal = usable(organisation, kind, at)
    return queries.picture_of(seal).decode(), drawing.width_of(seal.organisation.kind)


def seal(pdf: bytes, organisation: str, kind: str, at: datetime, title: str) -> bytes:
    """Return the file with the signature of the seal where its picture stands; raises as `usable`, and SealKeyLost."""
    used = usable(organisation, kind, at)
    width = drawing.width_of(used.organisation.kind)
    left, foot = _LEFT + (_WIDE - width) / 2, _FOOT + (_HIGH - width) / 2
    box = tuple(round(length * _POINTS, 2) for length in (left, foot, left + width, foot + width))
    return signing.sign(pdf, organisation, used.kind, at=at, reason=title, page=-1, box=box)  # type: ignore[arg-type]

"""Stand-ins for what an applicant would scan or photograph: a drawn page or a drawn face, as large as such files are."""

import io
import random
from collections.abc import Collection, Mapping
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFilter

PAGE: Final = (827, 1169)  # A4 at 100 dots an inch
PORTRAIT: Final = (413, 579)  # 二寸 at 300 dots an inch
_any = random.Random(7)  # noqa: S311 - what a page looks like is no secret


def as_filed_by(number: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Return an example form in which whoever files online has this identity number: the agent, or the applicant."""
    if form.get("handled_by") == "agent":
        return {**form, "agent": {**form["agent"], "idno": number}}
    return {**form, **{name: number for name in ("applicant_idno", "legal_idno") if name in form}}


def file_for(accept: Collection[str]) -> tuple[str, bytes]:
    """Return name and bytes of a scanned page or, where no document is accepted, of a portrait."""
    if "application/pdf" in accept:
        return "scan.pdf", page()
    if "image/jpeg" in accept:
        return "photo.jpg", _written(_grained(_portrait()), "JPEG")
    return "photo.png", _written(_portrait(), "PNG")


def page() -> bytes:
    """Return a scanned page of one sheet as PDF: a heading, lines, a stamp, and the grain of paper; none is like another."""
    sheet = Image.new("RGB", PAGE, "#FDFCF8")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((270, 90, 557, 124), fill="#333")
    for line in range(_any.randint(14, 22)):
        y, x = 180 + line * 36, 96
        while x < _any.randint(420, 720):
            long = _any.randint(14, 64)
            draw.line((x, y, x + long, y), fill="#444", width=_any.choice((9, 11, 13)))
            x += long + 12
    draw.ellipse((540, 930, 690, 1080), outline="#B3261E", width=5)
    return _written(_grained(sheet), "PDF")


def _portrait() -> Image.Image:
    photo = Image.new("RGB", PORTRAIT, "white")
    draw = ImageDraw.Draw(photo)
    skin, coat = _any.choice(("#E3BC9A", "#D8AC88")), _any.choice(("#2B3A55", "#444", "#5A2D2D"))
    draw.ellipse((20, 400, 393, 760), fill=coat)
    draw.rectangle((170, 330, 243, 430), fill=skin)
    draw.ellipse((110, 70, 303, 300), fill="#1B1B1B")
    draw.ellipse((118, 120, 295, 372), fill=skin)
    for x in (165, 232):
        draw.ellipse((x, 225, x + 18, 235), fill="#222")
    draw.line((188, 316, 225, 316), fill="#A2534B", width=5)
    return photo


def _grained(drawn: Image.Image) -> Image.Image:
    """Return what was drawn with soft edges and the grain that scanners and cameras add."""
    grain = Image.frombytes("L", drawn.size, _any.randbytes(drawn.width * drawn.height)).convert("RGB")
    return Image.blend(drawn.filter(ImageFilter.GaussianBlur(0.8)), grain, 0.02)


def _written(drawn: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    drawn.save(buffer, kind, quality=80)
    return buffer.getvalue()

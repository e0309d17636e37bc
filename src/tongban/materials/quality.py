"""Whether a page can be read: hints for who scans it, never a refusal. Pure."""

import io
from typing import Any, Final

import pikepdf
from PIL import Image, ImageFilter, ImageStat

from tongban.materials import images

SMALL_PICTURE: Final = 200 * 1024  # a portrait, not a page: few pixels are right
MOST_NAMED: Final = 5
FEWEST_PIXELS: Final = 1000  # of the longer side: an A4 page at about 85 dpi
DARK, EMPTY, BLURRED = 70, 252, 3.0


def _blank_pages(data: bytes) -> list[str]:
    """Tell pages of a PDF on which nothing is drawn; what is drawn is not looked at."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            blank = [
                str(n) for n, page in enumerate(pdf.pages, 1) if _draws_nothing(page.obj.get("/Contents"))
            ]
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError):
        return []  # whether it can be opened at all is for the inspection to say
    if not blank:
        return []
    which = "、".join(blank[:MOST_NAMED]) + ("等" if len(blank) > MOST_NAMED else "")
    return [f"第 {which} 页是空白页：请看看是不是放反了，或漏扫了"]


def _draws_nothing(contents: Any) -> bool:
    parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return all(part is None or not part.read_raw_bytes().strip() for part in parts)


def _in_grey(data: bytes) -> tuple[int, Image.Image]:
    """Return the longer side of a picture, and the picture small and in grey."""
    with images.GATE.turn(), Image.open(io.BytesIO(data)) as picture:
        picture.draft("L", (1200, 1200))
        longer = max(picture.size)
        grey = picture.convert("L")
        grey.thumbnail((1200, 1200))
    return longer, grey


def hints(data: bytes, media_type: str, max_bytes: int) -> list[str]:
    """Return what may make a scanned page hard to read; of a PDF only that pages hold nothing. Raises Busy, as `images`."""
    if media_type == "application/pdf":
        return _blank_pages(data)
    if not media_type.startswith("image/"):
        return []
    longer, grey = _in_grey(data)
    mean = ImageStat.Stat(grey).mean[0]
    drawn = grey.filter(ImageFilter.FIND_EDGES)
    # The filter leaves the outermost pixels as they were.
    inner = drawn.crop((2, 2, max(drawn.width - 2, 3), max(drawn.height - 2, 3)))
    edges = ImageStat.Stat(inner).stddev[0]
    found = []
    if longer < FEWEST_PIXELS and max_bytes > SMALL_PICTURE:
        found.append("像素偏低，文字可能看不清：请靠近重拍，或用 200 dpi 以上重新扫描")
    if mean < DARK:
        found.append("画面太暗：请开灯或调亮后重新扫描")
    if mean > EMPTY:
        found.append("几乎是空白页：请看看是不是放反了")
    elif edges < BLURRED:
        found.append("画面模糊：请放平、对焦后重新扫描")
    return found

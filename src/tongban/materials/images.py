"""Scans and photographs: decoded in full before they are believed."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from tongban.kernel.gates import Gate
from tongban.materials import markers
from tongban.materials.refusals import FileDangerous, FileUnreadable

# A4 at 600 dpi has 35 million, a telephone mostly 12. Decoded, this is 160 MB, however small the file.
MAX_PIXELS: Final = 40_000_000
# Of one process, so that a handful of small files cannot fill its memory.
GATE: Final = Gate(
    at_once=1, waiting=2, patience=8.0,
    sentence="文件没有保存：此刻正在检查的图片太多，系统正忙。请过几秒再上传一次。",
)  # fmt: skip
READABLE_SIDE = 600  # below this a page of A4 cannot be read

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)
_STANDALONE = {0x01, *range(0xD0, 0xD9)}  # JPEG markers without a length: TEM, RST0-7, SOI


def check_jpeg(data: bytes) -> list[str]:
    """
    Decode a JPEG; return what to warn about.

    Raises:
        FileUnreadable: it cannot be decoded to the end.
        FileDangerous: too many pixels, or something else is hidden in it.
        Busy: others are being decoded, and more wait.
    """
    markers.refuse_second_face(data, _around_jpeg(data))
    _refuse_program(_after_jpeg(data))
    return _decode(JpegImageFile, data)


def check_png(data: bytes) -> list[str]:
    """
    Decode a PNG; return what to warn about.

    Raises:
        as `check_jpeg`.
    """
    markers.refuse_second_face(data, _around_png(data))
    return _decode(PngImageFile, data)


def _decode(kind: type[JpegImageFile] | type[PngImageFile], data: bytes) -> list[str]:
    try:
        # The class itself, not Image.open: no other format gets a chance, and the size is ours to
        # judge before a pixel is decoded (Pillow only warns, process-wide, up to twice its limit).
        with kind(io.BytesIO(data)) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise FileDangerous(
                    f"的图片像素过大（{width}×{height}），未保存。请把图片缩小后再上传；扫描的，用 300 dpi 就够。"
                )
            with GATE.turn():
                image.load()
                image.close()  # before the next is decoded; what is written about the picture stays
            texts = [text for text in image.info.values() if isinstance(text, str)]
            markers.refuse_second_face(b"", [text.encode("utf-8", "replace") for text in texts])
            markers.refuse_virus(text.encode("utf-8", "replace") for text in texts)
    except (*_BROKEN, UnidentifiedImageError, Image.DecompressionBombError):
        raise FileUnreadable("的图片已损坏或不完整，无法打开。请重新扫描或拍照后上传。") from None
    if min(width, height) < READABLE_SIDE:
        return [f"图片只有 {width}×{height} 像素，可能看不清：请靠近重拍，或用 300 dpi 重新扫描"]
    return []


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment's payload; the last is EOI, ending where the file does."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0xD9:
            yield marker, at + 2, len(data)
            return
        elif marker in _STANDALONE:
            at += 2
        else:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
            yield marker, at + 4, end
            at = _after_scan(data, end) if marker == 0xDA else end


def _after_scan(data: bytes, at: int) -> int:
    """Return where the entropy-coded data that begins at `at` ends: at a marker that is no restart."""
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 1:
        if data[at + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return at
        at += 1
    return len(data)


def _around_jpeg(data: bytes) -> Iterator[bytes]:
    for marker, start, end in _jpeg_segments(data):
        if marker in (0xD9, 0xFE) or 0xE0 <= marker <= 0xEF:
            yield data[start:end]


def _after_jpeg(data: bytes) -> bytes:
    return b"".join(data[start:end] for marker, start, end in _jpeg_segments(data) if marker == 0xD9)


def _refuse_program(data: bytes) -> None:
    # Telephones append previews and clips after the picture: those are let be.
    if markers.is_program(data.lstrip(b"\0\r\n\t ")):
        raise FileDangerous("在图片之后夹带了程序或其他文件，未保存。请重新扫描或拍照后上传。")


def _around_png(data: bytes) -> Iterator[bytes]:
    """Yield every chunk that is not part of the picture, and what follows the last."""
    at = 8
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind == b"IEND":
            after = data[at + 12 :]
            _refuse_program(after)
            yield after
            return
        if kind not in (b"IDAT", b"PLTE", b"fdAT"):
            yield data[at + 8 : at + 8 + length]
        at += 12 + length

"""Byte patterns that no scan has a reason to hold: the test virus, web pages, programs."""

import io
import re
import zipfile
from collections.abc import Iterable

from tongban.materials.refusals import FileDangerous

# Written in two halves so that this very file does not alarm a virus scanner.
_TEST_VIRUS = b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE"
_WEB_PAGE = re.compile(
    rb"<script|<html|<!doctype|<\?php|<iframe|<svg|<body|<object|javascript:|vbscript:", re.IGNORECASE
)
_PROGRAM = (b"MZ", b"\x7fELF", b"#!", b"PK\x03\x04", b"%PDF-", b"Rar!", b"7z\xbc\xaf")


def refuse_virus(pieces: Iterable[bytes]) -> int:
    """
    Read through `pieces` of one stream, and return how many bytes they were.

    Raises:
        FileDangerous: they hold the test virus (EICAR), be it across two pieces.
    """
    tail, size = b"", 0
    for piece in pieces:
        if _TEST_VIRUS in tail + piece:
            raise FileDangerous("含有病毒特征，未保存。请用杀毒软件检查设备后，重新扫描或拍照上传。")
        tail, size = (tail + piece)[-len(_TEST_VIRUS) :], size + len(piece)
    return size


def refuse_second_face(data: bytes, around: Iterable[bytes]) -> None:
    """
    Refuse a file that is also something else (polyglot); `around` is what it holds besides its picture.

    Raises:
        FileDangerous: a web page, a program or an archive is attached.
    """
    if any(_WEB_PAGE.search(piece) for piece in around) or zipfile.is_zipfile(io.BytesIO(data)):
        raise FileDangerous("夹带了网页、脚本或压缩包，未保存。请重新扫描或拍照后上传。")


def is_program(data: bytes) -> bool:
    """Return whether `data` begins like a program, a script or an archive."""
    return data.startswith(_PROGRAM)

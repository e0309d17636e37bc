"""OFD, the national document format (GB/T 33190): a zip with `OFD.xml` in its root."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from tongban.materials import markers
from tongban.materials.refusals import FileDangerous, FileUnreadable

ROOT: Final = "OFD.xml"
MAX_ENTRIES: Final = 5_000
MAX_UNPACKED: Final = 512 * 1024 * 1024
MAX_RATIO: Final = 200  # of entries over a megabyte; text and pictures stay far below
MEGABYTE: Final = 1 << 20

_BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
_PAGE = re.compile(rb"<(?:\w+:)?Page[\s/>]")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ACTING = (
    ".exe",
    ".dll",
    ".bat",
    ".cmd",
    ".com",
    ".scr",
    ".js",
    ".vbs",
    ".hta",
    ".jar",
    ".ps1",
    ".htm",
    ".html",
)


def is_ofd(data: bytes) -> bool:
    """Return whether `data` is a zip with an `OFD.xml`."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return ROOT in archive.namelist()
    except _BAD_ZIP:
        return False


def check(data: bytes) -> int:
    """
    Read an OFD through; return its number of pages.

    Raises:
        FileUnreadable: damaged or encrypted.
        FileDangerous: a bomb, a virus, a program or another archive inside.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_list(entries)
            budget = MAX_UNPACKED
            for entry in entries:
                budget -= _read_through(archive, entry, budget)
            pages = sum(
                _pages(archive, entry) for entry in entries if entry.filename.endswith("Document.xml")
            )
    except _BAD_ZIP:
        raise FileUnreadable("的 OFD 已损坏，无法打开。请重新导出后上传。") from None
    if not pages:
        raise FileUnreadable("的 OFD 没有任何页面。请重新导出后上传。")
    return pages


def _check_list(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise FileUnreadable("的 OFD 已加密。请取消密码后重新上传。")
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        _refuse_bomb()
    # Two entries of one name show different things to different readers.
    if len(set(names)) < len(names):
        _refuse("重名的内部文件")
    if any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names):
        _refuse("越出自身的路径")
    if any(name.lower().endswith(_ACTING) for name in names):
        _refuse("程序或脚本")


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: int) -> int:
    """Return the size of an entry as it really is, having looked at all of it."""
    # Never trust the sizes that the archive states: count what comes out.
    limit = min(budget, max(MEGABYTE, entry.compress_size * MAX_RATIO))

    def pieces() -> Iterator[bytes]:
        given, tail = 0, b""
        with archive.open(entry) as file:
            while piece := file.read(MEGABYTE):
                if not given and markers.is_program(piece):
                    _refuse("程序或压缩包")
                given += len(piece)
                if given > limit:
                    _refuse_bomb()
                # Entities multiply when they are read; no OFD needs any.
                if entry.filename.endswith(".xml") and _DECLARATION.search(tail + piece):
                    _refuse("文档类型声明")
                tail = piece[-16:]
                yield piece

    return markers.refuse_virus(pieces())


def _pages(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    with archive.open(entry) as file:
        return len(_PAGE.findall(file.read(16 * MEGABYTE)))


def _refuse(what: str) -> None:
    raise FileDangerous(f"的 OFD 含有{what}，未保存。请重新导出后上传。")


def _refuse_bomb() -> None:
    raise FileDangerous("的 OFD 展开后过大，疑为压缩炸弹，未保存。请重新导出后上传。")

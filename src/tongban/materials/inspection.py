"""
What a file really is, and whether it may be kept. Pure: bytes in, a verdict out.

The type is read from the content; the extension may only agree. Every accepted type is opened to the
end by the library that knows it. A file that is kept is kept as it came, because changing a signed
document voids its signature.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from tongban.materials import images, markers, ofd, pdfs
from tongban.materials.refusals import (
    FileDangerous,
    FileDisguised,
    FileRefused,
    FileTooLarge,
    FileTypeNotAccepted,
    FileUnreadable,
)

__all__ = [
    "FileDangerous",
    "FileDisguised",
    "FileRefused",
    "FileTooLarge",
    "FileTypeNotAccepted",
    "FileUnreadable",
    "Inspected",
    "demand_size",
    "inspect",
    "type_of",
]

PDF, JPEG, PNG, OFD = "application/pdf", "image/jpeg", "image/png", "application/ofd"
TYPES: Final = (PDF, JPEG, PNG, OFD)
TYPE_NAMES: Final = {PDF: "PDF", JPEG: "JPG", PNG: "PNG", OFD: "OFD"}
EXTENSIONS: Final = {
    ".pdf": PDF, ".jpg": JPEG, ".jpeg": JPEG, ".jpe": JPEG, ".jfif": JPEG, ".png": PNG, ".ofd": OFD,
}  # fmt: skip
HEADER_REACH: Final = 1024  # within these bytes readers look for a PDF's header


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a file turned out to be. `pages` is None for pictures; `warnings` are sentences for people."""

    media_type: str
    pages: int | None
    warnings: tuple[str, ...] = ()


def inspect(
    data: bytes, declared_name: str, accept: Collection[str], max_bytes: int, *, material: str = "材料"
) -> Inspected:
    """
    Return what `data` is, if it may be kept as `material`, whose name the sentences use.

    Raises:
        FileTooLarge: more than `max_bytes`.
        FileDisguised: the extension of `declared_name` contradicts the content.
        FileTypeNotAccepted: none of the types in `accept`.
        FileUnreadable: empty, damaged or encrypted.
        FileDangerous: it carries a script, an attachment, a virus, a bomb, or is two things at once.
    """
    try:
        return _inspect(data, declared_name, accept, max_bytes)
    except FileRefused as refusal:
        raise type(refusal)(f"“{material}”{refusal}") from None


def demand_size(size: int, max_bytes: int, *, material: str) -> None:
    """
    Return if a file of `size` bytes may be sent at all.

    Raises:
        FileTooLarge: it is larger than `max_bytes`. FileUnreadable: it is empty.
    """
    if not 0 < size <= max_bytes:
        refusal = _of_size(size, max_bytes)
        raise type(refusal)(f"“{material}”{refusal}")


def type_of(data: bytes) -> str | None:
    """Return the media type by the content's signature, or None for what we never take."""
    for signature, media_type in ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG)):
        if data.startswith(signature):
            return media_type
    return OFD if ofd.is_ofd(data) else None


def _inspect(data: bytes, declared_name: str, accept: Collection[str], max_bytes: int) -> Inspected:
    if not 0 < len(data) <= max_bytes:
        raise _of_size(len(data), max_bytes)
    markers.refuse_virus([data])
    media_type = type_of(data)
    if media_type != PDF and b"%PDF-" in data[:HEADER_REACH]:
        raise FileDangerous("同时是 PDF 和另一种文件，未保存。请重新扫描后上传。")
    _demand_agreement(media_type, declared_name, accept)
    if media_type is None or media_type not in accept:
        raise FileTypeNotAccepted(f"不接受这种类型的文件。请改用 {_list(accept)} 格式上传。")
    return CHECKS[media_type](data)


def _of_size(size: int, max_bytes: int) -> FileRefused:
    if size > 0:
        return FileTooLarge(f"超过大小上限 {size_words(max_bytes)}。请压缩、降低分辨率或分开后重新上传。")
    return FileUnreadable("是空文件。请重新选择文件上传。")


def _demand_agreement(media_type: str | None, declared_name: str, accept: Collection[str]) -> None:
    """Refuse an extension that claims something else; a name without extension claims nothing."""
    extension = PurePath(declared_name.replace("\\", "/")).suffix.lower()
    claimed = EXTENSIONS.get(extension)
    if claimed == media_type or (media_type is not None and not extension):
        return
    if claimed is not None or media_type is not None:
        raise FileDisguised(
            f"的文件扩展名与实际内容不符，未保存。请上传 {_list(accept)} 格式的原文件，不要修改扩展名。"
        )


def _picture(media_type: str, check: Callable[[bytes], list[str]]) -> Callable[[bytes], Inspected]:
    return lambda data: Inspected(media_type, None, tuple(check(data)))


def _pdf(data: bytes) -> Inspected:
    pages, warnings = pdfs.check(data)
    return Inspected(PDF, pages, tuple(warnings))


CHECKS: Final[dict[str, Callable[[bytes], Inspected]]] = {
    PDF: _pdf,
    JPEG: _picture(JPEG, images.check_jpeg),
    PNG: _picture(PNG, images.check_png),
    OFD: lambda data: Inspected(OFD, ofd.check(data)),
}


def size_words(size: int) -> str:
    """Return a size as people read it, such as 10 MB."""
    return f"{size / (1 << 20):.0f} MB" if size >= 1 << 20 else f"{max(1, size // 1024)} KB"


def _list(accept: Collection[str]) -> str:
    return "、".join(TYPE_NAMES[media_type] for media_type in TYPES if media_type in accept)

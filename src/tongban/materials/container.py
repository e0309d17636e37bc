"""
How a file lies in the vault: one line of canonical JSON, `{"name":…,"type":…}`, then the bytes as they came.

The name travels inside, sealed with the content, because people name files after people.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

from tongban.kernel.crypto import canon
from tongban.kernel.errors import DomainError

MAX_NAME = 120
MAX_HEADER = 4096


class MaterialMalformed(DomainError):
    """The content is no material as we store them: something else, or from a peer that errs."""

    code = "material_malformed"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file with the name it was handed in under."""

    name: str
    media_type: str
    data: bytes


def pack(file: StoredFile) -> bytes:
    """Return the bytes to store for a file; its name is tidied first."""
    return canon.encode({"name": tidy_name(file.name), "type": file.media_type}) + b"\n" + file.data


def unpack(stored: bytes) -> StoredFile:
    """
    Return the file that `pack` stored.

    Raises:
        MaterialMalformed: these bytes were not made by `pack`.
    """
    header, found, _ = stored[:MAX_HEADER].partition(b"\n")
    try:
        fields = canon.decode(header)
    except canon.CanonError:
        fields = None
    if not found or not isinstance(fields, dict) or set(fields) != {"name", "type"}:
        raise MaterialMalformed("这份内容不是材料文件，无法打开。请核对摘要，或请对方县重新提供。")
    return StoredFile(tidy_name(str(fields["name"])), str(fields["type"]), stored[len(header) + 1 :])


def tidy_name(name: str) -> str:
    """Return the last part of a file's name without what deceives the eye or a header line."""
    last = PurePath(name.replace("\\", "/")).name
    # Categories C*: control characters, marks that turn the direction of writing, halves of pairs.
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '"<>|?*:;').strip(" .")
    stem, suffix = PurePath(shown).stem, PurePath(shown).suffix[:10]
    return (stem[: MAX_NAME - len(suffix)] + suffix).strip(" .") or "未命名"

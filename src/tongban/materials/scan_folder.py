"""
A scanner's folder (扫描件文件夹): a window takes in what its scanner has put there.

Each window has a sub-folder of its own. Only plain files that lie directly in it are seen: no link is followed, no name leads out.
"""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from tongban.kernel.errors import NotFound
from tongban.materials.commands import DEFAULT_MAX_BYTES
from tongban.materials.inspection import FileTooLarge, size_words

ENDINGS: Final = (".pdf", ".jpg", ".jpeg", ".png")
MOST: Final = 50  # newest first


@dataclass(frozen=True, slots=True)
class Scan:
    """A file that waits in the folder."""

    name: str
    size: int
    at: datetime


def folder_of(organisation: str, window: str) -> Path | None:
    """Return a window's own sub-folder; nothing where the node has no scanners' folder."""
    root: Path | None = settings.NODE.scans
    return root / _plain(organisation) / _plain(window) if root else None


def waiting(folder: Path) -> list[Scan]:
    """Return what waits there, newest first; nothing where there is no such folder."""
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False) and entry.name.lower().endswith(ENDINGS):
                    about = entry.stat(follow_symlinks=False)
                    found.append(Scan(entry.name, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC)))
    return sorted(found, key=lambda one: (one.at, one.name), reverse=True)[:MOST]


def read(folder: Path, name: str) -> bytes:
    """
    Return the bytes of a file that waits there.

    Raises:
        NotFound: there is none of that name. FileTooLarge: it is larger than any file we take.
    """
    if name not in {one.name for one in waiting(folder)}:
        raise NotFound("扫描件文件夹里没有这个文件，可能已被取走。请刷新后重新勾选。")
    try:
        handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise NotFound("扫描件文件夹里的文件打不开，可能已被取走。请刷新后重新勾选。") from None
    with os.fdopen(handle, "rb") as file:
        # What is opened now is asked once more: between listing and opening anybody may have put something else there.
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise NotFound("扫描件文件夹里没有这个文件。请刷新后重新勾选。")
        if about.st_size > DEFAULT_MAX_BYTES:
            raise FileTooLarge(
                f"文件未保存：一个文件不能超过 {size_words(DEFAULT_MAX_BYTES)}。请降低分辨率重新扫描。"
            )
        return file.read(DEFAULT_MAX_BYTES)


def discard(folder: Path, name: str) -> bool:
    """Delete a file that was taken in, so that nothing stays there in clear; return whether it is gone."""
    try:
        (folder / name).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _plain(text: str) -> str:
    """Return a name that is one part of a path, whatever somebody called their window."""
    return text.replace("/", "_").replace("\0", "_").lstrip(".") or "_"

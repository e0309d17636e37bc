"""Files of keys: whole or not at all, for their owner alone, and on disk before anybody relies on them."""

import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path

# While a change of what covers the keys is brought to its end, what is in here counts (see `rewrapping`).
REWRAPPED = "rewrapped"


def write(path: Path, data: bytes, *, replace: bool = False) -> None:
    """
    Write a file that only its owner can read (0600); it is on disk when this returns.

    Raises:
        FileExistsError: there is one already and `replace` is not set; who loses a key loses what it opens.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.rename(path)
        else:
            _take_name(path, part)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def _take_name(path: Path, part: Path) -> None:
    """Give a file its name; unlike a rename alone, this fails if the name is taken."""
    try:
        path.hardlink_to(part)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        # The file system of a memory stick knows no second names.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        part.rename(path)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def newest[T](folder: Path, name: str, read: Callable[[Path], T]) -> T:
    """Return what `read` makes of a file of the folder, as it is after a change of all files that was cut off."""
    try:
        return read(folder / REWRAPPED / name)
    except FileNotFoundError:
        return read(folder / name)

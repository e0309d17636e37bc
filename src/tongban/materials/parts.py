"""
The parts of a file that is still being uploaded, on disk, sealed one by one.

They lie in `uploads/TOKEN/OFFSET` under the node's home. The token is ours and the offset a number, so
nothing that a browser sends becomes part of a path. What has come is what lies there in one unbroken
row from 0: no other record can contradict it after a crash or a restored backup.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from tongban.kernel.crypto import sm
from tongban.kernel.errors import DomainError
from tongban.kernel.storage import StorageFull

PIECE: Final = 256 * 1024
SEALING: Final = 28  # what a seal adds to a piece: nonce and tag


class UploadBusy(DomainError):
    """Another request is adding to this very upload."""

    code = "upload_busy"
    status = 423


@contextmanager
def alone(token: str) -> Iterator[None]:
    """
    Keep the upload to this request, among the threads and processes of the node.

    Raises:
        UploadBusy: another request has it; nobody waits, because the client asks where it stands and goes on.
    """
    folder = _folder(token)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UploadBusy("这个文件正在由另一个页面上传。请关闭那个页面，或稍后再试。") from None
        yield


def extent(token: str) -> int:
    """Return how many bytes have come."""
    at = 0
    while (size := _size(_folder(token) / str(at))) > 0:
        at += size
    return at


def write(token: str, key: bytes, at: int, piece: bytes, *, counts: bool = True) -> None:
    """
    Seal a piece of the file that begins at byte `at`; unless it `counts`, it does so only after `keep`.

    Raises:
        StorageFull: there is no room; what was there stays.
    """
    path = _folder(token) / str(at)
    made = path.with_suffix(".part")
    try:
        with made.open("wb") as file:
            file.write(sm.sm4_seal(key, piece, _aad(token, at)))
            file.flush()
            os.fsync(file.fileno())
        if counts:
            made.replace(path)
    except OSError as error:
        made.unlink(missing_ok=True)
        raise StorageFull("节点存储写入失败，文件没有传完。请联系管理员检查磁盘空间后继续上传。") from error


def keep(token: str) -> None:
    """Let the pieces count that were written not to count yet, the last one first: all of them or none."""
    for path in sorted(_folder(token).glob("*.part"), key=lambda one: int(one.stem), reverse=True):
        path.replace(path.with_suffix(""))


def drop(token: str) -> None:
    """Remove the pieces that do not count."""
    for path in _folder(token).glob("*.part"):
        path.unlink(missing_ok=True)


def read(token: str, key: bytes) -> bytes:
    """
    Return what has come.

    Raises:
        sm.Tampered: a part is not what was written.
    """
    found, at = [], 0
    while (path := _folder(token) / str(at)).exists():
        found.append(sm.sm4_open(key, path.read_bytes(), _aad(token, at)))
        at += len(found[-1])
    return b"".join(found)


def remove(token: str) -> None:
    """Remove everything of an upload."""
    shutil.rmtree(_folder(token), ignore_errors=True)


def tokens() -> list[str]:
    """Return the uploads of which there is anything on disk."""
    return [path.name for path in _uploads().glob("*") if path.is_dir()]


def _uploads() -> Path:
    return Path(settings.NODE.home) / "uploads"


def _folder(token: str) -> Path:
    if not (token.isascii() and token.isalnum()):
        raise ValueError("not a token of ours")
    return _uploads() / token


def _size(path: Path) -> int:
    try:
        return path.stat().st_size - SEALING
    except FileNotFoundError:
        return 0


def _aad(token: str, at: int) -> bytes:
    return f"upload|{token}|{at}".encode()

"""When what is to be kept finds no room: the one refusal for a full or broken disk, of files and of both databases."""

import errno
from collections.abc import Iterator

from django.db import DatabaseError

from tongban.kernel.errors import DomainError

SENTENCE = "未完成：节点存储写入失败（磁盘已满或读写出错）。请联系管理员检查磁盘空间后重试。"
_ERRNO = {errno.ENOSPC, errno.EDQUOT, errno.EIO}
_SQLITE = {13, 10}  # SQLITE_FULL, SQLITE_IOERR; what lies above the lowest byte says more of the same
_SQLSTATE = {"53100", "58030"}  # disk_full, io_error


class StorageFull(DomainError):
    """The node's disk has no room, or fails; nothing was changed. It goes on by itself once there is room."""

    code = "storage_full"
    status = 503

    @property
    def reason(self) -> str:
        """What the system called it, for the log: SQLITE_FULL, 53100, ENOSPC."""
        cause = self.__cause__
        if isinstance(cause, OSError):
            return errno.errorcode.get(cause.errno or 0, "OSError")
        driver = cause.__cause__ if cause else None
        return getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None) or self.code


def refusal_of(error: BaseException | None) -> StorageFull | None:
    """
    Return the refusal that an exception amounts to, or nothing if it is about something else.

    Asked where errors end, at the doors and in the worker, and not where they begin: code in between that tries
    another way after a refusal must not take a full disk for one.
    """
    for one in _chain(error):
        if isinstance(one, StorageFull):
            return one
        if (isinstance(one, OSError) and one.errno in _ERRNO) or (
            isinstance(one, DatabaseError) and _says_so(one.__cause__)
        ):
            refusal = StorageFull(SENTENCE)
            refusal.__cause__ = one
            return refusal
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those it was deliberately raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def _says_so(of_the_driver: BaseException | None) -> bool:
    if getattr(of_the_driver, "sqlstate", None) in _SQLSTATE:
        return True
    return (getattr(of_the_driver, "sqlite_errorcode", 0) & 0xFF) in _SQLITE

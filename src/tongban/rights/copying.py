"""A copy of all that this node holds of somebody (数据副本): one at a time, a few a day, made while it is sent."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final, Self

from django.db import IntegrityError

from tongban.accounts.access import noting
from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Applicant
from tongban.kernel import accesses, db
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.kernel.time import clock
from tongban.rights import archive, parts
from tongban.rights.models import DataCopy

A_DAY: Final = 3
# Longer than any line takes; whatever is older broke off with its process.
LONGEST: Final = timedelta(hours=2)
KEPT: Final = timedelta(days=7)


class CopyUnderWay(DomainError):
    """A copy for the same person is being made just now."""

    code = "data_copy_under_way"


class CopiesTooMany(DomainError):
    """The person has had as many copies today as a day brings."""

    code = "data_copies_too_many"
    status = 429


def file_name(at: datetime) -> str:
    """Return what a copy is called that was made at a moment."""
    return f"tongban-my-data-{clock.official_day(at):%Y%m%d}.zip"


class Copy:
    """The bytes of a ZIP, made as they are read; whoever reads no more calls `close`, as servers do, so that the next may begin."""

    def __init__(self, row: DataCopy, stream: Iterator[bytes]) -> None:
        self._row, self._stream = row, stream

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return next(self._stream)

    def close(self) -> None:
        """Note that the copy is over, however far it came."""
        with db.write():
            DataCopy.objects.filter(pk=self._row.pk, ended_at=None).update(ended_at=clock.now())


def begin(*, applicant: Applicant, by: Actor, at: datetime) -> Copy:
    """
    Return a copy of all that this node holds of `by`, to be read from beginning to end.

    Raises:
        NotPermitted: `by` is somebody else. CopyUnderWay, CopiesTooMany: as named. StorageFull, NotRecorded: it cannot be written
            down that they took it, so they don't get it.
    """
    if by.applicant != applicant.pseudonym:
        raise NotPermitted("没有制作副本：只能取本人的数据。")
    row = _note(by, at)
    return Copy(row, archive.stream(parts.of(applicant, by, at), at))


def _note(by: Actor, at: datetime) -> DataCopy:
    owner = by.applicant
    today = datetime.combine(clock.official_day(at), time.min, clock.OFFICIAL)
    own = DataCopy.objects.filter(owner=owner)
    try:
        with db.write():
            own.filter(ended_at=None, begun_at__lte=at - LONGEST).update(ended_at=at)
            own.filter(begun_at__lt=at - KEPT).exclude(ended_at=None).delete()
            if own.filter(begun_at__gte=today).count() >= A_DAY:
                raise CopiesTooMany(
                    f"没有制作副本：今天已经取过 {A_DAY} 次，每天最多 {A_DAY} 次。请明天再取，或使用已经保存的副本。"
                )
            row = DataCopy.objects.create(owner=owner, begun_at=at)
            accesses.write_now(noting.row(by, at=at, otherwise="copy_data"))
            return row
    except IntegrityError:
        raise CopyUnderWay(
            "没有制作副本：您的另一份副本正在下载。请等它下载完；下载中断的，两小时后可以重新取。"
        ) from None

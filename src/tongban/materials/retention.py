"""
How long a draft that nobody files is kept (草稿的保存期限), and from when on its owner is told. Pure.

个人信息保护法 第十九条: the shortest time that the purpose needs. An errand that was begun waits for a paper from another
place at most; 90 days after anything was last done to it, nobody is coming back for it.
"""

from datetime import date, datetime, timedelta
from typing import Final

from tongban.kernel.time.clock import OFFICIAL, official_day

KEPT: Final = timedelta(days=90)
TOLD: Final = timedelta(days=14)  # before its end
BASIS: Final = "个人信息保护法 第十九条"


def ends_on(changed_at: datetime) -> date:
    """Return the day on which a draft goes that was last changed then; it is there to the end of the day before."""
    return official_day(changed_at) + KEPT


def told_of(changed_at: datetime, today: date) -> date | None:
    """Return the day on which a draft goes, if it is near enough for its owner to be told."""
    end = ends_on(changed_at)
    return end if end - today <= TOLD else None


def kept_since(today: date) -> datetime:
    """Return the moment since which a draft must have been changed for it to be kept today."""
    return datetime.combine(today - KEPT + timedelta(days=1), datetime.min.time(), OFFICIAL)

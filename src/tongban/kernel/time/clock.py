"""
What time it is for this node.

Commands take the moment as `at`; only the edges (pages, the API, the worker, the command line) ask here. A node that is
served notices here when its clock jumps: what it shows then is believed once the peers confirm it (kernel.time.timekeeping).
A demo node may stand on another day: its folder, or the one above, holds a file `clock` with seconds to add.
"""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

# All of China keeps one official time; legal days are days of this zone.
OFFICIAL = ZoneInfo("Asia/Shanghai")
LEAP = 60.0  # seconds by which a clock may be set at once without anybody minding


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump of the clock: what it showed when that was noticed, and the count nobody sets."""

    to: datetime
    noticed: float


_ahead: float | None = None  # how far the clock is ahead of that count; none where nobody watches
_jump: Jump | None = None


def now() -> datetime:
    """Return the present moment; on a demo node, shifted by its `clock` file."""
    shown = datetime.now(UTC)
    if settings.NODE.demo:
        shown += timedelta(seconds=_demo_shift(settings.NODE.home))
    _look(shown)
    return shown


def watch() -> None:
    """Notice from now on when the clock jumps, in this process."""
    global _ahead
    _ahead = now().timestamp() - time.monotonic()


def jump() -> Jump | None:
    """Return the last jump of the clock that this process noticed, or nothing."""
    return _jump


def _look(shown: datetime) -> None:
    global _ahead, _jump
    if _ahead is None:
        return
    count = time.monotonic()
    before, _ahead = _ahead, shown.timestamp() - count
    if abs(_ahead - before) > LEAP:
        _jump = Jump(shown, count)


def official_day(at: datetime) -> date:
    """Return the legal day on which `at` falls."""
    return at.astimezone(OFFICIAL).date()


def _demo_shift(home: Path) -> float:
    for folder in (home, home.parent):
        try:
            return float((folder / "clock").read_text())
        except (FileNotFoundError, ValueError):
            continue
    return 0.0

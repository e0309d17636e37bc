"""
What time it is for this node.

Commands take the moment as `at`; only the edges (pages, the API, the worker, the command line) ask here.
A demo node may stand on another day: its folder, or the one above, holds a file `clock` with seconds to add.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

# All of China keeps one official time; legal days are days of this zone.
OFFICIAL = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present moment; on a demo node, shifted by its `clock` file."""
    real = datetime.now(UTC)
    if not settings.NODE.demo:
        return real
    return real + timedelta(seconds=_demo_shift(settings.NODE.home))


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

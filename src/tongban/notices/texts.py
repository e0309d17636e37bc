"""
What notices say. A box says what happened and what comes next; what leaves the node says less: no name, no item, no outcome.

A text for the telephone fits into one message, and names a case by the last four signs of its number.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

LONGEST: Final = 70  # characters of one SMS
_TAIL: Final = 4
_FILE: Final = Path(__file__).parent / "data/texts.json"


@cache
def table() -> dict[str, dict[str, str]]:
    """Return all texts by the name of their row: `box`, `next`, and `sms` where something is sent."""
    found: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def box(row: str) -> str:
    """Return what the box says has happened; of a row that is no more, its name."""
    return table().get(row, {}).get("box", row)


def next_step(row: str) -> str:
    """Return what the box says comes next."""
    return table().get(row, {}).get("next", "")


def sms(row: str, *, number: str, sign: str, phone: str, day: date | None) -> str:
    """Return what is sent to a telephone; raises KeyError where the row sends nothing."""
    said = f"{day.month}月{day.day}日" if day else "规定日期"
    return table()[row]["sms"].format(sign=sign, tail=number[-_TAIL:], day=said, phone=phone)

"""
What nearly never changes and every request asks: remembered for a moment, for each node.

Another process may change it (an operator loads a calendar, pauses an item); it counts here a moment later.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings

_remembered: dict[tuple[Any, ...], tuple[float, Any]] = {}
_MOST = 4096


def for_a_moment[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Remember what a function returns for `settings.MEMO_SECONDS`; what it raises is not remembered."""

    @wraps(function)
    def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (function.__qualname__, function.__module__, settings.NODE.home, args, tuple(kwargs.items()))
        now = time.monotonic()
        known = _remembered.get(key)
        if known is not None and now - known[0] < settings.MEMO_SECONDS:
            found: R = known[1]
            return found
        found = function(*args, **kwargs)
        if len(_remembered) >= _MOST:
            _remembered.clear()
        _remembered[key] = (now, found)
        return found

    return remembering


def forget() -> None:
    """Forget everything: this process has just changed what others may have remembered."""
    _remembered.clear()

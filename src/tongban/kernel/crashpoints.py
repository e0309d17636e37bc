"""
Named moments at which a test may kill the process (SIGKILL), to prove that nothing committed is lost.

Armed by TONGBAN_CRASH_AT=NAME in the environment of a demo node; otherwise `reached` does nothing.
TONGBAN_CRASH_AT=NAME:3 dies the third time.
"""

import os
import signal

from django.conf import settings

_name, _, _count = os.environ.get("TONGBAN_CRASH_AT", "").partition(":")
_left = int(_count or "1")

POINTS = (
    "before-commit", "committed-unsent", "sent-no-receipt", "receipt-lost", "middle-of-file", "while-sealing",
)  # fmt: skip


def is_armed() -> bool:
    """Return whether this process is to die at one of these moments."""
    return bool(_name) and settings.NODE.demo


def reached(name: str) -> None:
    """Die here and now if this point is armed on this demo node."""
    global _left
    if name != _name or not settings.NODE.demo:
        return
    _left -= 1
    if _left == 0:
        os.write(2, f"crash point {name}\n".encode())  # so that a test knows where it died
        os.kill(os.getpid(), signal.SIGKILL)

"""
How time passes in a demo neighbourhood while its people act: quickly, so that what takes them seconds is spread over a morning.

The clock is moved in steps so small that a node which looks in between takes none of them for a jump (`kernel.time.clock.LEAP`).
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

STEP: Final = 25.0  # seconds by which the clock is moved
EVERY: Final = 0.15  # seconds after which it is moved again
# Held by somebody who signs in, from the code they are shown to the one they send: they would always come too late.
STILL: Final = threading.Lock()


def set_to(folder: Path, shift: float) -> None:
    """Let the clock of all nodes in `folder` stand `shift` seconds ahead."""
    path = folder / "clock"
    part = path.with_suffix(".part")
    part.write_text(f"{shift}\n", encoding="ascii")
    part.replace(path)


@contextmanager
def quickly(folder: Path, until: float | None = None) -> Iterator[None]:
    """
    Let time run quickly meanwhile, but no further than `until`.

    Where that is nothing, no further than the present, to which the clock has come when this ends.
    """
    shift, over = float((folder / "clock").read_text(encoding="ascii")), threading.Event()

    def run() -> None:
        nonlocal shift
        while not over.wait(EVERY):
            most = until - time.time() if until is not None else 0.0
            if shift + STEP <= most or (until is None and shift < 0):
                with STILL:
                    shift = min(shift + STEP, most)
                    set_to(folder, shift)
            elif until is None:
                return

    runs = threading.Thread(target=run, name="pacing", daemon=True)
    runs.start()
    try:
        yield
        if until is None:
            runs.join()
    finally:
        over.set()
        runs.join()

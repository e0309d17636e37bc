"""Others at a gate: they work, or wait for their turn, while a test does something."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.patience import PATIENCE
from tongban.kernel.gates import Gate


@contextmanager
def others(gate: Gate, number: int) -> Iterator[None]:
    """Let `number` others work behind a gate, or wait there, during the block."""
    begun, over = threading.Semaphore(0), threading.Event()

    def work_slowly() -> None:
        with gate.turn():
            begun.release()
            over.wait(PATIENCE)

    threads = [threading.Thread(target=work_slowly) for _ in range(number)]
    for thread in threads:
        thread.start()
    for _ in threads[: gate.at_once]:
        begun.acquire()
    # Who waits has taken a seat already.
    while gate.seats > gate.at_once + gate.waiting - number:
        threading.Event().wait(0.001)
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def crowd(gate: Gate) -> int:
    """Return how many it takes for the next to be told to come again."""
    return gate.at_once + gate.waiting

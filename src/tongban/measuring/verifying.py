"""How fast a dossier is checked, beside its signatures alone: nothing of it runs over a node."""

import statistics
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import SYSTEM
from tongban.kernel.crypto import sm
from tongban.kernel.errors import DomainError
from tongban.measuring import cases
from tongban.procedures.dossier import exporting, verifier


class DossierFaulty(DomainError):
    """The dossier that was to be measured does not hold."""

    code = "dossier_faulty"


def measure(at: datetime, *, seconds: float, rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Return dossiers a second, their floor, and the milliseconds that each took: the dossier of a delivered case."""
    raw = exporting.export(cases.delivered(at), by=SYSTEM, at=at)
    signatures = _signatures(raw)
    figures, floors, waits = [], [], []
    for _ in range(rounds):
        floors.append(1000 / statistics.mean(timed(lambda: [sm.verify(*one) for one in signatures], seconds)))
        took = timed(lambda: verifier.verify(raw, None), seconds)
        figures.append(1000 / statistics.mean(took))
        waits += took
    return figures, floors, waits


def _signatures(raw: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Return what the verifier has checked as signatures: key, message, signature."""
    found: list[tuple[bytes, bytes, bytes]] = []
    real = sm.verify

    def noting(public: bytes, message: bytes, signature: bytes) -> bool:
        found.append((public, message, signature))
        return real(public, message, signature)

    sm.verify = noting
    try:
        verdict = verifier.verify(raw, None)
    finally:
        sm.verify = real
    if not verdict.ok or not found:
        raise DossierFaulty(f"没有测量：测量用的案卷不成立（{verdict.findings}）。请查看日志后重试。")
    return found


def timed(work: Callable[[], Any], seconds: float) -> list[float]:
    """Do some work again and again for so long; return how many milliseconds it took each time."""
    took, begun = [], time.perf_counter()
    while time.perf_counter() - begun < seconds:
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return took

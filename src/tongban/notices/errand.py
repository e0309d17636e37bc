"""The errand of notices in the worker: send, ask what became of it, and see that who was not reached is told otherwise."""

from datetime import datetime

from tongban.notices import reports, sending, unreached


def run(at: datetime) -> int:
    """Do what is due; return how much was done."""
    return sending.send_due(at) + reports.fetch_due(at) + unreached.open_due(at)

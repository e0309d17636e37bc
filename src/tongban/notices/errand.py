"""The errand of notices in the worker: send, and ask what became of what was sent."""

from datetime import datetime

from tongban.notices import reports, sending


def run(at: datetime) -> int:
    """Do what is due; return how much was done."""
    return sending.send_due(at) + reports.fetch_due(at)

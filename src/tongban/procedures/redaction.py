"""Redacting bodies (删除个人信息): what an event says of persons goes, its digest and effects stay, and the chain still verifies."""

from tongban.kernel.journal import writing
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Event


def follow(before: State, after: State) -> None:
    """Destroy the bodies that are redacted by what counts now and did not before, with what else is being written."""
    fresh, key = after.redacted.keys() - before.redacted.keys(), {"subject": after.subject}
    writing.store([writing.Update(Event, {**key, "hash": one}, {"body": ""}) for one in sorted(fresh)])

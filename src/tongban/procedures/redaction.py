"""Redacting bodies (删除个人信息): what an event says of persons goes, its digest and effects stay, and the chain still verifies."""

from tongban.kernel.journal import writing
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Event
from tongban.procedures import consulting, notes, tracing


def follow(before: State, after: State) -> None:
    """Destroy the bodies that are redacted by what counts now and did not before, with what else is being written."""
    fresh, key = after.redacted.keys() - before.redacted.keys(), {"subject": after.subject}
    changes: list[writing.Change] = [
        writing.Update(Event, {**key, "hash": one}, {"body": ""}) for one in sorted(fresh)
    ]
    # Nobody here knows what the bodies named: by what is left the matter is found again once followers have heard of it.
    subject = after.subject
    told = (*tracing.erased(subject), *notes.erased(subject), *consulting.erased(subject))
    writing.store([*changes, *told] if changes else [])

"""Redacting bodies (删除个人信息): what an event says of persons goes, its digest and effects stay, and the chain still verifies."""

from tongban.kernel import writing
from tongban.kernel.fold import State
from tongban.kernel.models import Event


def follow(state: State) -> None:
    """Destroy the bodies that what counts of a matter has redacted, with what else is being written."""
    key = {"subject": state.subject}
    writing.store([writing.Update(Event, {**key, "hash": one}, {"body": ""}) for one in state.redacted])

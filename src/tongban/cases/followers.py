"""What follows events so that cases are found again: by whom they are for."""

from datetime import datetime

from tongban.cases import tracing
from tongban.cases.procedure import NAME
from tongban.cases.words import Act
from tongban.kernel.journal.events import Event
from tongban.procedures.following import Write, follow

# After these a form may be here that was not, or be gone; every other event tells by what it carries.
CHANGES = frozenset(
    {Act.ARRIVE, Act.REDACT, Act.RELEASE, Act.SETTLE, Act.SUCCEED, Act.CONFIRM_DESTRUCTION, Act.DROP}
)


@follow("traces", procedure=NAME, history=True, together=10)
def trace(event: Event, at: datetime) -> Write | None:
    """Make what the case of an event is found by anew, if the event may have changed it."""
    if event.kind in CHANGES or any(piece["label"] == "form" for piece in event.content):
        return tracing.traced(event.subject)
    return None

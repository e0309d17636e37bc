"""What figures do when something happens in a matter: count it again."""

from datetime import datetime

from tongban.figures import sums
from tongban.kernel.journal.events import Event
from tongban.procedures.following import Write, follow


@follow("figures", history=True, together=10)
def count(event: Event, at: datetime) -> Write | None:
    """Count the matter of an event again, unless all that is known of it was counted."""
    return sums.counted_again(event.procedure, event.subject)

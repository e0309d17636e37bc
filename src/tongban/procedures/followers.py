"""What the engine itself does when something has happened: remember who of this node's people dealt with a matter."""

from datetime import datetime

from tongban.kernel import identity
from tongban.kernel.journal import pseudonyms
from tongban.kernel.journal.events import Event
from tongban.procedures.following import Write, follow
from tongban.procedures.models import Handled, Matter
from tongban.procedures.words import Standard


@follow("handled", history=True, together=20)
def handled(event: Event, at: datetime) -> Write | None:
    """Note that whoever acted has dealt with the matter; a look is no act."""
    if event.kind == Standard.LOOK or event.node != identity.fingerprint():
        return None
    staff = pseudonyms.person(event.subject, str(event.actor["staff"]))
    opened = Matter.objects.filter(number=event.subject).values_list("opened_on").first() if staff else None
    if opened is None:
        return None

    def written() -> None:
        Handled.objects.get_or_create(matter_id=event.subject, staff=staff, defaults={"opened_on": opened[0]})

    return written

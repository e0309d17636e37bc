"""Who read which content (查看记录): every opening of a form, a file or a full identity number is written down before it is shown."""

from datetime import datetime, timedelta

from tongban.accounts.access import noting
from tongban.accounts.access.actor import Actor
from tongban.kernel import accesses
from tongban.kernel.models import Access
from tongban.procedures import queries
from tongban.procedures.models import Matter

CONTENT = "content"  # what was done where no door says by which route


def note(matter: Matter, digest: str, *, by: Actor, at: datetime) -> None:
    """
    Write down that `by` reads a piece of content of a matter.

    Raises:
        StorageFull, accesses.NotRecorded: it cannot be written down, and so must not be shown.
    """
    accesses.write_now(noting.row(by, at=at, otherwise=CONTENT, matter=matter.number, content=digest))


def note_once(matter: Matter, digest: str, *, by: Actor, at: datetime) -> None:
    """Write down that `by` reads a text that a page shows whole; once a day, however often they come back to the page."""
    today = Access.objects.filter(
        matter=matter.number,
        content=digest,
        who=by.staff or by.applicant,
        at__gte=at - timedelta(days=1),
    )
    if not today.exists():
        note(matter, digest, by=by, at=at)


def read(matter: Matter, digest: str, *, by: Actor, at: datetime) -> tuple[str, str, bytes]:
    """
    Return name, media type and bytes of a piece of content, and write down who read it.

    Raises:
        as `queries.open_content`; what is refused is not written down here. As `note`.
    """
    found = queries.open_content(matter, digest, by)
    note(matter, digest, by=by, at=at)
    return found

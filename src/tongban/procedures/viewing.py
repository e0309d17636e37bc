"""Who read which content (查看记录): every opening of a form, a file or a full identity number is written down."""

from datetime import datetime, timedelta

from tongban.accounts.access.actor import Actor
from tongban.kernel.db import write
from tongban.kernel.journal import blocks
from tongban.procedures import queries
from tongban.procedures.models import ContentView, Matter

VIEWS = blocks.Source(
    "views", ContentView, ("matter", "digest", "organisation", "pseudonym", "channel", "at"), "at",
    settles=timedelta(minutes=2),
)  # fmt: skip


def note(matter: Matter, digest: str, *, by: Actor, at: datetime) -> None:
    """Write down that `by` reads a piece of content of a matter."""
    with write():
        ContentView.objects.create(
            matter=matter.number, digest=digest, organisation=by.organisation,
            pseudonym=by.staff or by.applicant, channel=by.channel, at=at,
        )  # fmt: skip


def note_once(matter: Matter, digest: str, *, by: Actor, at: datetime) -> None:
    """Write down that `by` reads a text that a page shows whole; once a day, however often they come back to the page."""
    today = ContentView.objects.filter(
        matter=matter.number,
        digest=digest,
        pseudonym=by.staff or by.applicant,
        at__gte=at - timedelta(days=1),
    )
    if not today.exists():
        note(matter, digest, by=by, at=at)


def read(matter: Matter, digest: str, *, by: Actor, at: datetime) -> tuple[str, str, bytes]:
    """
    Return name, media type and bytes of a piece of content, and write down who read it.

    Raises:
        as `queries.open_content`; what is refused is not written down.
    """
    found = queries.open_content(matter, digest, by)
    note(matter, digest, by=by, at=at)
    return found

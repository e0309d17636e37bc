"""Who read which content (查看记录): every opening of a form, a file or a full identity number is written down."""

from datetime import datetime, timedelta

from tongban.accounts.actor import Actor
from tongban.cases.models import Case, ContentView
from tongban.cases.queries import open_content
from tongban.kernel import blocks
from tongban.kernel.db import write

VIEWS = blocks.Source(
    "views", ContentView, ("case", "digest", "organisation", "pseudonym", "channel", "at"), "at",
    settles=timedelta(minutes=2),
)  # fmt: skip


def note(case: Case, digest: str, *, by: Actor, at: datetime) -> None:
    """Write down that `by` reads a piece of content of a case."""
    with write():
        ContentView.objects.create(
            case=case.number, digest=digest, organisation=by.organisation,
            pseudonym=by.staff or by.applicant, channel=by.channel, at=at,
        )  # fmt: skip


def read(case: Case, digest: str, *, by: Actor, at: datetime) -> tuple[str, str, bytes]:
    """
    Return name, media type and bytes of a piece of content, and write down who read it.

    Raises:
        as `queries.open_content`; what is refused is not written down.
    """
    found = open_content(case, digest, by)
    note(case, digest, by=by, at=at)
    return found

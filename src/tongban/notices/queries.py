"""What somebody's box holds, and how much of it is unread."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Final

from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.cases.models import Case
from tongban.kernel import memo
from tongban.notices import rows, texts
from tongban.notices.models import Dispatch, Notice
from tongban.procedures import listing
from tongban.procedures.models import Matter

PAGE: Final = 20
MOST: Final = 99  # what the header counts to


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as its box shows it: what it is about is known only while the reader may see that."""

    notice: Notice
    title: str
    next: str
    item: str  # empty: the matter is not the reader's any more


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that went to an applicant, as the window sees it: by which way and whether it arrived; never to which number."""

    title: str
    way: str
    state: str
    failed: bool
    reason: str
    at: datetime


def box(by: Actor, *, before: int | None = None) -> tuple[list[Line], int | None]:
    """Return a page of a box, newest first, and the place from which the next goes on; None at its end."""
    page = _newest(by, before)
    more, page = len(page) > PAGE, page[:PAGE]
    matters = Matter.objects.visible_to(by).filter(number__in={one.matter for one in page}).defer("state")
    items = listing.items_of(matters)
    lines = [
        Line(one, texts.box(one.row), texts.next_step(one.row), items.get(one.matter, "")) for one in page
    ]
    return lines, page[-1].pk if more else None


def _newest(by: Actor, before: int | None) -> list[Notice]:
    """Return the newest of a box, one more than a page; a post's permissions are asked one by one, by the index in its order."""
    told = [one for one in sorted(by.permissions) if one in rows.PERMISSIONS]
    readers = [by] if by.applicant else [replace(by, permissions=frozenset({one})) for one in told]
    ways = [Notice.objects.visible_to(one).order_by("-pk") for one in readers]
    if before is not None:
        ways = [way.filter(pk__lt=before) for way in ways]
    pages: list[Iterable[Notice]] = [way[: PAGE + 1] for way in ways]
    return list(islice(merge(*pages, key=lambda one: -one.pk), PAGE + 1))


def unread(by: Actor) -> int:
    """Return how much of a box is unread, counted to one more than `MOST`; what changed a moment ago may not count yet."""
    return _unread(by.kind, by.organisation, by.applicant, by.permissions)


@memo.for_a_moment
def _unread(kind: ActorKind, organisation: str, applicant: str, permissions: frozenset[str]) -> int:
    # By what the box is found, so that a post's colleagues share what is remembered.
    whose = Actor(
        kind=kind,
        channel=Channel.SYSTEM,
        organisation=organisation,
        applicant=applicant,
        permissions=permissions,
    )
    return Notice.objects.visible_to(whose).unread()[: MOST + 1].count()


def sent_of(case: Case) -> list[Sent]:
    """Return what was sent to the applicant of a case and how that fared, newest first; the caller asks who may read the case."""
    found = Dispatch.objects.filter(matter=case.number).select_related("notice").order_by("-pk")[:PAGE]
    return [
        Sent(
            texts.box(one.notice.row), one.get_way_display(), one.get_state_display(),
            one.state in Dispatch.FAILED, texts.reason(one.reason), one.ended_at or one.sent_at or one.notice.made_at,
        )
        for one in found
    ]  # fmt: skip

"""Followers as tests want them: what they heard, and when they fail, hang or die."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.kernel.matters import PROCEDURE, START, Matter, number_of
from tongban.kernel import committed
from tongban.kernel.crypto import digest
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.models import CalendarYear
from tongban.kernel.models import Event as EventRow
from tongban.procedures import following
from tongban.procedures.following import Follower
from tongban.procedures.models import Mark, Unheard

AT = START


class Killed(BaseException):
    """The process dies here."""


class Ear:
    """A follower's work: it remembers what it heard, and does before that what a test tells it to."""

    def __init__(self, before: Callable[[Event], object] = lambda event: None) -> None:
        self.heard: list[str] = []
        self.before = before

    def __call__(self, event: Event, at: datetime) -> None:
        self.before(event)
        self.heard.append(event.kind)


class Book:
    """A follower's work that writes into the database: one row for each time it heard an event."""

    def __init__(self, inside: Callable[[Event], object] = lambda event: None) -> None:
        self.inside = inside

    def __call__(self, event: Event, at: datetime) -> following.Write:
        def written() -> None:
            version = CalendarYear.objects.filter(year=event.seq).count() + 1
            CalendarYear.objects.create(year=event.seq, version=version, data=event.kind)
            self.inside(event)

        return written

    @property
    def rows(self) -> list[str]:
        """What was written, in order."""
        return list(CalendarYear.objects.order_by("id").values_list("data", flat=True))


class Happenings:
    """Events of one matter, stored as the journal stores them; the first is `act1`."""

    def __init__(self, name: str = "one", **members: Any) -> None:
        self.matter = Matter(str(number_of(digest.of(name.encode()))))
        self.members = members

    def happen(self, times: int = 1, **columns: Any) -> list[EventRow]:
        """Let so many things happen; `columns` are those of the rows that are to be other than usual."""
        return [self._one(columns) for _ in range(times)]

    def _one(self, columns: dict[str, Any]) -> EventRow:
        event = self.matter.write(
            "intake/1", **{"kind": f"act{len(self.matter.written) + 1}", **self.members}
        )
        row = {**journal.event_row(event, own_node=event.node), "xact": committed.transaction_id(), **columns}
        stored = EventRow.objects.create(**row)
        stored.refresh_from_db()
        return stored


def acts(*numbers: int) -> list[str]:
    """Return the kinds of the events at these places."""
    return [f"act{number}" for number in numbers]


def new(hear: following.Hear, **more: Any) -> Follower:
    """Return a follower that begins with history, unless told otherwise."""
    return Follower("ear", hear, **{"history": True, **more})


def listen(follower: Follower, at: datetime = AT, *, tries: int = 1000) -> int:
    """Let a follower hear all that is committed; return how many events it heard, or heard again."""
    done = 0
    for _ in range(tries):
        done += following.turn(follower, at)
        # Something on this server may be open for a moment still; what was written before is then heard in the next turn.
        if place_of(follower) == newest():
            break
    return done


def place_of(follower: Follower) -> committed.Place | None:
    """Return where a follower's mark stands."""
    mark = Mark.objects.filter(follower=follower.name).first()
    return (mark.xact, mark.event) if mark else None


def newest() -> committed.Place | None:
    """Return the place of the last event there is."""
    return EventRow.objects.order_by("-xact", "-id").values_list("xact", "id").first()


def unheard() -> list[tuple[int, str]]:
    """Return what failed: how often, and with what."""
    return list(Unheard.objects.order_by("event").values_list("attempts", "trouble"))


__all__ = ["PROCEDURE", "START"]

"""
Followers (后续处理): what happens because something has happened: figures, notices, archive, feeds.

A follower subscribes by procedure and kind, and hears of each event, own or adopted, after its commit: at least once, so
hearing twice must do no harm; mostly in the order of commit, but what failed comes again later. How far it has heard is its
own `Mark`; the act that wrote the event pays nothing for it.

Nothing is lost: a mark passes only what is surely committed (`kernel.committed`); it moves in one transaction with what the
follower writes, so a crash leaves both or neither; and past an event that failed it moves in one transaction with the
`Unheard` row that brings the event again. A branch that a settlement puts into a chain is new rows, and heard as such; what
it puts aside is heard no more.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from tongban.kernel import committed, pauses, storage
from tongban.kernel.committed import Place
from tongban.kernel.db import write
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.nodekinds import PROCEDURE as OF_THE_NODE
from tongban.kernel.models import Event as EventRow
from tongban.kernel.prepared import Prepared
from tongban.procedures.models import Mark, Unheard

log = logging.getLogger(__name__)

BATCH = 200
PAUSE = timedelta(seconds=5)  # after the first failure with an event; twice as long after each more

type Write = Callable[[], object]
type Hear = Callable[[Event, datetime], Write | None]


@dataclass(frozen=True, slots=True)
class Follower:
    """
    Somebody who hears of events.

    `procedure` None: of every one's matters; the node's own chain is heard by who names it. `kinds` empty: all. `history`: a new
    follower begins with the first event there is; else with the present.

    `hear` is called outside any transaction and may take its time. What it wants to write into this database it returns as a
    function, which is called in the transaction of the mark and must be quick: on SQLite other writers wait for it. `together`
    is how many events may share such a transaction; who does something outside this database leaves it at one, so that no more
    than one is done twice after a crash.
    """

    name: str
    hear: Hear
    procedure: str | None = None
    kinds: frozenset[str] = frozenset()
    history: bool = False
    together: int = 1

    def follows(self, row: EventRow) -> bool:
        """Return whether it wants to hear of an event."""
        ours = row.procedure != OF_THE_NODE if self.procedure is None else row.procedure == self.procedure
        return ours and (not self.kinds or row.kind in self.kinds)


class _OvertakenByAnother(Exception):
    """Another process has moved the mark, or heard the event again, meanwhile: what was done here is not written."""


_FOLLOWERS: dict[str, Follower] = {}


def enter(follower: Follower) -> None:
    """Make a follower known; its name is that of its mark, so it must stay."""
    _FOLLOWERS[follower.name] = follower


def follow(
    name: str,
    *,
    procedure: str | None = None,
    kinds: Iterable[str] = (),
    history: bool = False,
    together: int = 1,
) -> Callable[[Hear], Hear]:
    """Enter a function as a follower: `@follow("figures", history=True)`."""

    def entered(hear: Hear) -> Hear:
        enter(Follower(name, hear, procedure, frozenset(map(str, kinds)), history, together))
        return hear

    return entered


def everyone() -> list[Follower]:
    """Return all followers, in the order in which they were entered."""
    return list(_FOLLOWERS.values())


@contextmanager
def only(*followers: Follower) -> Iterator[None]:
    """Let there be these followers alone for a while, as a test wants it."""
    before = dict(_FOLLOWERS)
    _FOLLOWERS.clear()
    try:
        for one in followers:
            enter(one)
        yield
    finally:
        _FOLLOWERS.clear()
        _FOLLOWERS.update(before)


def follow_all(at: datetime) -> int:
    """Let every follower hear what is new, one after the other; return how many events were heard."""
    return sum(turn(follower, at) for follower in everyone())


def turn(follower: Follower, at: datetime) -> int:
    """
    Let a follower hear what is new, a bounded number at a time, and again what failed; return how many events it heard.

    Raises:
        what says that this database can store nothing, which is about no event at all.
    """
    try:
        return _hear_again(follower, at) + _hear_news(follower, at)
    except _OvertakenByAnother:
        return 0


def keep_places() -> None:
    """Turn every mark into one that holds without transactions; some events may be heard twice. `committed.forget_transactions` follows."""
    for mark in Mark.objects.order_by("pk"):
        mark.xact, mark.event = committed.without_transactions((mark.xact, mark.event))
        mark.save(update_fields=["xact", "event"])


def _hear_news(follower: Follower, at: datetime) -> int:
    done, place = 0, _place_of(follower)
    for portion in _portions(follower, committed.after(place, BATCH), follower.together):
        done += _hear_portion(follower, place, portion, at)
        place = _place(portion[-1])
    return done


def _portions(follower: Follower, rows: Iterable[EventRow], most: int) -> Iterator[list[EventRow]]:
    """Yield rows in order, so many at a time that no more than `most` are for the follower."""
    portion: list[EventRow] = []
    wanted = 0
    for row in rows:
        if follower.follows(row):
            if wanted == most:
                yield portion
                portion, wanted = [], 0
            wanted += 1
        portion.append(row)
    if portion:
        yield portion


def _hear_portion(follower: Follower, since: Place, portion: Sequence[EventRow], at: datetime) -> int:
    """Let a follower hear what is for it and move its mark; what fails is put off, alone. Return how many events it heard."""
    wanted, to = [row for row in portion if follower.follows(row)], _place(portion[-1])
    failure = _heard(follower, wanted, at, partial(_move, follower, since, to))
    if failure is None:
        return len(wanted)
    if not wanted:
        raise failure  # about no event at all
    if len(wanted) == 1:
        with write():
            _move(follower, since, to)
            _put_off(follower, wanted[0].pk, 0, at, failure)
        return 0
    done = 0
    for one in _portions(follower, portion, 1):
        done += _hear_portion(follower, since, one, at)
        since = _place(one[-1])
    return done


# Every follower asks both every second, and nearly always finds the one and nothing of the other.
_mark_of = Prepared(lambda follower: Mark.objects.filter(follower=follower), str)
_some_put_off = Prepared(lambda follower: Unheard.objects.filter(follower=follower)[:1], str)


def _hear_again(follower: Follower, at: datetime) -> int:
    if not _some_put_off.rows(follower.name):
        return 0
    due = Unheard.objects.filter(pauses.over(at), follower=follower.name).order_by("next_at", "pk")
    done = 0
    for unheard in due[:BATCH]:
        rows = EventRow.objects.filter(pk=unheard.event)  # a settlement may have put it aside
        failure = _heard(follower, rows, at, partial(_strike, unheard))
        if failure is None:
            done += len(rows)
            continue
        with write():
            _strike(unheard)
            _put_off(follower, unheard.event, unheard.attempts, at, failure)
    return done


def _heard(follower: Follower, rows: Iterable[EventRow], at: datetime, pass_on: Write) -> Exception | None:
    """Let a follower hear events, and pass on and write what it wants written, in one transaction; return what failed."""
    try:
        told = [follower.hear(journal.read_row(row.raw, row.body), at) for row in rows]
        with write():
            pass_on()
            for written in told:
                if written is not None:
                    written()
    except _OvertakenByAnother:
        raise
    except Exception as error:
        if storage.refusal_of(error):
            raise
        log.exception("follower %s failed; it will hear the event again", follower.name)
        return error
    return None


def _put_off(follower: Follower, event: int, before: int, at: datetime, failure: Exception) -> None:
    Unheard.objects.create(
        follower=follower.name, event=event, attempts=before + 1, next_at=at + pauses.growing(PAUSE, before),
        trouble=type(failure).__name__[:60],
    )  # fmt: skip


def _place(row: EventRow) -> Place:
    return row.xact, row.pk


def _place_of(follower: Follower) -> Place:
    mark = _mark_of.first(follower.name)
    if mark is None:
        xact, event = committed.BEGINNING if follower.history else committed.present()
        with write():
            mark, _ = Mark.objects.get_or_create(
                follower=follower.name, defaults={"xact": xact, "event": event}
            )
    return mark.xact, mark.event


def _move(follower: Follower, since: Place, to: Place) -> None:
    """Move a follower's mark, if it still stands where it was; the row is then ours until the transaction ends."""
    mark = Mark.objects.filter(follower=follower.name, xact=since[0], event=since[1])
    if not mark.update(xact=to[0], event=to[1]):
        raise _OvertakenByAnother


def _strike(unheard: Unheard) -> None:
    """Take an event from those to be heard again, if nobody has heard it again meanwhile."""
    if not Unheard.objects.filter(pk=unheard.pk).delete()[0]:  # what fails again is a new row
        raise _OvertakenByAnother

"""
What the system itself owes: arrivals, late duties, dates once the calendar is out, destruction; and what procedures add.

Each goes by cursor through all there is, in batches, and what fails with one matter keeps no other waiting.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet

from tongban.kernel import identity, storage
from tongban.kernel.errors import DomainError
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Content
from tongban.kernel.models import Duty as DutyRow
from tongban.kernel.prepared import Prepared
from tongban.kernel.time import calendars
from tongban.kernel.time.clock import official_day
from tongban.procedures import adoption, commands, gathering, opening, practice, queues, recording, register
from tongban.procedures.deadlines import deadline_of, recorded
from tongban.procedures.models import Gathering, Matter, Unjudged
from tongban.procedures.periods import Opening
from tongban.procedures.procedure import Procedure
from tongban.procedures.standing_in import stand_in_all
from tongban.procedures.tables import APPEAL, WAIT
from tongban.procedures.words import Owed, Standard

log = logging.getLogger(__name__)

BATCH = 200


def arrive(*, matter: str, at: datetime) -> bool:
    """
    Say that what was sent to this node is here (到达), once all its content is here too.

    Returns whether anything had arrived. All roles on one node go through here as well.
    """
    if _still_fetched.rows(matter):
        return False
    row = Matter.objects.filter(number=matter).first()
    if row is None:
        return False
    if register.find(row.procedure) is None:
        return False  # held, and passed on; once this node speaks the procedure it arrives
    me = identity.fingerprint()
    arrived = False
    for chain, names in recording.deliveries_to(State.from_dict(row.state), me).items():
        role, term = chain.split("/")
        try:
            row = commands.system_act(
                matter=matter, act=Standard.ARRIVE, role=role, term=int(term), at=at, given={"duties": names}
            )
            arrived = True
        except DomainError:
            continue  # someone acted meanwhile, or the node may only read: the next round sees to it
    if arrived:
        practice.of(row.procedure).arrived(row, at)
    return arrived


def _fetching(**which: Any) -> QuerySet[Content]:
    """Return what is still to be fetched; what nobody has any more, since its node was succeeded, holds up nothing."""
    return Content.objects.filter(complete=False, **which).exclude(source="")


_still_fetched = Prepared(lambda matter: _fetching(subject=matter).values_list("pk", flat=True)[:1], str)


def arrive_alone(matter: str, at: datetime) -> int:
    """Let what was sent of one matter arrive; return 1 if anything did. What fails with it is logged, and keeps no other waiting."""
    return alone(lambda matter: int(arrive(matter=matter, at=at)), matter)


def arrive_all(at: datetime, *, batch: int = BATCH) -> int:
    """Let everything that waits for its arrival and is all here arrive; return how many matters did."""
    sent = DutyRow.objects.filter(
        ~Exists(_fetching(subject=OuterRef("subject"))),  # thousands may wait for their content, and each round asks
        closed_at=None, procedure__in=register.names(), addressee=identity.fingerprint(),
    )  # fmt: skip
    return each_matter(sent, batch, lambda matter: int(arrive(matter=matter, at=at)))


def escalate_all(at: datetime, *, batch: int = BATCH) -> int:
    """
    Ask whoever owes a duty held here, once, why it is late (逾期督办); and again when the day they named has passed.

    What waits for such a day is tried at each round, and refused by its rule.
    """
    watched = DutyRow.objects.filter(closed_at=None, subject=OuterRef("subject"), about=OuterRef("name"))
    late = owed_here().filter(~Exists(watched), queues.late_on(official_day(at)))
    for table in (procedure.present for procedure in register.everyone()):
        last = [kind for kind, rule in table.duties.items() if rule.escalates is None]
        late = late.exclude(procedure=table.procedure, kind__in=last)

    def escalate(duty: DutyRow) -> int:
        role, given = recording.role_of(duty.name), {"about": duty.name}
        commands.system_act(matter=duty.subject, act=Standard.ESCALATE, role=role, at=at, given=given)
        return 1

    return each(late, batch, escalate)


def destroy_all(at: datetime, *, batch: int = BATCH) -> int:
    """Destroy content whose destruction was approved and is no longer to be taken back, each side its own; return how many."""

    def destroy(duty: DutyRow) -> int:
        role = recording.role_of(duty.name)
        commands.system_act(matter=duty.subject, act=Standard.CONFIRM_DESTRUCTION, role=role, at=at, given={})
        return 1

    approved = owed_here().filter(kind=Owed.DESTROY, since__lt=at - timedelta(days=WAIT))
    return each(approved, batch, destroy)


def drop_all(at: datetime, *, batch: int = BATCH) -> int:
    """Delete what sides got in a term that has ended, once nobody can object any more; return how many did."""

    def drop(duty: DutyRow) -> int:
        role, _, term = duty.name.partition("/")
        given = {"duty": duty.name}
        commands.system_act(
            matter=duty.subject,
            act=Standard.DROP,
            role=role,
            term=int(term.partition(".")[0]),
            at=at,
            given=given,
        )
        return 1

    over = owed_here().filter(kind=Owed.DROP, since__lt=at - timedelta(days=APPEAL))
    return each(over, batch, drop)


def set_dues(at: datetime, *, batch: int = BATCH) -> int:
    """Compute the due dates that had to wait for the calendar of a year (日历未发布)."""
    waiting = owed_here().filter(due_on=None).exclude(limit="")

    def set_due(matter: str) -> int:
        done, state = 0, State.from_dict(Matter.objects.get(number=matter).state)
        for role, due in _computable(state):
            commands.system_act(matter=matter, act=Standard.SET_DUE, role=role, at=at, given={"due": due})
            done += 1
        return done

    return each_matter(waiting, batch, set_due)


def gather_all(at: datetime, *, batch: int = BATCH) -> int:
    """Let every parent of which a child has changed say to which phase its children have brought it; return how many did."""
    return _gather(Gathering.objects.all(), at, batch)


def gather_fresh(at: datetime, *, batch: int = BATCH) -> int:
    """As `gather_all`, of those alone that were not tried in vain before: these wait for the watch."""
    return _gather(Gathering.objects.filter(tried=False), at, batch)


def _gather(noted: QuerySet[Gathering], at: datetime, batch: int) -> int:
    def look(row: Gathering) -> int:
        mine = Gathering.objects.filter(parent=row.parent, changes=row.changes)  # a later change looks again
        mine.update(tried=True)
        done = gathering.gather(row.parent, at)
        mine.delete()
        return int(done)

    return each(noted, batch, look)


def judge_all(at: datetime, *, batch: int = BATCH) -> int:
    """Judge what came while its procedure was unknown here and is known now; return how many matters were judged."""

    def judge(row: Unjudged) -> int:
        adoption.judge(row.number, at)
        return 1

    return each(Unjudged.objects.filter(procedure__in=register.names()), batch, judge)


def open_all(at: datetime) -> int:
    """Begin every matter that the calendar opens by now; return how many were."""

    def begin(asked: tuple[Procedure, Opening]) -> int:
        return int(opening.open_if_due(*asked, at))

    every = ((one, by) for one in register.everyone() for by in practice.of(one.name).openings)
    return sum(alone(begin, asked) for asked in every)


def watches() -> list[practice.Watch]:
    """Return all that the system does of itself with matters, time and again: for every procedure, and what each adds."""
    of_all = [judge_all, set_dues, escalate_all, destroy_all, drop_all, open_all, gather_all, stand_in_all]
    return [*of_all, *(one for how in practice.everyone() for one in how.watches), *_BESIDES]


def watch_too(watch: practice.Watch) -> None:
    """Do something besides, time and again: what an app above looks after."""
    _BESIDES.append(watch)


def errand_too(name: str, errand: practice.Watch) -> None:
    """Do something besides in a lane of its own, as it waits for others: what an app above sends or fetches."""
    _ERRANDS[name] = errand


def errands() -> dict[str, practice.Watch]:
    """Return what has a lane of its own, by name."""
    return dict(_ERRANDS)


_BESIDES: list[practice.Watch] = []
_ERRANDS: dict[str, practice.Watch] = {}


def owed_here() -> QuerySet[DutyRow]:
    """Return the open duties of this node, of procedures that it speaks, in roles that their tables know."""
    owed = DutyRow.objects.filter(closed_at=None, node=identity.fingerprint())
    roles = {role for procedure in register.everyone() for role in procedure.present.roles}
    return owed.filter(procedure__in=register.names(), role__in=roles)


def each[M: Model](rows: QuerySet[M], batch: int, do: Callable[[M], int]) -> int:
    """Do something for each row, in order of their keys, through all there are; return how much was done."""
    done, found = 0, list(rows.order_by("pk")[:batch])
    while found:
        done += sum(alone(do, row) for row in found)
        found = list(rows.filter(pk__gt=found[-1].pk).order_by("pk")[:batch])
    return done


def each_matter(duties: QuerySet[DutyRow], batch: int, do: Callable[[str], int]) -> int:
    """Do something once for each matter that has one of these duties; return how much was done."""
    seen: set[str] = set()

    def once(duty: DutyRow) -> int:
        if duty.subject in seen:
            return 0
        seen.add(duty.subject)
        return do(duty.subject)

    return each(duties, batch, once)


def alone[T](do: Callable[[T], int], thing: T) -> int:
    """Do something for one thing; return how much was done. What fails with it keeps no other waiting."""
    try:
        return do(thing)
    except DomainError:
        return 0  # parked, or moved meanwhile, or not yet computable: the next round sees to it
    except Exception as error:
        if storage.refusal_of(error):
            raise  # about no matter at all: the step rests and says so in one line
        log.exception("the watch failed with one matter; it goes on with the others")
        return 0


def _computable(state: State) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield, for each role on this node, the dates that can be computed now."""
    calendar, me = calendars.current(), identity.fingerprint()
    for role in state.roles:
        if state.roles[role]["node"] != me:
            continue
        due: dict[str, Any] = {}
        open_things = {name: duty for name, duty in state.duties.items() if name.startswith(f"{role}/")}
        if role == state.pen:
            open_things |= {
                name: clock for name, clock in state.clocks.items() if clock["state"] == "running"
            }
        for name, thing in open_things.items():
            if thing["due"] is not None or thing["limit"] is None:
                continue
            deadline = deadline_of(thing, calendar)
            if deadline.due_on:
                due[name] = recorded(deadline, calendar)
        if due:
            yield role, due

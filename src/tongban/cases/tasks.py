"""
What the system itself owes: arrivals, deemed acceptance, late duties, dates once the calendar is out, destruction.

Each goes by cursor through all there is, in batches, and what fails with one case keeps no other waiting.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from tongban.cases import commands, recording, tables
from tongban.cases.deadlines import deadline_of, recorded
from tongban.cases.models import Case
from tongban.cases.words import AWAITING_ACCEPTANCE, Act, Duty, Mode, Role
from tongban.kernel import calendars, identity, storage
from tongban.kernel.clock import official_day
from tongban.kernel.errors import DomainError
from tongban.kernel.fold import State
from tongban.kernel.models import Content
from tongban.kernel.models import Duty as DutyRow

log = logging.getLogger(__name__)

BATCH = 200


def arrive(*, case: str, at: datetime) -> bool:
    """
    Say that what was sent to this node is here (到达), once all its content is here too.

    Returns whether anything had arrived. Both roles on one node go through here as well.
    """
    row = Case.objects.filter(number=case).first()
    # What nobody has any more, since its node was succeeded, holds up nothing.
    if row is None or Content.objects.filter(subject=case, complete=False).exclude(source="").exists():
        return False
    me = identity.fingerprint()
    arrived = False
    for chain, names in recording.deliveries_to(State.from_dict(row.state), me).items():
        role, term = chain.split("/")
        try:
            commands.system_act(
                case=case, act=Act.ARRIVE, role=Role(role), term=int(term), at=at, given={"duties": names}
            )
            arrived = True
        except DomainError:
            continue  # someone acted meanwhile, or the node may only read: the next round sees to it
    if arrived and row.mode == Mode.FULLY_ONLINE:
        serve_online(case=case, at=at)
    return arrived


def arrive_alone(case: str, at: datetime) -> int:
    """Let what was sent of one case arrive; return 1 if anything did. What fails with it is logged, and keeps no other waiting."""
    return _alone(lambda case: int(arrive(case=case, at=at)), case)


# What a window does face to face → what the system does where everything goes online (全程网办).
ONLINE: dict[str, tuple[Act, dict[str, str]]] = {
    Duty.TELL: (Act.TELL, {}),
    Duty.HAND_OUT: (Act.HAND_OUT, {"way": "online"}),
}


def serve_online(*, case: str, at: datetime) -> bool:
    """
    Do for an applicant who filed online what needs no window: tell what is asked for, hand out what is electronic.

    Returns whether there was anything. What comes by post, or what the agreement does not allow, stays the window's.
    """
    row = Case.objects.get(number=case)
    state, served = State.from_dict(row.state), False
    for name, duty in state.duties.items():
        act, given = ONLINE.get(duty["kind"], (None, {}))
        if act is None or not name.startswith(f"{Role.INTAKE}/"):
            continue
        if act is Act.HAND_OUT and state.fact(Role.HANDLING, "result_way") != "electronic":
            continue
        try:
            commands.system_act(case=case, act=act, role=Role.INTAKE, at=at, given=given)
            served = True
        except DomainError:
            continue  # parked, or moved meanwhile: the watch sees to it
    return served


def serve_online_all(at: datetime, *, batch: int = BATCH) -> int:
    """Serve online whatever was not served as it arrived; return how many cases were."""
    online = Case.objects.filter(mode=Mode.FULLY_ONLINE).values("number")
    owed = _owed_here().filter(kind__in=ONLINE, subject__in=online)
    return _each_case(owed, batch, lambda case: int(serve_online(case=case, at=at)))


def arrive_all(at: datetime, *, batch: int = BATCH) -> int:
    """Let everything that waits for its arrival arrive; return how many cases did."""
    sent = DutyRow.objects.filter(
        closed_at=None, procedure=tables.PROCEDURE, addressee=identity.fingerprint()
    )
    return _each_case(sent, batch, lambda case: int(arrive(case=case, at=at)))


def deem_all(at: datetime) -> int:
    """Record every deemed acceptance that is due here (recorded on the sixth working day)."""
    rows = Case.objects.filter(
        handling_node=identity.fingerprint(),
        phase__in=[str(phase) for phase in AWAITING_ACCEPTANCE],
        received_on__lt=official_day(at),
    ).order_by("number")
    numbers = rows.values_list("number", flat=True)
    return sum(
        _alone(lambda case: int(commands.deem_if_due(case=case, at=at) is not None), number)
        for number in list(numbers)
    )


def escalate_all(at: datetime, *, batch: int = BATCH) -> int:
    """Tell the service centre of each duty held here that is late and not told of yet (逾期督办)."""
    watched = DutyRow.objects.filter(closed_at=None, subject=OuterRef("subject"), about=OuterRef("name"))
    late = (
        _owed_here()
        .filter(~Exists(watched), due_on__lt=official_day(at))
        .exclude(kind=Duty.SUPERVISE)
        .filter(role__in=list(Role))
    )

    def escalate(duty: DutyRow) -> int:
        role = recording.role_of(duty.name)
        given = {"about": duty.name}
        commands.system_act(case=duty.subject, act=Act.ESCALATE, role=role, at=at, given=given)
        return 1

    return _each(late, batch, escalate)


def destroy_all(at: datetime, *, batch: int = BATCH) -> int:
    """Destroy the content of cases for which that was ordered, each role confirming for itself; return how many."""

    def destroy(duty: DutyRow) -> int:
        role = recording.role_of(duty.name)
        commands.system_act(case=duty.subject, act=Act.CONFIRM_DESTRUCTION, role=role, at=at, given={})
        return 1

    return _each(_owed_here().filter(kind=Duty.DESTROY, role__in=list(Role)), batch, destroy)


def set_dues(at: datetime, *, batch: int = BATCH) -> int:
    """Compute the due dates that had to wait for the calendar of a year (日历未发布)."""
    waiting = _owed_here().filter(due_on=None).exclude(limit="")

    def set_due(case: str) -> int:
        done, state = 0, State.from_dict(Case.objects.get(number=case).state)
        for role, due in _computable(state):
            commands.system_act(case=case, act=Act.SET_DUE, role=role, at=at, given={"due": due})
            done += 1
        return done

    return _each_case(waiting, batch, set_due)


def _owed_here() -> QuerySet[DutyRow]:
    return DutyRow.objects.filter(closed_at=None, procedure=tables.PROCEDURE, node=identity.fingerprint())


def _each(duties: QuerySet[DutyRow], batch: int, do: Callable[[DutyRow], int]) -> int:
    """Do something for each duty, in order of their rows, through all there are; return how much was done."""
    done = last = 0
    while True:
        found = list(duties.filter(id__gt=last).order_by("id")[:batch])
        if not found:
            return done
        done += sum(_alone(do, duty) for duty in found)
        last = found[-1].pk


def _each_case(duties: QuerySet[DutyRow], batch: int, do: Callable[[str], int]) -> int:
    """Do something once for each case that has one of these duties; return how much was done."""
    seen: set[str] = set()

    def once(duty: DutyRow) -> int:
        if duty.subject in seen:
            return 0
        seen.add(duty.subject)
        return do(duty.subject)

    return _each(duties, batch, once)


def _alone[T](do: Callable[[T], int], thing: T) -> int:
    try:
        return do(thing)
    except DomainError:
        return 0  # parked, or moved meanwhile, or not yet computable: the next round sees to it
    except Exception as error:
        if storage.refusal_of(error):
            raise  # about no case at all: the step rests and says so in one line
        log.exception("the watch failed with one case; it goes on with the others")
        return 0


def _computable(state: State) -> Iterator[tuple[Role, dict[str, Any]]]:
    """Yield, for each role on this node, the dates that can be computed now."""
    calendar, me = calendars.current(), identity.fingerprint()
    for role in Role:
        if state.roles.get(role, {}).get("node") != me:
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

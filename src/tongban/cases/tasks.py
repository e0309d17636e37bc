"""What the system itself owes: arrivals, deemed acceptance, late duties, dates once the calendar is out, destruction."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tongban.cases import commands, recording
from tongban.cases.deadlines import deadline_of, recorded
from tongban.cases.models import Case
from tongban.cases.words import AWAITING_ACCEPTANCE, Act, Duty, Mode, Role
from tongban.kernel import calendars, identity
from tongban.kernel.clock import official_day
from tongban.kernel.errors import DomainError
from tongban.kernel.fold import State
from tongban.kernel.models import Content
from tongban.kernel.models import Duty as DutyRow


def arrive(*, case: str, at: datetime) -> bool:
    """
    Say that what was sent to this node is here (到达), once all its content is here too.

    Returns whether anything had arrived. Both roles on one node go through here as well.
    """
    row = Case.objects.filter(number=case).first()
    if row is None or Content.objects.filter(case=case, complete=False).exists():
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


# What a window does face to face → what the system does where everything goes online (全程网办).
ONLINE: dict[Duty, tuple[Act, dict[str, str]]] = {
    Duty.TELL: (Act.TELL, {}),
    Duty.HAND_OUT: (Act.HAND_OUT, {"way": "online"}),
}


def serve_online(*, case: str, at: datetime) -> bool:
    """
    Do for an applicant who filed online what needs no window: tell what is asked for, hand out what is electronic.

    Returns whether there was anything. What comes by post, or what the agreement does not allow, stays the window's.
    """
    row = Case.objects.get(number=case)
    served = False
    for duty in list(row.state["duties"].values()):
        act, given = ONLINE.get(duty["kind"], (None, {}))
        if act is None or (act is Act.HAND_OUT and row.facts.get("result_way") != "electronic"):
            continue
        try:
            commands.system_act(case=case, act=act, role=Role.INTAKE, at=at, given=given)
            served = True
        except DomainError:
            continue  # parked, or moved meanwhile: the watch sees to it
    return served


def serve_online_all(at: datetime, *, limit: int = 200) -> int:
    """Serve online whatever was not served as it arrived; return how many cases were."""
    online = Case.objects.filter(mode=Mode.FULLY_ONLINE).values("number")
    owed = DutyRow.objects.filter(
        closed_at=None, node=identity.fingerprint(), kind__in=ONLINE, subject__in=online
    )
    cases = list(dict.fromkeys(owed.order_by("id").values_list("subject", flat=True)[:limit]))
    return sum(serve_online(case=case, at=at) for case in cases)


def arrive_all(at: datetime, *, limit: int = 200) -> int:
    """Let everything that waits for its arrival arrive; return how many cases did."""
    cases = (
        DutyRow.objects.filter(closed_at=None, kind=Duty.DELIVER, addressee=identity.fingerprint())
        .order_by("id")
        .values_list("subject", flat=True)[:limit]
    )
    return sum(arrive(case=case, at=at) for case in dict.fromkeys(cases))


def deem_all(at: datetime) -> int:
    """Record every deemed acceptance that is due here (recorded on the sixth working day)."""
    rows = Case.objects.filter(
        handling_node=identity.fingerprint(),
        phase__in=[str(phase) for phase in AWAITING_ACCEPTANCE],
        received_on__lt=official_day(at),
    ).values_list("number", flat=True)
    return sum(commands.deem_if_due(case=number, at=at) is not None for number in list(rows))


def escalate_all(at: datetime, *, limit: int = 200) -> int:
    """Tell the service centre of each duty held here that is late (逾期督办)."""
    done = 0
    late = DutyRow.objects.filter(
        closed_at=None, node=identity.fingerprint(), due_on__lt=official_day(at)
    ).exclude(kind=Duty.SUPERVISE)
    for case, name in list(late.order_by("due_on", "id").values_list("subject", "name")[:limit]):
        row = Case.objects.filter(number=case).first()
        if row is None or any(duty["about"] == name for duty in row.state["duties"].values()):
            continue
        role = Role.INTAKE if name.startswith("i") else Role.HANDLING
        try:
            commands.system_act(case=case, act=Act.ESCALATE, role=role, at=at, given={"about": name})
            done += 1
        except DomainError:
            continue
    return done


def destroy_all(at: datetime, *, limit: int = 200) -> int:
    """Destroy the content of cases for which that was ordered, each role confirming for itself; return how many."""
    done = 0
    owed = DutyRow.objects.filter(closed_at=None, node=identity.fingerprint(), kind=Duty.DESTROY)
    for case, name in list(owed.order_by("id").values_list("subject", "name")[:limit]):
        role = Role.INTAKE if name.startswith("i") else Role.HANDLING
        try:
            commands.system_act(case=case, act=Act.CONFIRM_DESTRUCTION, role=role, at=at, given={})
            done += 1
        except DomainError:
            continue  # parked, or moved meanwhile: the next round sees to it
    return done


def set_dues(at: datetime, *, limit: int = 200) -> int:
    """Compute the due dates that had to wait for the calendar of a year (日历未发布)."""
    waiting = DutyRow.objects.filter(closed_at=None, node=identity.fingerprint(), due_on=None).exclude(
        limit=""
    )
    done = 0
    for case in dict.fromkeys(waiting.order_by("id").values_list("subject", flat=True)[:limit]):
        state = State.from_dict(Case.objects.get(number=case).state)
        for role, due in _computable(state):
            try:
                commands.system_act(case=case, act=Act.SET_DUE, role=role, at=at, given={"due": due})
                done += 1
            except DomainError:
                continue
    return done


def _computable(state: State) -> Iterator[tuple[Role, dict[str, Any]]]:
    """Yield, for each role on this node, the dates that can be computed now."""
    calendar, me = calendars.current(), identity.fingerprint()
    for role in Role:
        if state.roles.get(role, {}).get("node") != me:
            continue
        due: dict[str, Any] = {}
        open_things = {name: duty for name, duty in state.duties.items() if name.startswith(role[0])}
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

"""What the system does of itself with cases: serving online what needs no window, and deemed acceptance."""

from datetime import datetime

from tongban.cases import commands
from tongban.cases.models import Case
from tongban.cases.rules_1.guards import is_withdrawal_pending
from tongban.cases.words import AWAITING_ACCEPTANCE, Act, Duty, Mode, Role
from tongban.kernel import identity
from tongban.kernel.errors import DomainError
from tongban.kernel.journal.fold import State
from tongban.kernel.time.clock import official_day
from tongban.procedures import commands as procedures
from tongban.procedures.tasks import BATCH, alone, each_matter, owed_here

# What a window does face to face → what the system does where everything goes online (全程网办).
ONLINE: dict[str, tuple[Act, dict[str, str]]] = {
    Duty.TELL: (Act.TELL, {}),
    Duty.HAND_OUT: (Act.HAND_OUT, {"way": "online"}),
}


def serve_online(*, case: str, at: datetime) -> bool:
    """
    Do for an applicant who filed online what needs no window: tell what is asked for, hand out what is electronic.

    Returns whether there was anything. What comes by post, what the agreement does not allow, and what is for somebody without an
    account to fetch it from stays the window's.
    """
    row = Case.objects.get(number=case)
    state, served = State.from_dict(row.state), False
    for name, duty in state.duties.items():
        act, given = ONLINE.get(duty["kind"], (None, {}))
        if act is None or not name.startswith(f"{Role.INTAKE}/"):
            continue
        if act == Act.HAND_OUT and not _can_fetch(state):
            continue
        try:
            procedures.system_act(matter=case, act=act, role=Role.INTAKE, at=at, given=given)
            served = True
        except DomainError:
            continue  # parked, or moved meanwhile: the watch sees to it
    return served


def _can_fetch(state: State) -> bool:
    """Return whether the result can be fetched online: it is electronic, and there is an account (whom a window helped may have none)."""
    electronic = state.fact(Role.HANDLING, "result_way") == "electronic"
    return electronic and bool(state.fact(Role.INTAKE, "applicant"))


def serve_online_all(at: datetime, *, batch: int = BATCH) -> int:
    """Serve online whatever was not served as it arrived; return how many cases were."""
    online = Case.objects.filter(mode=Mode.FULLY_ONLINE).values("number")
    owed = owed_here().filter(kind__in=ONLINE, subject__in=online)
    return each_matter(owed, batch, lambda case: int(serve_online(case=case, at=at)))


def note_kept_all(at: datetime, *, batch: int = BATCH) -> int:
    """Close what authorities owe an answer to that applicants have taken back (收回撤回请求); return how many were."""

    def note(case: str) -> int:
        if is_withdrawal_pending(State.from_dict(Case.objects.get(number=case).state)):
            return 0
        procedures.system_act(matter=case, act=Act.NOTE_KEPT, role=Role.HANDLING, at=at, given={})
        return 1

    return each_matter(owed_here().filter(kind=Duty.ANSWER_WITHDRAWAL), batch, note)


def deem_all(at: datetime) -> int:
    """Record every deemed acceptance that is due here (recorded on the sixth working day)."""
    rows = Case.objects.filter(
        handling_node=identity.fingerprint(),
        accepted_on=None,
        outcome="",
        phase__in=[str(phase) for phase in AWAITING_ACCEPTANCE],
        received_on__lt=official_day(at),
    ).order_by("number")
    numbers = rows.values_list("number", flat=True)
    return sum(
        alone(lambda case: int(commands.deem_if_due(case=case, at=at) is not None), number)
        for number in list(numbers)
    )

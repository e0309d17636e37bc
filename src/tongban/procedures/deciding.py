"""
From a row of the rule table to an event: `decide` for our own acts. Pure.

`judging` asks the same questions of what others did, and both go through `effects_of`, so an act means the same to who
does it and to who receives it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tongban.accounts.access.actor import Actor, ActorKind, actor_document
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted
from tongban.kernel.journal import events
from tongban.kernel.journal.fold import State, Step, step
from tongban.kernel.time.calendar import WorkingCalendar
from tongban.procedures import register
from tongban.procedures.circumstances import Circumstances, Terms
from tongban.procedures.effects.of_acts import effects_of
from tongban.procedures.effects.work import Moment
from tongban.procedures.rule import FILE, Rule
from tongban.procedures.tables import Table

# Content by which an answer says something: the applicant's words, what another window took down, or the form put right.
WORDS = frozenset({"remark", "statement", "form"})


class ActNotAllowed(DomainError):
    """The matter is not at a point at which this may be done, or another role holds the pen."""

    code = "act_not_allowed"
    status = 409
    # Person, phase and side are right, and a guard of the row stands against it: worth telling whoever waits to do it.
    guarded = False


class PowerLacking(DomainError):
    """The papers on which the matter rests do not give this power."""

    code = "power_lacking"
    status = 403


class MatterParked(DomainError):
    """Something about the matter waits for a human; nothing else is done to it meanwhile."""

    code = "matter_parked"
    status = 409


class ClockWentBackwards(DomainError):
    """This node's clock stands before what this node itself wrote last."""

    code = "clock_went_backwards"
    status = 409


@dataclass(frozen=True, slots=True)
class Occasion:
    """
    By whom, when, where and on what terms something is done to a matter.

    `by` acts under the pseudonyms of this matter; `day` is the official day of `at`; `role` and `term` are those of `node`, in
    which it is done where the row leaves that open.
    """

    by: Actor
    at: datetime
    day: date
    node: str
    epoch: int
    role: str
    term: int
    calendar: WorkingCalendar
    terms: Terms


def decide(
    state: State, act: str, on: Occasion, given: Mapping[str, Any] | None = None,
    content: Sequence[Mapping[str, Any]] = (), known: Iterable[events.Event] = (),
) -> Step:  # fmt: skip
    """
    Return the event by which somebody does `act` on an occasion, and the states before and after it.

    `known` are the events so far; only an act that withholds or releases others needs them.

    Raises:
        NotPermitted, PowerLacking: whoever does it, or the papers, lack the right.
        ActNotAllowed, MatterParked, ClockWentBackwards: as named.
        InvalidInput: a code or a piece of content that the act must carry is missing.
    """
    table = register.of(state.procedure).present
    rule, given = table.rules[act], dict(given or {})
    check_complete(state, rule, given, content)
    demand_lawful(state, act, on, given)
    check_brings(state, rule, content)
    role = rule.role or on.role
    chain = f"{role}/{on.term}"
    seq, prev = state.head(chain)
    at = events.format_time(on.at)
    if chain in state.heads and at < state.heads[chain][2]:
        raise ClockWentBackwards(f"{register.called(state)} 的上一记录晚于现在。请核对服务器时间后重试。")
    moment = Moment(on.day, on.calendar, role, on.term, on.node, seq + 1, actor_document(on.by))
    event = events.mint(
        procedure=state.procedure, subject=state.subject, node=on.node, role=str(role), term=on.term,
        epoch=on.epoch, seq=seq + 1, kind=str(act), rules=table.name, at=at,
        actor=actor_document(on.by), prev=prev, given=given, content=list(content),
        seen={name: head[:2] for name, head in state.heads.items() if name != chain},
        effects=effects_of(state, rule, given, on.terms, table, moment),
    )  # fmt: skip
    return step(state, event, known)


def demand_lawful(state: State, act: str, on: Occasion, given: Mapping[str, Any]) -> None:
    """
    Ask whether `act` may be done on an occasion, whatever texts it would carry; raises as `decide`.

    Of `given` it reads what the guards of the row look at, and what the permission hangs on.
    """
    table = register.of(state.procedure).present
    rule = table.rules[act]
    role = rule.role or on.role
    _check_right(state, table, rule, on, role, given)
    if not rule.founds and state.owner(f"{role}/{on.term}") != on.node:
        # Whoever asks for it: a node writes its own half of the story and no other.
        raise ActNotAllowed(f"{register.called(state)} 的“{rule.title}”不由本地办理。请由对方县办理。")
    fault = find_fault(
        state,
        rule,
        Circumstances(state, given, on.terms, on.day, role, on.term, table, actor_document(on.by)),
    )
    if fault:
        raise fault


def check_complete(
    state: State, rule: Rule, given: Mapping[str, Any], content: Sequence[Mapping[str, Any]]
) -> None:
    """Ask whether an act carries every code and piece of content that its row names; raises InvalidInput."""
    missing = [name for name in rule.given if name not in given]
    labels = {str(piece["label"]) for piece in content}
    missing += [name for name in rule.content if name not in labels]
    if missing:
        raise InvalidInput(
            f"{register.called(state)}“{rule.title}”缺少：{'、'.join(missing)}。请补齐后重试。"
        )


def check_brings(state: State, rule: Rule, content: Sequence[Mapping[str, Any]]) -> None:
    """Ask whether an answer says or brings anything; raises InvalidInput."""
    labels = [str(piece["label"]) for piece in content]
    if rule.brings and not any(label in WORDS or label.startswith(FILE) for label in labels):
        raise InvalidInput(
            f"{register.called(state)}“{rule.title}”没有带来任何材料或说明，未办理。请先上传材料，或写明情况后再提交。"
        )


def mode_of(state: State, table: Table, rule: Rule, given: Mapping[str, Any]) -> Any:
    """Return the mode of handling that counts for an act; empty where the procedure has no modes."""
    mode = (given.get("mode") if rule.founds else state.fact(table.founder, "mode")) or ""
    return mode if isinstance(mode, str) else ""  # what was let in may say anything


def permission_of(rule: Rule, given: Mapping[str, Any], terms: Terms) -> str | None:
    """Return the permission an act takes: the row's, or that of the step which the papers name for it."""
    return (terms.step_permission(given) if rule.by_step else None) or rule.permission


def _check_right(
    state: State, table: Table, rule: Rule, on: Occasion, role: str, given: Mapping[str, Any]
) -> None:
    by = on.by
    refused = NotPermitted(f"您的岗位不能对{register.called(state)} 执行“{rule.title}”。请由有权岗位办理。")
    if by.kind is ActorKind.SYSTEM:
        if not rule.is_of_system and mode_of(state, table, rule, given) not in rule.automatic:
            raise refused
        return
    if by.kind is ActorKind.APPLICANT:
        themselves = by.applicant and by.applicant == state.fact(table.founder, "applicant")
        if not rule.applicant or not (rule.founds or themselves):
            raise refused
        return
    permission = permission_of(rule, given, on.terms)
    if permission is None or not by.may(permission):
        raise refused
    if rule.founds:
        return
    binding = state.roles.get(role)
    oversees = rule.overseers and bool(
        by.supervises
    )  # of the divisions supervised: what is not, is not visible
    if binding is None or not (oversees or by.organisation in (binding["org"], binding["office"])):
        raise refused


def find_fault(state: State, rule: Rule, c: Circumstances) -> DomainError | None:
    """Return the first reason why an act is not lawful here and now, whoever does it."""
    title, phase = rule.title, state.phase
    matter = register.called(state)
    if state.fact(c.role, "parked") and not rule.annotates:
        return MatterParked(f"{matter} 已暂停待核实，不能“{title}”。请先由政务服务中心核处。")
    # What only annotates is done in any phase, also one that only a newer neighbour knows: else a word could keep a side from parking.
    if not _is_at(rule, phase, c.table):
        name = register.of(state.procedure).phase_name(phase)
        return ActNotAllowed(f"{matter} 现为“{name}”，不能“{title}”。请刷新后查看可办理的操作。")
    current = state.roles.get(c.role, {}).get("term", c.term)
    if rule.moves and not rule.founds and (state.pen != c.role or current != c.term):
        return ActNotAllowed(f"{matter} 正由对方办理，不能“{title}”。请等待对方处理或催办。")
    if not rule.moves and rule.role is not None and current != c.term:
        return ActNotAllowed(f"{matter} 已转由其他机关办理，不能“{title}”。请刷新后查看。")
    if rule.modes is not None and mode_of(state, c.table, rule, c.given) not in rule.modes:
        return ActNotAllowed(f"{matter} 的通办模式下没有“{title}”这一步。请刷新后查看可办理的操作。")
    if rule.closes and not _is_owed(state, rule, c):
        return ActNotAllowed(f"{matter} 没有待办的“{title}”。请刷新后查看。")
    if rule.power is not None and rule.power not in c.terms.powers:
        return PowerLacking(f"收件时适用的通办协议没有授予“{title}”的权限（{matter}）。请联系协议双方。")
    for guard in rule.needs:
        why = guard(c)
        if why:
            fault = ActNotAllowed(f"{matter} {why}")
            fault.guarded = True
            return fault
    return None


def _is_at(rule: Rule, phase: str, table: Table) -> bool:
    if rule.start is not None:
        return phase in rule.start or (rule.annotates and bool(phase))
    return bool(phase) and (rule.annotates or phase in table.phases)


def _is_owed(state: State, rule: Rule, c: Circumstances) -> bool:
    """Whether what a row closes is open: anywhere for the act of one role, on its own side for one of either."""
    return any(
        duty["kind"] in rule.closes and (rule.role is not None or c.is_own(name))
        for name, duty in state.duties.items()
    )

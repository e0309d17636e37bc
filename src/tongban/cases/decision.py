"""
From a row of the rule table to an event: `decide` for our own acts. Pure.

`judging` asks the same questions of what others did, and both go through `effects_of`, so an act means the same to who
does it and to who receives it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tongban.accounts.actor import Actor, ActorKind, Permission, actor_document
from tongban.cases import tables
from tongban.cases.effects import Moment, effects_of
from tongban.cases.guards import Circumstances, Terms
from tongban.cases.lifecycle import Rule
from tongban.cases.words import Act, Role, phase_name
from tongban.kernel import events
from tongban.kernel.calendar import WorkingCalendar
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted
from tongban.kernel.fold import State, Step, step

# Content by which an answer says something: the applicant's words, or what another window took down.
WORDS = frozenset({"remark", "statement"})


class ActNotAllowed(DomainError):
    """The case is not at a point at which this may be done, or another role holds the pen."""

    code = "act_not_allowed"
    status = 409


class PowerLacking(DomainError):
    """The agreement pinned at receipt does not give this power."""

    code = "power_lacking"
    status = 403


class CaseParked(DomainError):
    """Something about the case waits for a human; nothing else is done to it meanwhile."""

    code = "case_parked"
    status = 409


class ClockWentBackwards(DomainError):
    """This node's clock stands before what this node itself wrote last."""

    code = "clock_went_backwards"
    status = 409


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act is decided: the node, its epoch, the role and term it acts in, and the calendar."""

    node: str
    epoch: int
    role: Role
    term: int
    calendar: WorkingCalendar


def decide(
    state: State, act: Act, *, by: Actor, at: datetime, day: date, place: Place, terms: Terms,
    given: Mapping[str, Any] | None = None, content: Sequence[Mapping[str, Any]] = (),
    known: Iterable[events.Event] = (),
) -> Step:  # fmt: skip
    """
    Return the event by which `by`, under their pseudonyms of this matter, does `act`, and the states before and after it.

    `known` are the events so far; only an act that withholds or releases others needs them.

    Raises:
        NotPermitted, PowerLacking: `by` or the agreement lacks the right.
        ActNotAllowed, CaseParked, ClockWentBackwards: as named.
        InvalidInput: a code or a piece of content that the act must carry is missing.
    """
    table = tables.PRESENT
    rule, given = table.rules[act], dict(given or {})
    check_complete(state, rule, given, content)
    demand_lawful(state, act, by=by, day=day, place=place, terms=terms, given=given)
    check_brings(state, rule, content)
    role = rule.role or place.role
    chain = f"{role}/{place.term}"
    seq, prev = state.head(chain)
    moment = Moment(
        day=day, calendar=place.calendar, role=role, term=place.term, node=place.node, seq=seq + 1, staff=by.staff
    )  # fmt: skip
    if chain in state.heads and events.format_time(at) < state.heads[chain][2]:
        raise ClockWentBackwards(f"办件 {state.subject} 的上一记录晚于现在。请核对服务器时间后重试。")
    event = events.mint(
        procedure=state.procedure, subject=state.subject, node=place.node, role=str(role), term=place.term,
        epoch=place.epoch, seq=seq + 1, kind=str(act), rules=table.name, at=events.format_time(at),
        actor=actor_document(by), prev=prev, given=given, content=list(content),
        seen={name: head[:2] for name, head in state.heads.items() if name != chain},
        effects=effects_of(state, rule, given, terms, table, moment),
    )  # fmt: skip
    return step(state, event, known)


def demand_lawful(
    state: State, act: Act, *, by: Actor, day: date, place: Place, terms: Terms, given: Mapping[str, Any]
) -> None:
    """
    Ask whether `by` may do `act` here and now, whatever texts it would carry; raises as `decide`.

    Of `given` it reads what the guards of the row look at, and what the permission hangs on.
    """
    rule = tables.PRESENT.rules[act]
    role = rule.role or place.role
    _check_right(state, rule, by, role, _permission(rule, given, terms))
    if not is_founding(rule) and state.owner(f"{role}/{place.term}") != place.node:
        # Whoever asks for it: a node writes its own half of the story and no other.
        raise ActNotAllowed(f"办件 {state.subject} 的“{rule.title}”不由本节点办理。请在对方节点办理。")
    fault = find_fault(state, rule, Circumstances(state, given, terms, day, role, place.term))
    if fault:
        raise fault


def is_founding(rule: Rule) -> bool:
    """Return whether a row begins a case."""
    return rule.does == "found"


def check_complete(
    state: State, rule: Rule, given: Mapping[str, Any], content: Sequence[Mapping[str, Any]]
) -> None:
    """Ask whether an act carries every code and piece of content that its row names; raises InvalidInput."""
    missing = [name for name in rule.given if name not in given]
    labels = {str(piece["label"]) for piece in content}
    missing += [name for name in rule.content if name not in labels]
    if missing:
        raise InvalidInput(f"办件 {state.subject}“{rule.title}”缺少：{'、'.join(missing)}。请补齐后重试。")


def check_brings(state: State, rule: Rule, content: Sequence[Mapping[str, Any]]) -> None:
    """Ask whether an answer says or brings anything; raises InvalidInput."""
    labels = [str(piece["label"]) for piece in content]
    if rule.brings and not any(label in WORDS or label.startswith("material:") for label in labels):
        raise InvalidInput(
            f"办件 {state.subject}“{rule.title}”没有带来任何材料或说明，未办理。请先上传材料，或写明情况后再提交。"
        )


def mode_of(state: State, rule: Rule, given: Mapping[str, Any]) -> Any:
    """Return the mode of handling that counts for an act."""
    return given.get("mode") if is_founding(rule) else state.fact(Role.INTAKE, "mode")


def _permission(rule: Rule, given: Mapping[str, Any], terms: Terms) -> Permission | None:
    """A review step is the post's that the guide names for it; every other act is the row's."""
    if "reviewed" in rule.facts:
        for step in terms.guide["review_steps"]:
            if step["code"] == given["step"]:
                return Permission(step["permission"])
    return rule.permission


def _check_right(state: State, rule: Rule, by: Actor, role: Role, permission: Permission | None) -> None:
    refused = NotPermitted(f"您的岗位不能对办件 {state.subject} 执行“{rule.title}”。请由有权岗位办理。")
    if by.kind is ActorKind.SYSTEM:
        if rule.permission is not None and state.fact(Role.INTAKE, "mode") not in rule.automatic:
            raise refused
        return
    founding = is_founding(rule)
    if by.kind is ActorKind.APPLICANT:
        if not rule.applicant or not (founding or by.applicant == state.fact(Role.INTAKE, "applicant")):
            raise refused
        return
    if permission is None or not by.may(permission):
        raise refused
    if founding:
        return
    binding = state.roles.get(role)
    if binding is None or by.organisation not in (binding["org"], binding["office"]):
        raise refused


def find_fault(state: State, rule: Rule, c: Circumstances) -> DomainError | None:
    """Return the first reason why an act is not lawful here and now, whoever does it."""
    title, phase, founding = rule.title, state.phase, is_founding(rule)
    if state.fact(c.role, "parked") and not rule.annotates:
        return CaseParked(f"办件 {state.subject} 已挂起待核，暂不能“{title}”。请先由政务服务中心核处。")
    # What only annotates is done in any phase, also one that only a newer neighbour knows: else a word could keep a side from parking.
    if phase not in rule.start and not (rule.annotates and phase):
        return ActNotAllowed(
            f"办件 {state.subject} 现为“{phase_name(phase)}”，不能“{title}”。请刷新后查看可办理的操作。"
        )
    current = state.roles.get(c.role, {}).get("term", c.term)
    if rule.end is not None and not founding and (state.pen != c.role or current != c.term):
        return ActNotAllowed(f"办件 {state.subject} 正由对方办理，不能“{title}”。请等待对方处理或催办。")
    if rule.end is None and rule.role is not None and current != c.term:
        return ActNotAllowed(f"办件 {state.subject} 已转由其他机关办理，不能“{title}”。请刷新后查看。")
    if mode_of(state, rule, c.given) not in rule.modes:
        return ActNotAllowed(
            f"办件 {state.subject} 的通办模式下没有“{title}”这一步。请刷新后查看可办理的操作。"
        )
    if rule.closes and not _is_owed(state, rule, c):
        return ActNotAllowed(f"办件 {state.subject} 没有待办的“{title}”。请刷新后查看。")
    if rule.power is not None and rule.power not in c.terms.agreement["powers"]:
        return PowerLacking(
            f"收件时适用的通办协议没有授予“{title}”的权限（办件 {state.subject}）。请联系协议双方。"
        )
    for guard in rule.needs:
        why = guard(c)
        if why:
            return ActNotAllowed(f"办件 {state.subject} {why}")
    return None


def _is_owed(state: State, rule: Rule, c: Circumstances) -> bool:
    """Whether what a row closes is open: anywhere for the act of one role, on its own side for one of either."""
    return any(
        duty["kind"] in rule.closes and (rule.role is not None or c.is_own(name))
        for name, duty in state.duties.items()
    )

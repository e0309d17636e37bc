"""
From a row of the rule table to an event: `decide` for our own acts, `judge` for what others did. Pure.

Both go through `effects_of`, so an act means the same to who does it and to who receives it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tongban.accounts.actor import Actor, ActorKind, Permission
from tongban.cases import lifecycle
from tongban.cases.effects import Moment, closed_by, effects_of
from tongban.cases.guards import Circumstances, Terms
from tongban.cases.lifecycle import Rule
from tongban.cases.words import PHASE_NAMES, Act, Mode, Phase, Role
from tongban.kernel import events
from tongban.kernel.calendar import WorkingCalendar
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted
from tongban.kernel.fold import State, Step, step

# Content by which an answer says something: the applicant's words, or what another window took down.
WORDS = frozenset({"remark", "statement"})
NO_CALENDAR = WorkingCalendar(())


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
) -> Step:  # fmt: skip
    """
    Return the event by which `by` does `act`, and the states before and after it.

    Raises:
        NotPermitted, PowerLacking: `by` or the agreement lacks the right.
        ActNotAllowed, CaseParked, ClockWentBackwards: as named.
        InvalidInput: a code or a piece of content that the act must carry is missing.
    """
    rule, given = lifecycle.RULES[act], dict(given or {})
    _check_complete(state, rule, given, content)
    demand_lawful(state, act, by=by, day=day, place=place, terms=terms, given=given)
    _check_brings(state, rule, content)
    role = rule.role or place.role
    chain = f"{role}/{place.term}"
    seq, prev = state.head(chain)
    moment = Moment(
        day=day, calendar=place.calendar, role=role, term=place.term, node=place.node, seq=seq + 1
    )
    if chain in state.heads and events.format_time(at) < state.heads[chain][2]:
        raise ClockWentBackwards(f"办件 {state.case} 的上一记录晚于现在。请核对服务器时间后重试。")
    event = events.mint(
        case=state.case, node=place.node, role=str(role), term=place.term, epoch=place.epoch, seq=seq + 1,
        kind=str(act), rules=lifecycle.VERSION, at=events.format_time(at), actor=actor_document(by), prev=prev,
        seen={name: head[:2] for name, head in state.heads.items() if name != chain},
        given=given, effects=effects_of(state, act, rule, given, terms, moment), content=list(content),
    )  # fmt: skip
    return step(state, event)


def demand_lawful(
    state: State, act: Act, *, by: Actor, day: date, place: Place, terms: Terms, given: Mapping[str, Any]
) -> None:
    """
    Ask whether `by` may do `act` here and now, whatever texts it would carry; raises as `decide`.

    Of `given` it reads what the guards of the row look at, and what the permission hangs on.
    """
    rule = lifecycle.RULES[act]
    role = rule.role or place.role
    _check_right(state, act, rule, by, role, _permission(act, rule, given, terms))
    if act is not Act.FILE and _owner(state, role, place.term) != place.node:
        # Whoever asks for it: a node writes its own half of the story and no other.
        raise ActNotAllowed(f"办件 {state.case} 的“{rule.title}”不由本节点办理。请在对方节点办理。")
    fault = _fault(state, act, rule, given, terms, day, role, place.term)
    if fault:
        raise fault


def _owner(state: State, role: Role, term: int) -> str | None:
    """Return the node that writes a chain: the role's, or for a term that has ended the one that wrote it."""
    bound = state.roles.get(role, {})
    owner: str | None = bound.get("node") if bound.get("term") == term else state.nodes.get(f"{role}/{term}")
    return owner


def judge(state: State, event: events.Event, *, day: date, terms: Terms | None) -> str | None:
    """
    Return why an authentic event of another node is not lawful, or nothing.

    Answers are codes: `unknown_kind`, `newer_rules`, `unknown_terms`, `wrong_role`, `not_allowed`,
    `other_effects`. Due dates are the writer's own affair: it may hold a newer calendar.
    """
    table = lifecycle.TABLES.get(event.document["rules"])
    newer = event.document["rules"] > lifecycle.VERSION or event.document["format"] != events.FORMAT
    if table is None:
        table = lifecycle.RULES
    try:
        act = Act(event.kind)
        rule = table[act]
    except (ValueError, KeyError):
        return "newer_rules" if newer else "unknown_kind"
    verdict = _judge_by(rule, act, state, event, day, terms)
    return "newer_rules" if verdict and newer else verdict


def _judge_by(
    rule: Rule, act: Act, state: State, event: events.Event, day: date, terms: Terms | None
) -> str | None:
    if event.document["role"] not in set(Role) or (rule.role is not None and event.role != rule.role):
        return "wrong_role"
    if terms is None:
        return "unknown_terms"
    role, given = Role(event.role), event.document["given"]
    try:
        if not _actor_fits(state, rule, event, terms):
            return "wrong_actor"
        _check_complete(state, rule, given, event.content)
        _check_brings(state, rule, event.content)
        fault = _fault(state, act, rule, given, terms, day, role, event.term)
        moment = Moment(
            day=day, calendar=NO_CALENDAR, role=role, term=event.term, node=event.node, seq=event.seq
        )
        expected = None if fault else effects_of(state, act, rule, given, terms, moment)
    except (DomainError, KeyError, TypeError, ValueError):
        return "not_allowed"
    if fault:
        return "not_allowed"
    return None if _without_dues(event.effects) == _without_dues(expected) else "other_effects"


def _actor_fits(state: State, rule: Rule, event: events.Event, terms: Terms) -> bool:
    """Whether somebody of that kind and place may have done it; their posts are the writer's own affair."""
    actor, act = event.document["actor"], Act(event.kind)
    if actor["kind"] == ActorKind.SYSTEM:
        return rule.permission is None or _mode(state, event.document["given"]) in rule.automatic
    if actor["kind"] == ActorKind.APPLICANT:
        return rule.applicant and (act is Act.FILE or actor["applicant"] == state.facts.get("applicant"))
    binding = event.document["given"]["bind"] if act is Act.FILE else state.roles.get(event.role, {})
    places = (binding.get("org"), binding.get("centre"))
    return actor["kind"] == ActorKind.STAFF and rule.permission is not None and actor["org"] in places


def _mode(state: State, given: Mapping[str, Any]) -> Any:
    return given.get("mode") or state.facts.get("mode")


def actor_document(by: Actor) -> dict[str, Any]:
    """Return what an event says of the actor: codes and pseudonyms only."""
    return {
        "kind": str(by.kind), "org": by.organisation, "post": by.post, "staff": by.staff,
        "applicant": by.applicant, "channel": str(by.channel), "assurance": by.assurance,
    }  # fmt: skip


def _check_complete(
    state: State, rule: Rule, given: Mapping[str, Any], content: Sequence[Mapping[str, Any]]
) -> None:
    missing = [name for name in rule.given if name not in given]
    labels = {str(piece["label"]) for piece in content}
    missing += [name for name in rule.content if name not in labels]
    if missing:
        raise InvalidInput(f"办件 {state.case}“{rule.title}”缺少：{'、'.join(missing)}。请补齐后重试。")


def _check_brings(state: State, rule: Rule, content: Sequence[Mapping[str, Any]]) -> None:
    labels = [str(piece["label"]) for piece in content]
    if rule.brings and not any(label in WORDS or label.startswith("material:") for label in labels):
        raise InvalidInput(
            f"办件 {state.case}“{rule.title}”没有带来任何材料或说明，未办理。请先上传材料，或写明情况后再提交。"
        )


def _permission(act: Act, rule: Rule, given: Mapping[str, Any], terms: Terms) -> Permission | None:
    """A review step is the post's that the guide names for it; every other act is the row's."""
    if act is Act.REVIEW:
        for step in terms.guide["review_steps"]:
            if step["code"] == given["step"]:
                return Permission(step["permission"])
    return rule.permission


def _check_right(
    state: State, act: Act, rule: Rule, by: Actor, role: Role, permission: Permission | None
) -> None:
    mode = state.facts.get("mode")
    refused = NotPermitted(f"您的岗位不能对办件 {state.case} 执行“{rule.title}”。请由有权岗位办理。")
    if by.kind is ActorKind.SYSTEM:
        if rule.permission is not None and mode not in rule.automatic:
            raise refused
        return
    if by.kind is ActorKind.APPLICANT:
        if not rule.applicant or (act is not Act.FILE and by.applicant != state.facts.get("applicant")):
            raise refused
        return
    if permission is None or not by.may(permission):
        raise refused
    if act is Act.FILE:
        return
    binding = state.roles.get(role)
    if binding is None or by.organisation not in (binding["org"], binding["centre"]):
        raise refused


def _fault(
    state: State,
    act: Act,
    rule: Rule,
    given: Mapping[str, Any],
    terms: Terms,
    day: date,
    role: Role,
    term: int,
) -> DomainError | None:
    """Return the first reason why the act is not lawful here and now, whoever does it."""
    title, phase = rule.title, Phase(state.phase)
    if state.facts.get(f"parked.{role}") and act not in lifecycle.WHILE_PARKED:
        return CaseParked(f"办件 {state.case} 已挂起待核，暂不能“{title}”。请先由政务服务中心核处。")
    if phase not in rule.start:
        return ActNotAllowed(
            f"办件 {state.case} 现为“{PHASE_NAMES[phase]}”，不能“{title}”。请刷新后查看可办理的操作。"
        )
    current = state.roles.get(role, {}).get("term", term)
    if rule.end is not None and act is not Act.FILE and (state.pen != role or current != term):
        return ActNotAllowed(f"办件 {state.case} 正由对方办理，不能“{title}”。请等待对方处理或催办。")
    if rule.end is None and rule.role is not None and current != term:
        return ActNotAllowed(f"办件 {state.case} 已转由其他机关办理，不能“{title}”。请刷新后查看。")
    mode = given.get("mode") if act is Act.FILE else state.facts.get("mode")
    if mode not in {str(m) for m in rule.modes & frozenset(Mode)}:
        return ActNotAllowed(f"办件 {state.case} 的通办模式下没有“{title}”这一步。请刷新后查看可办理的操作。")
    if rule.closes and not closed_by(state, rule, role):
        return ActNotAllowed(f"办件 {state.case} 没有待办的“{title}”。请刷新后查看。")
    if rule.power is not None and rule.power not in terms.agreement["powers"]:
        return PowerLacking(
            f"收件时适用的通办协议没有授予“{title}”的权限（办件 {state.case}）。请联系协议双方。"
        )
    circumstances = Circumstances(state, given, terms, day, role, term)
    for guard in rule.needs:
        why = guard(circumstances)
        if why:
            return ActNotAllowed(f"办件 {state.case} {why}")
    return None


def _without_dues(effects: Mapping[str, Any] | None) -> Any:
    """Drop what depends on the writer's calendar."""
    if isinstance(effects, Mapping):
        plain = {k: _without_dues(v) for k, v in effects.items() if k not in ("due", "calendar")}
        # Which dates an event sets is judged; which days they are is not.
        names = effects["due"] if isinstance(effects.get("due"), Mapping) else {}
        return plain | {f"due of {name}": True for name in names}
    if isinstance(effects, list):
        return [_without_dues(value) for value in effects]
    return effects

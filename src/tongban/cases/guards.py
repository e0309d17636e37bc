"""
Conditions that a row of the rule table names. Pure: each returns nothing, or why the act is refused.

A sentence begins after "办件 …" and ends with what to do next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.cases.words import Duty, Mode, Phase, Role
from tongban.kernel.fold import State


@dataclass(frozen=True, slots=True)
class Terms:
    """What the pinned guide and agreement say; plain documents, by digest."""

    guide: Mapping[str, Any]
    agreement: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that a guard may look at. `day` is the official day; `role` and `term` are the actor's."""

    state: State
    given: Mapping[str, Any]
    terms: Terms
    day: date
    role: Role
    term: int

    def intake(self, name: str, default: Any = None) -> Any:
        """Return what the intake has said."""
        return self.state.fact(Role.INTAKE, name, default)

    def handling(self, name: str, default: Any = None) -> Any:
        """Return what the handling authority has said."""
        return self.state.fact(Role.HANDLING, name, default)

    def is_own(self, duty: str) -> bool:
        """Return whether a duty, by name, is of this side."""
        return duty.startswith(f"{self.role}/")


# The modes whose course these rules carry; a guide may offer more, to be handled once there are rules for them.
CARRIED = frozenset({Mode.FULLY_ONLINE, Mode.PROXY_INTAKE})

Guard = Callable[[Circumstances], str | None]


def mode_offered(c: Circumstances) -> str | None:
    """The guide offers the mode of handling (通办模式)."""
    if c.given.get("mode") in c.terms.guide["modes"] and c.given.get("mode") in CARRIED:
        return None
    return "的事项没有开通所选的通办模式。请在办事指南中选择已开通的模式。"


def assured_online(c: Circumstances) -> str | None:
    """The applicant signed in with the identity level the guide asks for."""
    wanted = c.terms.guide["identity"]["online_assurance"]
    if wanted is None:
        return "的事项不能网上核验身份。请到窗口办理。"
    if c.intake("assurance", 0) >= wanted:
        return None
    return f"要求申请人实名等级达到 {wanted} 级。请提升实名等级，或到窗口办理。"


def identity_checked(c: Circumstances) -> str | None:
    """The window has checked who the applicant is (身份核验)."""
    if c.intake("identity"):
        return None
    return "尚未核验申请人身份。请先核验身份，再通过形式审查。"


def not_noticed_before(c: Circumstances) -> str | None:
    """Missing materials are told once, completely (一次性告知)."""
    if not c.intake("noticed_on"):
        return None
    return "已经一次性告知过，不得再次要求补充。请通过形式审查，或退件并说明理由。"


def next_term(c: Circumstances) -> str | None:
    """The binding names the next term of the handling role."""
    if c.given["bind"].get("term") == c.state.term_of(Role.HANDLING) + 1:
        return None
    return "的办理地任期不连续。请刷新后重新推送。"


def no_withdrawal_pending(c: Circumstances) -> str | None:
    """No request to withdraw waits for an answer."""
    if not is_withdrawal_pending(c.state):
        return None
    return "的申请人已请求撤回。请先答复撤回请求。"


def withdrawal_pending(c: Circumstances) -> str | None:
    """A request to withdraw waits for an answer."""
    if is_withdrawal_pending(c.state):
        return None
    return "没有待答复的撤回请求，无需答复。请刷新后查看。"


def is_withdrawal_pending(state: State) -> bool:
    """Return whether the intake has asked more often than the authority has answered."""
    asked = state.fact(Role.INTAKE, "withdrawal_requested", 0)
    return bool(asked > state.fact(Role.HANDLING, "withdrawal_answered", 0))


def not_asked_before(c: Circumstances) -> str | None:
    """Corrections are asked for once (一次告知)."""
    if not c.handling("corrected"):
        return None
    return "已经一次告知过补正，不得再次要求。请受理，或作出不予受理决定。"


def answer_awaited_long_enough(c: Circumstances) -> str | None:
    """While the applicant still has time to answer, the case is not refused."""
    if c.state.phase != Phase.CORRECTING or c.intake("answered_on"):
        return None
    for name in c.state.open_duties(Duty.ANSWER):
        due = c.state.duties[name]["due"]
        if due and c.day > date.fromisoformat(due):
            return None
    return "的补正期限未满，申请人尚未答复。请等待答复或期满后再决定。"


def notice_time_ran_out(c: Circumstances) -> str | None:
    """
    A licensing case was neither accepted nor asked about in time (行政许可法 第三十二条).

    Time runs from the day of receipt by the window; a correction counts by when the applicant was told.
    """
    clock = c.state.clocks.get("notice")
    if not c.terms.guide["licensing"]:
        return "不是行政许可事项，不适用视为受理。请受理、告知补正或不予受理。"
    if clock is None or clock["due"] is None:
        return "的告知期限无法计算（日历未发布），暂不能视为受理。请先导入工作日历。"
    due = date.fromisoformat(clock["due"])
    if c.state.phase == Phase.CORRECTING:
        told = c.intake("told_on")
        if told and date.fromisoformat(told) > due:
            return None
        return "已告知补正，不适用视为受理。请等待答复。"
    if c.day > due:
        return None
    return f"的告知期限到 {due:%Y-%m-%d} 为止，尚未届满。请在期限内受理、告知补正或不予受理。"


def next_review_step(c: Circumstances) -> str | None:
    """The step is the next one of the guide's review steps."""
    steps = [step["code"] for step in c.terms.guide["review_steps"]]
    done = c.handling("reviewed", [])
    if len(done) < len(steps) and c.given["step"] == steps[len(done)]:
        return None
    if len(done) >= len(steps):
        return "的审查环节都已完成。请作出决定。"
    return f"的下一个审查环节是 {steps[len(done)]}。请按次序审查。"


def all_steps_reviewed(c: Circumstances) -> str | None:
    """Every review step of the guide has an opinion."""
    steps = c.terms.guide["review_steps"]
    if len(c.handling("reviewed", [])) >= len(steps):
        return None
    return "还有审查环节未完成。请先完成审查，再作决定。"


def not_extended_before(c: Circumstances) -> str | None:
    """The limit is extended once at most (行政许可法 第四十二条)."""
    return "已经延长过一次期限，不得再次延长。请在期限内作出决定。" if c.handling("extended") else None


def outcome_known(c: Circumstances) -> str | None:
    """A decision grants or denies."""
    return None if c.given["outcome"] in ("granted", "denied") else "的决定须为准予或不予。请改正后重试。"


def addressed_here(c: Circumstances) -> str | None:
    """The news that arrived was sent to this chain."""
    here = f"{c.role}/{c.term}"
    names = c.given["duties"]
    if names and all(c.state.duties.get(name, {}).get("to") == here for name in names):
        return None
    return "没有送到本机关的消息。请刷新后重试。"


def own_duties(c: Circumstances) -> str | None:
    """The duties named are open and held on this side."""
    bound = c.state.roles[c.role]
    for name in c.given["duties"]:
        duty = c.state.duties.get(name)
        if duty is None or not c.is_own(name) or duty["holder"]["org"] not in (bound["org"], bound["office"]):
            return "没有由本机关承担的这项责任。请刷新后重试。"
    return None if c.given["duties"] else "没有指明责任。请刷新后重试。"


def own_dues_without_date(c: Circumstances) -> str | None:
    """The dates that are set are of this side's duties, or of clocks while it holds the pen, and were open."""
    for name in c.given["due"]:
        thing = c.state.duties.get(name) if "/" in name else c.state.clocks.get(name)
        own = c.is_own(name) if "/" in name else c.state.pen == c.role
        if thing is None or not own or thing["due"] is not None:
            return "没有待确定期限的这项责任。请刷新后重试。"
    return None


def duty_named(c: Circumstances) -> str | None:
    """The supervision named is open."""
    name = c.given["duty"]
    if c.is_own(name) and c.state.duties.get(name, {}).get("kind") == Duty.SUPERVISE:
        return None
    return "没有这项督办。请刷新后重试。"


def own_duty_overdue(c: Circumstances) -> str | None:
    """
    The duty to be escalated is held on this side, late, and not escalated yet.

    What the service centre itself is late with is not put to it again: the county office's list shows it.
    """
    duty = c.state.duties.get(c.given["about"])
    if duty is not None and (duty["kind"] == Duty.SUPERVISE or not c.is_own(c.given["about"])):
        return "的这项责任不由本侧督办。请由县政府办督查。"
    if duty is None or duty["due"] is None or c.day <= date.fromisoformat(duty["due"]):
        return "的这项责任没有逾期，无需督办。请刷新后查看。"
    if any(other["about"] == c.given["about"] for other in c.state.duties.values()):
        return "的这项责任已在督办。请查看督办情况。"
    return None


def not_ordered_before(c: Circumstances) -> str | None:
    """Destruction is ordered once."""
    return "已决定销毁材料内容，无需重复。请等待各方确认。" if c.intake("destruction") else None


def destruction_ordered(c: Circumstances) -> str | None:
    """Somebody ordered the content destroyed."""
    return None if c.intake("destruction") else "没有销毁决定，不能销毁材料内容。请先由档案管理员决定。"


def place_seen(c: Circumstances) -> str | None:
    """What is parked is not parked already."""
    named = c.given["withhold"]
    if named is None or (named["chain"], named["seq"]) not in open_parks(c.state, c.role).values():
        return None
    return "已挂起待核。请查看核处情况。"


def park_open(c: Circumstances) -> str | None:
    """This side is parked, and what is let in or struck is what it holds back."""
    if not c.state.fact(c.role, "parked"):
        return "没有挂起，无需核处。请刷新后查看。"
    held = open_parks(c.state, c.role)
    named = c.given["release"]
    if (named is None and not held) or (named is not None and named["park"] in held):
        return None
    return "所核处的不是本方挂起的记录。请刷新后重试。"


def open_parks(state: State, role: str) -> dict[str, tuple[str, int]]:
    """
    Return the parks that hold back chains of other roles and that nobody has answered, by hash: (chain, from).

    They are of this role, where there are two; by chain and place, for a stored state forgets in what order they came.
    """
    found = {
        park: (chain, first)
        for park, (chain, first, last) in state.withheld.items()
        if last is None and chain.partition("/")[0] != role
    }
    return dict(sorted(found.items(), key=lambda item: item[1]))


def letting_in(state: State, role: str) -> dict[str, Any] | None:
    """Return the release by which a side lets in the first that it holds back, or nothing where it holds back nothing."""
    park = next(iter(open_parks(state, role)), None)
    return {"park": park, "struck": None} if park else None


def other_side_named(c: Circumstances) -> str | None:
    """The role that another node takes over is not one's own, and is bound to the node whose place is taken."""
    named = c.given.get("succeed") or {}
    binding = c.state.roles.get(named.get("role", ""), {})
    if named.get("role") != c.role and binding and binding["node"] == named.get("from"):
        return None
    return "没有由该节点承办的另一方，无需接替。请刷新后查看。"


def own_events(c: Circumstances) -> str | None:
    """The events whose bodies are to be deleted are named, and none is deleted already."""
    if c.given["events"] and not set(c.given["events"]) & c.state.redacted.keys():
        return None
    return "没有指明要删除哪些记录的个人信息，或已经删除。请刷新后重试。"

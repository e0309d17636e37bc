"""
Duties as rows: how long each may take, on what basis, in which phases it means anything, who is told
when it is late. Pure.

Limits of segments come from the practice of places that published theirs (内蒙古 1/2/1/1 工作日) and from the
permit law; an agreement may only shorten them. For the two places a limit of practice rests on their agreement. What
rests on the permit law does so for licences only (`bases`).
"""

from dataclasses import dataclass

from tongban.cases.words import AT_HANDLING, TERMINAL, Duty, Phase

WORKING_DAY = "working_day"
CALENDAR_DAY = "day"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many days of a unit."""

    n: int
    unit: str = WORKING_DAY

    def to_dict(self) -> dict[str, int | str]:
        """Return the limit as events write it."""
        return {"n": self.n, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class DutyRule:
    """
    One kind of duty.

    `segment` names the limit an agreement may shorten; `clock` names the clock whose due date counts
    instead of a limit of its own; `within` are the phases outside which the duty is void (empty: never).
    """

    title: str
    limit: Limit | None
    basis: str
    within: frozenset[Phase]
    escalates: str  # who is told when it is late
    segment: str = ""
    clock: str = ""


MAX_HOPS = 2  # after so many redirects the case goes to the intake's service centre
NOTICE = Limit(5)  # 行政许可法 第三十二条: 一次告知
EXTENSION = Limit(10)  # 行政许可法 第四十二条: 经本机关负责人批准，可以延长十日
DECISION = Limit(20)  # 行政许可法 第四十二条, where guide and agreement are silent

CENTRE = "政务服务中心"
OFFICE = "县政府办"
_PRACTICE = "通办协议（各环节时限）"
_COUNTER = frozenset({Phase.RECEIVED})
# Never void: also not in a phase that only a newer neighbour knows.
_ANY: frozenset[Phase] = frozenset()

DUTIES: dict[Duty, DutyRule] = {
    Duty.RECEIVE: DutyRule("收件", Limit(1), _PRACTICE, frozenset({Phase.FILED}), CENTRE, "push"),
    Duty.FORMAL_REVIEW: DutyRule("身份核验、形式审查", Limit(1), _PRACTICE, _COUNTER, CENTRE, "push"),
    Duty.SUPPLEMENT: DutyRule("申请人补齐材料", Limit(20), "一次性告知书", frozenset({Phase.NOTICED}), CENTRE, "supplement"),
    Duty.FORWARD: DutyRule(
        "推送办理地", Limit(1), _PRACTICE, frozenset({Phase.REVIEWED, Phase.REDIRECTED}), CENTRE, "push"
    ),
    # News must arrive in any phase, so this one is never void.
    Duty.DELIVER: DutyRule("送达对方节点", Limit(1, CALENDAR_DAY), "节点互联约定", frozenset(), CENTRE, "transit"),
    Duty.ACKNOWLEDGE: DutyRule("签收", Limit(1), _PRACTICE, frozenset({Phase.FORWARDED}), CENTRE, "acknowledge"),
    Duty.ACCEPT_OR_CORRECT: DutyRule(
        "受理、一次告知补正或不予受理", None, "行政许可法 第三十二条", frozenset({Phase.ACKNOWLEDGED}), CENTRE,
        clock="notice",
    ),
    Duty.TELL: DutyRule("告知申请人补正", Limit(1), "行政许可法 第三十二条", frozenset({Phase.CORRECTING}), CENTRE, "tell"),
    Duty.ANSWER: DutyRule("申请人答复补正", Limit(20), "补正告知书", frozenset({Phase.CORRECTING}), CENTRE, "answer"),
    Duty.RECHECK: DutyRule("复核补正材料", Limit(1), _PRACTICE, frozenset({Phase.CORRECTING}), CENTRE, "recheck"),
    Duty.REVIEW: DutyRule(
        "审查", None, "行政许可法 第四十二条", frozenset({Phase.ACCEPTED, Phase.UNDER_REVIEW}), CENTRE, clock="decision"
    ),
    Duty.DECIDE: DutyRule("作出决定", None, "行政许可法 第四十二条", frozenset({Phase.UNDER_REVIEW}), CENTRE, clock="decision"),
    Duty.RESUME: DutyRule("完成特别程序", None, "行政许可法 第四十五条", frozenset({Phase.SPECIAL}), CENTRE),
    Duty.CONCLUDE: DutyRule(
        "办结", Limit(1), "行政许可法 第四十四条", frozenset({Phase.DECIDED, Phase.REFUSED}), CENTRE, "conclude"
    ),
    Duty.SEND_RESULT: DutyRule("寄出或发送结果", Limit(1), _PRACTICE, frozenset({Phase.CONCLUDED}), CENTRE, "send_result"),
    Duty.HAND_OUT: DutyRule("发放结果", Limit(10), "行政许可法 第四十四条", frozenset({Phase.CONCLUDED}), CENTRE, "deliver"),
    Duty.CONFIRM: DutyRule("确认送达", Limit(10), "行政许可法 第四十四条", frozenset({Phase.CONCLUDED}), CENTRE, "confirm"),
    Duty.ANSWER_WITHDRAWAL: DutyRule(
        "答复撤回申请", Limit(1), "通办协议", AT_HANDLING | {Phase.CONCLUDED}, CENTRE, "answer_withdrawal"
    ),
    Duty.HEED_URGING: DutyRule("答复催办", Limit(1), "通办协议", AT_HANDLING, CENTRE, "urging"),
    Duty.SUPERVISE: DutyRule("督办", Limit(3), "通办协议（监督和责任追溯）", _ANY, OFFICE, "supervise"),
    Duty.RESOLVE: DutyRule("人工核处", Limit(1), "节点互联约定", _ANY, OFFICE, "resolve"),
    Duty.DESTROY: DutyRule("销毁材料内容", Limit(10), "档案保管期限", TERMINAL, OFFICE, "destroy"),
}  # fmt: skip


def title_of(kind: str) -> str:
    """Return what a duty is called; one that only a newer neighbour knows by its code."""
    rule = DUTIES.get(kind)  # type: ignore[call-overload]
    return rule.title if rule else kind

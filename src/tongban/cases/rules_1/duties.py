"""
Duties as rows: how long each may take, on what basis, in which phases it means anything, who is told
when it is late. Pure.

Limits of segments come from the practice of places that published theirs (内蒙古 1/2/1/1 工作日) and from the
permit law; an agreement may only shorten them. For the two places a limit of practice rests on their agreement. What
rests on the permit law does so for licences only (`bases`).
"""

from tongban.cases.words import AT_HANDLING, LIVE, Clock, Duty, Phase
from tongban.procedures.rule import ClockRule, DutyRule, Limit

CLOCKS: dict[Clock, ClockRule] = {
    Clock.NOTICE: ClockRule("告知期限", Limit(5), "行政许可法 第三十二条"),
    # Where guide and agreement are silent; may be extended once, by ten days.
    Clock.DECISION: ClockRule(
        "办理期限", Limit(20), "行政许可法 第四十二条", guided=True, segment="decision", extension=10
    ),
}
LIMITS = {"hops": 2}  # after so many redirects the case goes to the intake's service centre

_PRACTICE = "通办协议（各环节时限）"
_COUNTER = frozenset({Phase.RECEIVED})

DUTIES: dict[Duty, DutyRule] = {
    Duty.RECEIVE: DutyRule("收件", Limit(1), _PRACTICE, frozenset({Phase.FILED}), segment="push"),
    Duty.FORMAL_REVIEW: DutyRule("身份核验、形式审查", Limit(1), _PRACTICE, _COUNTER, segment="push"),
    Duty.SUPPLEMENT: DutyRule("申请人补齐材料", Limit(20), "一次性告知书", frozenset({Phase.NOTICED}), segment="supplement"),
    Duty.FORWARD: DutyRule(
        "推送办理地", Limit(1), _PRACTICE, frozenset({Phase.REVIEWED, Phase.REDIRECTED}), segment="push"
    ),
    Duty.ACKNOWLEDGE: DutyRule("签收", Limit(1), _PRACTICE, frozenset({Phase.FORWARDED}), segment="acknowledge"),
    Duty.ACCEPT_OR_CORRECT: DutyRule(
        "受理、一次告知补正或不予受理", None, "行政许可法 第三十二条", frozenset({Phase.ACKNOWLEDGED}),
        clock=Clock.NOTICE,
    ),
    Duty.TELL: DutyRule("告知申请人补正", Limit(1), "行政许可法 第三十二条", frozenset({Phase.CORRECTING}), segment="tell"),
    Duty.REACH: DutyRule("另行告知申请人", Limit(1), "通知未送达的另行告知（送达方式、时间须有记录）", LIVE, segment="reach"),
    Duty.ANSWER: DutyRule("申请人答复补正", Limit(20), "补正告知书", frozenset({Phase.CORRECTING}), segment="answer"),
    Duty.CONFIRM_ANSWER: DutyRule(
        "确认第三地代收的答复", Limit(1), _PRACTICE, frozenset({Phase.CORRECTING})
    ),
    Duty.RECHECK: DutyRule("复核补正材料", Limit(1), _PRACTICE, frozenset({Phase.CORRECTING}), segment="recheck"),
    Duty.REVIEW: DutyRule(
        "审查", None, "行政许可法 第四十二条", frozenset({Phase.ACCEPTED, Phase.UNDER_REVIEW}), clock=Clock.DECISION
    ),
    Duty.DECIDE: DutyRule("作出决定", None, "行政许可法 第四十二条", frozenset({Phase.UNDER_REVIEW}), clock=Clock.DECISION),
    Duty.RESUME: DutyRule("完成特别程序", None, "行政许可法 第四十五条", frozenset({Phase.SPECIAL})),
    Duty.CONCLUDE: DutyRule(
        "办结", Limit(1), "行政许可法 第四十四条", frozenset({Phase.DECIDED, Phase.REFUSED}), segment="conclude"
    ),
    Duty.SEND_RESULT: DutyRule("寄出或发送结果", Limit(1), _PRACTICE, frozenset({Phase.CONCLUDED}), segment="send_result"),
    Duty.HAND_OUT: DutyRule("发放结果", Limit(10), "行政许可法 第四十四条", frozenset({Phase.CONCLUDED}), segment="deliver"),
    Duty.CONFIRM: DutyRule("确认送达", Limit(10), "行政许可法 第四十四条", frozenset({Phase.CONCLUDED}), segment="confirm"),
    Duty.ANSWER_WITHDRAWAL: DutyRule(
        "答复撤回申请", Limit(1), "通办协议", AT_HANDLING | {Phase.CONCLUDED}, segment="answer_withdrawal"
    ),
    Duty.HEED_URGING: DutyRule("答复催办", Limit(1), "通办协议", AT_HANDLING, segment="urging"),
}  # fmt: skip

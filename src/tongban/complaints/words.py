"""The words of a complaint: roles, phases, acts, duties, clocks, tracks. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """The two roles of every complaint."""

    RECEIVING = "receiving"  # 受理地
    HANDLING = "handling"  # 承办地


class Phase(StrEnum):
    """Where a complaint stands."""

    NONE = ""
    FILED = "filed"
    DECLINED = "declined"
    ASSIGNED = "assigned"
    LOOKED_INTO = "looked_into"
    REPLIED = "replied"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Track(StrEnum):
    """By which rules a complaint is dealt with (三条轨), each with its own limits."""

    CENTRE = "centre"
    HOTLINE = "hotline"
    PETITION = "petition"


class Act(StrEnum):
    """What may be done to a complaint."""

    FILE = "file"
    DECLINE = "decline"
    ACCEPT_CENTRE = "accept_centre"
    ACCEPT_HOTLINE = "accept_hotline"
    ACCEPT_PETITION = "accept_petition"
    TAKE_OVER = "take_over"
    RETURN = "return"
    RECUSE = "recuse"
    NOTE = "note"
    EXTEND_HOTLINE = "extend_hotline"
    EXTEND_PETITION = "extend_petition"
    REPLY = "reply"
    TELL = "tell"
    RATE = "rate"
    RATE_FOR = "rate_for"
    WITHDRAW = "withdraw"
    WITHDRAW_FOR = "withdraw_for"


class Duty(StrEnum):
    """What somebody owes a complaint."""

    DETERMINE = "determine"
    REGISTER = "register"
    TAKE_OVER = "take_over"
    ANSWER_CENTRE = "answer_centre"
    ANSWER_HOTLINE = "answer_hotline"
    ANSWER_PETITION = "answer_petition"
    TELL = "tell"


class Clock(StrEnum):
    """The clocks of the three tracks, and the day from which the first of them counts."""

    RECEIVED = "received"
    CENTRE = "centre"
    HOTLINE = "hotline"
    PETITION = "petition"


TERMINAL = frozenset({Phase.DECLINED, Phase.CLOSED, Phase.WITHDRAWN})
ROLE_NAMES = {Role.RECEIVING: "受理地", Role.HANDLING: "承办地"}
PHASE_NAMES = {
    Phase.NONE: "未提出", Phase.FILED: "已收到", Phase.DECLINED: "不予受理", Phase.ASSIGNED: "已转承办",
    Phase.LOOKED_INTO: "核查中", Phase.REPLIED: "已有答复", Phase.CLOSED: "已办结", Phase.WITHDRAWN: "已撤回",
}  # fmt: skip
TRACK_NAMES = {Track.CENTRE: "政务服务中心投诉", Track.HOTLINE: "12345 热线", Track.PETITION: "信访"}
CODES: Mapping[str, Mapping[Any, str]] = {
    "mode": TRACK_NAMES,
    "channel": {"web": "网上", "window": "窗口", "telephone": "电话"},
    "against": {"intake": "收件的地方", "handling": "办理的机关"},
    "way": {"review": "行政复议或诉讼", "procedure": "其他法定程序", "discipline": "纪检监察", "elsewhere": "其他机关"},
    "outcome": {"upheld": "属实", "partly": "部分属实", "not_upheld": "不属实", "explained": "已解释说明"},
    "rating": {"5": "非常满意", "4": "满意", "3": "基本满意", "2": "不满意", "1": "非常不满意"},
}  # fmt: skip
LABELS = {
    "complaint": "投诉内容", "contact": "联系方式", "reason": "理由", "record": "核查记录", "recusal": "回避的理由",
    "objection": "退回的理由", "callback": "回访记录（何时、何人、怎样表示）", "request": "撤回要求（何时、何人、怎样提出）",
    "reply": "答复", "note": "处置说明", "mode": "投诉渠道", "channel": "来源", "against": "投诉哪一方", "way": "应走的途径",
    "outcome": "核查结论", "rating": "评价",
}  # fmt: skip

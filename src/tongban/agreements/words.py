"""The words of an agreement's course: roles, phases, acts, duties. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

NAME = "agreement"

# Content by label: the signed document and the notice are files, what they say in words is text.
DOCUMENT = "material:agreement.json"
NOTICE = "material:end-notice.json"
PAPER = "material:paper"  # a scan of what was signed by hand and sealed
TERMS = "terms"


class Role(StrEnum):
    """The two parties; who begins drafts, in all else they are equal."""

    PROPOSER = "proposer"  # 提出方
    OTHER = "other"  # 另一方


class Phase(StrEnum):
    """Where an agreement stands; while a change of one in force is negotiated, the version before stays in force."""

    NONE = ""
    DRAFTED = "drafted"
    PROPOSED = "proposed"
    RETURNED = "returned"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    ENDED = "ended"


class Act(StrEnum):
    """What may be done to an agreement."""

    PROPOSE = "propose"
    SEND = "send"
    WITHDRAW = "withdraw"
    ASK_CHANGE = "ask_change"
    PROPOSE_ANEW = "propose_anew"
    DECLINE = "decline"
    COUNTERSIGN = "countersign"
    TAKE_IN = "take_in"
    REJECT_SIGNED = "reject_signed"
    WISH = "wish"
    KEEP = "keep"
    CHANGE = "change"
    DECLINE_CHANGE = "decline_change"
    DROP_CHANGE = "drop_change"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"
    EXPIRE = "expire"
    ATTACH = "attach"


class Duty(StrEnum):
    """What a party owes the other."""

    ANSWER = "answer"
    REVISE = "revise"
    TAKE_IN = "take_in"
    CONSIDER = "consider"


TERMINAL = frozenset({Phase.WITHDRAWN, Phase.DECLINED, Phase.ENDED})
ROLE_NAMES = {Role.PROPOSER: "提出方", Role.OTHER: "另一方"}
PHASE_NAMES = {
    Phase.NONE: "未拟定", Phase.DRAFTED: "已拟定", Phase.PROPOSED: "待对方签署", Phase.RETURNED: "对方要求修改",
    Phase.SIGNED: "对方已签署", Phase.IN_FORCE: "已生效", Phase.WITHDRAWN: "已撤回", Phase.DECLINED: "未达成",
    Phase.ENDED: "已终止",
}  # fmt: skip
DRAFTED_BY = ("powers", "items", "limits", "valid_from", "valid_to")  # what somebody chooses of a text
CODES: Mapping[str, Mapping[Any, str]] = {
    **{name: {} for name in DRAFTED_BY}, "last_day": {}, "suspended": {"True": "暂停办理新件"},
}  # fmt: skip
LABELS = {
    DOCUMENT: "协议文本（带签名）", NOTICE: "终止通知（带签名）", PAPER: "纸质协议扫描件",
    TERMS: "协议条款", "remark": "修改意见", "reason": "理由",
    "note": "处置说明", "powers": "授予的权限", "items": "事项", "limits": "缩短的时限", "valid_from": "生效日",
    "valid_to": "失效日", "last_day": "最后有效的一天", "suspended": "暂停",
}  # fmt: skip

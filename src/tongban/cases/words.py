"""The words of a case: roles, phases, acts, duties, clocks, powers, modes; with those that every procedure has. Pure."""

from enum import StrEnum


class Role(StrEnum):
    """The two roles of every case."""

    INTAKE = "intake"  # 收件地
    HANDLING = "handling"  # 办理地


ROLE_NAMES = {Role.INTAKE: "收件地", Role.HANDLING: "办理地"}


class Phase(StrEnum):
    """Where a case stands. The words are the same for applicant, clerk and officer."""

    NONE = ""
    FILED = "filed"
    RECEIVED = "received"
    NOTICED = "noticed"
    REVIEWED = "reviewed"
    FORWARDED = "forwarded"
    ACKNOWLEDGED = "acknowledged"
    REDIRECTED = "redirected"
    CORRECTING = "correcting"
    ACCEPTED = "accepted"
    UNDER_REVIEW = "under_review"
    SPECIAL = "special"
    DECIDED = "decided"
    REFUSED = "refused"
    CONCLUDED = "concluded"
    DELIVERED = "delivered"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


PHASE_NAMES = {
    Phase.NONE: "未申报", Phase.FILED: "已申报", Phase.RECEIVED: "已收件", Phase.NOTICED: "待补齐（窗口告知）",
    Phase.REVIEWED: "形式审查通过", Phase.FORWARDED: "已推送", Phase.ACKNOWLEDGED: "已签收",
    Phase.REDIRECTED: "退回转办", Phase.CORRECTING: "补正中", Phase.ACCEPTED: "已受理",
    Phase.UNDER_REVIEW: "审查中", Phase.SPECIAL: "特别程序", Phase.DECIDED: "已决定",
    Phase.REFUSED: "不予受理", Phase.CONCLUDED: "已办结", Phase.DELIVERED: "已送达", Phase.RETURNED: "已退件",
    Phase.WITHDRAWN: "已撤回", Phase.VOIDED: "已作废",
}  # fmt: skip


# Where a case stands in more words than its phase: once the correction is answered, and once there is an outcome.
ANSWERED = "已答复，待复核"
_OUTCOMES = {"granted": "准予", "denied": "不予", "refused": "不予受理"}
WITH_OUTCOME: dict[tuple[str, str], str] = {
    (phase, outcome): f"{PHASE_NAMES[phase]}·{title}"
    for phase in (Phase.DECIDED, Phase.CONCLUDED, Phase.DELIVERED)
    for outcome, title in _OUTCOMES.items()
}

TERMINAL = frozenset({Phase.DELIVERED, Phase.RETURNED, Phase.WITHDRAWN, Phase.VOIDED})
UNDECIDED = frozenset({Phase.RETURNED, Phase.WITHDRAWN, Phase.VOIDED})
BEFORE_FORWARDING = frozenset({Phase.FILED, Phase.RECEIVED, Phase.NOTICED, Phase.REVIEWED, Phase.REDIRECTED})
AWAITING_ACCEPTANCE = frozenset({Phase.FORWARDED, Phase.ACKNOWLEDGED, Phase.CORRECTING})
BEING_DECIDED = frozenset({Phase.ACCEPTED, Phase.UNDER_REVIEW, Phase.SPECIAL})
AT_HANDLING = AWAITING_ACCEPTANCE | BEING_DECIDED | {Phase.DECIDED, Phase.REFUSED}
LIVE = frozenset(Phase) - TERMINAL - {Phase.NONE}


class Act(StrEnum):
    """What may be done to a case; each is a row of the rule table."""

    FILE = "file"
    RECEIVE = "receive"
    CHECK_IDENTITY = "check_identity"
    PASS_ONLINE = "pass_online"
    PASS_REVIEW = "pass_review"
    GIVE_NOTICE = "give_notice"
    SUPPLEMENT = "supplement"
    RETURN = "return"
    VOID = "void"
    FORWARD = "forward"
    ARRIVE = "arrive"
    ACKNOWLEDGE = "acknowledge"
    REDIRECT = "redirect"
    ASK_CORRECTION = "ask_correction"
    TELL = "tell"
    NOT_REACHED = "not_reached"
    REACHED = "reached"
    ANSWER = "answer"
    TAKE_ANSWER = "take_answer"
    CONFIRM_ANSWER = "confirm_answer"
    REJECT_ANSWER = "reject_answer"
    ACCEPT = "accept"
    REFUSE = "refuse"
    DEEM_ACCEPTED = "deem_accepted"
    REVIEW = "review"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    DECIDE = "decide"
    CONCLUDE = "conclude"
    SEND_RESULT = "send_result"
    HAND_OUT = "hand_out"
    CONFIRM_DELIVERY = "confirm_delivery"
    WITHDRAW = "withdraw"
    REQUEST_WITHDRAWAL = "request_withdrawal"
    KEEP = "keep"
    NOTE_KEPT = "note_kept"
    GRANT_WITHDRAWAL = "grant_withdrawal"
    DENY_WITHDRAWAL = "deny_withdrawal"
    REFUSE_WITHDRAWAL = "refuse_withdrawal"
    URGE = "urge"
    REPLY_URGING = "reply_urging"
    WRITE = "write"
    LOOK = "look"
    CLAIM = "claim"
    HAND_OVER = "hand_over"
    RELIEVE = "relieve"
    SET_DUE = "set_due"
    ESCALATE = "escalate"
    PRESS = "press"
    SUPERVISE = "supervise"
    PARK = "park"
    RELEASE = "release"
    SETTLE = "settle"
    SUCCEED = "succeed"
    REDACT = "redact"
    APPRAISE = "appraise_destruction"
    APPROVE_DESTRUCTION = "approve_destruction"
    DECLINE_DESTRUCTION = "decline_destruction"
    RETRACT_DESTRUCTION = "retract_destruction"
    CONFIRM_DESTRUCTION = "confirm_destruction"
    DROP = "drop_copy"


class Duty(StrEnum):
    """What somebody owes a case; each is a row of the table in `duties`."""

    RECEIVE = "receive"
    FORMAL_REVIEW = "formal_review"
    SUPPLEMENT = "supplement"
    FORWARD = "forward"
    DELIVER = "deliver"
    ACKNOWLEDGE = "acknowledge"
    ACCEPT_OR_CORRECT = "accept_or_correct"
    TELL = "tell"
    REACH = "reach"
    ANSWER = "answer"
    CONFIRM_ANSWER = "confirm_answer"
    RECHECK = "recheck"
    REVIEW = "review"
    DECIDE = "decide"
    RESUME = "resume"
    CONCLUDE = "conclude"
    SEND_RESULT = "send_result"
    HAND_OUT = "hand_out"
    CONFIRM = "confirm"
    ANSWER_WITHDRAWAL = "answer_withdrawal"
    HEED_URGING = "heed_urging"
    SUPERVISE = "supervise"
    RESOLVE = "resolve"
    APPROVE_DESTRUCTION = "approve_destruction"
    DESTROY = "destroy"
    DROP = "drop_copy"


class Power(StrEnum):
    """What an agreement lets the other place do (襄城—卧龙四项授权；授权本地办理另计)."""

    RECEIVE = "receive"  # 收件受理权
    NOTICE = "notice"  # 一次性告知权
    VERIFY = "verify"  # 原件核验权
    DELIVER = "deliver"  # 审批结果送达权
    DECIDE = "decide"  # 异地授权、本地办理


class Mode(StrEnum):
    """How a case is handled across places (通办模式)."""

    FULLY_ONLINE = "FULLY_ONLINE"  # 全程网办
    PROXY_INTAKE = "PROXY_INTAKE"  # 异地代收代办（收受分离）
    JOINT = "JOINT"  # 多地联办
    DELEGATED = "DELEGATED"  # 异地授权本地办理


class Clock(StrEnum):
    """Clocks that law starts and stops."""

    NOTICE = "notice"  # 一次性告知（行政许可法 第三十二条）
    DECISION = "decision"  # 办理时限


# How a clerk made sure who stands at the window and asks (身份核验、第三地代收): `code` is the answer code, which intake compares.
PRESENCE = {
    "id_card": "核对居民身份证原件", "other_paper": "核对其他有效身份证件原件", "agent": "核对代理人证件和授权委托书",
    "code": "核对申请人出示的答复码",
}  # fmt: skip

# By papers, as a window that helps somebody file has to (帮办).
FACE_TO_FACE = frozenset({"id_card", "other_paper", "agent"})

# How somebody was told whom a message did not reach (另行告知).
CONTACTS = {
    "phone": "电话告知", "in_person": "当面告知", "visit": "上门告知", "letter": "邮寄告知书",
    "household": "由同住成年家属转告",
}  # fmt: skip

# How a letter that weighs against the applicant was served (送达: 民事诉讼法 第八十八条至第九十五条), and since when a notice counts.
SERVICES = {
    "direct": "直接送达", "household": "由同住成年家属签收", "post": "邮寄送达", "electronic": "电子送达", "left": "留置送达",
    "announced": "公告送达", "passed_on": "转交送达",
}  # fmt: skip
ANNOUNCED_DAYS = 30
ADVERSE = frozenset({"denied", "refused"})

ASKED = {code: f"窗口代为提出，{title}" for code, title in PRESENCE.items()}
HELPED = {code: f"窗口帮办，{title}" for code, title in PRESENCE.items()}
TAKEN = "由第三地窗口代收"

# Content of acts that is made here, and typed by nobody: the letter, and the remedies it names.
MADE = frozenset({"letter", "remedies"})

# Procedures whose time does not count (行政许可法 第四十五条).
SPECIAL_NAMES = {
    "hearing": "听证", "inspection": "检验、检测、检疫", "appraisal": "鉴定", "expert_review": "专家评审", "tender": "招标、拍卖",
}  # fmt: skip

POWER_NAMES = {
    Power.RECEIVE: "收件受理权", Power.NOTICE: "一次性告知权", Power.VERIFY: "原件核验权",
    Power.DELIVER: "审批结果送达权", Power.DECIDE: "授权本地办理",
}  # fmt: skip
MODE_NAMES = {
    Mode.FULLY_ONLINE: "全程网办", Mode.PROXY_INTAKE: "异地代收代办", Mode.JOINT: "多地联办",
    Mode.DELEGATED: "异地授权本地办理",
}  # fmt: skip

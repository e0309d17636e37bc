"""What a phase means for who applied, and what an act of theirs did."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from tongban.cases import procedure
from tongban.cases.words import Act, Duty, Phase

MEANING: Final = {
    Phase.FILED: _("您的申请已经收到，等待收件地窗口收件。"),
    Phase.RECEIVED: _("收件地窗口已收件，正在核验身份、审查材料是否齐全。"),
    Phase.NOTICED: _("材料还不齐。请按告知的内容补齐，窗口只告知一次。"),
    Phase.REVIEWED: _("材料齐全，准备送往办理地。"),
    Phase.FORWARDED: _("已送往办理地，等待办理地签收。"),
    Phase.ACKNOWLEDGED: _("办理地已签收，正在决定是否受理。"),
    Phase.REDIRECTED: _("办理地认为不归该机关办，已退回收件地另行转办，您不用跑。"),
    Phase.CORRECTING: _("办理地需要您补正材料。请按告知的内容一次补正。"),
    Phase.ACCEPTED: _("办理地已受理，办理时限开始计算。"),
    Phase.UNDER_REVIEW: _("办理地正在审查。"),
    Phase.SPECIAL: _("正在进行检验检测、鉴定、专家评审等，所需时间不计入办理时限。"),
    Phase.DECIDED: _("办理地已作出决定，正在办结。"),
    Phase.REFUSED: _("办理地决定不予受理，理由和救济途径见下方文书。"),
    Phase.CONCLUDED: _("已办结，结果正在送给您。"),
    Phase.DELIVERED: _("结果已送达，办件结束。"),
    Phase.RETURNED: _("窗口退件，理由见下方文书。改好后可以重新申报。"),
    Phase.WITHDRAWN: _("申请已撤回，办件结束。"),
    Phase.VOIDED: _("误登记，已作废。"),
}  # fmt: skip

# Within a phase, whose turn it is says more: the first of these duties that is open.
TURN: Final = {
    Duty.TELL: _("办理地需要补正材料，收件地窗口正在告知您要补什么。"),
    Duty.CONFIRM_ANSWER: _("其他地方的窗口代收了您的补正答复，收件地窗口正在确认，1 个工作日内有结果。"),
    Duty.ANSWER: _("办理地需要您补正材料。请按告知的内容一次补正。"),
    Duty.RECHECK: _("您补正的材料已经交上，办理地正在复核。"),
    Duty.SEND_RESULT: _("已办结，办理地正在寄出或发出结果。"),
    Duty.HAND_OUT: _("已办结，结果已到收件地，正在发给您。"),
    Duty.CONFIRM: _("结果已经发给您，请确认收到。"),
}  # fmt: skip

# What comes next, and what follows if nothing is done where it is the applicant's turn.
NEXT: Final = {
    Phase.FILED: _("接下来，窗口核对材料，收件或者告诉您还要补什么。"),
    Phase.RECEIVED: _("接下来，窗口看材料齐不齐：齐了就送往办理地，不齐会一次告诉您。"),
    Phase.NOTICED: _("补齐后，窗口接着审查。期限内没有补齐的，窗口可以退回材料。"),
    Phase.REVIEWED: _("接下来，窗口送往办理地，由办理地决定是否受理。"),
    Phase.FORWARDED: _("接下来，办理地签收，并在期限内受理、告诉您补正或不予受理。"),
    Phase.ACKNOWLEDGED: _("接下来，办理地在期限内受理、告诉您补正或不予受理。"),
    Phase.REDIRECTED: _("接下来，收件地转给有权办理的机关，编号不变。"),
    Phase.CORRECTING: _("补正后，办理地复核，再决定是否受理。期限内没有补正的，可能不予受理。"),
    Phase.ACCEPTED: _("接下来，办理地审查，作出准予或不予的决定。"),
    Phase.UNDER_REVIEW: _("接下来，办理地作出准予或不予的决定。"),
    Phase.SPECIAL: _("完成后，办理时限接着算。"),
    Phase.DECIDED: _("接下来，办理地办结，并把结果和文书送给您。"),
    Phase.REFUSED: _("理由和救济途径写在下方文书里。条件具备后，可以重新申请。"),
    Phase.CONCLUDED: _("收到结果后，请在这里确认。"),
    Phase.DELIVERED: _("这件事已经结束，您不用再做什么。"),
    Phase.RETURNED: _("这次申请已经结束。改好后可以重新申请。"),
    Phase.WITHDRAWN: _("这次申请已经结束。需要时可以重新申请。"),
    Phase.VOIDED: _("这次登记已经结束。需要时可以重新申请。"),
}  # fmt: skip

# What happened, as one tells it to whom it happened; what is not here is no news to them (arrivals, looks, claims).
STORY: Final = {
    Act.FILE: _("提交了申请"), Act.RECEIVE: _("已收件"), Act.CHECK_IDENTITY: _("核对了身份"),
    Act.PASS_ONLINE: _("网上申请核对通过"), Act.PASS_REVIEW: _("材料齐全，窗口审查通过"),
    Act.GIVE_NOTICE: _("告知还缺哪些材料"), Act.SUPPLEMENT: _("补齐了材料"), Act.RETURN: _("窗口退件"),
    Act.VOID: _("登记有误，已作废"), Act.FORWARD: _("送往%(there)s"), Act.ACKNOWLEDGE: _("办理地签收"),
    Act.REDIRECT: _("不属于该机关职权，已退回收件地转办"), Act.ASK_CORRECTION: _("办理地要求补正材料"),
    Act.TELL: _("告知了要补正的内容"),
    Act.NOT_REACHED: _("通知没有送达，窗口会另行告知"), Act.REACHED: _("窗口另行告知了通知"),
    Act.ANSWER: _("答复了补正"), Act.ACCEPT: _("办理地受理"),
    Act.REFUSE: _("办理地决定不予受理"), Act.DEEM_ACCEPTED: _("办理地未在期限内一次告知，依法视为受理"),
    Act.REVIEW: _("办理地审查"), Act.SUSPEND: _("开始特别程序，办理时限暂停"),
    Act.RESUME: _("特别程序结束，办理时限继续计算"), Act.EXTEND: _("办理时限延长"), Act.DECIDE: _("办理地作出决定"),
    Act.CONCLUDE: _("已办结"), Act.SEND_RESULT: _("办理地寄出或发出结果"), Act.HAND_OUT: _("收件地发放结果"),
    Act.CONFIRM_DELIVERY: _("结果已收到，办件结束"), Act.WITHDRAW: _("撤回了申请"),
    Act.REQUEST_WITHDRAWAL: _("请求撤回申请"), Act.KEEP: _("收回了撤回请求"),
    Act.TAKE_ANSWER: _("其他地方的窗口代收了补正答复，等收件地确认"), Act.CONFIRM_ANSWER: _("收件地确认了代收的答复"),
    Act.REJECT_ANSWER: _("收件地没有采用代收的答复"), Act.GRANT_WITHDRAWAL: _("办理地同意撤回"),
    Act.DENY_WITHDRAWAL: _("办理地答复：已作出决定，不能撤回"),
    Act.REFUSE_WITHDRAWAL: _("办理地答复：依法不能撤回，理由见答复"), Act.URGE: _("催办"), Act.REPLY_URGING: _("办理地答复了催办"),
    Act.PARK: _("两地记录需要核对，暂停办理"),
    Act.RELEASE: _("核对完毕，继续办理"), Act.CONFIRM_DESTRUCTION: _("材料内容已依规定销毁"),
}  # fmt: skip

# What an applicant does on the page of the case, and what they are told afterwards.
DONE: Final = {
    Act.SUPPLEMENT: _("材料已补交，窗口会继续审查。"),
    Act.ANSWER: _("补正已答复，并送往办理地。"),
    Act.URGE: _("已催办。办理地须在 1 个工作日内答复。"),
    Act.WITHDRAW: _("申请已撤回。"),
    Act.REQUEST_WITHDRAWAL: _("撤回请求已送往办理地，办理地答复后生效。"),
    Act.KEEP: _("撤回请求已收回，继续办理。"),
    Act.CONFIRM_DELIVERY: _("已确认收到结果，办件结束。"),
}  # fmt: skip

# In this order where they come together: what, why, what can be done about it.
TEXTS: Final = {
    "notice": _("告知书：需要补什么"), "decision": _("决定"), "reason": _("理由"), "remedies": _("救济途径"),
    "result": _("结果"), "reply": _("办理地的答复"), "remark": _("您的说明"),
}  # fmt: skip

# Duties that the desks call by words of their own.
DUTIES: Final = {
    procedure.DUTIES[Duty.FORWARD].title: _("送往办理地"),
}
# Duties of machines and of those who watch: no news to an applicant.
UNTOLD: Final = frozenset(
    procedure.DUTIES[duty].title
    for duty in (
        Duty.DELIVER, Duty.SUPERVISE, Duty.RESOLVE, Duty.APPROVE_DESTRUCTION, Duty.DESTROY,
    )
)  # fmt: skip

# Which letters say on paper what a text says.
LETTERS_OF_TEXT: Final = {
    "notice": frozenset({"notice", "correction"}), "reason": frozenset({"refusal", "return", "extension", "suspension"}),
    "remedies": frozenset({"refusal", "denied"}), "decision": frozenset({"granted", "denied"}), "result": frozenset({"delivery"}),
}  # fmt: skip
FILE_TYPES: Final = {
    "application/pdf": "PDF", "image/jpeg": _("照片"), "image/png": _("图片"), "application/ofd": "OFD",
}  # fmt: skip

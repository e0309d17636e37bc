"""
The course of a case as a table: who may do what, from which phase, by whose right, on what basis. Version 1.

Pure data; a chain of ifs somewhere else wants to be a row here. Released, it is never edited: the next version is a folder
beside this one (docs/adding.md).
"""

from tongban.accounts.access.actor import Permission
from tongban.cases.rules_1 import guards
from tongban.cases.words import (
    AT_HANDLING,
    AWAITING_ACCEPTANCE,
    BEFORE_FORWARDING,
    BEING_DECIDED,
    LIVE,
    Act,
    Clock,
    Duty,
    Phase,
    Power,
    Role,
)
from tongban.procedures.rule import DAY, Holder, Opens, Rule, Starts, append, clock_from, given, more, value

_WINDOW = "国办发〔2020〕35号（收受分离：收件地形式审查、身份核验）"
_LICENSING_32 = "行政许可法 第三十二条"
_REACH = "通知未送达的另行告知（送达方式、时间须有记录）"
_THIRD = "通办协议（第三地代收，收件地确认）"
_P = Permission


# How a clerk made sure that the applicant asks for it: a code, never what was shown.
_PRESENT = ("presence",)


def _at(*phases: Phase) -> frozenset[Phase]:
    return frozenset(phases)


# When the last review step of the guide is done, what is due next is the decision.
_NEXT_STEP = (
    Opens(Duty.REVIEW, when=guards.steps_left), Opens(Duty.DECIDE, when=guards.no_steps_left),
)  # fmt: skip

ACTS: dict[Act, Rule] = {
    # — intake: the window checks form and identity, and pushes —
    Act.FILE: Rule(
        title="申报", role=Role.INTAKE, start=_at(Phase.NONE), end=Phase.FILED,
        permission=_P.CASE_FILE, applicant=True, basis=_WINDOW,
        opens=(Opens(Duty.RECEIVE),), needs=(guards.mode_offered, guards.helped_in_person),
        given=("mode", "item", "bind", "target", "applicant", "assurance"), allows=_PRESENT, content=("form",),
        facts={"mode": given("mode"), "item": given("item"), "applicant": given("applicant"), "assurance": given("assurance"),
               "target": given("target"), "filed_on": DAY},
        founds=True,
    ),
    Act.RECEIVE: Rule(
        title="收件", role=Role.INTAKE, start=_at(Phase.FILED), end=Phase.RECEIVED,
        permission=_P.CASE_RECEIVE, automatic=guards.ONLINE, power=Power.RECEIVE, basis=_WINDOW,
        closes=(Duty.RECEIVE,), opens=(Opens(Duty.FORMAL_REVIEW),), starts=Starts(Clock.NOTICE), given=("papers",),
        facts={"received_on": DAY, "papers": given("papers")},
    ),
    Act.CHECK_IDENTITY: Rule(
        title="身份核验", role=Role.INTAKE, start=_at(Phase.RECEIVED),
        permission=_P.CASE_IDENTITY, power=Power.VERIFY, basis=_WINDOW, given=("method",),
        facts={"identity": given("method")},
    ),
    Act.PASS_ONLINE: Rule(
        title="网上申报核验通过", role=Role.INTAKE, start=_at(Phase.RECEIVED), end=Phase.REVIEWED,
        modes=guards.ONLINE, basis="国办发〔2020〕35号（全程网办）",
        closes=(Duty.FORMAL_REVIEW,), opens=(Opens(Duty.FORWARD),), needs=(guards.assured_online,),
        facts={"identity": value("online")},
    ),
    Act.PASS_REVIEW: Rule(
        title="形式审查通过", role=Role.INTAKE, start=_at(Phase.RECEIVED), end=Phase.REVIEWED,
        permission=_P.CASE_REVIEW_FORM, basis=_WINDOW,
        closes=(Duty.FORMAL_REVIEW,), opens=(Opens(Duty.FORWARD),), needs=(guards.identity_checked,),
    ),
    Act.GIVE_NOTICE: Rule(
        title="窗口一次性告知", role=Role.INTAKE, start=_at(Phase.RECEIVED), end=Phase.NOTICED,
        permission=_P.CASE_REVIEW_FORM, power=Power.NOTICE, basis=_LICENSING_32,
        closes=(Duty.FORMAL_REVIEW,), opens=(Opens(Duty.SUPPLEMENT, Holder.APPLICANT),), stops=(Clock.NOTICE,),
        needs=(guards.not_noticed_before, guards.asked_named), given=("asked",), content=("notice",),
        facts={"noticed_on": DAY, "asked": given("asked")},
    ),
    Act.SUPPLEMENT: Rule(
        title="补齐材料", role=Role.INTAKE, start=_at(Phase.NOTICED), end=Phase.RECEIVED,
        permission=_P.CASE_RECEIVE, applicant=True, basis=_LICENSING_32,
        # Told in time, the five days count from the day on which the materials are complete.
        closes=(Duty.SUPPLEMENT,), opens=(Opens(Duty.FORMAL_REVIEW),), starts=Starts(Clock.NOTICE), brings=True,
        needs=(guards.asked_by_applicant,), allows=_PRESENT,
    ),
    Act.RETURN: Rule(
        title="窗口退件", role=Role.INTAKE, start=_at(Phase.FILED, Phase.RECEIVED, Phase.NOTICED), end=Phase.RETURNED,
        permission=_P.CASE_REVIEW_FORM, basis=_WINDOW,
        closes=(Duty.RECEIVE, Duty.FORMAL_REVIEW, Duty.SUPPLEMENT), stops=(Clock.NOTICE,), content=("reason",),
    ),
    Act.VOID: Rule(
        title="作废（误登记）", role=Role.INTAKE, start=_at(Phase.FILED, Phase.RECEIVED), end=Phase.VOIDED,
        permission=_P.CASE_SUPERVISE, basis="窗口管理制度",
        closes=(Duty.RECEIVE, Duty.FORMAL_REVIEW), stops=(Clock.NOTICE,), content=("reason",),
    ),
    Act.FORWARD: Rule(
        title="推送办理地", role=Role.INTAKE, start=_at(Phase.REVIEWED, Phase.REDIRECTED), end=Phase.FORWARDED,
        permission=_P.CASE_FORWARD, automatic=guards.ONLINE, basis=_WINDOW, pen=Role.HANDLING,
        closes=(Duty.FORWARD,), opens=(Opens(Duty.ACKNOWLEDGE, to=Role.HANDLING),),
        needs=(guards.no_withdrawal_pending, guards.next_term), given=("bind",),
        facts={"forwarded_on": DAY}, binds=Role.HANDLING,
    ),
    Act.TELL: Rule(
        title="告知申请人补正", role=Role.INTAKE, start=_at(Phase.CORRECTING),
        # Who filed online is told where they filed, as soon as it has come.
        permission=_P.CASE_ANSWER, automatic=guards.ONLINE, power=Power.NOTICE, basis=_LICENSING_32,
        closes=(Duty.TELL,), opens=(Opens(Duty.ANSWER, Holder.APPLICANT),),
        facts={"told_on": DAY},
    ),
    # A message that the law wants told did not arrive: somebody tells it, and the applicant's time counts from then.
    Act.NOT_REACHED: Rule(
        title="通知未送达", role=Role.INTAKE, start=LIVE, basis=_REACH,
        needs=(guards.not_being_reached, guards.unreached_named), given=("unreached", "cause"),
        opens=(Opens(Duty.REACH),), facts={"unreached": given("unreached")},
    ),
    Act.REACHED: Rule(
        title="已另行告知申请人", role=Role.INTAKE, start=LIVE, permission=_P.CASE_ANSWER, basis=_REACH,
        needs=(guards.being_reached, guards.contact_known), given=("contact",), content=("reached",),
        closes=(Duty.REACH, Duty.SUPPLEMENT, Duty.ANSWER),
        opens=(Opens(Duty.SUPPLEMENT, Holder.APPLICANT, when=guards.supplement_owed),
               Opens(Duty.ANSWER, Holder.APPLICANT, when=guards.answer_is_owed)),
        facts={"reached_on": DAY, "reached_by": given("contact")},
    ),
    Act.ANSWER: Rule(
        title="答复补正", role=Role.INTAKE, start=_at(Phase.CORRECTING),
        permission=_P.CASE_ANSWER, applicant=True, basis=_LICENSING_32, needs=(guards.asked_by_applicant,),
        closes=(Duty.ANSWER, Duty.CONFIRM_ANSWER), opens=(Opens(Duty.RECHECK, to=Role.HANDLING),), brings=True,
        facts={"answered_on": DAY, "answer_waits": value("")}, allows=_PRESENT,
    ),
    Act.TAKE_ANSWER: Rule(
        title="收到第三地代收的答复", role=Role.INTAKE, start=_at(Phase.CORRECTING), basis=_THIRD,
        needs=(guards.window_named, guards.answer_owed, guards.no_answer_waits), given=("taken_by", "taken_at"), content=("statement",),
        opens=(Opens(Duty.CONFIRM_ANSWER),), facts={"answer_waits": DAY}, brings=True,
    ),
    Act.CONFIRM_ANSWER: Rule(
        title="确认第三地代收的答复", role=Role.INTAKE, start=_at(Phase.CORRECTING), permission=_P.CASE_ANSWER, basis=_THIRD,
        closes=(Duty.ANSWER, Duty.CONFIRM_ANSWER), opens=(Opens(Duty.RECHECK, to=Role.HANDLING),), needs=(guards.answer_waits,),
        facts={"answered_on": DAY, "answer_waits": value("")},
    ),
    Act.REJECT_ANSWER: Rule(
        title="不采用第三地代收的答复", role=Role.INTAKE, start=_at(Phase.CORRECTING), permission=_P.CASE_ANSWER, basis=_THIRD,
        closes=(Duty.CONFIRM_ANSWER,), content=("reason",), facts={"answer_waits": value("")},
    ),
    # — handling: the authority reviews substance and decides —
    Act.ACKNOWLEDGE: Rule(
        title="签收", role=Role.HANDLING, start=_at(Phase.FORWARDED), end=Phase.ACKNOWLEDGED,
        permission=_P.CASE_ACKNOWLEDGE, basis="国办发〔2020〕35号",
        closes=(Duty.ACKNOWLEDGE,), opens=(Opens(Duty.ACCEPT_OR_CORRECT),),
    ),
    Act.REDIRECT: Rule(
        title="退回转办（非本机关职权）", role=Role.HANDLING, start=_at(Phase.FORWARDED, Phase.ACKNOWLEDGED),
        # What it got and has nothing more to do with, it deletes once nobody can object any more.
        end=Phase.REDIRECTED, permission=_P.CASE_ACKNOWLEDGE, basis="行政许可法 第三十二条（一）（二）", pen=Role.INTAKE,
        closes=(Duty.ACKNOWLEDGE, Duty.ACCEPT_OR_CORRECT), opens=(Opens(Duty.FORWARD, to=Role.INTAKE, when=guards.not_astray),
               Opens(Duty.FORWARD, Holder.CENTRE, to=Role.INTAKE, when=guards.astray), Opens(Duty.DROP)), content=("reason",),
        facts={"hops": more(1)},
    ),
    Act.ASK_CORRECTION: Rule(
        title="一次告知补正", role=Role.HANDLING, start=_at(Phase.ACKNOWLEDGED), end=Phase.CORRECTING,
        permission=_P.CASE_ACCEPT, basis=_LICENSING_32, closes=(Duty.ACCEPT_OR_CORRECT,),
        opens=(Opens(Duty.TELL, to=Role.INTAKE),),
        needs=(guards.not_asked_before, guards.may_be_corrected, guards.asked_named, guards.numbered),
        given=("asked", "serial"), content=("notice", "letter"),
        facts={"corrected": value(True), "asked": given("asked")},
    ),
    Act.ACCEPT: Rule(
        title="受理", role=Role.HANDLING, start=_at(Phase.ACKNOWLEDGED, Phase.CORRECTING), end=Phase.ACCEPTED,
        permission=_P.CASE_ACCEPT, basis=_LICENSING_32, needs=(guards.no_withdrawal_pending, guards.numbered),
        closes=(Duty.ACCEPT_OR_CORRECT, Duty.TELL, Duty.ANSWER, Duty.RECHECK), opens=_NEXT_STEP, given=("serial",), content=("letter",),
        starts=Starts(Clock.DECISION), stops=(Clock.NOTICE,),
        facts={"accepted_on": DAY},
    ),
    Act.REFUSE: Rule(
        title="不予受理", role=Role.HANDLING, start=_at(Phase.ACKNOWLEDGED, Phase.CORRECTING), end=Phase.REFUSED,
        permission=_P.CASE_ACCEPT, basis=_LICENSING_32, given=("serial",),
        needs=(guards.answer_awaited_long_enough, guards.reached_before_refusal, guards.numbered),
        closes=(Duty.ACCEPT_OR_CORRECT, Duty.TELL, Duty.ANSWER, Duty.RECHECK), opens=(Opens(Duty.CONCLUDE),),
        stops=(Clock.NOTICE,), content=("reason", "remedies", "letter"),
        facts={"outcome": value("refused")},
    ),
    Act.DEEM_ACCEPTED: Rule(
        title="视为受理", role=Role.HANDLING, start=AWAITING_ACCEPTANCE, end=Phase.ACCEPTED,
        basis=_LICENSING_32, needs=(guards.notice_time_ran_out, guards.numbered), allows=("serial",),
        closes=(Duty.ACKNOWLEDGE, Duty.ACCEPT_OR_CORRECT, Duty.TELL, Duty.ANSWER, Duty.RECHECK),
        opens=_NEXT_STEP, starts=Starts(Clock.DECISION, since=Clock.NOTICE), stops=(Clock.NOTICE,),
        facts={"accepted_on": clock_from(Clock.NOTICE), "deemed_on": DAY},
    ),
    Act.REVIEW: Rule(
        title="审查", role=Role.HANDLING, start=_at(Phase.ACCEPTED, Phase.UNDER_REVIEW), end=Phase.UNDER_REVIEW,
        permission=_P.CASE_REVIEW, basis="行政许可法 第三十四条", needs=(guards.next_review_step,), by_step=True,
        closes=(Duty.REVIEW,), opens=_NEXT_STEP, given=("step",), content=("opinion",),
        facts={"reviewed": append("step")},
    ),
    Act.SUSPEND: Rule(
        title="转入特别程序（不计入时限）", role=Role.HANDLING, start=_at(Phase.UNDER_REVIEW), end=Phase.SPECIAL,
        permission=_P.CASE_DECIDE, basis="行政许可法 第四十五条", closes=(Duty.REVIEW, Duty.DECIDE),
        opens=(Opens(Duty.RESUME),), given=("procedure", "serial"), content=("reason", "letter"), needs=(guards.numbered,),
        facts={"procedure": given("procedure")}, pauses=Clock.DECISION,
    ),
    Act.RESUME: Rule(
        title="特别程序结束", role=Role.HANDLING, start=_at(Phase.SPECIAL), end=Phase.UNDER_REVIEW,
        permission=_P.CASE_DECIDE, basis="行政许可法 第四十五条", closes=(Duty.RESUME,), opens=_NEXT_STEP,
        resumes=Clock.DECISION,
    ),
    Act.EXTEND: Rule(
        title="延长办理期限", role=Role.HANDLING, start=_at(Phase.UNDER_REVIEW), end=Phase.UNDER_REVIEW,
        permission=_P.CASE_DECIDE, basis="行政许可法 第四十二条", needs=(guards.not_extended_before, guards.numbered),
        given=("serial",), content=("reason", "letter"),
        facts={"extended": value(True)}, extends=Clock.DECISION,
    ),
    Act.DECIDE: Rule(
        title="作出决定", role=Role.HANDLING, start=_at(Phase.UNDER_REVIEW), end=Phase.DECIDED,
        permission=_P.CASE_DECIDE, basis="行政许可法 第三十七条、第三十八条",
        needs=(guards.all_steps_reviewed, guards.no_withdrawal_pending, guards.outcome_known, guards.numbered),
        closes=(Duty.DECIDE,), opens=(Opens(Duty.CONCLUDE),), stops=(Clock.DECISION,),
        given=("outcome", "serial"), content=("decision", "letter"),
        facts={"outcome": given("outcome"), "decided_on": DAY},
    ),
    Act.CONCLUDE: Rule(
        title="办结", role=Role.HANDLING, start=_at(Phase.DECIDED, Phase.REFUSED), end=Phase.CONCLUDED,
        permission=_P.CASE_CONCLUDE, basis="行政许可法 第四十四条", pen=Role.INTAKE,
        closes=(Duty.CONCLUDE,), opens=(Opens(Duty.SEND_RESULT),),
        facts={"concluded_on": DAY},
    ),
    Act.SEND_RESULT: Rule(
        title="寄出结果", role=Role.HANDLING, start=_at(Phase.CONCLUDED), permission=_P.CASE_CONCLUDE,
        basis="行政许可法 第四十四条", closes=(Duty.SEND_RESULT,), opens=(Opens(Duty.HAND_OUT, to=Role.INTAKE),),
        given=("way",), content=("result",),
        facts={"result_sent_on": DAY, "result_way": given("way")},
    ),
    # — intake again: the result reaches the applicant —
    Act.HAND_OUT: Rule(
        title="发放结果", role=Role.INTAKE, start=_at(Phase.CONCLUDED), permission=_P.CASE_HAND_OUT,
        automatic=guards.ONLINE, power=Power.DELIVER, basis="行政许可法 第四十四条",
        closes=(Duty.HAND_OUT,), opens=(Opens(Duty.CONFIRM),), given=("way",),
        facts={"handed_out_on": DAY, "hand_out_way": given("way")},
    ),
    Act.CONFIRM_DELIVERY: Rule(
        title="确认送达", role=Role.INTAKE, start=_at(Phase.CONCLUDED), end=Phase.DELIVERED,
        permission=_P.CASE_HAND_OUT, applicant=True, basis="行政许可法 第四十四条",
        needs=(guards.service_told,), allows=("service", "served_on"),
        closes=(Duty.CONFIRM,), opens=(Opens(None, to=Role.HANDLING),),
        facts={"delivered_on": DAY},
    ),
    # — asking: the holder's next act answers —
    Act.WITHDRAW: Rule(
        title="撤回申请", role=Role.INTAKE, start=BEFORE_FORWARDING, end=Phase.WITHDRAWN,
        permission=_P.CASE_ANSWER, applicant=True, basis="申请人自愿撤回",
        needs=(guards.asked_by_applicant,), allows=_PRESENT,
        closes=(Duty.RECEIVE, Duty.FORMAL_REVIEW, Duty.SUPPLEMENT, Duty.FORWARD), stops=(Clock.NOTICE,),
        facts={"withdrawn_on": DAY},
    ),
    Act.REQUEST_WITHDRAWAL: Rule(
        title="请求撤回", role=Role.INTAKE, start=AT_HANDLING | {Phase.CONCLUDED},
        permission=_P.CASE_ANSWER, applicant=True, basis="申请人自愿撤回",
        needs=(guards.no_withdrawal_pending, guards.asked_by_applicant), allows=_PRESENT,
        opens=(Opens(Duty.ANSWER_WITHDRAWAL, to=Role.HANDLING),),
        facts={"withdrawal_requested": more(1)},
    ),
    # Whoever asked, the applicant takes it back: a clerk may have asked without their knowing.
    Act.KEEP: Rule(
        title="收回撤回请求，继续办理", role=Role.INTAKE, start=AT_HANDLING | {Phase.CONCLUDED},
        permission=_P.CASE_ANSWER, applicant=True, basis="申请人自愿撤回",
        needs=(guards.withdrawal_pending, guards.asked_by_applicant), allows=_PRESENT, opens=(Opens(None, to=Role.HANDLING),),
        facts={"withdrawal_kept": more(1)},
    ),
    Act.NOTE_KEPT: Rule(
        title="撤回请求已由申请人收回", role=Role.HANDLING, start=AT_HANDLING | {Phase.CONCLUDED}, basis="申请人自愿撤回",
        closes=(Duty.ANSWER_WITHDRAWAL,), needs=(guards.no_withdrawal_pending,),
    ),
    Act.GRANT_WITHDRAWAL: Rule(
        title="同意撤回", role=Role.HANDLING, start=AWAITING_ACCEPTANCE | BEING_DECIDED, end=Phase.WITHDRAWN,
        permission=_P.CASE_ACCEPT, basis="申请人自愿撤回", needs=(guards.withdrawal_pending, guards.numbered), pen=Role.INTAKE,
        given=("serial",), content=("letter",),
        closes=(Duty.ANSWER_WITHDRAWAL,), opens=(Opens(None, to=Role.INTAKE), Opens(Duty.DROP)),
        stops=(Clock.NOTICE, Clock.DECISION),
        facts={"withdrawal_answered": more(1), "withdrawal": value("granted")},
    ),
    Act.DENY_WITHDRAWAL: Rule(
        title="答复撤回：已作出决定", role=Role.HANDLING, start=_at(Phase.DECIDED, Phase.REFUSED, Phase.CONCLUDED),
        permission=_P.CASE_ACCEPT, basis="行政许可法 第三十八条", needs=(guards.withdrawal_pending,),
        closes=(Duty.ANSWER_WITHDRAWAL,), opens=(Opens(None, to=Role.INTAKE),),
        facts={"withdrawal_answered": more(1), "withdrawal": value("too_late")},
    ),
    # To withdraw before the decision is the applicant's right; a law may keep somebody from it.
    Act.REFUSE_WITHDRAWAL: Rule(
        title="不同意撤回", role=Role.HANDLING, start=AWAITING_ACCEPTANCE | BEING_DECIDED,
        permission=_P.CASE_ACCEPT, basis="法律、法规关于不得撤回的规定", needs=(guards.withdrawal_pending,), content=("reason",),
        closes=(Duty.ANSWER_WITHDRAWAL,), opens=(Opens(None, to=Role.INTAKE),),
        facts={"withdrawal_answered": more(1), "withdrawal": value("refused")},
    ),
    Act.URGE: Rule(
        title="催办", role=Role.INTAKE, start=AT_HANDLING, permission=_P.CASE_ANSWER, applicant=True,
        basis="通办协议", needs=(guards.asked_by_applicant,), allows=_PRESENT, opens=(Opens(Duty.HEED_URGING, to=Role.HANDLING),),
    ),
    Act.REPLY_URGING: Rule(
        title="答复催办", role=Role.HANDLING, start=AT_HANDLING, permission=_P.CASE_ACCEPT, basis="通办协议",
        closes=(Duty.HEED_URGING,), opens=(Opens(None, to=Role.INTAKE),), content=("reply",),
    ),
    # — between the two places, also while a side is parked: that is when there is something to ask —
    Act.WRITE: Rule(
        title="联系对方", role=None, start=None, permission=_P.CASE_CONTENT, basis="通办协议",
        needs=(guards.both_places_known,), content=("message",), annotates=True,
    ),
}  # fmt: skip

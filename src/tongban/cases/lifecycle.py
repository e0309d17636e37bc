"""
The course of a case as a table: who may do what, from which phase, by whose right, on what basis.

Pure data. `effects` turns a row into what an event records. A chain of ifs somewhere else wants to be a row here.
Table version `VERSION`; what is printed of it (`tables`) has a digest that events name, so a released version is never
edited: the next one is a new table beside it (docs/protocol.md §12, §18).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tongban.accounts.actor import Permission
from tongban.cases import guards
from tongban.cases.words import (
    AT_HANDLING,
    AWAITING_ACCEPTANCE,
    BEFORE_FORWARDING,
    BEING_DECIDED,
    TERMINAL,
    Act,
    Clock,
    Duty,
    Holder,
    Mode,
    Phase,
    Power,
    Role,
)

VERSION = 1


@dataclass(frozen=True, slots=True)
class Opens:
    """
    A duty that an act opens.

    With `news`, the duty belongs to the other role: the actor's side owes delivery first (送达), and the duty
    opens on the other node, by its own event, when the news has arrived there.
    """

    duty: Duty | None
    holder: Holder = Holder.OWN
    news: bool = False


type Source = str | Mapping[str, Any]

DAY: Source = "day"


def value(of: Any) -> Source:
    """A fact that is always the same."""
    return {"value": of}


def given(name: str) -> Source:
    """A fact that the act carries."""
    return {"given": name}


def more(by: int) -> Source:
    """A fact that counts."""
    return {"more": by}


def append(name: str) -> Source:
    """A list to which the act adds what it carries."""
    return {"append": name}


def clock_from(clock: Clock) -> Source:
    """The day from which a clock runs."""
    return {"clock": str(clock)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    One lawful act. `end` None: the phase stays, and the pen is not needed.

    `permission` None: only the system does it. `applicant`: the applicant may do it too. `automatic`: modes
    in which the system does it too. `content`: what must be stored with it. `given`: the codes the event must carry;
    `allows`: those it may. `facts`: what it records of its own side, by source. `does`: what else it does, by name
    (`effects.DOES`). `annotates`: a side that is parked may do it, in whatever phase, be it one that is unknown here.
    """

    title: str
    role: Role | None  # None: either role, about its own side
    start: frozenset[Phase]
    end: Phase | None = None
    permission: Permission | None = None
    applicant: bool = False
    automatic: frozenset[Mode] = frozenset()
    power: Power | None = None
    modes: frozenset[Mode] = frozenset(Mode)
    basis: str
    closes: tuple[Duty, ...] = ()
    opens: tuple[Opens, ...] = ()
    passes_pen: bool = False
    starts: Clock | None = None
    stops: tuple[Clock, ...] = ()
    needs: tuple[guards.Guard, ...] = ()
    given: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    brings: bool = False  # a new material, or words: an empty answer would use up the applicant's one chance
    facts: Mapping[str, Source] = field(default_factory=dict)
    does: str | None = None
    annotates: bool = False


_WINDOW = "国办发〔2020〕35号（收受分离：收件地形式审查、身份核验）"
_LICENSING_32 = "行政许可法 第三十二条"
_NODES = "节点互联约定"
_ANY = frozenset(Phase) - {Phase.NONE}
_P = Permission
_ONLINE = frozenset({Mode.FULLY_ONLINE})


def _at(*phases: Phase) -> frozenset[Phase]:
    return frozenset(phases)


RULES: dict[Act, Rule] = {
    # — intake: the window checks form and identity, and pushes —
    Act.FILE: Rule(
        title="申报", role=Role.INTAKE, start=_at(Phase.NONE), end=Phase.FILED,
        permission=_P.CASE_FILE, applicant=True, basis=_WINDOW,
        opens=(Opens(Duty.RECEIVE),), needs=(guards.mode_offered,),
        given=("mode", "item", "bind", "target", "applicant", "assurance"), content=("form",),
        facts={"mode": given("mode"), "item": given("item"), "applicant": given("applicant"), "assurance": given("assurance"),
               "target": given("target"), "filed_on": DAY},
        does="found",
    ),
    Act.RECEIVE: Rule(
        title="收件", role=Role.INTAKE, start=_at(Phase.FILED), end=Phase.RECEIVED,
        permission=_P.CASE_RECEIVE, automatic=_ONLINE, power=Power.RECEIVE, basis=_WINDOW,
        closes=(Duty.RECEIVE,), opens=(Opens(Duty.FORMAL_REVIEW),), starts=Clock.NOTICE, given=("papers",),
        facts={"received_on": DAY, "papers": given("papers")},
    ),
    Act.CHECK_IDENTITY: Rule(
        title="身份核验", role=Role.INTAKE, start=_at(Phase.RECEIVED),
        permission=_P.CASE_IDENTITY, power=Power.VERIFY, basis=_WINDOW, given=("method",),
        facts={"identity": given("method")},
    ),
    Act.PASS_ONLINE: Rule(
        title="网上申报核验通过", role=Role.INTAKE, start=_at(Phase.RECEIVED), end=Phase.REVIEWED,
        modes=_ONLINE, basis="国办发〔2020〕35号（全程网办）",
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
        needs=(guards.not_noticed_before,), content=("notice",),
        facts={"noticed_on": DAY},
    ),
    Act.SUPPLEMENT: Rule(
        title="补齐材料", role=Role.INTAKE, start=_at(Phase.NOTICED), end=Phase.RECEIVED,
        permission=_P.CASE_RECEIVE, applicant=True, basis=_LICENSING_32,
        # Told in time, the five days count from the day on which the materials are complete.
        closes=(Duty.SUPPLEMENT,), opens=(Opens(Duty.FORMAL_REVIEW),), starts=Clock.NOTICE, brings=True,
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
        permission=_P.CASE_FORWARD, automatic=_ONLINE, basis=_WINDOW, passes_pen=True,
        closes=(Duty.FORWARD,), opens=(Opens(Duty.ACKNOWLEDGE, news=True),),
        needs=(guards.no_withdrawal_pending, guards.next_term), given=("bind",),
        facts={"forwarded_on": DAY}, does="bind",
    ),
    Act.TELL: Rule(
        title="告知申请人补正", role=Role.INTAKE, start=_at(Phase.CORRECTING),
        # Who filed online is told where they filed, as soon as it has come.
        permission=_P.CASE_ANSWER, automatic=_ONLINE, power=Power.NOTICE, basis=_LICENSING_32,
        closes=(Duty.TELL,), opens=(Opens(Duty.ANSWER, Holder.APPLICANT),),
        facts={"told_on": DAY},
    ),
    Act.ANSWER: Rule(
        title="答复补正", role=Role.INTAKE, start=_at(Phase.CORRECTING),
        # The system adopts an answer that a third window took (第三地代收).
        permission=_P.CASE_ANSWER, applicant=True, automatic=frozenset(Mode), basis=_LICENSING_32,
        closes=(Duty.ANSWER,), opens=(Opens(Duty.RECHECK, news=True),), brings=True,
        facts={"answered_on": DAY}, allows=("taken_by",),
    ),
    # — handling: the authority reviews substance and decides —
    Act.ARRIVE: Rule(
        title="到达", role=None, start=_ANY, basis=_NODES, needs=(guards.addressed_here,), given=("duties",),
        does="arrive", annotates=True,
    ),
    Act.ACKNOWLEDGE: Rule(
        title="签收", role=Role.HANDLING, start=_at(Phase.FORWARDED), end=Phase.ACKNOWLEDGED,
        permission=_P.CASE_ACKNOWLEDGE, basis="国办发〔2020〕35号",
        closes=(Duty.ACKNOWLEDGE,), opens=(Opens(Duty.ACCEPT_OR_CORRECT),),
    ),
    Act.REDIRECT: Rule(
        title="退回转办（非本机关职权）", role=Role.HANDLING, start=_at(Phase.FORWARDED, Phase.ACKNOWLEDGED),
        end=Phase.REDIRECTED, permission=_P.CASE_ACKNOWLEDGE, basis="行政许可法 第三十二条（一）（二）", passes_pen=True,
        closes=(Duty.ACKNOWLEDGE, Duty.ACCEPT_OR_CORRECT), opens=(Opens(Duty.FORWARD, news=True),), content=("reason",),
        facts={"hops": more(1)},
    ),
    Act.ASK_CORRECTION: Rule(
        title="一次告知补正", role=Role.HANDLING, start=_at(Phase.ACKNOWLEDGED), end=Phase.CORRECTING,
        permission=_P.CASE_ACCEPT, basis=_LICENSING_32, closes=(Duty.ACCEPT_OR_CORRECT,),
        opens=(Opens(Duty.TELL, news=True),), needs=(guards.not_asked_before,), content=("notice",),
        facts={"corrected": value(True)},
    ),
    Act.ACCEPT: Rule(
        title="受理", role=Role.HANDLING, start=_at(Phase.ACKNOWLEDGED, Phase.CORRECTING), end=Phase.ACCEPTED,
        permission=_P.CASE_ACCEPT, basis=_LICENSING_32, needs=(guards.no_withdrawal_pending,),
        closes=(Duty.ACCEPT_OR_CORRECT, Duty.TELL, Duty.ANSWER, Duty.RECHECK), opens=(Opens(Duty.REVIEW),),
        starts=Clock.DECISION, stops=(Clock.NOTICE,),
        facts={"accepted_on": DAY},
    ),
    Act.REFUSE: Rule(
        title="不予受理", role=Role.HANDLING, start=_at(Phase.ACKNOWLEDGED, Phase.CORRECTING), end=Phase.REFUSED,
        permission=_P.CASE_ACCEPT, basis=_LICENSING_32, needs=(guards.answer_awaited_long_enough,),
        closes=(Duty.ACCEPT_OR_CORRECT, Duty.TELL, Duty.ANSWER, Duty.RECHECK), opens=(Opens(Duty.CONCLUDE),),
        stops=(Clock.NOTICE,), content=("reason", "remedies"),
        facts={"outcome": value("refused")},
    ),
    Act.DEEM_ACCEPTED: Rule(
        title="视为受理", role=Role.HANDLING, start=AWAITING_ACCEPTANCE, end=Phase.ACCEPTED,
        basis=_LICENSING_32, needs=(guards.notice_time_ran_out,),
        closes=(Duty.ACKNOWLEDGE, Duty.ACCEPT_OR_CORRECT, Duty.TELL, Duty.ANSWER, Duty.RECHECK),
        opens=(Opens(Duty.REVIEW),), starts=Clock.DECISION, stops=(Clock.NOTICE,),
        facts={"accepted_on": clock_from(Clock.NOTICE), "deemed_on": DAY},
    ),
    Act.REVIEW: Rule(
        title="审查", role=Role.HANDLING, start=_at(Phase.ACCEPTED, Phase.UNDER_REVIEW), end=Phase.UNDER_REVIEW,
        permission=_P.CASE_REVIEW, basis="行政许可法 第三十四条", needs=(guards.next_review_step,),
        closes=(Duty.REVIEW,), opens=(Opens(Duty.REVIEW),), given=("step",), content=("opinion",),
        facts={"reviewed": append("step")},
    ),
    Act.SUSPEND: Rule(
        title="转入特别程序（不计入时限）", role=Role.HANDLING, start=_at(Phase.UNDER_REVIEW), end=Phase.SPECIAL,
        permission=_P.CASE_DECIDE, basis="行政许可法 第四十五条", closes=(Duty.REVIEW, Duty.DECIDE),
        opens=(Opens(Duty.RESUME),), given=("procedure",), content=("reason",),
        facts={"procedure": given("procedure")}, does="pause",
    ),
    Act.RESUME: Rule(
        title="特别程序结束", role=Role.HANDLING, start=_at(Phase.SPECIAL), end=Phase.UNDER_REVIEW,
        permission=_P.CASE_DECIDE, basis="行政许可法 第四十五条", closes=(Duty.RESUME,), opens=(Opens(Duty.REVIEW),),
        does="resume",
    ),
    Act.EXTEND: Rule(
        title="延长办理期限", role=Role.HANDLING, start=_at(Phase.UNDER_REVIEW), end=Phase.UNDER_REVIEW,
        permission=_P.CASE_DECIDE, basis="行政许可法 第四十二条", needs=(guards.not_extended_before,),
        content=("reason",),
        facts={"extended": value(True)}, does="extend",
    ),
    Act.DECIDE: Rule(
        title="作出决定", role=Role.HANDLING, start=_at(Phase.UNDER_REVIEW), end=Phase.DECIDED,
        permission=_P.CASE_DECIDE, basis="行政许可法 第三十七条、第三十八条",
        needs=(guards.all_steps_reviewed, guards.no_withdrawal_pending, guards.outcome_known),
        closes=(Duty.DECIDE,), opens=(Opens(Duty.CONCLUDE),), stops=(Clock.DECISION,),
        given=("outcome",), content=("decision",),
        facts={"outcome": given("outcome"), "decided_on": DAY},
    ),
    Act.CONCLUDE: Rule(
        title="办结", role=Role.HANDLING, start=_at(Phase.DECIDED, Phase.REFUSED), end=Phase.CONCLUDED,
        permission=_P.CASE_CONCLUDE, basis="行政许可法 第四十四条", passes_pen=True,
        closes=(Duty.CONCLUDE,), opens=(Opens(Duty.SEND_RESULT),),
        facts={"concluded_on": DAY},
    ),
    Act.SEND_RESULT: Rule(
        title="寄出结果", role=Role.HANDLING, start=_at(Phase.CONCLUDED), permission=_P.CASE_CONCLUDE,
        basis="行政许可法 第四十四条", closes=(Duty.SEND_RESULT,), opens=(Opens(Duty.HAND_OUT, news=True),),
        given=("way",), content=("result",),
        facts={"result_sent_on": DAY, "result_way": given("way")},
    ),
    # — intake again: the result reaches the applicant —
    Act.HAND_OUT: Rule(
        title="发放结果", role=Role.INTAKE, start=_at(Phase.CONCLUDED), permission=_P.CASE_HAND_OUT,
        automatic=_ONLINE, power=Power.DELIVER, basis="行政许可法 第四十四条",
        closes=(Duty.HAND_OUT,), opens=(Opens(Duty.CONFIRM),), given=("way",),
        facts={"handed_out_on": DAY, "hand_out_way": given("way")},
    ),
    Act.CONFIRM_DELIVERY: Rule(
        title="确认送达", role=Role.INTAKE, start=_at(Phase.CONCLUDED), end=Phase.DELIVERED,
        permission=_P.CASE_HAND_OUT, applicant=True, basis="行政许可法 第四十四条",
        closes=(Duty.CONFIRM,), opens=(Opens(None, news=True),),
        facts={"delivered_on": DAY},
    ),
    # — asking: the holder's next act answers —
    Act.WITHDRAW: Rule(
        title="撤回申请", role=Role.INTAKE, start=BEFORE_FORWARDING, end=Phase.WITHDRAWN,
        permission=_P.CASE_ANSWER, applicant=True, basis="申请人自愿撤回",
        closes=(Duty.RECEIVE, Duty.FORMAL_REVIEW, Duty.SUPPLEMENT, Duty.FORWARD), stops=(Clock.NOTICE,),
        facts={"withdrawn_on": DAY},
    ),
    Act.REQUEST_WITHDRAWAL: Rule(
        title="请求撤回", role=Role.INTAKE, start=AT_HANDLING | {Phase.CONCLUDED},
        permission=_P.CASE_ANSWER, applicant=True, basis="申请人自愿撤回", needs=(guards.no_withdrawal_pending,),
        opens=(Opens(Duty.ANSWER_WITHDRAWAL, news=True),),
        facts={"withdrawal_requested": more(1)},
    ),
    Act.GRANT_WITHDRAWAL: Rule(
        title="同意撤回", role=Role.HANDLING, start=AWAITING_ACCEPTANCE | BEING_DECIDED, end=Phase.WITHDRAWN,
        permission=_P.CASE_ACCEPT, basis="申请人自愿撤回", needs=(guards.withdrawal_pending,), passes_pen=True,
        closes=(Duty.ANSWER_WITHDRAWAL,), opens=(Opens(None, news=True),), stops=(Clock.NOTICE, Clock.DECISION),
        facts={"withdrawal_answered": more(1), "withdrawal": value("granted")},
    ),
    Act.DENY_WITHDRAWAL: Rule(
        title="答复撤回：已作出决定", role=Role.HANDLING, start=_at(Phase.DECIDED, Phase.REFUSED, Phase.CONCLUDED),
        permission=_P.CASE_ACCEPT, basis="行政许可法 第三十八条", needs=(guards.withdrawal_pending,),
        closes=(Duty.ANSWER_WITHDRAWAL,), opens=(Opens(None, news=True),),
        facts={"withdrawal_answered": more(1), "withdrawal": value("too_late")},
    ),
    Act.URGE: Rule(
        title="催办", role=Role.INTAKE, start=AT_HANDLING, permission=_P.CASE_ANSWER, applicant=True,
        basis="通办协议", opens=(Opens(Duty.HEED_URGING, news=True),),
    ),
    Act.REPLY_URGING: Rule(
        title="答复催办", role=Role.HANDLING, start=AT_HANDLING, permission=_P.CASE_ACCEPT, basis="通办协议",
        closes=(Duty.HEED_URGING,), opens=(Opens(None, news=True),), content=("reply",),
    ),
    # — the watch: who has opened it, who holds it, who is late, what is not right —
    Act.LOOK: Rule(
        title="首次查看", role=None, start=_ANY, basis="青政办秘〔2021〕22号（无人查看）", permission=_P.CASE_CONTENT,
        needs=(guards.own_duties,), given=("duties",),
        does="look", annotates=True,
    ),
    Act.CLAIM: Rule(
        title="认领", role=None, start=_ANY, basis="岗位职责制度", permission=_P.CASE_CONTENT,
        needs=(guards.own_duties,), given=("duties",),
        does="claim", annotates=True, allows=("staff",),
    ),
    Act.SET_DUE: Rule(
        title="期限确定（日历已发布）", role=None, start=_ANY, basis="国务院办公厅节假日安排",
        needs=(guards.own_dues_without_date,), given=("due",),
        does="due",
    ),
    Act.ESCALATE: Rule(
        title="逾期督办", role=None, start=_ANY, basis="青政办秘〔2021〕22号（责任追溯）",
        opens=(Opens(Duty.SUPERVISE, Holder.CENTRE),), needs=(guards.own_duty_overdue,), given=("about",),
        annotates=True,
    ),
    Act.SUPERVISE: Rule(
        title="督办处置", role=None, start=_ANY, permission=_P.CASE_SUPERVISE, basis="青政办秘〔2021〕22号（责任追溯）",
        needs=(guards.duty_named,), given=("duty",), content=("note",),
        does="supervise", annotates=True,
    ),
    Act.PARK: Rule(
        title="挂起待核", role=None, start=_ANY, basis=_NODES, opens=(Opens(Duty.RESOLVE, Holder.CENTRE),),
        given=("reason", "event", "withhold"), needs=(guards.place_seen,),
        facts={"parked": given("reason")}, does="park", annotates=True,
    ),
    Act.RELEASE: Rule(
        title="核处完毕", role=None, start=_ANY, permission=_P.CASE_SUPERVISE, basis=_NODES,
        closes=(Duty.RESOLVE,), content=("note",), given=("release",), needs=(guards.park_open,),
        facts={"parked": value("")}, does="release", annotates=True,
    ),
    Act.SETTLE: Rule(
        title="分叉核处完毕", role=None, start=_ANY, permission=_P.CASE_SUPERVISE, basis=_NODES,
        closes=(Duty.RESOLVE,), given=("release", "settlement"), needs=(guards.park_open,),
        facts={"parked": value(""), "settlement": given("settlement")}, does="settle", annotates=True,
    ),
    Act.SUCCEED: Rule(
        title="节点接替", role=None, start=_ANY, permission=_P.CASE_SUPERVISE, basis=_NODES,
        given=("succeed", "under"), needs=(guards.other_side_named,), does="succeed", annotates=True,
    ),
    Act.REDACT: Rule(
        title="删除记录中的个人信息", role=None, start=_ANY, permission=_P.ARCHIVE_DESTROY,
        basis="个人信息保护法 第四十七条", given=("events", "under"), needs=(guards.own_events,),
        does="redact", annotates=True,
    ),
    Act.ORDER_DESTRUCTION: Rule(
        title="决定销毁材料内容", role=Role.INTAKE, start=TERMINAL, permission=_P.ARCHIVE_DESTROY,
        basis="档案法、个人信息保护法 第四十七条", opens=(Opens(Duty.DESTROY), Opens(Duty.DESTROY, news=True)), given=("under",),
        needs=(guards.not_ordered_before,),
        facts={"destruction": given("under")},
    ),
    Act.CONFIRM_DESTRUCTION: Rule(
        title="确认已销毁", role=None, start=TERMINAL, basis="档案法、个人信息保护法 第四十七条",
        needs=(guards.destruction_ordered,), closes=(Duty.DESTROY,), given=("under",),
        facts={"destroyed": DAY},
    ),
}  # fmt: skip

"""What each condition of the rule table lets pass, and the sentence with which it refuses; one line for each way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from inspect import get_annotations, isfunction
from typing import Any

import pytest

from tongban.cases.procedure import CASE
from tongban.cases.rules_1 import guards
from tongban.cases.terms import Terms
from tongban.cases.words import Mode, Role
from tongban.kernel.journal.fold import State
from tongban.procedures import disposal, standard_guards
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.rule import Guard

DAY = date(2026, 3, 9)
HERE = {"org": "ORG", "office": "OFFICE", "term": 2, "node": "here"}
THERE = {"org": "OTHER", "office": "CENTRE", "term": 1, "node": "there"}
CLERK = {"kind": "staff", "org": "ORG", "staff": "ME"}
STEPS = [{"code": "check"}, {"code": "approve"}]
GUIDE = {
    "modes": [Mode.FULLY_ONLINE, Mode.JOINT], "identity": {"online_assurance": 3}, "kind": "licence", "review_steps": STEPS,
}  # fmt: skip


def duty(kind: str = "review", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "holder": {"org": "ORG"}, "due": None, "to": None, "about": None, **more}


def at(
    given: dict[str, Any] | None = None, *, intake: dict[str, Any] | None = None,
    handling: dict[str, Any] | None = None, guide: dict[str, Any] | None = None,
    actor: dict[str, Any] | None = None, **state: Any,
) -> Circumstances:  # fmt: skip
    """Return the circumstances in which the authority of the second term acts on 2026-03-09."""
    facts = {"intake": intake or {}, "handling": handling or {}}
    folded = State(
        "case", "N", 1, facts=facts, roles={"intake": THERE, "handling": HERE}, pen="handling"
    )  # fmt: skip
    for name, value in state.items():
        setattr(folded, name, value)
    return Circumstances(
        folded, given or {}, Terms({**GUIDE, **(guide or {})}, {}), DAY, Role.HANDLING, 2, CASE.present, actor or CLERK
    )  # fmt: skip


def correcting(due: str | None = "2026-03-08", **more: Any) -> Circumstances:
    return at(phase="correcting", duties={"d": duty("answer", due=due)}, **more)


def sent(given: dict[str, Any] | None = None, *, outcome: str = "denied", by: str = "staff") -> Circumstances:
    """Return a case whose result was sent on 2026-02-05 and handed out on 2026-02-07, as somebody confirms its delivery."""
    handling = {"outcome": outcome, "result_sent_on": "2026-02-05"}
    return at(given, intake={"handed_out_on": "2026-02-07"}, handling=handling, actor={**CLERK, "kind": by})


def noticed(due: str | None = "2026-03-08", **more: Any) -> Circumstances:
    return at(clocks={"notice": {"due": due}}, **more)


def late(
    name: str = "handling/2.1.1", *, about: str = "handling/2.1.1", other: str = "", **more: Any
) -> Circumstances:
    duties = {name: duty(**{"due": "2026-03-08", **more}), "handling/2.2.1": duty("supervise", about=other)}
    return at({"about": about}, duties=duties)


def asked_of(
    watch: str = "handling/2.2.1", *, kind: str = "supervise", by: str = "ORG", about: str = "handling/2.1.1", until: Any = "2026-03-10",
) -> Circumstances:  # fmt: skip
    asked = duty(kind, about="handling/2.1.1")
    given = {"duty": watch, "promise": {"about": about, "until": until}}
    return at(given, duties={watch: asked}, actor={"org": by})


def promised(*days: str, about: str = "handling/2.1.1") -> Circumstances:
    said = [{"about": about, "until": day} for day in days]
    return at({"about": "handling/2.1.1"}, handling={"promised": said})


def asked_for(*names: str, **more: Any) -> Circumstances:
    return at({"duties": list(names)}, duties={"handling/2.1.1": duty(**more)})


def by_centre(**more: Any) -> Circumstances:
    return replace(asked_for("handling/2.1.1", **more), actor={**CLERK, "org": "OFFICE"})


def handed(colleague: str, **more: Any) -> Circumstances:
    given = {"duties": ["handling/2.1.1"], "colleague": colleague}
    return at(given, duties={"handling/2.1.1": duty(**more)})


def ended(moved: str, *, phase: str = "delivered", years: int | None = None) -> Circumstances:
    guide = {"retention_years": years} if years else {}
    return at({}, guide=guide, phase=phase, moved=moved)


def approved(on: str, *, ground: str = "expired") -> Circumstances:
    return at({"ground": ground}, handling={"appraised": "expired", "approved_on": on})


def to_drop(since: str, *, kind: str = "drop_copy", name: str = "handling/2.3.1") -> Circumstances:
    return at({"duty": name}, duties={name: duty(kind, **{"from": since})})


def online(presence: str = "", *, mode: Mode = Mode.FULLY_ONLINE, **more: Any) -> Circumstances:
    return at({"presence": presence} if presence else {}, intake={"mode": mode}, **more)


def dated(name: str, **state: Any) -> Circumstances:
    duties = {"handling/2.1.1": duty(), "handling/2.1.2": duty(due="2026-03-09"), "intake/1.1.1": duty()}
    return at({"due": {name: {}}}, duties=duties, clocks={"notice": {"due": None}}, **state)


def held(given: dict[str, Any], *parks: tuple[str, str, int, int | None], parked: int = 1) -> Circumstances:
    """Return the circumstances of the authority where parks stand: of it, but one that names a chain of its own."""
    withheld = {
        park: [chain, first, last, "intake" if chain.startswith("handling") else "handling"]
        for park, chain, first, last in parks
    }
    return at(given, handling={"parked": parked}, withheld=withheld)


def filing(mode: Mode, presence: Any, kind: str = "staff") -> Circumstances:
    """Return the circumstances of filing, by somebody of a kind who says how they saw who asks."""
    return at({"mode": mode, "presence": presence}, actor={"kind": kind})


def about(*matters: Any) -> Circumstances:
    return at({"matters": list(matters)})


ABOUT = {"procedure": "case", "subject": "OTHER", "head": ["intake/1", 1, f"sm3:{0:064}"]}
PARK = ("p", "intake/1", 3, None)
PLACE = {"chain": "intake/1", "seq": 3, "hash": "h"}
INTAKE_NODE = {"role": "intake", "from": "there"}
Line = tuple[Guard, Circumstances, str]
PASS = ""
LINES: list[Line] = [
    (guards.mode_offered, at({"mode": Mode.FULLY_ONLINE}), PASS),
    (guards.mode_offered, at({"mode": Mode.PROXY_INTAKE}), "没有开通所选的通办模式"),
    (guards.mode_offered, at({"mode": Mode.JOINT}), "没有开通所选的通办模式"),
    (guards.mode_offered, at(), "没有开通所选的通办模式"),
    (guards.helped_in_person, filing(Mode.FULLY_ONLINE, "id_card"), PASS),
    (guards.helped_in_person, filing(Mode.FULLY_ONLINE, "other_paper"), PASS),
    (guards.helped_in_person, filing(Mode.FULLY_ONLINE, "agent"), PASS),
    (guards.helped_in_person, filing(Mode.FULLY_ONLINE, "code"), "先核对到场申请人"),
    (guards.helped_in_person, filing(Mode.FULLY_ONLINE, ["id_card"]), "先核对到场申请人"),
    (guards.helped_in_person, filing(Mode.FULLY_ONLINE, None), "先核对到场申请人"),
    (guards.helped_in_person, filing(Mode.FULLY_ONLINE, None, kind="applicant"), PASS),
    (guards.helped_in_person, filing(Mode.FULLY_ONLINE, "id_card", kind="applicant"), "只有窗口帮办"),
    (guards.helped_in_person, filing(Mode.PROXY_INTAKE, None), PASS),
    (guards.helped_in_person, filing(Mode.PROXY_INTAKE, "id_card"), "只有窗口帮办"),
    (guards.assured_online, at(intake={"assurance": 3}), PASS),
    (guards.assured_online, at(intake={"assurance": 2}), "实名等级达到 3 级"),
    (guards.assured_online, at(), "实名等级达到 3 级"),
    (guards.assured_online, at(intake={"assurance": 9}, guide={"identity": {"online_assurance": None}}), "到窗口办理"),
    (guards.identity_checked, at(intake={"identity": "id_card"}), PASS),
    (guards.identity_checked, at(), "尚未核验申请人身份"),
    (guards.not_noticed_before, at(), PASS),
    (guards.not_noticed_before, at(intake={"noticed_on": "2026-03-02"}), "已经一次性告知过"),
    (guards.next_term, at({"bind": {"term": 3}}), PASS),
    (guards.next_term, at({"bind": {"term": 2}}), "任期不连续"),
    (guards.next_term, at({"bind": {"term": 4}}), "任期不连续"),
    (guards.no_withdrawal_pending, at(), PASS),
    (guards.no_withdrawal_pending, at(intake={"withdrawal_requested": 1}), "请先答复撤回请求"),
    (guards.no_withdrawal_pending, at(intake={"withdrawal_requested": 1}, handling={"withdrawal_answered": 1}), PASS),
    (guards.withdrawal_pending, at(intake={"withdrawal_requested": 2}, handling={"withdrawal_answered": 1}), PASS),
    (guards.withdrawal_pending, at(intake={"withdrawal_requested": 1}, handling={"withdrawal_answered": 1}), "无需答复"),
    (guards.withdrawal_pending, at(), "无需答复"),
    (guards.both_places_known, at(), PASS),
    (guards.both_places_known, at(roles={"intake": THERE}), "请推送后再联系"),
    (guards.both_places_known, at(roles={"handling": HERE}), "请推送后再联系"),
    (guards.not_asked_before, at(), PASS),
    (guards.not_asked_before, at(handling={"corrected": True}), "已经一次告知过补正"),
    (guards.answer_awaited_long_enough, at(phase="reviewing"), PASS),
    (guards.answer_awaited_long_enough, correcting(), PASS),
    (guards.answer_awaited_long_enough, correcting("2026-03-09"), "补正期限未满"),
    (guards.answer_awaited_long_enough, correcting(None), "补正期限未满"),
    (guards.answer_awaited_long_enough, correcting("2026-03-20", intake={"answered_on": "2026-03-09"}), PASS),
    (guards.notice_time_ran_out, noticed(), PASS),
    (guards.notice_time_ran_out, noticed("2026-03-09"), "到 2026-03-09 为止，尚未届满"),
    (guards.notice_time_ran_out, noticed(None), "日历未发布"),
    (guards.notice_time_ran_out, at(), "日历未发布"),
    (guards.notice_time_ran_out, noticed(guide={"kind": "record"}), "不是行政许可事项"),
    (guards.notice_time_ran_out, noticed(phase="correcting", intake={"told_on": "2026-03-09"}), PASS),
    (guards.notice_time_ran_out, noticed(phase="correcting", intake={"told_on": "2026-03-08"}), "已告知补正"),
    (guards.notice_time_ran_out, noticed(phase="correcting"), "已告知补正"),
    (guards.next_review_step, at({"step": "check"}), PASS),
    (guards.next_review_step, at({"step": "approve"}), "下一个审查环节是 check"),
    (guards.next_review_step, at({"step": "approve"}, handling={"reviewed": ["check"]}), PASS),
    (guards.next_review_step, at({"step": "check"}, handling={"reviewed": ["check"]}), "下一个审查环节是 approve"),
    (guards.next_review_step, at({"step": "approve"}, handling={"reviewed": ["check", "approve"]}), "审查环节都已完成"),
    (guards.all_steps_reviewed, at(handling={"reviewed": ["check", "approve"]}), PASS),
    (guards.all_steps_reviewed, at(handling={"reviewed": ["check"]}), "还有审查环节未完成"),
    (guards.all_steps_reviewed, at(), "还有审查环节未完成"),
    (guards.not_extended_before, at(), PASS),
    (guards.not_extended_before, at(handling={"extended": True}), "已经延长过一次"),
    (guards.outcome_known, at({"outcome": "granted"}), PASS),
    (guards.outcome_known, at({"outcome": "denied"}), PASS),
    (guards.outcome_known, at({"outcome": "perhaps"}), "决定须为准予或不予"),
    (guards.may_be_corrected, at(), PASS),
    (guards.may_be_corrected, at(guide={"kind": "realty"}), "当场书面告知"),
    (guards.may_be_corrected, at(guide={"kind": "enterprise"}), "当场书面告知"),
    (guards.asked_named, at({"asked": ["form:level", "material:photo"]}), PASS),
    (guards.asked_named, at({"asked": []}), "没有指明"),
    (guards.asked_named, at({"asked": ["form:level", "form:level"]}), "没有指明"),
    (guards.asked_named, at({"asked": ["张三"]}), "没有指明"),
    (guards.asked_named, at({"asked": ["form:张三"]}), "没有指明"),
    (guards.asked_named, at({"asked": "form:level"}), "没有指明"),
    (guards.asked_named, at({"asked": [1]}), "没有指明"),
    (guards.numbered, at(), PASS),
    (guards.numbered, at({"serial": "青市监许受〔2026〕37号"}), PASS),
    (guards.numbered, at({"serial": "皖市监许准（青）〔2026〕8号"}), PASS),
    (guards.numbered, at({"serial": "青市监许受〔2026〕037号"}), "规范的文号"),
    (guards.numbered, at({"serial": "青市监许受[2026]37号"}), "规范的文号"),
    (guards.numbered, at({"serial": "青市监许受〔2026〕0号"}), "规范的文号"),
    (guards.numbered, at({"serial": None}), "规范的文号"),
    (standard_guards.addressed_here, asked_for("handling/2.1.1", to="handling/2"), PASS),
    (standard_guards.addressed_here, asked_for("handling/2.1.1", to="handling/1"), "没有送到本机关的消息"),
    (standard_guards.addressed_here, asked_for("handling/2.1.1", "none", to="handling/2"), "没有送到本机关的消息"),
    (standard_guards.addressed_here, asked_for(to="handling/2"), "没有送到本机关的消息"),
    (standard_guards.own_duties, asked_for("handling/2.1.1"), PASS),
    (standard_guards.own_duties, asked_for("handling/2.1.1", holder={"org": "OFFICE"}), "没有由本机关承担的这项责任"),
    (standard_guards.own_duties, by_centre(holder={"org": "OFFICE"}), PASS),
    (standard_guards.own_duties, by_centre(), "没有由本机关承担的这项责任"),
    (standard_guards.claimed_by_nobody_else, asked_for("handling/2.1.1", claimed=None), PASS),
    (standard_guards.claimed_by_nobody_else, asked_for("handling/2.1.1", claimed=""), PASS),
    (standard_guards.claimed_by_nobody_else, asked_for("handling/2.1.1", claimed="ME"), PASS),
    (standard_guards.claimed_by_nobody_else, asked_for("handling/2.1.1", claimed="YOU"), "已由他人认领"),
    (standard_guards.claimed_by_oneself, handed("YOU", claimed="ME"), PASS),
    (standard_guards.claimed_by_oneself, handed("", claimed="ME"), PASS),
    (standard_guards.claimed_by_oneself, handed("ME", claimed="ME"), "所选的就是您本人"),
    (standard_guards.claimed_by_oneself, handed("YOU", claimed="THEM"), "不由您认领"),
    (standard_guards.claimed_by_oneself, handed("YOU", claimed=None), "不由您认领"),
    (standard_guards.claimed_by_somebody, asked_for("handling/2.1.1", claimed="YOU"), PASS),
    (standard_guards.claimed_by_somebody, asked_for("handling/2.1.1", claimed=None), "没有本侧已认领的这项责任"),
    (standard_guards.claimed_by_somebody, asked_for(), "没有本侧已认领的这项责任"),
    (standard_guards.claimed_by_somebody, at({"duties": ["intake/1.1.1"]}, duties={"intake/1.1.1": duty(claimed="YOU")}),
     "没有本侧已认领的这项责任"),
    (standard_guards.oneself, at({"staff": "ME"}), PASS),
    (standard_guards.oneself, at({"staff": "YOU"}), "须由本人办理"),
    (disposal.not_appraised, at(), PASS),
    (disposal.not_appraised, at(handling={"appraised": "", "approved_on": ""}), PASS),
    (disposal.not_appraised, at(handling={"appraised": "expired"}), "已提出销毁"),
    (disposal.not_appraised, at(handling={"destroyed": "2026-01-01", "appraised": "expired"}), "本方已销毁"),
    (disposal.not_appraised, at(intake={"destroyed": "2026-01-01", "appraised": "expired"}), PASS),
    (disposal.retention_over, ended("2015-12-31T15:59:59.999Z"), PASS),
    (disposal.retention_over, ended("2015-12-31T16:00:00.000Z"), "须保管到 2026-12-31"),
    (disposal.retention_over, ended("2015-01-01T00:00:00.000Z", years=11), "须保管到 2026-12-31"),
    (disposal.retention_over, ended("2024-12-31T01:00:00.000Z", phase="withdrawn"), PASS),
    (disposal.retention_over, ended("2025-01-01T01:00:00.000Z", phase="withdrawn"), "须保管到 2026-12-31"),
    (disposal.retention_over, ended("2024-12-31T01:00:00.000Z", phase="returned", years=30), PASS),
    (disposal.retention_over, ended("2024-12-31T01:00:00.000Z", phase="voided"), PASS),
    (disposal.ground_listed, at({"ground": "expired"}), PASS),
    (disposal.ground_listed, at({"ground": "transferred"}), PASS),
    (disposal.ground_listed, at({"ground": "because"}), "不在目录内"),
    (disposal.not_the_appraiser, at(handling={"appraised_by": "YOU"}), PASS),
    (disposal.not_the_appraiser, at(handling={"appraised_by": "ME"}), "不得由提出销毁的人批准"),
    (disposal.waited, approved("2026-02-26"), PASS),
    (disposal.waited, approved("2026-02-27"), "在等待期内，到 2026-03-09 为止可以撤回"),
    (disposal.waited, approved("2026-02-26", ground="transferred"), "没有经批准的销毁"),
    (disposal.waited, approved(""), "没有经批准的销毁"),
    (disposal.nobody_objects, to_drop("2026-01-07"), PASS),
    (disposal.nobody_objects, to_drop("2026-01-08"), "在申诉期内"),
    (disposal.nobody_objects, to_drop("2026-01-07", kind="review"), "没有应删除的这份内容"),
    (disposal.nobody_objects, to_drop("2026-01-07", name="handling/1.3.1"), "没有应删除的这份内容"),
    (disposal.nobody_objects, at({"duty": "handling/2.9.9"}), "没有应删除的这份内容"),
    (guards.asked_by_applicant, online(), "网上办理"),
    (guards.asked_by_applicant, online("looked"), "须由窗口人员从目录中选择"),
    (guards.asked_by_applicant, online("id_card"), PASS),
    (guards.asked_by_applicant, online("other_paper"), PASS),
    (guards.asked_by_applicant, online("agent"), PASS),
    (guards.asked_by_applicant, online("code"), PASS),
    (guards.asked_by_applicant, online(mode=Mode.PROXY_INTAKE), PASS),
    (guards.asked_by_applicant, online(actor={"kind": "applicant"}), PASS),
    (guards.asked_by_applicant, online("id_card", actor={"kind": "applicant"}), "须由窗口人员从目录中选择"),
    (guards.asked_by_applicant, online("id_card", mode=Mode.PROXY_INTAKE), PASS),
    (guards.asked_by_applicant, online("张三", mode=Mode.PROXY_INTAKE), "须由窗口人员从目录中选择"),
    (guards.asked_by_applicant, at({"presence": ["id_card"]}), "须由窗口人员从目录中选择"),
    (guards.window_named, at({"taken_by": f"sm3:{1:064}", "taken_at": "12341723DEM010001M"}), PASS),
    (guards.window_named, at({"taken_by": f"sm3:{1:064}", "taken_at": "张三"}), "没有按代码写明"),
    (guards.window_named, at({"taken_by": "x", "taken_at": "12341723DEM010001M"}), "没有按代码写明"),
    (guards.window_named, at({"taken_by": f"sm3:{1:064}", "taken_at": ["x"]}), "没有按代码写明"),
    (guards.unreached_named, at({"unreached": "tell", "cause": "not_in_use"}), PASS),
    (guards.unreached_named, at({"unreached": "tell", "cause": "机主张三"}), "没有按代码写明"),
    (guards.unreached_named, at({"unreached": ["tell"], "cause": "failed"}), "没有按代码写明"),
    (guards.not_being_reached, at(), PASS),
    (guards.not_being_reached, at(duties={"d": duty("reach")}), "已在另行告知申请人"),
    (guards.being_reached, at(duties={"d": duty("reach")}), PASS),
    (guards.being_reached, at(), "没有待另行告知的通知"),
    (guards.reached_before_refusal, at(phase="correcting"), PASS),
    (guards.reached_before_refusal, at(phase="acknowledged", duties={"d": duty("reach")}), PASS),
    (guards.reached_before_refusal, at(phase="correcting", duties={"d": duty("reach")}), "尚未送达申请人"),
    (guards.service_told, at(), PASS),
    (guards.service_told, sent(outcome="granted"), PASS),
    (guards.service_told, sent(), "须写明送达方式和送达日期"),
    (guards.service_told, sent(by="applicant"), PASS),
    (guards.service_told, sent({"service": "direct"}), "须从目录中选择，送达日期须写明"),
    (guards.service_told, sent({"served_on": "2026-03-02"}), "须从目录中选择，送达日期须写明"),
    (guards.service_told, sent({"service": "pigeon", "served_on": "2026-03-02"}), "须从目录中选择，送达日期须写明"),
    (guards.service_told, sent({"service": "direct", "served_on": "2026-3-2"}), "须从目录中选择，送达日期须写明"),
    (guards.service_told, sent({"service": "direct", "served_on": ["2026-03-02"]}), "须从目录中选择，送达日期须写明"),
    (guards.service_told, sent({"service": "post", "served_on": "2026-02-05"}), PASS),
    (guards.service_told, sent({"service": "post", "served_on": "2026-02-04"}), "须在2026年2月5日至今天之间"),
    (guards.service_told, sent({"service": "post", "served_on": "2026-03-09"}), PASS),
    (guards.service_told, sent({"service": "post", "served_on": "2026-03-10"}), "须在2026年2月5日至今天之间"),
    (guards.service_told, sent({"service": "announced", "served_on": "2026-03-09"}), PASS),
    (guards.service_told, sent({"service": "announced", "served_on": "2026-03-08"}), "须在2026年3月9日至今天之间"),
    (guards.service_told, at({"service": "direct", "served_on": "2026-03-02"}), "还没有寄出"),
    (guards.contact_known, at({"contact": "phone"}), PASS),
    (guards.contact_known, at({"contact": "pigeon"}), "须从目录中选择"),
    (guards.contact_known, at({"contact": ["phone"]}), "须从目录中选择"),
    (guards.answer_owed, correcting(), PASS),
    (guards.answer_owed, at(phase="correcting"), "没有待答复的补正"),
    (guards.answer_waits, at(intake={"answer_waits": "2026-03-01"}), PASS),
    (guards.answer_waits, at(intake={"answer_waits": ""}), "没有待确认的第三地答复"),
    (guards.answer_waits, at(), "没有待确认的第三地答复"),
    (guards.no_answer_waits, at(), PASS),
    (guards.no_answer_waits, at(intake={"answer_waits": ""}), PASS),
    (guards.no_answer_waits, at(intake={"answer_waits": "2026-03-01"}), "已有一份第三地代收的答复"),
    (guards.answer_awaited_long_enough, correcting(intake={"answer_waits": "2026-03-01"}), "待收件地确认"),
    (guards.withdrawal_pending, at(intake={"withdrawal_requested": 1, "withdrawal_kept": 1}), "没有待答复的撤回请求"),
    (guards.withdrawal_pending, at(intake={"withdrawal_requested": 2, "withdrawal_kept": 1}), PASS),
    (standard_guards.own_duties, asked_for("handling/2.1.1", holder={"org": "OTHER"}), "没有由本机关承担的这项责任"),
    (standard_guards.own_duties, asked_for("none"), "没有由本机关承担的这项责任"),
    (standard_guards.own_duties, at({"duties": ["intake/1.1.1"]}, duties={"intake/1.1.1": duty()}), "没有由本机关承担的这项责任"),
    (standard_guards.own_duties, asked_for(), "没有指明责任"),
    (standard_guards.own_dues_without_date, dated("handling/2.1.1"), PASS),
    (standard_guards.own_dues_without_date, dated("handling/2.1.2"), "没有待确定期限的这项责任"),
    (standard_guards.own_dues_without_date, dated("intake/1.1.1"), "没有待确定期限的这项责任"),
    (standard_guards.own_dues_without_date, dated("handling/2.1.3"), "没有待确定期限的这项责任"),
    (standard_guards.own_dues_without_date, dated("notice"), PASS),
    (standard_guards.own_dues_without_date, dated("notice", pen="intake"), "没有待确定期限的这项责任"),
    (standard_guards.own_dues_without_date, dated("decision"), "没有待确定期限的这项责任"),
    (standard_guards.supervision_of_own, asked_of(), PASS),
    (standard_guards.supervision_of_own, asked_of(kind="decide"), "没有由本机关答复的这项督办"),
    (standard_guards.supervision_of_own, asked_of("intake/1.2.1"), "没有由本机关答复的这项督办"),
    (standard_guards.supervision_of_own, asked_of(by="12340000OTHERORG0X"), "没有由本机关答复的这项督办"),
    (standard_guards.supervision_of_own, at({"duty": "handling/2.2.1"}), "没有由本机关答复的这项督办"),
    (standard_guards.day_promised, asked_of(until="2026-03-09"), PASS),
    (standard_guards.day_promised, asked_of(until="2026-04-08"), PASS),
    (standard_guards.day_promised, asked_of(until="2026-04-09"), "超过 30 天"),
    (standard_guards.day_promised, asked_of(until="2026-03-08"), "何日前办结"),
    (standard_guards.day_promised, asked_of(until="20260310"), "何日前办结"),
    (standard_guards.day_promised, asked_of(until="2026-02-30"), "何日前办结"),
    (standard_guards.day_promised, asked_of(until=5), "何日前办结"),
    (standard_guards.day_promised, asked_of(about="handling/2.1.2"), "何日前办结"),
    (standard_guards.promise_passed, promised(), PASS),
    (standard_guards.promise_passed, promised("2026-03-08"), PASS),
    (standard_guards.promise_passed, promised("2026-03-09"), "承诺的日期还没有过"),
    (standard_guards.promise_passed, promised("2026-03-09", "2026-03-08"), PASS),
    (standard_guards.promise_passed, promised("2026-03-20", about="handling/2.9.9"), PASS),
    (standard_guards.promise_passed, at({"about": "handling/2.1.1"}, handling={"promised": "?"}), PASS),
    (standard_guards.own_duty_watched, late(due="2026-04-01"), PASS),
    (standard_guards.own_duty_watched, late(other="handling/2.1.1"), "已在督办"),
    (standard_guards.own_duty_watched, late(kind="resolve"), "没有由本侧承担"),
    (standard_guards.own_duty_watched, late("intake/1.1.1", about="intake/1.1.1"), "没有由本侧承担"),
    (standard_guards.own_duty_overdue, late(), PASS),
    (standard_guards.own_duty_overdue, late(due="2026-03-09"), "没有逾期，无需督办"),
    (standard_guards.own_duty_overdue, late(due=None), "没有逾期，无需督办"),
    (standard_guards.own_duty_overdue, late(about="handling/2.9.9"), "没有逾期，无需督办"),
    (standard_guards.own_duty_overdue, late(other="handling/2.1.1"), "已在督办"),
    (standard_guards.own_duty_overdue, late(kind="supervise"), "不由本侧督办"),
    (standard_guards.own_duty_overdue, late("intake/1.1.1", about="intake/1.1.1"), "不由本侧督办"),
    (standard_guards.place_seen, held({"withhold": PLACE}), PASS),
    (standard_guards.place_seen, held({"withhold": None}, PARK), PASS),
    (standard_guards.place_seen, held({"withhold": PLACE}, PARK), "已暂停待核实"),
    (standard_guards.place_seen, held({"withhold": {**PLACE, "seq": 4}}, PARK), PASS),
    (standard_guards.place_seen, held({"withhold": PLACE}, ("p", "intake/1", 3, 3)), PASS),
    (standard_guards.park_open, held({"release": {"park": "p"}}, PARK), PASS),
    (standard_guards.park_open, held({"release": None}), PASS),
    (standard_guards.park_open, held({"release": None}, PARK), "不是本方暂停待核实的记录"),
    (standard_guards.park_open, held({"release": {"park": "q"}}, PARK), "不是本方暂停待核实的记录"),
    (standard_guards.park_open, held({"release": {"park": "p"}}, ("p", "intake/1", 3, 3)), "不是本方暂停待核实的记录"),
    (standard_guards.park_open, held({"release": {"park": "p"}}, ("p", "handling/1", 3, None)), "不是本方暂停待核实的记录"),
    (standard_guards.park_open, held({"release": {"park": "p"}}, PARK, parked=0), "没有暂停待核实，无需核处"),
    (standard_guards.other_side_named, at({"succeed": INTAKE_NODE}), PASS),
    (standard_guards.other_side_named, at({"succeed": {**INTAKE_NODE, "from": "here"}}), "没有由该节点承办的另一方"),
    (standard_guards.other_side_named, at({"succeed": {"role": "handling", "from": "here"}}), "没有由该节点承办的另一方"),
    (standard_guards.other_side_named, at({"succeed": {"role": "joint", "from": "there"}}), "没有由该节点承办的另一方"),
    (standard_guards.other_side_named, at(), "没有由该节点承办的另一方"),
    (standard_guards.own_events, at({"events": ["a"]}, redacted={"b": "why"}), PASS),
    (standard_guards.own_events, at({"events": ["a", "b"]}, redacted={"b": "why"}), "没有指明要删除哪些记录"),
    (standard_guards.own_events, at({"events": []}), "没有指明要删除哪些记录"),
    (standard_guards.matters_named, about(), PASS),
    (standard_guards.matters_named, about(ABOUT), PASS),
    (standard_guards.matters_named, about(ABOUT, {**ABOUT, "subject": "THIRD", "head": None}), PASS),
    (standard_guards.matters_named, about(*({**ABOUT, "subject": f"{n}"} for n in range(16))), PASS),
    (standard_guards.matters_named, about(*({**ABOUT, "subject": f"{n}"} for n in range(17))), "没有写明"),
    (standard_guards.matters_named, about(ABOUT, ABOUT), "写了不止一次"),
    (standard_guards.matters_named, about({**ABOUT, "subject": "N"}), "没有写明"),
    *(
        (standard_guards.matters_named, about(wrong), "没有写明")
        for wrong in (
            "OTHER", {}, {**ABOUT, "more": 1}, {**ABOUT, "procedure": "A"}, {**ABOUT, "procedure": 1},
            {**ABOUT, "subject": "n"}, {**ABOUT, "subject": ""}, {**ABOUT, "head": ["intake/1", 1]},
            {**ABOUT, "head": ["intake", 1, f"sm3:{0:064}"]}, {**ABOUT, "head": ["intake/1", 0, f"sm3:{0:064}"]},
            {**ABOUT, "head": ["intake/1", True, f"sm3:{0:064}"]}, {**ABOUT, "head": ["intake/1", 1, "x"]},
        )
    ),
    (standard_guards.matters_named, at({"matters": "OTHER"}), "没有写明"),
    (standard_guards.children_named, at({"children": {}}), PASS),
    (standard_guards.children_named, at({"children": {"N": "filed", "N-01": "closed"}}), PASS),
    (standard_guards.children_named, at({"children": ["N"]}), "没有写明编号和阶段"),
    (standard_guards.children_named, at({"children": {"n": "filed"}}), "没有写明编号和阶段"),
    (standard_guards.children_named, at({"children": {"N": ""}}), "没有写明编号和阶段"),
    (standard_guards.children_named, at({"children": {"N": 1}}), "没有写明编号和阶段"),
]  # fmt: skip


@pytest.mark.parametrize(("guard", "circumstances", "said"), LINES)
def test_lets_pass_or_says_why_not(guard: Guard, circumstances: Circumstances, said: str) -> None:
    answer = guard(circumstances)
    if said:
        assert answer is not None
        assert said in answer
        assert answer.endswith("。"), "and what to do next"
    else:
        assert answer is None


def test_every_condition_is_held_in_both_ways() -> None:
    every = {
        value
        for module in (guards, standard_guards, disposal)
        for value in vars(module).values()
        if isfunction(value)
        and get_annotations(value).get("c") is Circumstances
        and get_annotations(value)["return"] == (str | None)
    }
    passing: set[Callable[..., Any]] = {guard for guard, _, said in LINES if not said}
    refusing: set[Callable[..., Any]] = {guard for guard, _, said in LINES if said}
    assert every == passing == refusing


@pytest.mark.parametrize(
    ("condition", "opposite", "at", "holds"),
    [
        (guards.steps_left, guards.no_steps_left, at(), True),
        (guards.steps_left, guards.no_steps_left, at(handling={"reviewed": ["check"]}), True),
        (guards.steps_left, guards.no_steps_left, at(handling={"reviewed": ["check", "approve"]}), False),
        (guards.astray, guards.not_astray, at(), False),
        (guards.astray, guards.not_astray, at(handling={"hops": 1}), False),
        (guards.astray, guards.not_astray, at(handling={"hops": 2}), True),
    ],
)
def test_what_a_duty_hangs_on_is_so_or_its_opposite(
    condition: Any, opposite: Any, at: Circumstances, holds: bool
) -> None:
    assert (condition(at), opposite(at)) == (holds, not holds)


def test_what_an_act_says_counts_for_what_it_opens() -> None:
    before = at(handling={"reviewed": ["check"]})
    assert guards.no_steps_left(replace(before, facts={"reviewed": ["check", "approve"]}))


def test_first_of_several_parks_is_let_in_by_chain_and_place_whatever_the_order() -> None:
    parks = [("late", "intake/1", 5, None), ("first", "intake/1", 3, None), ("own", "handling/1", 1, None)]
    for order in (parks, parks[::-1]):
        state = held({}, *order).state
        assert standard_guards.letting_in(state, "handling") == {"park": "first", "struck": None}
    assert standard_guards.letting_in(held({}).state, "handling") is None


def test_of_three_roles_each_holds_back_by_its_own_parks() -> None:
    state = State("x", "N", withheld={"a": ["lead/1", 2, None, "second"], "b": ["lead/1", 2, None, "third"]})
    assert standard_guards.open_parks(state, "second") == {"a": ("lead/1", 2)}
    assert standard_guards.open_parks(state, "third") == {"b": ("lead/1", 2)}
    assert standard_guards.open_parks(state, "lead") == {}

"""
Conditions that rows of the table name. Pure: each returns nothing, or why the act is refused; those of `when` say whether.

A sentence begins after "办件 …" and ends with what to do next.
"""

import re
from datetime import date, timedelta
from typing import Any

from tongban.accounts.access.actor import ActorKind
from tongban.cases.rules_1.duties import LIMITS
from tongban.cases.words import (
    ADVERSE,
    ANNOUNCED_DAYS,
    CONTACTS,
    FACE_TO_FACE,
    PRESENCE,
    SERVICES,
    Duty,
    Mode,
    Phase,
    Role,
)
from tongban.catalogue.kinds import AT_ONCE, Kind
from tongban.kernel import limits
from tongban.kernel.journal.fold import State
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.standard_guards import day_in

# The modes whose course these rules carry; a guide may offer more, to be handled once there are rules for them.
CARRIED = frozenset({Mode.FULLY_ONLINE, Mode.PROXY_INTAKE})
ASKED = r"(form|material):[0-9A-Za-z_.-]{1,60}"
STAND_IN = "文号〔2000〕1号"  # until one is taken; where an act need not bear one, for none
SERIAL = r"[\u4e00-\u9fff（）]{2,14}〔20[0-9]{2}〕[1-9][0-9]{0,8}号"
ONLINE = frozenset({Mode.FULLY_ONLINE})


def _intake(c: Circumstances, name: str, default: Any = None) -> Any:
    return c.fact(Role.INTAKE, name, default)


def _handling(c: Circumstances, name: str, default: Any = None) -> Any:
    return c.fact(Role.HANDLING, name, default)


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
    if _intake(c, "assurance", 0) >= wanted:
        return None
    return f"要求申请人实名等级达到 {wanted} 级。请提升实名等级，或到窗口办理。"


def both_places_known(c: Circumstances) -> str | None:
    """There is another place to write to."""
    if {Role.INTAKE, Role.HANDLING} <= c.state.roles.keys():
        return None
    return "还没有推送办理地，没有可以联系的对方单位。请推送后再联系。"


def helped_in_person(c: Circumstances) -> str | None:
    """A clerk files online only for somebody in front of them (帮办), says how they made sure who it is, and nobody else says so."""
    presence = c.given.get("presence")
    helps = c.actor.get("kind") == ActorKind.STAFF and c.given["mode"] in [*ONLINE]
    if helps and presence not in [*FACE_TO_FACE]:
        return "是窗口帮助申请人网上申报的。请先核对到场申请人（或代理人）的身份证件，写明核对方式后再申报。"
    if presence is not None and not helps:
        return "只有窗口帮办网上申报时才写明核对方式。请改正后重试。"
    return None


def asked_by_applicant(c: Circumstances) -> str | None:
    """A clerk asks for somebody who filed online only after making sure that it is they who ask."""
    presence, by_staff = c.given.get("presence"), c.actor.get("kind") == ActorKind.STAFF
    if presence is not None and not (by_staff and presence in [*PRESENCE]):
        return "的核对方式须由窗口人员从目录中选择。请改正后重试。"
    if not by_staff or presence or _intake(c, "mode") not in ONLINE:
        return None
    return "是申请人网上办理的。请先核对到场申请人的身份证件，或请其出示答复码，写明核对方式后再代为提出。"


def window_named(c: Circumstances) -> str | None:
    """Which window took an answer is told by codes, and by nothing that might be somebody's name."""
    told = (c.given["taken_by"], c.given["taken_at"])
    forms = (limits.DIGEST_FORM, r"[0-9A-Z]{18}")
    if all(
        isinstance(one, str) and re.fullmatch(form, one, re.ASCII)
        for one, form in zip(told, forms, strict=True)
    ):
        return None
    return "的代收窗口没有按代码写明。请由代收节点改正后重发。"


def answer_owed(c: Circumstances) -> str | None:
    """The applicant still owes an answer."""
    return None if c.state.open_duties(Duty.ANSWER) else "没有待答复的补正。请刷新后查看。"


def answer_waits(c: Circumstances) -> str | None:
    """An answer that a third window took waits to be confirmed."""
    return None if _intake(c, "answer_waits") else "没有待确认的第三地答复。请刷新后查看。"


def no_answer_waits(c: Circumstances) -> str | None:
    """No answer that a third window took waits to be confirmed."""
    if not _intake(c, "answer_waits"):
        return None
    return "已有一份第三地代收的答复待收件地确认。请等待确认，或联系收件地。"


def unreached_named(c: Circumstances) -> str | None:
    """What did not arrive, and why, is told by codes."""
    told = (c.given["unreached"], c.given["cause"])
    if all(isinstance(one, str) and re.fullmatch(r"[a-z0-9_]{1,30}", one, re.ASCII) for one in told):
        return None
    return "的未送达通知没有按代码写明。请核对后重试。"


def not_being_reached(c: Circumstances) -> str | None:
    """The applicant is not yet to be told by another way."""
    return "已在另行告知申请人。请先完成告知。" if c.state.open_duties(Duty.REACH) else None


def being_reached(c: Circumstances) -> str | None:
    """The applicant is to be told by another way than a message."""
    return None if c.state.open_duties(Duty.REACH) else "没有待另行告知的通知。请刷新后查看。"


def reached_before_refusal(c: Circumstances) -> str | None:
    """A correction is not refused for want of an answer while the applicant is still to be told of it."""
    if c.state.phase != Phase.CORRECTING or not c.state.open_duties(Duty.REACH):
        return None
    return "的补正通知尚未送达申请人，不能不予受理。请等待收件地另行告知。"


def contact_known(c: Circumstances) -> str | None:
    """How the applicant was told is one of the ways there are."""
    return None if c.given["contact"] in [*CONTACTS] else "的告知方式须从目录中选择。请改正后重试。"


def service_told(c: Circumstances) -> str | None:
    """
    How and on which day a letter was served; staff have to say it of one that weighs against the applicant.

    A day between that on which the result was sent and today; of a public notice (公告), thirty days after it was handed out.
    """
    way, on = c.given.get("service"), c.given.get("served_on")
    if way is None and on is None:
        if _handling(c, "outcome") not in [*ADVERSE] or c.actor.get("kind") != ActorKind.STAFF:
            return None
        return "的文书对申请人不利，确认送达时须写明送达方式和送达日期，救济期限从这一天起算。"
    day = day_in(on)
    if way not in [*SERVICES] or day is None:
        return "的送达方式须从目录中选择，送达日期须写明年月日。请改正后重试。"
    announced = way == "announced"
    first = day_in(_intake(c, "handed_out_on") if announced else _handling(c, "result_sent_on"))
    if first is None:
        return "的结果还没有寄出，或还没有发放，不能确认送达。请先办理前一步。"
    first += timedelta(days=ANNOUNCED_DAYS if announced else 0)
    if first <= day <= c.day:
        return None
    return f"的送达日期不对：须在{first.year}年{first.month}月{first.day}日至今天之间（公告送达自发出公告满三十日）。请改正后重试。"


def supplement_owed(c: Circumstances) -> bool:
    """The applicant owed what the window asked for."""
    return bool(c.state.open_duties(Duty.SUPPLEMENT))


def answer_is_owed(c: Circumstances) -> bool:
    """The applicant owed an answer to a correction."""
    return bool(c.state.open_duties(Duty.ANSWER))


def identity_checked(c: Circumstances) -> str | None:
    """The window has checked who the applicant is (身份核验)."""
    if _intake(c, "identity"):
        return None
    return "尚未核验申请人身份。请先核验身份，再通过形式审查。"


def not_noticed_before(c: Circumstances) -> str | None:
    """Missing materials are told once, completely (一次性告知)."""
    if not _intake(c, "noticed_on"):
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
    """Return whether more was asked than the authority has answered and the applicant has taken back."""
    asked = state.fact(Role.INTAKE, "withdrawal_requested", 0) - state.fact(Role.INTAKE, "withdrawal_kept", 0)
    return bool(asked > state.fact(Role.HANDLING, "withdrawal_answered", 0))


def not_asked_before(c: Circumstances) -> str | None:
    """Corrections are asked for once (一次告知)."""
    if not _handling(c, "corrected"):
        return None
    return "已经一次告知过补正，不得再次要求。请受理，或作出不予受理决定。"


def may_be_corrected(c: Circumstances) -> str | None:
    """The law of the item has a correction to be awaited, and not a refusal that lists what lacks."""
    if c.terms.guide["kind"] not in AT_ONCE:
        return None
    return "的事项依法当场书面告知需补正的全部内容，材料退还，不另行等候补正。请用“不予受理”列明全部内容。"


def asked_named(c: Circumstances) -> str | None:
    """What is asked for is named: fields of the form and materials, by their codes, each once."""
    asked = c.given["asked"]
    if (
        isinstance(asked, list) and asked and all(isinstance(one, str) for one in asked)
        and len(set(asked)) == len(asked) and all(re.fullmatch(ASKED, one, re.ASCII) for one in asked)
    ):  # fmt: skip
        return None
    return "没有指明要改正的栏目或材料。请逐项勾选后再告知。"


def numbered(c: Circumstances) -> str | None:
    """The letter bears a number of the authority (发文字号): its word, the year, and a number that begins at 1."""
    serial = c.given.get("serial", STAND_IN)
    if isinstance(serial, str) and re.fullmatch(SERIAL, serial):
        return None
    return "的文书没有规范的文号。请由作出机关重新编号。"


def answer_awaited_long_enough(c: Circumstances) -> str | None:
    """While the applicant still has time to answer, the case is not refused."""
    if c.state.phase != Phase.CORRECTING or _intake(c, "answered_on"):
        return None
    if _intake(c, "answer_waits"):
        return "有第三地代收的答复待收件地确认。请等待确认后再决定。"
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
    if c.terms.guide["kind"] != Kind.LICENCE:
        return "不是行政许可事项，不适用视为受理。请受理、告知补正或不予受理。"
    if clock is None or clock["due"] is None:
        return "的告知期限无法计算（日历未发布），暂不能视为受理。请先导入工作日历。"
    due = date.fromisoformat(clock["due"])
    if c.state.phase == Phase.CORRECTING:
        told = _intake(c, "told_on")
        if told and date.fromisoformat(told) > due:
            return None
        return "已告知补正，不适用视为受理。请等待答复。"
    if c.day > due:
        return None
    return f"的告知期限到 {due:%Y-%m-%d} 为止，尚未届满。请在期限内受理、告知补正或不予受理。"


def next_review_step(c: Circumstances) -> str | None:
    """The step is the next one of the guide's review steps."""
    steps = [step["code"] for step in c.terms.guide["review_steps"]]
    done = _handling(c, "reviewed", [])
    if len(done) < len(steps) and c.given["step"] == steps[len(done)]:
        return None
    if len(done) >= len(steps):
        return "的审查环节都已完成。请作出决定。"
    return f"的下一个审查环节是 {steps[len(done)]}。请按次序审查。"


def all_steps_reviewed(c: Circumstances) -> str | None:
    """Every review step of the guide has an opinion."""
    steps = c.terms.guide["review_steps"]
    if len(_handling(c, "reviewed", [])) >= len(steps):
        return None
    return "还有审查环节未完成。请先完成审查，再作决定。"


def not_extended_before(c: Circumstances) -> str | None:
    """The limit is extended once at most (行政许可法 第四十二条)."""
    return "已经延长过一次期限，不得再次延长。请在期限内作出决定。" if _handling(c, "extended") else None


def outcome_known(c: Circumstances) -> str | None:
    """A decision grants or denies."""
    return None if c.given["outcome"] in ("granted", "denied") else "的决定须为准予或不予。请改正后重试。"


def steps_left(c: Circumstances) -> bool:
    """The guide has review steps that are not done."""
    return len(_handling(c, "reviewed") or []) < len(c.terms.guide["review_steps"])


def no_steps_left(c: Circumstances) -> bool:
    """All review steps of the guide are done."""
    return not steps_left(c)


def astray(c: Circumstances) -> bool:
    """The case was redirected so often that its service centre has to find the authority."""
    return (_handling(c, "hops") or 0) >= LIMITS["hops"]


def not_astray(c: Circumstances) -> bool:
    """The case was not redirected that often."""
    return not astray(c)

"""The errands that `make demo` walks, one function each."""

from collections.abc import Callable

from tongban.accounts.demo_counties import uscc_of
from tongban.demonstration import looks, standing_in
from tongban.demonstration.errand import Errand

PROXY = "social-security-card"
LICENSING = "industrial-production-licence"
NAME = "方晓青"  # of nobody else in the demo counties
UNREACHED = "13800000404"  # the stand-in of the operators refuses what is sent there


def granted(e: Errand) -> None:
    """Taken in at a window in Anhui, decided in Zhejiang, handed out at the window; found by name by those who have a part in it."""
    e.filled = {"applicant_name": NAME}
    e.push(PROXY)
    looks.find_by_name(e, NAME)
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "accept")
    e.decide_and_deliver()


def corrected(e: Errand) -> None:
    """
    The department asks once for a field to be put right; exactly that opens again, and the window puts it right.

    Who tells of it stands in for the clerk. The operator refuses the message, so that the window has to tell the applicant otherwise.
    """
    e.filled = {"applicant_mobile": UNREACHED}
    e.push("disability-certificate-renewal")
    e.officer.act(e.number, "acknowledge")
    notice = "1．申请表“残疾等级”：填为三级，与评定表不一致；应为二级"
    e.officer.act(e.number, "ask_correction", asked=["form:level"], notice=notice)
    e.clerk.wait_for_duty(e.number, "tell")
    standing_in.take_over(e, "tell").act(e.number, "tell")
    looks.tell_otherwise(e)
    e.clerk.act(e.number, "answer", form={"level": "2"}, remark="残疾等级已改为二级。")
    e.officer.wait_for_duty(e.number, "recheck")
    looks.see_change(e, "三级", "二级")
    e.officer.act(e.number, "accept")
    e.decide_and_deliver()


def refused(e: Errand) -> None:
    """Not accepted, with reasons and remedies; the applicant gets it in writing, and the window can check the seal."""
    e.push("senior-preference-card")
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "refuse", reason="申请人未满规定年龄。")
    e.conclude_and_deliver()
    looks.check_letter(e)


def withdrawn(e: Errand) -> None:
    """The applicant changes their mind while the department still has the pen."""
    e.push(PROXY)
    e.officer.act(e.number, "acknowledge")
    e.clerk.act(e.number, "request_withdrawal", remark="不再需要。")
    e.officer.wait_for_duty(e.number, "answer_withdrawal")
    e.officer.act(e.number, "grant_withdrawal")
    e.clerk.wait(e.number, lambda c: c["phase"] == "withdrawn")
    e.rest()


def withdrawn_too_late(e: Errand) -> None:
    """The request meets a decision on its way: the answer says since when."""
    e.push(PROXY)
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "accept")
    e.review()
    with e.place.cut_off(e.intake, e.handling):
        # The line is down: both sides act on what they know, and neither can contradict the other.
        e.clerk.act(e.number, "request_withdrawal", remark="不再需要。")
        e.head.act(e.number, "decide", outcome="granted", decision="准予。")
    e.officer.wait_for_duty(e.number, "answer_withdrawal")
    e.officer.act(e.number, "deny_withdrawal")
    e.conclude_and_deliver()


def redirected(e: Errand) -> None:
    """Not this department's to decide: it comes back and goes on to a third province with its whole history."""
    e.push(PROXY)
    e.officer.act(e.number, "redirect", reason="参保地在重庆市潼南区。")
    e.clerk.wait_for_duty(e.number, "forward")
    offering = e.offering(e.clerk, "500152")
    e.clerk.act(e.number, "forward", offering=offering)
    e.handling_key = "third"
    e.officer.wait_for_duty(e.number, "acknowledge")
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "accept")
    e.decide_and_deliver()


def returned(e: Errand) -> None:
    """The window itself sees that nothing can come of it."""
    e.take_in(PROXY)
    e.clerk.act(e.number, "return", reason="证件与申请人不符，当场说明并退还全部材料。")
    e.rest()


def fully_online(e: Errand) -> None:
    """Filed from home; nobody at a window touches it."""
    applicant = e.place.person(e.intake_key, "chen", staff=False)
    e.file("driving-licence-renewal", "FULLY_ONLINE", by=applicant)
    e.officer.wait_for_duty(e.number, "acknowledge")
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "accept")
    e.review()
    e.head.act(e.number, "decide", outcome="granted", decision="准予换证。")
    e.head.act(e.number, "conclude")
    e.head.act(e.number, "send_result", way="electronic", result="电子驾驶证（演示）")
    e.clerk.wait_for_duty(e.number, "confirm")
    applicant.act(e.number, "confirm_delivery")
    e.rest()


def the_other_way(e: Errand) -> None:
    """The same two nodes with the roles exchanged: Zhejiang takes in, Anhui decides."""
    e.intake_key, e.handling_key = "jiashan", "qingyang"
    granted(e)


def denied(e: Errand) -> None:
    """A licence that is not granted, with reasons."""
    e.push(LICENSING)
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "accept")
    e.decide_and_deliver("denied")


def deemed_accepted(e: Errand) -> None:
    """Five working days pass without a word: by law the application counts as accepted from its receipt."""
    e.push(LICENSING)
    e.officer.act(e.number, "acknowledge")
    e.place.advance_to("2026-03-10T09:00:00+08:00")  # the sixth working day
    e.officer.wait(e.number, lambda c: c["phase"] == "accepted")
    looks.see_arrived(e, NAME)
    e.decide_and_deliver()


def complained(e: Errand) -> None:
    """A complaint about the authority: taken in here, looked into by the service centre over there, answered here."""
    e.push(PROXY)
    e.officer.act(e.number, "acknowledge")
    values = {"mode": "hotline", "against": "handling", "channel": "telephone", "number": e.number}
    number = e.clerk.open("complaint", **values, complaint="电话打了三次没有人接。")
    e.clerk.do(number, "accept_hotline")
    e.other_supervisor.wait_for_matter(number, "take_over")
    e.other_supervisor.do(number, "take_over")
    e.other_supervisor.do(number, "note", record="核对了当天的值班记录。")
    e.other_supervisor.do(number, "reply", {"outcome": "upheld"}, reply="情况属实，已加派接听人员。")
    e.clerk.wait_for_matter(number, "tell")
    e.clerk.do(number, "tell")
    e.clerk.do(number, "rate_for", {"rating": "4"}, callback="电话回访，本人表示满意（演示）。")
    e.notes.append(f"投诉针对办件 {e.number}，被投诉的机构不是承办方，看不到投诉")
    e.number, e.second = number, 3
    e.last = e.clerk.wait_for_matter(number, "")


def guide_filed(e: Errand) -> None:
    """A guide is revised, checked by somebody else, filed with a service centre, here that of the other place, and published."""
    centre = uscc_of(e.handling_key, "service_centre")
    head = e.submit_guide("food-business-licence", "申请人可以委托代理人办理（演示）。", centre=centre)
    e.other_supervisor.do(e.number, "file", {"filing_number": "演备〔2026〕1号"})
    head.wait_for_matter(e.number, "publish")
    head.do(e.number, "publish")
    e.second = 3
    e.last = head.wait_for_matter(e.number, "")


def agreed(e: Errand) -> None:
    """An agreement on one item: asked to be changed, signed, changed while in force, suspended and ended by the other place."""
    ours, theirs = e.signer, e.other_signer
    values = {"powers": "receive,deliver", "items": "K001", "with": e.handling.fingerprint}
    number = e.number = ours.open("agreement", **values)
    ours.do(number, "send")
    theirs.wait_for_matter(number, "answer")
    theirs.do(number, "ask_change", remark="请同时授予原件核验。")
    ours.wait_for_matter(number, "revise")
    text = {"items": "", "limits": "", "valid_from": "", "valid_to": ""}
    ours.do(number, "propose_anew", {**text, "powers": "receive,verify,deliver"})
    theirs.wait_for_matter(number, "answer")
    theirs.do(number, "countersign")
    ours.wait_for_phase(number, "in_force")
    ours.attach(number, "attach", "material:paper")
    ours.do(number, "change", {**text, "powers": "", "limits": "push=1"})
    theirs.wait_for_matter(number, "answer")
    theirs.do(number, "countersign")
    theirs.wait_for_phase(number, "in_force")
    theirs.do(number, "suspend", reason="系统改造。")
    theirs.do(number, "resume")
    theirs.do(number, "end", {"last_day": ""})
    theirs.wait_for_matter(number, "")
    e.second = 3
    e.last = ours.wait_for_matter(number, "")


# The clock only goes forward, so what moves it comes last.
COURSES: list[tuple[str, Callable[[Errand], None]]] = [
    ("异地代收代办：准予", granted),
    ("异地代收代办：一次告知补正后准予", corrected),
    ("异地代收代办：不予受理", refused),
    ("异地代收代办：撤回", withdrawn),
    ("异地代收代办：撤回已迟", withdrawn_too_late),
    ("异地代收代办：退回转办到第三地", redirected),
    ("窗口退件", returned),
    ("全程网办：准予", fully_online),
    ("反向：浙江收件、安徽办理", the_other_way),
    ("行政许可：不予许可", denied),
    ("投诉：受理地收，被投诉地核查，受理地答复", complained),
    ("指南备案：修订、审核、备案、公布", guide_filed),
    ("通办协议：签订、变更、暂停、终止，不交换文件", agreed),
    ("行政许可：视为受理后准予", deemed_accepted),
]

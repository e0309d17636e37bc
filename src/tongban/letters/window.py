"""The window's letters: what it took in, what is lacking, what it gave back, passed on and handed out."""

from datetime import date

from django.conf import settings

from tongban.cases import answer_code, checklist, lookups, queries
from tongban.cases.models import Case
from tongban.cases.procedure import DUTIES
from tongban.cases.words import SERVICES, Act, Duty, Role
from tongban.catalogue.kinds import Kind
from tongban.kernel.crypto import canon
from tongban.kernel.journal import writer as journal
from tongban.kernel.time.clock import OFFICIAL
from tongban.letters import issued, sources
from tongban.letters.contents import Announcement, Delivery, Handover, Notice, Receipt
from tongban.letters.official import UNITS
from tongban.letters.sources import LetterNotDue, Occasion
from tongban.procedures import queries as matters

WAYS = {
    "signature": "当面领取，签字", "code": "凭收件凭证领取", "post": "邮寄", "online": "网上下载", "window": "窗口领取",
}  # fmt: skip
TO_TICK = ("当面领取", "邮寄", "委托他人代领", "网上下载")


def receipt(on: Occasion) -> Receipt:
    """
    Return the receipt (收件凭证); its second code carries this node's signed heads of the case.

    Raises:
        LetterNotDue: not taken in at a window. checklist.ChecksIncomplete: a mandatory check was not attested.
    """
    case, guide = on.case, sources.guide_of(on.case)
    checked = sources.checked_at_receipt(case)
    if checked is None:
        raise LetterNotDue(f"办件 {case.number} 没有窗口收件记录，不能出具收件凭证。请先完成核对并收件。")
    checks = checklist.compiled(guide, sources.form_of(case, on.by, on.at))
    # Whether there were scans was asked as it was taken in.
    checklist.demand_complete(checks, checked, {check.material for check in checks}, number=case.number)
    titles = {check.code: check.title for check in checks}
    statement = canon.encode(matters.receipt(case, on.at)).decode()
    place = f"{settings.NODE.url.rstrip('/')}/lookup/"
    codes = {"查进度、取件出示": f"{place}?number={case.number}", "签名凭据": statement}
    clock = f"在其他地方的窗口答复补正，请出示答复码 {answer_code.of(case.number)}。"
    if not case.applicant and lookups.telephones(case):
        clock += f"您不用注册，打开 {place}，凭编号和发到所留手机的验证码，可以看办理经过、下载文书。"
    clock += "收件不等于受理，由办理地决定是否受理。"
    clock += (
        "自本窗口收件之日起五个工作日内，办理地受理、一次告知补正或不予受理；补正的，自补齐之日起重新计算。"
    )
    if guide["kind"] == Kind.LICENCE:
        clock += "逾期不告知的，自收件之日起视为受理。"
    clock += "办理时限自受理之日起计算。"
    provision = "行政许可法 第三十二条" if guide["kind"] == Kind.LICENCE else ""
    return Receipt(
        sources.head(on, "收件凭证", "收件", role=Role.INTAKE, basis=sources.rule(guide, provision), codes=codes),
        sources.materials(case, guide, checked), [titles.get(code, code) for code in checked.lacking], clock,
    )  # fmt: skip


def notice(on: Occasion) -> Notice:
    """Return what the window tells once is missing (一次性告知书)."""
    case = on.case
    head = sources.head(
        on, "一次性告知书", "告知", role=Role.INTAKE, codes={"查进度、补交时出示": case.number}
    )
    where = "或登录后在“我的办件”中提交" if case.applicant else ""
    return Notice(
        head, sources.lines(on.text("notice")), _until(case), where,
        "以上是本窗口核对后的全部意见。材料送到办理地后，办理地还可以一次性告知补正一次。期限内没有补齐的，本窗口可以退件。",
    )  # fmt: skip


def _until(case: Case) -> str:
    """Return by when the applicant owes an answer: the day, once the time runs; before that from when and how long."""
    opened = [
        duty
        for event in journal.events_of(case.number)
        for duty in event.effects.get("open", ())
        if duty["kind"] == Duty.SUPPLEMENT and duty["due"]
    ]
    if opened:
        return f"于{sources.chinese(date.fromisoformat(opened[-1]['due']))}前"
    limit = DUTIES[Duty.SUPPLEMENT].limit
    return f"自收到本告知书之日起 {limit.n} {UNITS[limit.unit]}内" if limit else ""


def returned(on: Occasion) -> Announcement:
    """Return why the window does not take the case in (退回申请材料通知书): no refusal by the authority."""
    return Announcement(
        sources.head(on, "退回申请材料通知书", "退件", role=Role.INTAKE),
        f"您提出的“{queries.item_name(on.case)}”申请，经本窗口核对，不能收件（或不能继续办理），现将全部材料退还。",
        [("退件日期", sources.chinese(on.day))],
        [
            ("理由", sources.lines(on.text("reason"))),
            ("您可以", ["按上述理由改正后重新申请，或直接向有权办理的机关申请；对退件有异议的，可以拨打 12345 投诉。"]),
        ],
    )  # fmt: skip


def handover(on: Occasion) -> Handover:
    """Return the list by which papers pass from the window to the authority (材料交接清单)."""
    checked = sources.checked_at_receipt(on.case) or checklist.NOTHING
    lines = sources.materials(on.case, sources.guide_of(on.case), checked)
    codes = {"办理地扫码核对": on.case.number}
    return Handover(sources.head(on, "材料交接清单", "交接", role=Role.INTAKE, codes=codes), lines)


def delivery(on: Occasion) -> Delivery:
    """Return the slip on which the applicant signs for what reaches them (送达回证)."""
    case = on.case
    documents = [
        (one.title, one.serial) for one in issued.of_case(case) if one.act in (Act.REFUSE, Act.DECIDE)
    ]
    result, handed = sources.last(case, Act.SEND_RESULT), sources.last(case, Act.HAND_OUT)
    if result:
        documents.append(("办理结果", "；".join(sources.lines(sources.text_of(case, result, "result")))))
    way = str(handed.given["way"]) if handed else ""
    way = WAYS.get(way, way)
    remark = sources.text_of(case, handed, "remark") if handed else ""
    confirmed = sources.last(case, Act.CONFIRM_DELIVERY)
    if confirmed and (service := SERVICES.get(str(confirmed.given.get("service", "")))):
        way = f"{service}（{confirmed.given['served_on']}）"
        remark = sources.text_of(case, confirmed, "served")
    by_window = Occasion(case, handed or on.event, on.by, on.at)
    return Delivery(
        sources.head(by_window, "送达回证", "送达", role=Role.INTAKE, codes={"核对办件": case.number}),
        documents, way, list(TO_TICK),
        f"{handed.at.astimezone(OFFICIAL):%Y-%m-%d %H:%M}" if handed else "",
        remark,
    )  # fmt: skip

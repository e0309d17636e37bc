"""The authority's letters: what it asks for, that it accepts or refuses, prolongs, decides."""

from datetime import date, datetime

from tongban.accounts.access.actor import Actor
from tongban.cases import checklist, queries
from tongban.cases.models import Case
from tongban.cases.procedure import DUTIES
from tongban.cases.words import Act, Clock, Duty, Role
from tongban.kernel.journal import writer as journal
from tongban.letters import sources
from tongban.letters.contents import Announcement, Notice
from tongban.letters.sources import Occasion, chinese

PROVISION = "行政许可法 第三十二条"
UNITS = {"working_day": "个工作日", "day": "日"}


def correction(on: Occasion) -> Notice:
    """Return what the authority asks for, once (补正告知书)."""
    return told(
        on, "申请材料补正告知书", "补正", role=Role.HANDLING, asked=Duty.ANSWER,
        consequence="以上是办理机关要求补正的全部内容，补正只要求这一次。期限内没有补正的，办理机关可以不予受理。",
    )  # fmt: skip


def told(on: Occasion, title: str, kind: str, *, role: Role, asked: Duty, consequence: str) -> Notice:
    """Return a notice of what is lacking, whichever side tells it."""
    case, basis = on.case, sources.rule(sources.guide_of(on.case), PROVISION)
    head = sources.head(on, title, kind, role=role, basis=basis, codes={"查进度、补交时出示": case.number})
    where = "或登录后在“我的办件”中提交" if case.applicant else ""
    return Notice(head, lines(on.text("notice")), _until(case, asked), where, consequence)


def _until(case: Case, asked: Duty) -> str:
    """Return by when the applicant owes an answer: the day, once the time runs; before that from when and how long."""
    opened = [
        duty
        for event in journal.events_of(case.number)
        for duty in event.effects.get("open", ())
        if duty["kind"] == asked and duty["due"]
    ]
    if opened:
        return f"于{chinese(date.fromisoformat(opened[-1]['due']))}前"
    limit = DUTIES[asked].limit
    return f"自收到本告知书之日起 {limit.n} {UNITS[limit.unit]}内" if limit else ""


def acceptance(on: Occasion) -> Announcement:
    """Return that the application is accepted, and by when it is decided (受理通知书)."""
    case, guide = on.case, sources.guide_of(on.case)
    accepted = case.accepted_on or on.day
    opening = f"您提出的“{queries.item_name(case)}”申请，经审查，符合受理条件，本机关决定予以受理。"
    if on.event.kind == Act.DEEM_ACCEPTED:
        opening = f"您提出的“{queries.item_name(case)}”申请，本机关没有在规定期限内告知补正，依法自收件之日起视为受理。"
    limit = case.state["clocks"].get(Clock.DECISION, {}).get("limit")
    facts = [("受理日期", chinese(accepted))]
    if limit:
        facts.append(("办理时限", f"自受理之日起 {limit['n']} {UNITS.get(limit['unit'], limit['unit'])}"))
    if case.decide_by:
        facts.append(("应当办结", f"{chinese(case.decide_by)}前"))
    checked = sources.checked_at_receipt(case) or checklist.NOTHING
    names = [line.name for line in sources.materials(case, guide, checked)]
    special = "听证、检验、检测、检疫、鉴定和专家评审等依法不计入办理时限的环节，所需时间另行书面告知。"
    return Announcement(
        sources.head(on, "受理通知书", "受理", role=Role.HANDLING, basis=sources.rule(guide, PROVISION)), opening, facts,
        [("申请材料", [f"{n}．{name}" for n, name in enumerate(names, 1)] or ["（见申请表）"]), ("说明", [special])],
    )  # fmt: skip


def refusal(on: Occasion) -> Announcement:
    """Return that the application is not accepted, why, and what may be done about it (不予受理通知书)."""
    basis = sources.rule(sources.guide_of(on.case), PROVISION)
    return Announcement(
        sources.head(on, "不予受理通知书", "不予受理", role=Role.HANDLING, basis=basis),
        f"您提出的“{queries.item_name(on.case)}”申请，经审查，本机关决定不予受理。",
        [("作出日期", chinese(on.day))],
        [
            ("理由", lines(on.text("reason"))), ("依据", [basis]), ("救济途径", lines(on.text("remedies"))),
            ("材料", ["留在窗口的原件和随件寄送的材料，凭本通知书向收件窗口取回。"]),
        ],
    )  # fmt: skip


def extension(on: Occasion) -> Announcement:
    """Return by how much the limit is prolonged, and why (延长办理期限告知书)."""
    case, before = on.case, ""
    for event in journal.events_of(case.number):
        due = event.effects.get("clocks", {}).get(Clock.DECISION, {}).get("due")
        if event.hash == on.event.hash:
            break
        before = due or before
    now = on.event.effects.get("clocks", {}).get(Clock.DECISION, {}).get("due") or ""
    facts = [("原办理期限", before), ("延长后的办理期限", now)]
    return Announcement(
        sources.head(
            on, "延长办理期限告知书", "延期", role=Role.HANDLING,
            basis=sources.rule(sources.guide_of(case), "行政许可法 第四十二条"),
        ),
        f"您提出的“{queries.item_name(case)}”申请，经本机关负责人批准，办理期限延长十个工作日。",
        [(name, chinese(date.fromisoformat(day))) for name, day in facts if day], [("理由", lines(on.text("reason")))],
    )  # fmt: skip


def decision(on: Occasion) -> Announcement:
    """Return what was decided (决定书): a permit or its denial where a licence is asked for."""
    guide, granted = sources.guide_of(on.case), on.event.given["outcome"] == "granted"
    word = "行政许可" if guide["licensing"] else "办理"
    title = f"{'准予' if granted else '不予'}{word}决定书"
    basis = sources.rule(guide, "行政许可法 第三十八条")
    return Announcement(
        sources.head(on, title, "决定", role=Role.HANDLING, basis=basis),
        f"您提出的“{queries.item_name(on.case)}”申请，经审查，本机关决定{'准予' if granted else '不予'}{word}。",
        [("决定日期", chinese(on.day))],
        [("决定内容" if granted else "理由和救济途径", lines(on.text("decision")))],
    )  # fmt: skip


def delivered(case: Case, by: Actor, at: datetime) -> list[Announcement]:
    """Return the letters that close a case and have to reach the applicant."""
    closing = ((Act.REFUSE, refusal), (Act.DECIDE, decision))
    return [
        make(Occasion(case, event, by, at)) for act, make in closing if (event := sources.last(case, act))
    ]


def lines(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]

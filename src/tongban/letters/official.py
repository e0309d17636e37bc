"""What a letter of the authority says (文书): drawn from the act as it is about to be done, the form, the guide, and its row in `sorts`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor
from tongban.cases.procedure import CASE
from tongban.cases.terms import Terms
from tongban.cases.words import SPECIAL_NAMES, Act, Clock, Duty
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.kernel.journal.fold import State
from tongban.kernel.time.clock import OFFICIAL, official_day
from tongban.letters import remedies, sorts
from tongban.letters.contents import Official
from tongban.letters.models import Issuer
from tongban.letters.sources import APPLICANTS, chinese, lines
from tongban.procedures.effects.duties import limit_of

UNITS: Final = {"working_day": "个工作日", "day": "日"}
DEMO: Final = "（演示）"  # what the names of demo offices end in


class IssuerUnknown(DomainError):
    """What the letters of an organisation need to say of it was never entered."""

    code = "issuer_unknown"
    status = 409


@dataclass(frozen=True, slots=True)
class Occasion:
    """An act that is about to be done, or would be: the state before and after it, what is typed in it, the form and papers it rests on."""

    before: State
    after: State
    act: str
    given: Mapping[str, Any]
    texts: Mapping[str, str]
    by: Actor
    at: datetime
    terms: Terms
    form: Mapping[str, Any]
    names: Mapping[str, str]  # of the organisations of the case

    @property
    def guide(self) -> Mapping[str, Any]:
        """The guide of the item."""
        return self.terms.guide

    @property
    def organisation(self) -> str:
        """Whose letter it is: the authority's that decides."""
        return str(self.before.roles["handling"]["org"])

    @property
    def office(self) -> str:
        """The name of that authority."""
        return self.names.get(self.organisation, self.organisation)

    @property
    def day(self) -> date:
        """The day of issue."""
        return official_day(self.at)

    @property
    def name(self) -> str:
        """Which letter it is."""
        return sorts.of_act(self.act, self.given)


def issuer_of(organisation: str, name: str) -> Issuer:
    """Return what the letters of an organisation need to say of it; raises IssuerUnknown."""
    found = Issuer.objects.filter(organisation=organisation).first()
    if found is None:
        raise IssuerUnknown(
            f"{name} 没有登记机关代字、复议机关和法院，不能签发文书，未办理。请系统管理员用 tongban letters load 登记后再签发。"
        )
    return found


def phrases_of(organisation: str) -> list[dict[str, Any]]:
    """Return the phrases that an organisation has of its own, as data."""
    return list(
        Issuer.objects.filter(organisation=organisation).values_list("phrases", flat=True).first() or []
    )


def draft(on: Occasion) -> Official:
    """
    Return what the letter of an act will say, without number, seal and code.

    Raises:
        IssuerUnknown; RemedyMissing: it weighs against the applicant, and cannot say whom to turn to.
    """
    issuer, kind = issuer_of(on.organisation, on.office), str(on.guide["kind"])
    sort, office = sorts.sort(on.name, kind), on.office
    applicant, number = _addressee(on.form)
    own = [str(law) for law in on.guide["legal_basis"]]
    grounds = sorts.grounds(on.name, kind, own, str(on.guide["subject"]))
    parts = [(title, said) for title, said in (*_said(on), ("依据", [f"{'、'.join(grounds)}。"])) if said]
    if sort.adverse:
        parts.append(("不服怎么办", remedies.of(issuer, office)))
    if sort.closing:
        parts.append(("说明", list(sort.closing)))
    return Official(
        kind=on.name, title=sort.title, serial="", issuer=office.removesuffix(DEMO),
        to=f"{applicant}（{number}）" if number else applicant,
        opening=_opening(on) + _deemed(on, sort.opening), decided=sort.decided, facts=_facts(on), parts=parts,
        contact=[line for line in (issuer.contact or _hall(on.organisation)).splitlines() if line],
        day=chinese(on.day), at=on.at.astimezone(OFFICIAL), demo=settings.NODE.demo,
    )  # fmt: skip


def remedies_of(letter: Official) -> str:
    """Return the remedies that a letter names, as the text that is recorded beside it; empty: none."""
    return "\n".join(line for title, said in letter.parts if title == "不服怎么办" for line in said)


def _addressee(form: Mapping[str, Any]) -> tuple[str, str]:
    """Return whom a letter is for, and their number in full: a letter has to prove whose it is."""
    name = next((str(form[one]) for one in APPLICANTS if form.get(one)), "申请人")
    if form.get("enterprise_uscc"):
        return name, f"统一社会信用代码 {form['enterprise_uscc']}"
    number = str(form.get("applicant_idno", ""))
    return name, f"证件号码 {number}" if number else ""


def _opening(on: Occasion) -> str:
    filed = date.fromisoformat(str(on.before.fact("intake", "filed_on")))
    intake = str(on.before.roles["intake"]["org"])
    place = on.names.get(intake, "").removesuffix(DEMO)
    display = numbers.parse(on.before.subject).display()
    return f"您（单位）于{chinese(filed)}{f'在{place}' if place else ''}提出“{on.guide['name']}”申请，办件编号 {display}。"


def _deemed(on: Occasion, opening: str) -> str:
    if on.act != Act.DEEM_ACCEPTED:
        return opening
    provision = "《中华人民共和国行政许可法》第三十二条第一款第四项"
    return f"本机关没有在规定期限内一次告知补正，依照{provision}，自收到申请材料之日起即为受理。本机关确认："


def _facts(on: Occasion) -> list[tuple[str, str]]:
    """Return the days and limits that follow from an act."""
    clock = on.after.clocks.get(Clock.DECISION, {})
    due = clock.get("due")
    if on.name == "acceptance":
        limit = clock.get("limit")
        accepted = date.fromisoformat(str(on.after.fact("handling", "accepted_on")))
        told = [("受理日期", chinese(accepted))]
        if limit:
            told.append(("办理时限", f"自受理之日起 {limit['n']} {UNITS.get(limit['unit'], limit['unit'])}"))
        return [*told, ("应当办结", f"{chinese(date.fromisoformat(due))}前")] if due else told
    if on.name == "extension":
        before = on.before.clocks.get(Clock.DECISION, {}).get("due")
        days = [("原届满日", before), ("延长后的届满日", due)]
        return [(name, chinese(date.fromisoformat(day))) for name, day in days if day]
    if on.name == "suspension":
        return [("程序", SPECIAL_NAMES.get(str(on.given.get("procedure")), ""))]
    return []


def _said(on: Occasion) -> list[tuple[str, list[str]]]:
    """Return what the officer wrote, under the headings of the letter."""
    text = on.texts.get
    if on.name == "correction":
        return [
            ("需要补正的内容", lines(text("notice", ""))),
            ("怎样补正", [f"请自收到本告知书之日起{_time_to_answer(on)}内一次补齐：登录“我的办件”在线改正，或带本告知书到收件窗口办理。"]),
        ]  # fmt: skip
    heading = {"granted": "决定内容", "denied": "事实和理由", "refusal": "事实和理由"}.get(on.name, "理由")
    return [(heading, lines(text("decision", "") or text("reason", "")))]


def _time_to_answer(on: Occasion) -> str:
    """Return how long the applicant has: what will be counted, which the agreement may shorten."""
    limit = limit_of(CASE.present, Duty.ANSWER, on.terms)
    return f" {limit.n} {UNITS[limit.unit]}" if limit else ""


def _hall(organisation: str) -> str:
    hall = accounts.hall_of(organisation)
    if hall is None:
        return "咨询：12345"
    return "\n".join(
        one
        for one in (f"地址：{hall.address}", f"电话：{hall.phone}" if hall.phone else "", hall.open_hours)
        if one
    )

"""The counter's acts as forms: what each asks for, in which order they are offered, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from tongban.cases import checklist
from tongban.cases.checklist import Check, Checked
from tongban.cases.models import Case
from tongban.cases.practice import CODE
from tongban.cases.rules_1 import guards
from tongban.cases.words import CONTACTS, PRESENCE, Act, Phase
from tongban.kernel.journal import numbers
from tongban.procedures.rule import Rule
from tongban.web import asking, typed
from tongban.web.counter import checks, service

# In the order of the errand: the first that is allowed now is the next step.
OFFERED: Final = (
    Act.RECEIVE, Act.CHECK_IDENTITY, Act.PASS_REVIEW, Act.GIVE_NOTICE, Act.FORWARD, Act.TELL, Act.REACHED, Act.SUPPLEMENT,
    Act.CONFIRM_ANSWER, Act.ANSWER, Act.REJECT_ANSWER, Act.HAND_OUT, Act.CONFIRM_DELIVERY, Act.URGE, Act.REQUEST_WITHDRAWAL,
    Act.KEEP, Act.RETURN, Act.WITHDRAW,
)  # fmt: skip
# What could only be answered with "too late" is not offered, though a case that moves meanwhile may still meet it.
TOO_LATE: Final[Mapping[Act, frozenset[Phase]]] = {
    Act.REQUEST_WITHDRAWAL: frozenset({Phase.DECIDED, Phase.REFUSED, Phase.CONCLUDED}),
    Act.URGE: frozenset({Phase.REFUSED}),
}
NEVER_FIRST: Final = frozenset(
    {Act.REJECT_ANSWER, Act.URGE, Act.REQUEST_WITHDRAWAL, Act.KEEP, Act.RETURN, Act.WITHDRAW}
)
METHODS: Final = {
    "id_card": gettext_lazy("读居民身份证，核对人证一致"), "face": gettext_lazy("人脸核验设备"),
    "document": gettext_lazy("其他有效证件（护照、通行证、户口簿）"), "agent": gettext_lazy("代理人证件和授权委托书"),
    "licence": gettext_lazy("营业执照和法定代表人（经办人）证件"),
}  # fmt: skip
WAYS: Final = {
    "signature": gettext_lazy("当面领取，签字"), "code": gettext_lazy("凭收件凭证上的编号领取"),
    "post": gettext_lazy("邮寄"), "online": gettext_lazy("网上下载"),
}  # fmt: skip
PRESENT: Final = {code: gettext_lazy(title) for code, title in PRESENCE.items()}
REACHED_BY: Final = {code: gettext_lazy(title) for code, title in CONTACTS.items()}
CHOICES: Final[Mapping[str, tuple[Any, Mapping[str, Any]]]] = {
    "presence": (gettext_lazy("怎样确认是申请人本人的意思"), PRESENT),
    "contact": (gettext_lazy("怎样告知的"), REACHED_BY),
    "method": (gettext_lazy("核验方式"), METHODS), "way": (gettext_lazy("领取方式"), WAYS),
}  # fmt: skip
TEXTS: Final = {
    "notice": gettext_lazy("一次性告知的全部内容（一行一项）"),
    "reached": gettext_lazy("告知的时间、所拨号码或地址、接听（接收）的人"),
    "reason": gettext_lazy("理由（写给申请人）"), "remark": gettext_lazy("备注"),
}  # fmt: skip
EVIDENCE: Final = "evidence"  # what proves that somebody looked: part of a number, or the device's reference
OF_THE_APPLICANT: Final = frozenset({"id_card"})  # methods by which the document seen is the applicant's own
LONGEST: Final = 4000


@dataclass(frozen=True, slots=True)
class Text:
    """One text to write."""

    name: str
    label: Any
    value: str
    mandatory: bool
    fault: str


@dataclass(frozen=True, slots=True)
class ActForm:
    """One act as its form is drawn."""

    act: Act
    title: str
    basis: str
    choices: list[tuple[str, Any, list[tuple[str, Any, bool]]]]
    texts: list[Text]
    lines: dict[str, list[checks.Line]] = field(default_factory=dict)
    collects: bool = False  # asks for the receipt's code or who signs
    identifies: bool = False  # asks what was seen of somebody's identity
    asks_code: bool = (
        False  # asks for the answer code, where that is how the applicant shows that it is they who ask
    )
    fault: Mapping[str, str] = field(default_factory=dict)
    targets: list[tuple[str, str]] = field(default_factory=list)
    danger: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    asking: Mapping[str, Any] = field(default_factory=dict)  # what may be asked to be put right
    serves: service.Asked | None = None  # how the letter was served, where that has to be said


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with an act: codes, texts for the vault, faults beside their fields."""

    given: dict[str, Any]
    texts: dict[str, str]
    faults: list[tuple[str, str]]


def ordered(possible: Sequence[tuple[str, Rule]], case: Case, *, lacking: bool) -> list[tuple[Act, Rule]]:
    """Return the acts that the counter offers; the first is the next step, if there is one."""
    rank = {act: number for number, act in enumerate(OFFERED)}
    if case.facts.get("identity"):
        rank[Act.CHECK_IDENTITY] = len(rank)  # done; may be done again
    if lacking:
        rank[Act.GIVE_NOTICE] = -1
        rank[Act.PASS_REVIEW] = len(rank)
    offered = [
        (Act(name), rule)
        for name, rule in possible
        if name in rank and case.phase not in TOO_LATE.get(Act(name), frozenset())
    ]
    return sorted(offered, key=lambda pair: rank[pair[0]])


def form(
    act: Act, rule: Rule, *, basis: str, suggested: Mapping[str, str], data: QueryDict | None, faults: Mapping[str, str],
    lines: dict[str, list[checks.Line]] | None = None, targets: list[tuple[str, str]] | None = None, online: bool = False,
    askable: Mapping[str, Any] | None = None, served: service.Asked | None = None,
) -> ActForm:  # fmt: skip
    """Return the form of an act, filled in with what was typed or what is suggested; `online`: of a case filed from home."""
    typed: Mapping[str, str] = data.dict() if data else {}  # type: ignore[assignment]
    choices = []
    for name in _codes(rule, online=online):
        if name in CHOICES:
            label, offered = CHOICES[name]
            # Nothing is chosen for whoever has to say what they saw.
            seen = act == Act.CHECK_IDENTITY or name == "presence"
            chosen = typed.get(name) or ("" if seen else next(iter(offered)))
            choices.append((name, label, [(code, title, code == chosen) for code, title in offered.items()]))
    optional = ("remark",) if rule.applicant else ()
    texts = [
        Text(name, TEXTS[name], typed.get(name, suggested.get(name, "")), name not in optional, faults.get(f"{act}-{name}", ""))
        for name in (*rule.content, *optional)
        if name in TEXTS and not (askable and name == "notice")
    ]  # fmt: skip
    danger = act in (Act.RETURN, Act.WITHDRAW, Act.REQUEST_WITHDRAWAL)
    return ActForm(
        act,
        gettext_noop("改送有权机关（被办理地退回）") if targets else rule.title,
        basis,
        choices,
        texts,
        lines or {},
        collects=act == Act.HAND_OUT,
        identifies=act == Act.CHECK_IDENTITY or any(name == "presence" for name, _label, _options in choices),
        asks_code=any(name == "presence" for name, _label, _options in choices),
        fault={name.removeprefix(f"{act}-"): said for name, said in faults.items()},
        targets=targets or [],
        danger=danger,
        typed=typed,
        asking=askable or {},
        serves=served,
    )


def _codes(rule: Rule, *, online: bool) -> tuple[str, ...]:
    """Return the codes that an act carries; for who filed online, also how it was made sure that they ask for it."""
    return (*rule.given, *(rule.allows if online else ()))


def read(
    act: Act, rule: Rule, data: QueryDict, case: Case, asked: Sequence[Check], held: set[str], own: str = "",
    askable: Sequence[asking.Askable] = (),
) -> Typed:  # fmt: skip
    """Return what was typed for an act, with what is missing; `own` is the identity number that was filed."""
    given: dict[str, Any] = {}
    faults: list[tuple[str, str]] = []
    for name in _codes(rule, online=case.mode in guards.ONLINE):
        if name in CHOICES:
            given[name] = data.get(name, "")
            if given[name] not in CHOICES[name][1]:
                faults.append((f"{act}-{name}", _("%(what)s：请选择一项。") % {"what": CHOICES[name][0]}))
    optional = ("remark",) if rule.applicant else ()
    texts = {name: data.get(name, "").strip()[:LONGEST] for name in (*rule.content, *optional)}
    if askable:
        given["asked"], texts["notice"], wrong = asking.read(askable, data)
        faults += wrong
    faults += [
        (f"{act}-{name}", _("%(what)s：请填写。") % {"what": TEXTS.get(name, name)})
        for name in rule.content
        if not texts[name] and not askable
    ]
    if given.get("presence") == CODE:
        texts[CODE] = data.get(CODE, "").strip()[:40]
        if not texts[CODE]:
            faults.append((f"{act}-{CODE}", _("答复码：请申请人出示，照凭证上的录入。")))
    elif given.get("presence") in PRESENCE:
        faults += identified(act, data, own, given["presence"], texts)
    if act == Act.HAND_OUT:
        faults += _collected(data, case, given, texts)
    if service.is_asked(act, case):
        codes, written, wrong = service.read(data)
        given, texts, faults = given | codes, texts | written, faults + wrong
    if act == Act.CHECK_IDENTITY:
        faults += identified(act, data, own, given.get("method", ""), texts)
    if asked:
        checked = checks.typed(data, asked)
        texts[checklist.LABEL] = checked.to_text()
        faults += _attested(act, checked, asked, held, case)
    return Typed(given, {name: text for name, text in texts.items() if text}, faults)


def _attested(
    act: Act, checked: Checked, asked: Sequence[Check], held: set[str], case: Case
) -> list[tuple[str, str]]:
    try:
        checklist.demand_complete(list(asked), checked, held, number=case.number)
    except checklist.ChecksIncomplete as incomplete:
        return [(f"check-{code}", sentence) for code, sentence in incomplete.faults]
    if act == Act.PASS_REVIEW:
        return [
            (f"check-{code}", _("仍有材料缺少或不合格，不能通过形式审查。请一次性告知，或退件。"))
            for code in checked.lacking
        ]
    return []


def identified(
    act: Act, data: Mapping[str, str], own: str, method: str, texts: dict[str, str]
) -> list[tuple[str, str]]:
    """
    Keep in `texts` what proves the check: the end of the number that was read, or the reference of a device or a copy.

    Returns what is wrong, with the field; `own` is the number that the form holds.
    """
    faults, read = [], "".join(data.get(EVIDENCE, "").split()).upper()[:60]
    if not data.get("same"):
        faults.append((f"{act}-same", _("人证一致：请核对本人与证件照片后勾选。")))
    if not read:
        sentence = _("证件号码或核验流水号：请读卡、扫描或录入。")
        return [*faults, (f"{act}-{EVIDENCE}", sentence)]
    if method in OF_THE_APPLICANT and own and read != own.upper():
        sentence = _("证件号码与申请表登记的不一致。请核对证件；由代理人办理的，选“代理人证件和授权委托书”。")
        return [*faults, (f"{act}-{EVIDENCE}", sentence)]
    # The whole number stands in the form already; here its end is enough.
    kept = f"证件号码末四位 {read[-4:]}" if len(read) == len(own or " " * 18) else f"核验流水号 {read}"
    texts[EVIDENCE] = f"人证一致；{kept}"
    return faults


def _collected(
    data: QueryDict, case: Case, given: Mapping[str, Any], texts: dict[str, str]
) -> list[tuple[str, str]]:
    """Whoever collects shows the receipt's number, or signs under their name."""
    proof = data.get("proof", "").strip()[:LONGEST]
    if given.get("way") == "signature":
        texts["remark"] = f"签收人：{proof}"
        return [] if proof else [(f"{Act.HAND_OUT}-proof", _("签收人：请填写领取人姓名，并请其签字。"))]
    if given.get("way") == "code":
        try:
            fits = str(numbers.parse(typed.scanned(proof))) == case.number
        except numbers.BadNumber:
            fits = False
        wrong = _("编号与本办件不符。请扫描申请人出示的收件凭证，或改用签字领取。")
        return [] if fits else [(f"{Act.HAND_OUT}-proof", wrong)]
    return []

"""
What an officer fills in for each act, as rows; and how what came back becomes the codes and texts of the act.

Ready phrases are `cases.phrases`: ticked ones come before what was typed, so nobody needs a script.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from tongban.cases import phrases
from tongban.cases.phrases import Chosen, Moment, Phrase
from tongban.cases.words import SPECIAL_NAMES, Act
from tongban.kernel.errors import DomainError
from tongban.web import asking
from tongban.web.asking import Askable
from tongban.web.english import told

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. `kind`: text, choice, items, file. `code`: it goes into the event as a code."""

    name: str
    title: Any
    kind: str = "text"
    hint: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    code: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class ActForm:
    """
    The form of one act: what to say before it, what is chosen first, its fields, and whether it weighs against the applicant.

    `outcome`: the code under which the event says what was chosen first; empty: it stands in the words of the act alone.
    """

    explains: Any
    fields: tuple[Field, ...] = ()
    grave: bool = False
    outcomes: tuple[tuple[str, Any], ...] = ()
    outcome: str = ""


@dataclass(slots=True)
class Filled:
    """What came back: codes and texts of the act, the file, what is wrong, and all that was typed."""

    given: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    file: Any = None  # as Django received it
    faults: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the form of an act is drawn and read by: what was chosen first, what may be said, what may be asked for."""

    act: Act
    outcome: str
    phrases: Sequence[Phrase]
    moment: Moment
    askable: Sequence[Askable]

    @property
    def form(self) -> ActForm:
        """The row of the act."""
        return FORMS[self.act]

    @property
    def waits_for_outcome(self) -> bool:
        """Whether what comes first has not been chosen yet."""
        return bool(self.form.outcomes) and self.outcome not in dict(self.form.outcomes)


WAYS = (
    ("electronic", _("电子送达（随案卷送到收件窗口）")), ("post", _("邮寄到收件窗口")),
    ("applicant_post", _("直接邮寄给申请人")),
)  # fmt: skip
OUTCOMES = (("granted", _("准予")), ("denied", _("不予")))
LEANINGS = (("granted", _("建议准予")), ("denied", _("建议不予")), ("check", _("需要核实")))

FORMS: Mapping[str, ActForm] = {
    Act.ACKNOWLEDGE: ActForm(_("确认本机关已收到办件。签收后在告知期限内受理、告知补正或不予受理。")),
    Act.REDIRECT: ActForm(
        _("办件退回收件窗口，由窗口转送有权机关；收件日和编号不变。"),
        (Field("reason", _("退回的理由")),), grave=True,
    ),
    Act.ASK_CORRECTION: ActForm(
        _("补正只能要求一次，请一次写全。勾选有问题的栏目和材料，写明哪里不对、应怎样改；申请人只能改这里勾选的。"),
        (Field("notice", _("需要补正的内容"), "items"),), grave=True,
    ),
    Act.ACCEPT: ActForm(_("签发后开始计算办理时限，受理通知书送达申请人。")),
    Act.REFUSE: ActForm(
        _("不予受理须书面说明理由；依据和救济途径由系统按事项和机关写明。"),
        (Field("reason", _("事实和理由")),), grave=True,
    ),
    Act.REVIEW: ActForm(
        _("写明本环节的审查意见。意见只供办理机关内部使用，不向申请人公开。"), (Field("opinion", _("审查意见")),), outcomes=LEANINGS,
    ),
    Act.SUSPEND: ActForm(
        _("特别程序所需时间不计入办理时限，须将所需时间书面告知申请人。"),
        (
            Field("procedure", _("特别程序"), "choice", choices=tuple(SPECIAL_NAMES.items()), code=True),
            Field("reason", _("理由和预计所需时间")),
        ),
    ),
    Act.RESUME: ActForm(_("特别程序结束，办理时限从今天起接着计算。")),
    Act.EXTEND: ActForm(_("经本机关负责人批准，可以延长一次十日，并须将理由告知申请人。"), (Field("reason", _("延长的理由")),)),
    Act.DECIDE: ActForm(
        _("作出准予或不予的决定。依据和救济途径由系统按事项和机关写明。"), (Field("decision", _("决定内容")),), outcomes=OUTCOMES,
        outcome="outcome",
    ),
    Act.CONCLUDE: ActForm(_("办件办结，随后寄出结果。办结后不能再改。")),
    Act.SEND_RESULT: ActForm(
        _("把结果送到收件窗口，由窗口发放给申请人。"),
        (
            Field("way", _("送达方式"), "choice", choices=WAYS, code=True),
            Field("result", _("结果说明"), hint=_("例如证照名称、份数、快递公司和运单号")),
            Field("file", _("结果文件"), "file", hint=_("PDF、OFD 或图片，10 MB 以内；没有可不选"), required=False),
        ),
    ),
    Act.GRANT_WITHDRAWAL: ActForm(_("确认申请人撤回，办件就此结束，撤回确认书送达申请人。"), grave=True),
    Act.DENY_WITHDRAWAL: ActForm(_("告知申请人决定已经作出，不能撤回。")),
    Act.REFUSE_WITHDRAWAL: ActForm(
        _("决定作出前，撤回是申请人的权利。只有法律、法规规定不得撤回的才能不同意，须写明依据和理由。"),
        (Field("reason", _("依据和理由")),), grave=True,
    ),
    Act.REPLY_URGING: ActForm(_("答复申请人或收件窗口的催办。"), (Field("reply", _("答复")),)),
}  # fmt: skip


def read(sheet: Sheet, post: Any, files: MultiValueDict[str, Any]) -> Filled:
    """Return what was filled in for an act; what is missing is told field by field."""
    filled = Filled()
    if sheet.waits_for_outcome:
        filled.faults.append(("outcome", str(_("请先选择结论。"))))
        return filled
    if sheet.form.outcome:
        filled.given[sheet.form.outcome] = sheet.outcome
    for one in sheet.form.fields:
        if one.kind == "choice":
            _choose(one, post, filled)
        elif one.kind == "file":
            filled.file = files.get(one.name)
        elif one.kind == "items":
            asked, text, faults = asking.read(sheet.askable, post)
            filled.given["asked"], filled.texts[one.name] = asked, text
            filled.faults += faults
        else:
            _write(one, sheet, post, filled)
    return filled


def shown(sheet: Sheet, post: Any, faults: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the fields of an act as its page shows them, with what was typed before and what is wrong with it."""
    return [
        {
            "field": one, "value": post.get(one.name, ""), "fault": faults.get(one.name, ""),
            "ready": _ready(one, sheet, post) if one.kind == "text" else [],
            **(asking.shown(sheet.askable, sheet.phrases, post) if one.kind == "items" else {}),
        }
        for one in sheet.form.fields
    ]  # fmt: skip


def _choose(one: Field, post: Any, filled: Filled) -> None:
    value = post.get(one.name, "")
    if value in dict(one.choices):
        filled.given[one.name] = value
    else:
        filled.faults.append((one.name, _("%(what)s：请选择一项。") % {"what": one.title}))


def _write(one: Field, sheet: Sheet, post: Any, filled: Filled) -> None:
    """Put the phrases that were ticked before what was typed; what contradicts the outcome or is not so is refused."""
    typed = post.get(one.name, "").strip()
    try:
        said = phrases.composed(sheet.phrases, _chosen(one, post), sheet.outcome, sheet.moment)
    except DomainError as refusal:
        filled.faults.append((one.name, f"{one.title}：{told(refusal)}"))
        return
    # What an opinion leads to stands in it, whatever else is said.
    leaning = [f"{dict(LEANINGS)[sheet.outcome]}。"] if sheet.form.outcomes == LEANINGS else []
    text = "\n".join([*leaning, *said, *([typed] if typed else [])])
    filled.texts[one.name] = text
    if not said and not typed:
        asked = _("%(what)s：请填写，或勾选常用语。") if sheet.phrases else _("%(what)s：请填写。")
        filled.faults.append((one.name, asked % {"what": one.title}))
    elif len(text) > LONGEST or "\x00" in text:
        filled.faults.append(
            (one.name, _("%(what)s：内容过长或含有无法保存的字符，请精简。") % {"what": one.title})
        )


def _chosen(one: Field, post: Any) -> list[Chosen]:
    """Return the phrases that were ticked, each as `id:digest`, with what was written into their blanks."""
    found = []
    for ticked in post.getlist(f"{one.name}-ready"):
        name, _colon, digest = ticked.partition(":")
        found.append(Chosen(name, digest, tuple(post.getlist(f"{one.name}-{name}"))))
    return found


def _ready(one: Field, sheet: Sheet, post: Any) -> list[dict[str, Any]]:
    """Return the phrases that may be ticked: in pieces, between which the blanks stand."""
    ticked = {value.partition(":")[0] for value in post.getlist(f"{one.name}-ready")}
    rows = []
    for phrase, why_not in phrases.offered(sheet.phrases, sheet.outcome, sheet.moment):
        written = post.getlist(f"{one.name}-{phrase.id}")
        blanks = [
            (name, written[n] if n < len(written) else "", f"{one.name}-{phrase.id}-{n}")
            for n, name in enumerate(phrase.blanks)
        ]
        rows.append(
            {
                "id": f"{one.name}-{phrase.id}", "value": f"{phrase.id}:{phrase.digest}", "text": phrase.text,
                "blanks": blanks, "why_not": why_not, "ticked": phrase.id in ticked, "basis": phrase.basis,
            }
        )  # fmt: skip
    return rows

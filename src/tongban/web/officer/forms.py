"""
What an officer fills in for each act, as rows; and how what came back becomes the texts and codes of the act.

Ready-made reasons lie in reasons.json: ticked ones come before what was typed, so nobody needs a script.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from tongban.cases.words import Act
from tongban.web.designs import fields

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
    """The form of one act: what to say before it, its fields, and whether it weighs against the applicant."""

    explains: Any
    fields: tuple[Field, ...] = ()
    grave: bool = False


@dataclass(slots=True)
class Filled:
    """What came back: codes and texts of the act, the file, what is wrong, and all that was typed."""

    given: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    file: Any = None  # as Django received it
    faults: list[tuple[str, str]] = field(default_factory=list)


PROCEDURES = (
    ("hearing", _("听证")), ("inspection", _("检验、检测、检疫")), ("appraisal", _("鉴定")),
    ("expert_review", _("专家评审")), ("tender", _("招标、拍卖")),
)  # fmt: skip
WAYS = (
    ("electronic", _("电子送达（随案卷送到收件窗口）")), ("post", _("邮寄到收件窗口")),
    ("applicant_post", _("直接邮寄给申请人")),
)  # fmt: skip
OUTCOMES = (("granted", _("准予")), ("denied", _("不予")))

FORMS: Mapping[str, ActForm] = {
    Act.ACKNOWLEDGE: ActForm(_("确认本机关已收到办件。签收后在告知期限内受理、告知补正或不予受理。")),
    Act.REDIRECT: ActForm(
        _("办件退回收件窗口，由窗口转送有权机关；收件日和编号不变。"),
        (Field("reason", _("退回的理由")),), grave=True,
    ),
    Act.ASK_CORRECTION: ActForm(
        _("补正只能要求一次，请一次写全。逐项勾选有问题的材料并写明怎样改。"),
        (Field("notice", _("需要补正的内容"), "items"),), grave=True,
    ),
    Act.ACCEPT: ActForm(_("受理后开始计算办理时限。")),
    Act.REFUSE: ActForm(
        _("不予受理须书面说明理由，并告知救济途径。"),
        (Field("reason", _("不予受理的理由")), Field("remedies", _("救济途径"))), grave=True,
    ),
    Act.REVIEW: ActForm(_("写明本环节的审查意见。意见只供办理机关内部使用，不向申请人公开。"), (Field("opinion", _("审查意见")),)),
    Act.SUSPEND: ActForm(
        _("特别程序所需时间不计入办理时限，须将所需时间书面告知申请人。"),
        (Field("procedure", _("特别程序"), "choice", choices=PROCEDURES, code=True), Field("reason", _("理由和预计所需时间"))),
    ),
    Act.RESUME: ActForm(_("特别程序结束，办理时限接着计算。")),
    Act.EXTEND: ActForm(_("经本机关负责人批准，可以延长一次十日，并须将理由告知申请人。"), (Field("reason", _("延长的理由")),)),
    Act.DECIDE: ActForm(
        _("作出准予或不予的决定。不予的，须说明理由并告知救济途径。"),
        (Field("outcome", _("决定"), "choice", choices=OUTCOMES, code=True), Field("decision", _("决定内容"))),
    ),
    Act.CONCLUDE: ActForm(_("办件办结，随后寄出结果。")),
    Act.SEND_RESULT: ActForm(
        _("把结果送到收件窗口，由窗口发放给申请人。"),
        (
            Field("way", _("送达方式"), "choice", choices=WAYS, code=True),
            Field("result", _("结果说明"), hint=_("例如证照名称、份数、快递公司和运单号")),
            Field("file", _("结果文件"), "file", hint=_("PDF、OFD 或图片，10 MB 以内；没有可不选"), required=False),
        ),
    ),
    Act.GRANT_WITHDRAWAL: ActForm(_("同意申请人撤回，办件就此结束。"), grave=True),
    Act.DENY_WITHDRAWAL: ActForm(_("告知申请人决定已经作出，不能撤回。")),
    Act.REPLY_URGING: ActForm(_("答复申请人或收件窗口的催办。"), (Field("reply", _("答复")),)),
}  # fmt: skip


def ready_made(act: Act, name: str) -> list[str]:
    """Return the ready-made sentences for a field of an act."""
    return _reasons().get(f"{act}.{name}", [])


def read(
    act: Act, post: Any, files: MultiValueDict[str, Any], materials: Sequence[Mapping[str, Any]]
) -> Filled:
    """Return what was filled in for an act; what is missing is told field by field."""
    filled = Filled()
    for one in FORMS[act].fields:
        if one.kind == "choice":
            value = post.get(one.name, "")
            if value in dict(one.choices):
                filled.given[one.name] = value
            else:
                filled.faults.append((one.name, _("%(what)s：请选择一项。") % {"what": one.title}))
        elif one.kind == "file":
            filled.file = files.get(one.name)
        else:
            text = _items(post, materials) if one.kind == "items" else _text(act, one.name, post)
            filled.texts[one.name] = text
            if not text.strip() and one.required:
                filled.faults.append((one.name, _("%(what)s：请填写，或勾选常用语。") % {"what": one.title}))
            elif len(text) > LONGEST or "\x00" in text:
                filled.faults.append(
                    (one.name, _("%(what)s：内容过长或含有无法保存的字符，请精简。") % {"what": one.title})
                )
    return filled


def shown(
    act: Act, post: Any, materials: Sequence[Mapping[str, Any]], faults: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the fields of an act as its page shows them, with what was typed before and what is wrong with it."""
    return [
        {
            "field": one, "value": post.get(one.name, ""),
            "ready": [
                (f"{one.name}-{index}", sentence, str(index) in post.getlist(f"{one.name}-ready"))
                for index, sentence in enumerate(ready_made(act, one.name))
            ],
            "fault": faults.get(one.name, ""), "whys": ready_made(act, "why"),
            "items": [
                (str(m["code"]), str(m["name"]), f"item-{m['code']}" in post, post.get(f"why-{m['code']}", ""))
                for m in materials
            ] if one.kind == "items" else [],
            "form_why": post.get("why-form", ""),
        }
        for one in FORMS[act].fields
    ]  # fmt: skip


def _text(act: Act, name: str, post: Any) -> str:
    ready = ready_made(act, name)
    return fields.with_phrases(name, post, ready)


def _items(post: Any, materials: Sequence[Mapping[str, Any]]) -> str:
    """Compose the notice: numbered, each material by its name, then the form, then what else was typed."""
    lines = [
        f"{m['name']}：{post.get(f'why-{m["code"]}', '').strip() or '请重新提交'}"
        for m in materials
        # What somebody typed counts, ticked or not.
        if f"item-{m['code']}" in post or post.get(f"why-{m['code']}", "").strip()
    ]
    if post.get("why-form", "").strip():
        lines.append(f"申请表：{post['why-form'].strip()}")
    if post.get("notice", "").strip():
        lines.append(post["notice"].strip())
    return "\n".join(f"{number}．{line}" for number, line in enumerate(lines, start=1))


@cache
def _reasons() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(
        Path(__file__).with_name("reasons.json").read_text(encoding="utf-8")
    )
    return found

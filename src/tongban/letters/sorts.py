"""
Which letter an act makes: its title, the word of its number, its seal and its ground follow from the nature of the item. Pure rows.

Where a cell says nothing else the letter rests on the item's own basis, which its guide names. The permit law (行政许可法) binds
licences only; working papers of the State Council are no ground for a decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tongban.cases.words import Act
from tongban.catalogue.kinds import Kind

SPECIAL, OFFICIAL = "special", "official"  # 专用章、公章


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of letter. `adverse`: it weighs against the applicant, and so names remedies."""

    title: str
    mark: str  # what stands for it in its number (文书类别字)
    decided: str  # what was decided, in the words of the letter
    opening: str = "经审查，本机关决定："
    seal: str = SPECIAL
    adverse: bool = False
    grounds: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()


_PERMIT = "《中华人民共和国行政许可法》"
_REALTY = "《不动产登记暂行条例》"
_ENTERPRISE = "《中华人民共和国市场主体登记管理条例》"
_DETAILED = "《中华人民共和国市场主体登记管理条例实施细则》"
_NOTARY = "《中华人民共和国公证法》"
_K = Kind

SORTS: Final[Mapping[str, Sort]] = {
    "correction": Sort(
        "补正告知书", "补", "请补正下列内容", "经审查，申请材料不齐全或者不符合法定形式。现将需要补正的全部内容一次告知您（单位）：",
        closing=("补正只要求这一次。期限内没有补正的，本机关可以不予受理；您（单位）可以补齐后重新申请。",),
    ),
    "acceptance": Sort(
        "受理通知书", "受", "予以受理", "经审查，申请事项属于本机关职权范围，申请材料齐全、符合法定形式，本机关决定：",
        closing=("听证、检验、检测、检疫、鉴定和专家评审等依法不计入办理时限的环节，所需时间另行书面告知。",),
    ),
    "refusal": Sort("不予受理通知书", "不受", "不予受理", adverse=True,
                    closing=("留在窗口的原件和随件寄送的材料，凭本文书向收件窗口取回。",)),
    "extension": Sort("延长办理期限告知书", "延", "延长办理期限", "经本机关负责人批准，本机关决定：", OFFICIAL),
    "suspension": Sort("特别程序告知书", "特", "进入下列程序，所需时间不计入办理期限", "办理中依法需要进行特别程序，现告知您（单位）："),
    "granted": Sort("准予办理决定书", "准", "准予办理", seal=OFFICIAL),
    "denied": Sort("不予办理决定书", "不准", "不予办理", seal=OFFICIAL, adverse=True),
    "withdrawal": Sort(
        "撤回申请确认书", "撤", "确认您（单位）撤回申请，本件终止办理", "您（单位）已提出撤回申请。本机关：",
        closing=("留在窗口的原件和随件寄送的材料退还给您（单位）。以后可以重新申请，原编号不再使用。",),
    ),
}  # fmt: skip

# What differs by the nature of the item.
_OTHERWISE: Final[Mapping[tuple[str, Kind], Mapping[str, Any]]] = {
    ("correction", _K.LICENCE): {"grounds": (_PERMIT + "第三十二条第一款第四项",)},
    ("correction", _K.NOTARY): {
        "grounds": (_NOTARY + "第二十七条",), "closing": ("补充材料所需时间不计入出具公证书的期限。",),
    },
    ("acceptance", _K.LICENCE): {"grounds": (_PERMIT + "第三十二条第一款第五项",)},
    ("refusal", _K.LICENCE): {"title": "不予受理决定书", "grounds": (_PERMIT + "第三十二条第一款",)},
    ("refusal", _K.REALTY): {
        "title": "不予受理告知书", "grounds": (_REALTY + "第十七条第一款",),
        "opening": "经审查，申请材料不齐全或者不符合法定形式，现书面告知您（单位）：",
        "closing": ("以上是需要补正的全部内容。补齐后可以重新申请，材料凭本文书退还。",),
    },
    ("refusal", _K.ENTERPRISE): {
        "title": "登记申请材料退还通知书", "mark": "退", "decided": "退还申请材料", "grounds": (_DETAILED + "第十八条",),
        "closing": ("以上是需要补正的全部内容。补正后可以重新提交申请。",),
    },
    ("refusal", _K.NOTARY): {"title": "不予受理通知书", "grounds": (_NOTARY + "第三十一条",)},
    ("extension", _K.LICENCE): {"grounds": (_PERMIT + "第四十二条",)},
    ("extension", _K.ENTERPRISE): {"grounds": (_DETAILED + "第十八条",)},
    ("suspension", _K.LICENCE): {"grounds": (_PERMIT + "第四十五条",)},
    ("granted", _K.LICENCE): {
        "title": "准予行政许可决定书", "decided": "准予行政许可", "grounds": (_PERMIT + "第三十八条第一款",),
    },
    ("granted", _K.ENTERPRISE): {"title": "登记通知书", "decided": "准予登记", "grounds": (_ENTERPRISE + "第十九条",)},
    ("granted", _K.REALTY): {"title": "登记办结通知书", "decided": "准予登记"},
    ("granted", _K.REGISTRATION): {"title": "登记通知书", "decided": "准予登记"},
    ("granted", _K.RECORD): {"title": "备案通知书", "decided": "予以备案"},
    ("granted", _K.NOTARY): {"title": "公证办理通知书", "decided": "出具公证书"},
    ("denied", _K.LICENCE): {
        "title": "不予行政许可决定书", "decided": "不予行政许可", "grounds": (_PERMIT + "第三十八条第二款",),
    },
    ("denied", _K.ENTERPRISE): {"title": "不予登记通知书", "decided": "不予登记", "grounds": (_ENTERPRISE + "第十九条",)},
    ("denied", _K.REALTY): {"title": "不予登记告知书", "decided": "不予登记", "grounds": (_REALTY + "第二十二条",)},
    ("denied", _K.REGISTRATION): {"title": "不予登记决定书", "decided": "不予登记"},
    ("denied", _K.RECORD): {"title": "不予备案通知书", "decided": "不予备案"},
    ("denied", _K.NOTARY): {"title": "不予办理公证通知书", "decided": "不予办理公证", "grounds": (_NOTARY + "第三十一条",)},
}  # fmt: skip

# What stands for the nature of the item in a number (事项类别字).
MARKS: Final[Mapping[Kind, str]] = {
    _K.LICENCE: "许", _K.REALTY: "登", _K.ENTERPRISE: "登", _K.REGISTRATION: "登", _K.RECORD: "备",
    _K.CONFIRMATION: "确", _K.BENEFIT: "给", _K.NOTARY: "证", _K.SERVICE: "服",
}  # fmt: skip
_OF_ACTS: Final[Mapping[str, str]] = {
    Act.ASK_CORRECTION: "correction", Act.ACCEPT: "acceptance", Act.DEEM_ACCEPTED: "acceptance", Act.REFUSE: "refusal",
    Act.EXTEND: "extension", Act.SUSPEND: "suspension", Act.GRANT_WITHDRAWAL: "withdrawal",
}  # fmt: skip


def of_act(act: str, given: Mapping[str, Any]) -> str:
    """Return which letter an act makes, by name; empty: none."""
    if act == Act.DECIDE:
        return "granted" if given.get("outcome") == "granted" else "denied"
    return _OF_ACTS.get(act, "")


def sort(name: str, kind: str) -> Sort:
    """Return a letter of that name as it is for an item of that nature."""
    return replace(SORTS[name], **_OTHERWISE.get((name, Kind(kind)), {}))


def titles() -> set[str]:
    """Return all titles that letters bear."""
    return {sort(name, kind).title for name in SORTS for kind in Kind}


def mark(name: str, kind: str) -> str:
    """Return the words by which the number of a letter says what it is: of the item, of the letter."""
    return MARKS[Kind(kind)] + sort(name, kind).mark


def grounds(name: str, kind: str, own: list[str], subject: str) -> list[str]:
    """Return on what a letter rests: the law of the item, as its guide names it, and the provision for this letter."""
    provisions = sort(name, kind).grounds
    laws = [law if law.startswith("《") else f"《{law}》" for law in own]
    named = [law for law in laws if not any(law.strip("《》") in one for one in provisions)]
    # Who trades has a right to be told all at once and to an answer in time, whatever the item is.
    trade = ["《优化营商环境条例》第三十六条"] if subject == "企业" and kind != Kind.LICENCE else []
    return [*provisions, *named, *trade] or ["本事项公布的办事指南"]

"""
What a window clerk asks, sees and attests before a case is taken in: compiled from the guide, in order. Pure.

The answers travel with the act as content `checks`, so that later anybody who may read it sees who attested what.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tongban.catalogue import guides
from tongban.kernel.errors import InvalidInput

LABEL = "checks"
FORMAT = "tongban-checks/1"


class ChecksIncomplete(InvalidInput):
    """A mandatory check has no answer; `faults` lists (code of the check, sentence)."""

    code = "checks_incomplete"

    def __init__(self, sentence: str, faults: list[tuple[str, str]]) -> None:
        super().__init__(sentence)
        self.faults = faults


class ScanMissing(ChecksIncomplete):
    """A material was called in order, and there is neither its scan nor a reason why not; `faults` as above."""

    code = "scan_missing"


class Kind(StrEnum):
    """What the clerk does for a check."""

    ASK = "ask"  # 问
    SEE = "see"  # 看、扫
    ATTEST = "attest"  # 确认


class Answer(StrEnum):
    """What came of it. Only a material may be lacking, and is then named in the notice (一次性告知), or looked up there."""

    OK = "ok"
    LACKING = "lacking"
    THERE = "there"  # not handed in: the authority looks it up itself (可免交)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to check, and why a case without it is not passed."""

    code: str
    kind: Kind
    title: str
    why: str
    mandatory: bool = True
    material: str = ""
    original: bool = False  # there is a paper that can be seen and given back, or kept
    scanned: bool = False  # when the answer is ok, a file has to be there, or a reason why not
    shared: bool = False  # nobody may demand it (可免交)


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers: by check; which materials' originals were kept; for what is lacking, or in order without a scan, why."""

    answers: Mapping[str, Answer]
    kept: tuple[str, ...] = ()
    remarks: Mapping[str, str] | None = None

    def to_text(self) -> str:
        """Return the answers as they are stored with the act."""
        return json.dumps(
            {
                "format": FORMAT, "answers": {code: str(answer) for code, answer in self.answers.items()},
                "kept": list(self.kept), "remarks": dict(self.remarks or {}),
            },
            ensure_ascii=False, sort_keys=True,
        )  # fmt: skip

    @property
    def lacking(self) -> list[str]:
        """Codes of the checks whose material is lacking."""
        return [code for code, answer in self.answers.items() if answer is Answer.LACKING]


NOTHING = Checked({})
_QUESTION = "照办事指南询问，问过就勾选。是否符合申请条件由办理地审查，窗口不判断。"
_MATERIAL = "缺少、过期、涂改、与本人或申请表不一致的，选“缺少或不合格”，列入一次性告知书。"
_OPTIONAL = "没有的不影响收件。"
_SIGNED = "填好后按“打印申请表”，请申请人签字，再扫描上传；不用另填一份。"
_SHARED = "可免交：没有交的，选“未交，由办理地核验”，不得要求提交；申请人自愿交的，照常核对。"
# Who filed online answers for the data alone; the window can neither change nor complete it.
FILED_ONLINE = "内容有出入的不要收件：退件并写明理由，或请申请人撤回后重新申报。缺的材料选“缺少或不合格”，收件后一次性告知，补来时再上传。"
_ATTESTED = (
    ("data", "申请人已当面核对登记内容", "内容有出入的，先改正再收件；申请表由申请人负责，登记由窗口负责。"),
    ("told", "已说明收件不等于受理，由办理地决定是否受理", "未说明的，申请人会误把收件日当作受理日。"),
)


def compiled(guide: Mapping[str, Any], form: Mapping[str, Any]) -> list[Check]:
    """Return the checks for a guide and a form as filled in so far: what to ask, see, attest, in that order."""
    called = {material["code"] for material in guides.materials_for(dict(guide), dict(form))}
    return [
        *(
            # Whether the conditions are met only the authority judges (收受分离); the guide says what a window asks.
            Check(f"ask-{number}", Kind.ASK, question, _QUESTION)
            for number, question in enumerate(guide.get("window_questions", ()), 1)
        ),
        *(_see(material, material["code"] in called) for material in guide["materials"]),
        *(Check(f"attest-{code}", Kind.ATTEST, title, why) for code, title, why in _ATTESTED),
    ]


def demand_complete(checks: list[Check], checked: Checked, held: Collection[str], *, number: str) -> None:
    """
    Ask whether every mandatory check is answered; `held` are the codes of the materials that have a file.

    Raises:
        ChecksIncomplete: one is not. ScanMissing: all are, but one was called in order without scan or reason.
    """
    faults, unseen = [], []
    for check in checks:
        answer = checked.answers.get(check.code)
        if answer is None and check.mandatory:
            faults.append((check.code, f"“{check.title}”尚未核对。请核对后勾选。"))
        elif answer is Answer.LACKING and check.kind != Kind.SEE:
            faults.append((check.code, f"“{check.title}”不能以缺少收件。请核对后勾选。"))
        elif answer is Answer.THERE and not check.shared:
            faults.append((check.code, f"“{check.title}”不是可免交的材料。请核对后选择。"))
        elif answer is Answer.OK and check.scanned and not _shown(check, checked, held):
            sentence = (
                f"“{check.title}”还没有扫描件，办理地看不到。请扫描上传，或在“写原因”里写明为什么没有扫描。"
            )
            unseen.append((check.code, sentence))
    if faults or unseen:
        refusal = ChecksIncomplete if faults else ScanMissing
        counted = len(faults) + len(unseen)
        raise refusal(f"办件 {number} 还有 {counted} 项核对没有完成，不能收件。", [*faults, *unseen])


def read(text: str) -> Checked:
    """Return stored answers; whatever is not of this format counts as none."""
    try:
        document = json.loads(text)
        answers = {str(code): Answer(answer) for code, answer in document["answers"].items()}
        return Checked(answers, tuple(map(str, document["kept"])), dict(document["remarks"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return NOTHING


def _shown(check: Check, checked: Checked, held: Collection[str]) -> bool:
    """Return whether the authority has something to look at, or is told why not."""
    return check.material in held or bool((checked.remarks or {}).get(check.code))


def _see(material: Mapping[str, Any], called: bool) -> Check:
    mandatory = bool(material["required"]) and called
    signed = _SIGNED if material.get("filled_form") else ""
    why = _SHARED if material["shared"] else _MATERIAL if material["required"] else _OPTIONAL
    return Check(
        f"see-{material['code']}", Kind.SEE, material["name"], f"{material['note']} {signed}{why}".strip(), mandatory,
        material["code"], "原件" in material["form"], scanned=True, shared=bool(material["shared"]),
    )  # fmt: skip

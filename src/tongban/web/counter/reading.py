"""What a clerk reads of a case: what the authority wrote, what the window attested, and the files behind it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tongban.accounts.access.actor import Actor
from tongban.cases import checklist, papers
from tongban.cases import reading as cases
from tongban.cases.checklist import Answer
from tongban.cases.models import Case
from tongban.cases.reading import Reading
from tongban.cases.words import Act, Phase
from tongban.kernel.journal.fold import State
from tongban.materials import queries as materials
from tongban.procedures import queries as matters
from tongban.procedures.queries import Piece
from tongban.procedures.rule import FILE

# In which phase which act's texts stand on top of the page, and under what heading.
ON_TOP: dict[str, tuple[Act, str]] = {
    Phase.NOTICED: (Act.GIVE_NOTICE, gettext_noop("要求申请人补交的内容")),
    Phase.CORRECTING: (Act.ASK_CORRECTION, gettext_noop("要求申请人补交的内容")),
    Phase.REDIRECTED: (Act.REDIRECT, gettext_noop("办理地为什么退回")),
    Phase.REFUSED: (Act.REFUSE, gettext_noop("办理地为什么不予受理")),
    Phase.RETURNED: (Act.RETURN, gettext_noop("为什么退件")),
}
OPINION = cases.LABELS["opinion"]  # for the authority's own people


@dataclass(frozen=True, slots=True)
class Attested:
    """What the window said of one check."""

    title: str
    answer: str
    kept: bool
    remark: str
    lacking: bool


def read(case: Case, by: Actor) -> Reading:
    """Return the texts of a case but for opinions, which stay with the authority; raises NotPermitted."""
    found = cases.read(case, by)
    if by.organisation not in (case.handling_org, case.handling_centre):
        found.texts = {
            told: [text for text in texts if text[0] != OPINION] for told, texts in found.texts.items()
        }
    return found


def on_top(case: Case, found: Reading) -> tuple[str, list[str]]:
    """Return the heading and the texts that matter most now; nothing in most phases."""
    act, title = ON_TOP.get(case.phase, (None, ""))
    told = [
        texts for (one, _at), texts in sorted(found.texts.items(), key=lambda pair: pair[0][1]) if one == act
    ]
    return (title, [text for _title, text in told[-1]]) if told else ("", [])


def files(case: Case, pieces: list[Piece]) -> list[tuple[str, Piece]]:
    """Return the form and the files by name; texts stand in the story, where they were written."""
    guide = papers.terms_of(State.from_dict(case.state)).guide
    names = {f"{FILE}{material['code']}": material["name"] for material in guide["materials"]}
    names |= {"form": _("申请表（全文）"), cases.RESULT: _("办理结果")}
    return [(names[piece.label], piece) for piece in pieces if piece.label in names]


def attested(case: Case, pieces: list[Piece], by: Actor) -> list[Attested]:
    """Return what the window attested, check by check, as it stands after every act."""
    guide = papers.terms_of(State.from_dict(case.state)).guide
    titles = {check.code: check for check in checklist.compiled(guide, materials.form_of(case.number))}
    said: dict[str, Attested] = {}
    for piece in pieces:
        if piece.label != checklist.LABEL or not piece.here:
            continue
        checked = checklist.read(matters.open_content(case, piece.digest, by)[2].decode())
        for code, answer in checked.answers.items():
            if code in titles:
                said[code] = _attested(titles[code], answer, checked)
    return list(said.values())


def _attested(check: checklist.Check, answer: Answer, checked: checklist.Checked) -> Attested:
    words: dict[str, Any] = {
        Answer.OK: _("已核对，齐全合格") if check.kind is checklist.Kind.SEE else _("已确认"), Answer.LACKING: _("缺少或不合格"),
        Answer.THERE: _("未交，由办理地核验（可免交）"),
    }  # fmt: skip
    return Attested(
        check.title, words.get(answer, str(answer)), check.material in checked.kept,
        (checked.remarks or {}).get(check.code, ""), answer is Answer.LACKING,
    )  # fmt: skip

"""From a case to the content of a letter. Reading the applicant's name counts as reading the form."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from tongban.accounts.actor import Actor, ActorKind
from tongban.cases import checklist, commands, numbers, papers, queries, viewing
from tongban.cases.checklist import Checked
from tongban.cases.models import Case
from tongban.cases.words import Act, Duty, Role
from tongban.kernel import canon
from tongban.kernel.clock import OFFICIAL, official_day
from tongban.kernel.errors import DomainError
from tongban.kernel.fold import State
from tongban.letters.contents import Handover, Head, Letter, MaterialLine, Notice, Receipt, qr

_BASIS: Final = "《中华人民共和国行政许可法》第三十二条、国办发〔2020〕35号"


class LetterNotDue(DomainError):
    """The case has not reached the point at which this letter is issued."""

    code = "letter_not_due"


def receipt(case: Case, *, by: Actor, at: datetime) -> Receipt:
    """
    Return the receipt (收件凭证); its second code carries this node's signed heads of the case.

    Raises:
        LetterNotDue: not taken in at a window. checklist.ChecksIncomplete: a mandatory check was not attested.
        NotPermitted, ContentMissing, ContentDestroyed: `by` may not read it, or it is not here.
    """
    guide, form = _guide(case), _form(case, by, at)
    checked = checked_at_receipt(case, by)
    if not case.received_on or checked is None:
        raise LetterNotDue(f"办件 {case.number} 没有窗口收件记录，不能出具收件凭证。请先完成核对并收件。")
    lines = _materials(case, by, guide, checked)
    held = {piece.label.removeprefix("material:") for piece in queries.contents(case, by)}
    checks = checklist.compiled(guide, form)
    checklist.demand_complete(checks, checked, held, number=case.number)
    titles = {check.code: check.title for check in checks}
    statement = canon.encode(queries.receipt(case, at)).decode()
    head = _head(
        case, "收件凭证", form, by, at, codes={"查进度、取件出示": case.number, "签名凭据": statement}
    )
    clock = "收件不等于受理。办理地收到后五个工作日内受理、一次告知补正或不予受理；办理时限自受理之日起计算。"
    if guide["licensing"]:
        clock += "逾期不告知的，自收件之日起视为受理。"
    return Receipt(head, lines, [titles.get(code, code) for code in checked.lacking], clock)


def notice(case: Case, *, by: Actor, at: datetime) -> Notice:
    """
    Return the letter that tells once what is missing: the window's, or the authority's (补正).

    Raises:
        LetterNotDue: nothing was asked for. NotPermitted, ContentMissing, ContentDestroyed: as `receipt`.
    """
    told = [piece for piece in queries.contents(case, by) if piece.label == "notice"]
    if not told:
        raise LetterNotDue(f"办件 {case.number} 没有一次性告知的内容，不能出具告知书。请先在办件页面告知。")
    text = queries.open_content(case, told[-1].digest, by)[2].decode()
    own = told[-1].act == Act.GIVE_NOTICE
    title = "申请材料一次性告知书" if own else "申请材料补正告知书"
    asked = Duty.SUPPLEMENT if own else Duty.ANSWER
    due = next((d["due"] for d in case.state["duties"].values() if d["kind"] == asked), None)
    head = _head(case, title, _form(case, by, at), by, at, codes={"查进度、补交时出示": case.number})
    return Notice(
        head, [line for line in text.splitlines() if line.strip()], due or "",
        "请在期限内一次交齐。全部内容已在本告知书中写明，不会再要求其他材料。",
    )  # fmt: skip


def handover(case: Case, *, by: Actor, at: datetime) -> Handover:
    """
    Return the list by which papers pass from the window to the authority (材料交接清单).

    Raises:
        LetterNotDue: nothing was taken in. NotPermitted, ContentMissing, ContentDestroyed: as `receipt`.
    """
    checked = checked_at_receipt(case, by)
    if not case.received_on:
        raise LetterNotDue(f"办件 {case.number} 尚未收件，没有可交接的材料。请先收件。")
    lines = _materials(case, by, _guide(case), checked or checklist.NOTHING)
    term = max(1, case.state["roles"].get(Role.HANDLING, {}).get("term", 1))
    head = _head(case, "申请材料交接清单", _form(case, by, at), by, at, codes={"办理地扫码核对": case.number})
    return Handover(head, f"{numbers.parse(case.number).display()} / {term}", lines)


LETTERS: Final[Mapping[str, Callable[..., Letter]]] = {
    "receipt": receipt, "notice": notice, "handover": handover,
}  # fmt: skip


def due(case: Case, *, by: Actor) -> list[str]:
    """
    Return which letters `by` can have of a case as it stands, by what its events name: nothing is opened.

    An applicant may not read what the window attested, so has only those that need nothing of it.

    Raises:
        NotPermitted: `by` may not read the content of the case.
    """
    held = {piece.label for piece in queries.contents(case, by) if piece.here}
    reached = {
        "receipt": by.kind is not ActorKind.APPLICANT and checklist.LABEL in held and bool(case.received_on),
        "notice": "notice" in held,
        "handover": by.kind is not ActorKind.APPLICANT and bool(case.received_on),
    }
    return [kind for kind in LETTERS if reached[kind]]


def checked_at_receipt(case: Case, by: Actor) -> Checked | None:
    """Return what the window attested when it took the case in; nothing where no window did."""
    return next((checked for act, checked in _attested(case, by) if act == Act.RECEIVE), None)


def lacking_still(case: Case, by: Actor) -> list[str]:
    """Return the codes of the checks that were answered "lacking" and not yet in order since."""
    lacking: dict[str, bool] = {}
    for _, checked in _attested(case, by):
        lacking |= {code: answer is checklist.Answer.LACKING for code, answer in checked.answers.items()}
    return [code for code, still in lacking.items() if still]


def remarks_of(case: Case, by: Actor) -> Mapping[str, str]:
    """Return why a material was found lacking, by check."""
    found: dict[str, str] = {}
    for _, checked in _attested(case, by):
        found |= checked.remarks or {}
    return found


def _attested(case: Case, by: Actor) -> list[tuple[str, Checked]]:
    return [
        (piece.act, checklist.read(queries.open_content(case, piece.digest, by)[2].decode()))
        for piece in queries.contents(case, by)
        if piece.label == checklist.LABEL and piece.here
    ]


def _window(case: Case, by: Actor) -> str:
    """Return at which window the case was taken in; empty where nobody was on shift at one."""
    said = [
        one for one in queries.contents(case, by)
        if one.label == commands.WINDOW and one.act == Act.RECEIVE and one.here
    ]  # fmt: skip
    return queries.open_content(case, said[0].digest, by)[2].decode() if said else ""


def _guide(case: Case) -> Mapping[str, Any]:
    return papers.terms_of(State.from_dict(case.state)).guide


def _form(case: Case, by: Actor, at: datetime) -> dict[str, Any]:
    piece = next((one for one in queries.contents(case, by) if one.label == "form"), None)
    if piece is None:
        return {}
    form: dict[str, Any] = json.loads(viewing.read(case, piece.digest, by=by, at=at)[2])
    return form


def _head(
    case: Case, title: str, form: Mapping[str, Any], by: Actor, at: datetime, *, codes: Mapping[str, str]
) -> Head:
    names, local = queries.names(case), at.astimezone(OFFICIAL)
    target = case.state["facts"]["target"]["org"]
    day = official_day(at)
    return Head(
        title=title, number=case.number, display=numbers.parse(case.number).display(),
        item=queries.item_name(case),
        applicant=str(form.get("applicant_name") or form.get("enterprise_name") or "（见申请表）"),
        contact=str(form.get("applicant_mobile") or form.get("contact_mobile") or ""),
        filed_on=case.filed_on, issuer=names.get(case.intake_org, case.intake_org),
        handling=names.get(case.handling_org or target, case.handling_org or target), staff=by.staff,
        at=local, day=f"{day.year}年{day.month}月{day.day}日", basis=_BASIS,
        window=_window(case, by), codes=[qr(caption, text) for caption, text in codes.items()],
    )  # fmt: skip


def _materials(case: Case, by: Actor, guide: Mapping[str, Any], checked: Checked) -> list[MaterialLine]:
    labels = [piece.label for piece in queries.contents(case, by)]
    lines = []
    for material in guide["materials"]:
        files = labels.count(f"material:{material['code']}")
        seen = checked.answers.get(f"see-{material['code']}") is checklist.Answer.OK
        if not files and not seen:
            continue
        original = "—"
        if seen and "原件" in material["form"]:
            original = "原件留存" if material["code"] in checked.kept else "原件已核对，当场退还"
        back = {True: "用后返还", False: "不返还"}.get(material["return_after_use"], "按办理地规定")
        lines.append(
            MaterialLine(material["name"], material["form"], material["copies"], files, original, back)
        )
    return lines

"""The checklist as the page shows it and as it comes back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from django.http import HttpRequest, QueryDict

from tongban.cases.checklist import NOTHING, Answer, Check, Checked, Kind
from tongban.materials import arranging
from tongban.materials.models import Material

SESSION = "counter-checks"
KEPT_DRAFTS = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One check with its answer, its fault, and for a material the files that are there."""

    PICTURES: ClassVar = frozenset(arranging.PICTURES)  # of which there are small pictures

    check: Check
    answer: str = ""
    kept: bool = False
    remark: str = ""
    fault: str = ""
    accept: str = ""
    files: list[Material] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)


def lines(
    checks: Iterable[Check], checked: Checked, *, faults: Mapping[str, str] | None = None,
    files: Iterable[Material] = (), hints: Mapping[str, list[str]] | None = None,
    accept: Mapping[str, str] | None = None,
) -> dict[str, list[Line]]:  # fmt: skip
    """Return the checks by kind, as the template draws them."""
    held = list(files)
    found: dict[str, list[Line]] = {kind: [] for kind in Kind}
    for check in checks:
        line = Line(
            check, str(checked.answers.get(check.code, "")), check.material in checked.kept,
            (checked.remarks or {}).get(check.code, ""), (faults or {}).get(check.code, ""),
            (accept or {}).get(check.material, ""),
            [one for one in held if check.material and one.code == check.material],
            (hints or {}).get(check.material)
            or [one.hints for one in held if check.material and one.code == check.material and one.hints],
        )  # fmt: skip
        found[check.kind].append(line)
    return found


def typed(data: QueryDict, checks: Iterable[Check]) -> Checked:
    """Return what was ticked; anything else counts as not answered."""
    answers, kept, remarks = {}, [], {}
    for check in checks:
        answer = data.get(f"check-{check.code}", "")
        if answer in set(Answer):
            answers[check.code] = Answer(answer)
        if check.original and f"keep-{check.material}" in data:
            kept.append(check.material)
        remark = data.get(f"remark-{check.code}", "").strip()[:300]
        if remark:
            remarks[check.code] = remark
    return Checked(answers, tuple(kept), remarks)


def keep(request: HttpRequest, number: str, checked: Checked) -> None:
    """Keep the ticks of an unfinished draft in the session of who made them; remarks are free text and stay out."""
    held = dict(request.session.get(SESSION, {}))
    held.pop(number, None)
    answers = {code: str(answer) for code, answer in checked.answers.items()}
    held[number] = {"answers": answers, "kept": list(checked.kept)}
    request.session[SESSION] = dict(list(held.items())[-KEPT_DRAFTS:])


def kept(request: HttpRequest, number: str) -> Checked:
    """Return the ticks that were kept for a draft."""
    held = request.session.get(SESSION, {}).get(number)
    if not held:
        return NOTHING
    return Checked({code: Answer(answer) for code, answer in held["answers"].items()}, tuple(held["kept"]))


def forget(request: HttpRequest, number: str) -> None:
    """Drop the ticks of a draft that is filed."""
    held = dict(request.session.get(SESSION, {}))
    if held.pop(number, None) is not None:
        request.session[SESSION] = held

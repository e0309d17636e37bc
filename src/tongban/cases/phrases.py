"""
Ready phrases (常用语): each belongs to an act, perhaps to one outcome, to items of some nature, and to what must be so before it is true.

Those of the country lie in data/phrases.json; the guide of an item and the office that decides add their own, in the same form.
Blanks stand as 〔what to write〕 and have to be filled in.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from tongban.cases.words import Act, Clock, Duty, Role
from tongban.catalogue.kinds import Kind
from tongban.kernel.crypto import digest
from tongban.kernel.errors import InvalidInput
from tongban.kernel.journal.fold import State
from tongban.kernel.time.standing import is_late

BLANK: Final = re.compile(r"〔([^〔〕]{1,60})〕")
_FIELDS: Final = {"id", "act", "text", "outcome", "when", "kinds", "basis"}


class PhraseInvalid(InvalidInput):
    """What an office or a guide gives as a phrase is none."""

    code = "phrase_invalid"


class PhraseUnfit(InvalidInput):
    """A phrase was chosen that contradicts the outcome, or says what is not so."""

    code = "phrase_unfit"


class PhraseChanged(InvalidInput):
    """A phrase was changed after the page was drawn."""

    code = "phrase_changed"
    status = 409


class PhraseBlank(InvalidInput):
    """A blank of a phrase was left empty."""

    code = "phrase_blank"


@dataclass(frozen=True, slots=True)
class Moment:
    """A case at a moment, as far as phrases depend on it."""

    state: State
    kind: str
    day: date

    def fact(self, role: str, name: str) -> Any:
        """Return a fact that a side has recorded; nothing where there is none."""
        return self.state.fact(role, name)


def _corrected(m: Moment) -> str:
    answered = m.fact(Role.HANDLING, "corrected") and m.fact(Role.INTAKE, "answered_on")
    return "" if answered else "没有收到过补正材料"


def _correction_ran_out(m: Moment) -> str:
    if not m.fact(Role.HANDLING, "corrected"):
        return "没有告知过补正"
    if m.fact(Role.INTAKE, "answered_on"):
        return "已经收到补正材料"
    dues = [m.state.duties[name]["due"] for name in m.state.open_duties(Duty.ANSWER)]
    over = any(due and m.day > date.fromisoformat(due) for due in dues)
    return "" if over else "补正期限还没有届满"


def _late(m: Moment) -> bool:
    due = m.state.clocks.get(Clock.DECISION, {}).get("due")
    return is_late(date.fromisoformat(due) if due else None, m.day)


# What must be so before a phrase is true: why it is not, or nothing.
CONDITIONS: Final[Mapping[str, Callable[[Moment], str]]] = {
    "corrected": _corrected,
    "correction_ran_out": _correction_ran_out,
    "on_time": lambda m: "已经超过办理期限" if _late(m) else "",
    "overdue": lambda m: "" if _late(m) else "没有超过办理期限",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase."""

    id: str
    act: str
    text: str
    outcome: str = ""
    when: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    basis: str = ""

    @property
    def blanks(self) -> list[str]:
        """Return what has to be written into it, in order."""
        return BLANK.findall(self.text)

    @property
    def digest(self) -> str:
        """Return what a page sends back, so that another wording is noticed."""
        return digest.tagged("tongban-phrase/1", [self.id, self.text])[-16:]

    def why_not(self, outcome: str, m: Moment) -> str:
        """Return why it cannot be said now, or nothing."""
        if self.outcome and self.outcome != outcome:
            return "与所选的结论不符"
        if self.kinds and m.kind not in self.kinds:
            return "不适用于这类事项"
        return next((why for name in self.when if (why := CONDITIONS[name](m))), "")

    def filled(self, written: Sequence[str]) -> str:
        """Return it with its blanks filled in, in order."""
        said = iter(written)
        return BLANK.sub(lambda _blank: next(said), self.text)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A phrase that somebody ticked: which, in which wording, and what they wrote into it."""

    id: str
    digest: str
    written: tuple[str, ...] = ()


def known(act: str, *own: Iterable[Mapping[str, Any]]) -> list[Phrase]:
    """Return the phrases for an act: those of the country, and `own` of the item's guide and of the office."""
    found = {one.id: one for one in _national()}
    for more in own:
        found |= {one.id: one for one in read_all(more)}
    return [one for one in found.values() if one.act == act]


def offered(phrases: Iterable[Phrase], outcome: str, m: Moment) -> list[tuple[Phrase, str]]:
    """Return the phrases that a page offers for an outcome, each with why it cannot be said now; others' outcomes are left out."""
    return [
        (one, one.why_not(outcome, m))
        for one in phrases
        if one.outcome in ("", outcome) and (not one.kinds or m.kind in one.kinds)
    ]


def composed(phrases: Iterable[Phrase], chosen: Iterable[Chosen], outcome: str, m: Moment) -> list[str]:
    """
    Return the sentences that were chosen, filled in.

    Raises:
        PhraseUnfit: one contradicts the outcome, or what it says is not so. PhraseChanged: its wording is another now.
        PhraseBlank: something of it was left empty.
    """
    by_id = {one.id: one for one in phrases}
    sentences = []
    for pick in chosen:
        phrase = by_id.get(pick.id)
        if phrase is None or pick.digest != phrase.digest:
            raise PhraseChanged("您打开页面之后，有常用语改了措辞，尚未提交。请看清新的措辞，重新勾选。")
        why = phrase.why_not(outcome, m)
        if why:
            raise PhraseUnfit(f"常用语“{_short(phrase.text)}”{why}，未提交。请改选，或用自己的话写明。")
        written = [text.strip() for text in pick.written]
        for name, text in zip(phrase.blanks, [*written, *[""] * len(phrase.blanks)], strict=False):
            if not text:
                raise PhraseBlank(
                    f"常用语“{_short(phrase.text)}”里的“{name}”没有填写，未提交。请填写后再提交。"
                )
        sentences.append(phrase.filled(written))
    return sentences


def read_all(entries: Iterable[Mapping[str, Any]]) -> list[Phrase]:
    """Return phrases from their form in data; raises PhraseInvalid."""
    return [_read(entry) for entry in entries]


def _read(entry: Mapping[str, Any]) -> Phrase:
    wrong = _wrong(entry)
    if wrong:
        raise PhraseInvalid(
            f"常用语 {entry.get('id') if isinstance(entry, Mapping) else ''}：{wrong}。请改正后重试。"
        )
    return Phrase(
        entry["id"], entry["act"], entry["text"], entry.get("outcome", ""), tuple(entry.get("when", ())),
        tuple(entry.get("kinds", ())), entry.get("basis", ""),
    )  # fmt: skip


def _wrong(entry: Mapping[str, Any]) -> str:
    if not isinstance(entry, Mapping) or not {"id", "act", "text"} <= set(entry) <= _FIELDS:
        return "须有 id、act、text，另可有 outcome、when、kinds、basis"
    if not re.fullmatch(r"[A-Za-z0-9-]{1,20}", str(entry["id"])):
        return "id 须为 1 至 20 位字母、数字或 -"
    if entry["act"] not in set(Act):
        return "没有这种操作"
    if not isinstance(entry["text"], str) or not 1 <= len(entry["text"]) <= 400:
        return "句子须为 1 至 400 字"
    if not set(entry.get("when", ())) <= set(CONDITIONS):
        return "没有这种前提"
    return "" if set(entry.get("kinds", ())) <= set(Kind) else "没有这类事项"


def _short(text: str) -> str:
    return f"{text[:24]}…" if len(text) > 24 else text


@cache
def _national() -> tuple[Phrase, ...]:
    file = Path(__file__).parent / "data" / "phrases.json"
    return tuple(read_all(json.loads(file.read_text(encoding="utf-8"))))

"""Beside the letter of a decision: whether the case is concluded and its result sent at the same press (签发后随即送出)."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor
from tongban.cases import results
from tongban.cases.procedure import RULES
from tongban.cases.results import Sending
from tongban.cases.words import Act
from tongban.kernel.errors import DomainError
from tongban.web.english import told
from tongban.web.officer.forms import LONGEST, WAYS

WAY, RESULT, FILE = "after", "after-result", "after-file"
NAMES: Final = (WAY, RESULT, FILE)
LATER: Final = ""
# After these nothing is left to judge.
LAST: Final = frozenset({Act.DECIDE, Act.REFUSE})


@dataclass(slots=True)
class Onward:
    """What was asked for beside a letter: what is sent, if anything; what was typed, and what is wrong with it."""

    way: str
    text: str
    sending: Sending | None
    faults: list[tuple[str, str]]

    @property
    def choices(self) -> list[tuple[str, Any]]:
        """What can be chosen, the usual first."""
        return [(LATER, _("先不送出，以后办结、寄出")), *WAYS]


NOTHING: Final = Onward(LATER, "", None, [])


def is_offered(act: Act, by: Actor) -> bool:
    """Return whether somebody who issues the letter of an act may send the result as well."""
    rules = (RULES[Act.CONCLUDE], RULES[Act.SEND_RESULT])
    return act in LAST and all(rule.permission and by.may(rule.permission) for rule in rules)


def read(post: Any, files: MultiValueDict[str, Any]) -> Onward:
    """Return what came back; a file is judged now, before anything is decided."""
    way, text, file = post.get(WAY, LATER), post.get(RESULT, "").strip(), files.get(FILE)
    found = Onward(way, text, None, [])
    if way == LATER:
        if text or file:
            found.faults.append((WAY, _("写了要送出的结果，没有选送达方式。请选择送达方式，或删去结果。")))
        return found
    if way not in dict(WAYS):
        found.faults.append((WAY, _("%(what)s：请选择一项。") % {"what": _("签发后")}))
    if not text or len(text) > LONGEST or "\x00" in text:
        found.faults.append(
            (RESULT, _("结果说明：请填写，不能过长或含有无法保存的字符。例如证照名称、份数和运单号。"))
        )
    if not found.faults:
        try:
            named = (file.name or "", file.read()) if file else None
            found.sending = results.ready(way=way, text=text, file=named)
        except DomainError as refusal:
            found.faults.append((FILE, told(refusal)))
    return found

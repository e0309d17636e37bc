"""One sitting at the window (一次收件): what one press brings about, each part recorded as the act it is, in order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.cases import checklist, commands
from tongban.cases.checklist import Checked
from tongban.cases.in_turn import Came, in_turn
from tongban.cases.words import Act, Mode
from tongban.catalogue import queries as catalogue
from tongban.materials import queries as materials

EVIDENCE = "evidence"
PRESENT_BY = {"id_card": "id_card", "face": "id_card", "agent": "agent"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clerk saw of somebody's identity: by which method, and what proves it, for the vault."""

    method: str
    evidence: str

    @property
    def presence(self) -> str:
        """How a clerk who helps somebody file says the same, in fewer words (`PRESENCE`)."""
        return PRESENT_BY.get(self.method, "other_paper")


def take_in(*, number: str, checked: Checked, seen: Seen, by: Actor, at: datetime) -> Came:
    """
    File a draft of the window's, receive it, check identity, pass the form and push it on; where a material is lacking, stop
    after the identity check, since the window then has to tell once what is missing (一次性告知).

    What is recorded stays: an act that is refused after filing is named in what comes back, and the case goes on from there.

    Raises:
        ChecksIncomplete, ScanMissing: as `checklist.demand_complete`. And what `commands.file` raises; nothing is recorded then.
    """
    draft = materials.draft(number, by)
    guide = catalogue.current_guide(draft.offering).body
    asked = checklist.compiled(guide, materials.form_of(number))
    held = set(materials.materials_of(number).values_list("code", flat=True))
    checklist.demand_complete(asked, checked, held, number=number)
    case = commands.file(number=number, mode=Mode.PROXY_INTAKE, by=by, at=at)
    steps = (
        (act, partial(commands.act, act=act, by=by, at=at, given=given, texts=texts))
        for act, given, texts in _acts(checked, seen)
    )
    return in_turn(case, steps, done=(Act.FILE,))


def _acts(checked: Checked, seen: Seen) -> Iterator[tuple[Act, Mapping[str, Any], Mapping[str, str]]]:
    """Yield the acts after filing, with what each carries."""
    yield Act.RECEIVE, {}, {checklist.LABEL: checked.to_text()}
    yield Act.CHECK_IDENTITY, {"method": seen.method}, {EVIDENCE: seen.evidence}
    if not checked.lacking:
        yield Act.PASS_REVIEW, {}, {}
        yield Act.FORWARD, {}, {}

"""
What letters are made of: the acts of a case with their texts, the form, the guide, the materials.

Whoever may print a letter may read all that stands in it, so texts are read past `matters.contents`; `queries.compose`
has asked before. Reading the applicant's name counts as reading the form.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.identifiers import mask_id
from tongban.accounts.people import colleagues
from tongban.cases import checklist, papers, queries
from tongban.cases.bases import basis_of
from tongban.cases.checklist import Checked
from tongban.cases.models import Case
from tongban.cases.practice import WINDOW
from tongban.cases.words import Act, Role
from tongban.kernel import vault
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.time.clock import OFFICIAL, official_day
from tongban.letters.contents import Head, MaterialLine, qr
from tongban.materials import pages
from tongban.procedures import queries as matters
from tongban.procedures import viewing
from tongban.procedures.rule import FILE

RULE = "国办发〔2020〕35号"
# Under which names the forms of the guides ask for these.
APPLICANTS = ("applicant_name", "enterprise_name", "company_name")
MOBILES = ("applicant_mobile", "contact_mobile")


class LetterNotDue(DomainError):
    """The case has not reached the point at which this letter is issued."""

    code = "letter_not_due"


@dataclass(frozen=True, slots=True)
class Occasion:
    """The act that a letter tells of, and for whom it is printed and when."""

    case: Case
    event: Event
    by: Actor
    at: datetime

    def text(self, label: str) -> str:
        """Return a text of the act; empty if it has none. Raises ContentMissing, ContentDestroyed as the vault."""
        return text_of(self.case, self.event, label)

    @property
    def day(self) -> date:
        """The official day of the act."""
        return official_day(self.event.at)


def text_of(case: Case, event: Event, label: str) -> str:
    """Return a text that an event names; empty if it names none; raises as the vault."""
    named = next((str(piece["digest"]) for piece in event.content if piece["label"] == label), "")
    return vault.get(case.number, named).decode() if named else ""


def last(case: Case, *acts: Act) -> Event | None:
    """Return the latest event of a case that is one of `acts`."""
    return next((one for one in reversed(journal.events_of(case.number)) if one.kind in acts), None)


def guide_of(case: Case) -> Mapping[str, Any]:
    """Return the guide that counts for a case; raises NotFound while it has not come."""
    return papers.terms_of(State.from_dict(case.state)).guide


def form_of(case: Case, by: Actor, at: datetime) -> dict[str, Any]:
    """Return the form as filed, and write down that it was read; empty where none is recorded."""
    piece = next((one for one in reversed(matters.contents(case, by)) if one.label == "form"), None)
    if piece is None:
        return {}
    form: dict[str, Any] = json.loads(viewing.read(case, piece.digest, by=by, at=at)[2])
    return form


def checked_at_receipt(case: Case) -> Checked | None:
    """Return what the window attested when it took the case in; nothing where no window did."""
    event = last(case, Act.RECEIVE)
    text = text_of(case, event, checklist.LABEL) if event else ""
    return checklist.read(text) if text else None


def head(
    occasion: Occasion, title: str, kind: str, *, role: Role, basis: str = "", codes: Mapping[str, str] | None = None
) -> Head:  # fmt: skip
    """Return the head and tail of a letter; `kind` is the word of its serial, `role` whose letter it is."""
    case, by = occasion.case, occasion.by
    names, form = matters.names(case), form_of(case, by, occasion.at)
    received, day = last(case, Act.RECEIVE), occasion.day
    target = case.handling_org or case.facts["target"]["org"]
    window = text_of(case, received, WINDOW) if received else ""
    intake, handling = names.get(case.intake_org, case.intake_org), names.get(target, target)
    display, (capacity, staff) = numbers.parse(case.number).display(), _staff(occasion, role)
    shown = {"查进度、取件出示": case.number} if codes is None else codes
    return Head(
        title=title, serial=f"{kind}〔{day.year}〕{display}", number=case.number, display=display,
        item=queries.item_name(case), applicant=_first(form, APPLICANTS) or "（见申请表）",
        identity=str(form.get("enterprise_uscc") or mask_id(str(form.get("applicant_idno", "")))),
        contact=_first(form, MOBILES), address=str(form.get("applicant_address", "")), filed_on=case.filed_on,
        received=f"{received.at.astimezone(OFFICIAL):%Y-%m-%d %H:%M}" if received else "",
        intake=f"{intake}　{window}".strip(), handling=handling, issuer=intake if role == Role.INTAKE else handling,
        staff=staff, capacity=capacity, enquiries=_enquiries(case.intake_org, window),
        at=occasion.at.astimezone(OFFICIAL), day=chinese(day), basis=basis or rule(guide_of(case)),
        codes=[qr(caption, text) for caption, text in shown.items()],
    )  # fmt: skip


def rule(guide: Mapping[str, Any], provision: str = "") -> str:
    """Return the basis that a letter names: the provision where a licence is asked for, and cross-province handling."""
    if not provision:
        return RULE
    named = basis_of(provision, guide)
    return f"《中华人民共和国行政许可法》{named.partition(' ')[2]}、{RULE}" if named == provision else named


def materials(case: Case, guide: Mapping[str, Any], checked: Checked) -> list[MaterialLine]:
    """Return what was handed in: the materials with a file, and those seen at the window."""
    pieces = [piece for event in journal.events_of(case.number) for piece in event.content]
    lines = []
    for material in guide["materials"]:
        files = [str(p["digest"]) for p in pieces if p["label"] == f"{FILE}{material['code']}"]
        seen = checked.answers.get(f"see-{material['code']}") is checklist.Answer.OK
        there = checked.answers.get(f"see-{material['code']}") is checklist.Answer.THERE
        if not files and not seen and not there:
            continue
        original, back = "未交，由办理地核验" if there else "—", "—"
        if seen and "原件" in material["form"]:
            kept = material["code"] in checked.kept
            original = "原件留存" if kept else "原件已核对，当场退还"
            # What was given back at once is not given back a second time.
            back = (
                {True: "用后返还", False: "不返还"}.get(material["return_after_use"], "按办理地规定")
                if kept
                else "已退还"
            )
        lines.append(
            MaterialLine(
                material["name"], material["form"], material["copies"], len(files), pages.count(case.number, files),
                original, back,
            )
        )  # fmt: skip
    return lines


def lines(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def chinese(day: date) -> str:
    """Return a day as letters write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def _first(form: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(form[name]) for name in names if form.get(name)), "")


def _staff(occasion: Occasion, role: Role) -> tuple[str, str]:
    """Return who stands on the letter, and as what: who did it for the issuer, if they work here, else who prints it."""
    did = ""
    if occasion.event.role == role:
        did = matters.called(occasion.event.subject, str(occasion.event.actor["staff"]))
    prints = occasion.by.staff if occasion.by.kind is ActorKind.STAFF else ""
    known = colleagues.known([did, prints])
    if did in known:
        return "经办人", str(known[did])
    return "送达经办人", str(known.get(prints, ""))


def _enquiries(organisation: str, window: str) -> str:
    hall = accounts.hall_of(organisation, window)
    if hall is None:
        return "12345"
    return "，".join(
        one for one in (hall.address, f"电话 {hall.phone}" if hall.phone else "", hall.open_hours) if one
    )

"""A matter as its applicant takes it home: what they may see of it on their pages, and no more."""

from datetime import datetime
from functools import partial
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.cases import answer_code
from tongban.cases import queries as cases
from tongban.cases.models import Case
from tongban.kernel import identity
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.letters import queries as letters
from tongban.materials import queries as materials
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.procedures.queries import Piece
from tongban.procedures.rule import FILE
from tongban.rights import answers
from tongban.rights.files import Budget, Held, Opened
from tongban.signin import routes
from tongban.supervision import looks

Document = dict[str, Any]
_DAYS = ("filed_on", "received_on", "accepted_on", "decide_by", "concluded_on")


def document(number: str, by: Actor, at: datetime, budget: Budget) -> tuple[Document, list[Held]]:
    """Return what is said of a matter, and its files and letters."""
    matter = matters.matter(number, by)
    case = Case.objects.visible_to(by).filter(number=number).first()
    pieces = matters.contents(matter, by)
    found: Document = {
        "kind": matter.procedure, "number": matter.number, "display": numbers.parse(number).display(),
        "title": matter.title, "phase": matter.phase, "phase_name": matter.phase_name, "live": matter.live,
        "opened_on": matter.opened_on, "about": matter.about, "organisations": matters.names(matter),
        "timeline": [
            {"at": one.at, "what": one.title, "act": one.act, "organisation": one.organisation, "name": one.name, "phase": one.phase}
            for one in matters.timeline(matter, by)
        ],
        "texts": _texts(matter, pieces, by), "looks": _looks(number, by),
        **(_of_case(case, pieces) if case else {}),
    }  # fmt: skip
    contents = _files(matter, pieces, by, budget)
    contents += _letters(case, by, at, budget, len(contents)) if case else []
    found["files"] = [held.entry for held in contents]
    return found, contents


def _of_case(case: Case, pieces: list[Piece]) -> Document:
    guide, own = cases.guide_of(case), case.intake_node == identity.fingerprint()
    form: Document = {}
    why_not = ""
    for piece in pieces:
        if piece.label == "form":
            try:
                form, why_not = materials.form_at(case.number, piece.digest), ""
            except DomainError as refusal:
                why_not = str(refusal)
    return {
        "item": cases.item_name(case), "offering": case.offering, "mode": case.mode, "outcome": case.outcome,
        **{day: getattr(case, day) for day in _DAYS}, "answer_code": answer_code.of(case.number) if own else "",
        "form": form, "form_why_not": why_not, "answers": answers.of(dict(guide["form"]), form) if guide else [],
    }  # fmt: skip


def _texts(matter: Matter, pieces: list[Piece], by: Actor) -> list[Document]:
    found = []
    for piece in pieces:
        if piece.label in ("form", "letter") or piece.label.startswith(FILE):
            continue
        entry = {"label": piece.label, "title": matter.title_of_label(piece.label), "at": piece.at}
        try:
            entry["text"] = matters.open_content(matter, piece.digest, by)[2].decode(errors="replace")
        except DomainError as refusal:
            entry["why_not"] = str(refusal)
        found.append(entry)
    return found


def _files(matter: Matter, pieces: list[Piece], by: Actor, budget: Budget) -> list[Held]:
    wanted = [piece for piece in pieces if piece.label.startswith(FILE)]
    return [
        Held(
            {"title": _title(matter, piece), "code": piece.label.removeprefix(FILE), "size": piece.size, "at": piece.at},
            n, partial(matters.open_content, matter, piece.digest, by), budget,
        )
        for n, piece in enumerate(wanted, 1)
    ]  # fmt: skip


def _title(matter: Matter, piece: Piece) -> str:
    case = Case.objects.filter(number=matter.number).first()
    guide = cases.guide_of(case) if case else None
    code = piece.label.removeprefix(FILE)
    named = {one["code"]: str(one["name"]) for one in guide["materials"]} if guide else {}
    return named.get(code) or matter.title_of_label(piece.label)


def _letters(case: Case, by: Actor, at: datetime, budget: Budget, before: int) -> list[Held]:
    def printed(kind: str) -> Opened:
        letter = letters.printed(kind, case, by=by, at=at)
        return f"{letter.title}.pdf", "application/pdf", letter.pdf

    return [
        Held({"title": title, "code": kind, "is_letter": True}, before + n, partial(printed, kind), budget)
        for n, (kind, title) in enumerate(letters.due(case, by=by).items(), 1)
    ]  # fmt: skip


def _looks(number: str, by: Actor) -> list[Document]:
    """Return who looked, by organisation and post, as its owner may know: no names."""
    rows = looks.of_matter(number, by)
    titles = looks.titles_of(looks.posts_of(rows))
    return [
        {
            "at": row.at, "organisation": row.organisation, "post": titles.get(f"{row.organisation}:{row.post}", row.post),
            "action": str(routes.title(row.doing)),
        }
        for row in rows.iterator()
    ]  # fmt: skip

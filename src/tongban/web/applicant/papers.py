"""What an applicant is given in a case: the result, the letters, and what was written to them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from tongban.cases import queries
from tongban.cases.models import Case
from tongban.cases.reading import RESULT
from tongban.kernel import vault
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.time import clock
from tongban.letters import filing as filings
from tongban.letters import queries as letters
from tongban.materials import queries as materials
from tongban.procedures import queries as matters
from tongban.procedures.queries import Piece
from tongban.procedures.rule import FILE
from tongban.signin.actor import SignedInRequest
from tongban.web import answers
from tongban.web.applicant import own_form
from tongban.web.applicant.drafts import applicants_only
from tongban.web.applicant.words import FILE_TYPES, LETTERS_OF_TEXT, TEXTS
from tongban.web.files import download


@applicants_only
@require_safe
def letter(request: SignedInRequest, number: str, kind: str) -> HttpResponse:
    """Save a letter of one's own case as PDF."""
    case = queries.case(number, request.actor)
    if kind not in letters.due(case, by=request.actor):
        raise NotFound(f"办件 {case.number} 没有这份文书。请从办件页面选择。")
    letter = letters.printed(kind, case, by=request.actor, at=clock.now())
    return download(f"{letter.title}-{case.number}.pdf", "application/pdf", letter.pdf)


@applicants_only
@require_safe
def filing(request: SignedInRequest, number: str) -> HttpResponse:
    """Save what was filed as PDF, whole, for its owner."""
    case = queries.case(number, request.actor)
    form, guide = own_form.of(case), own_form.guide_of(case)
    sections = [
        (one.title, [(answer.title, answer.text) for answer in one.answers])
        for one in (answers.sections(guide["form"], form) if guide else [])
        if one.answers
    ]
    files = [
        (own_form.material_name(guide, piece), f"{localtime(piece.at):%Y-%m-%d %H:%M}")
        for piece in matters.contents(case, request.actor)
        if piece.label.startswith(FILE) and piece.label != RESULT
    ]
    slip = filings.printed(case, sections=sections, materials=files, by=request.actor, at=clock.now())
    return download(f"{slip.title}-{case.number}.pdf", "application/pdf", slip.pdf)


def given(case: Case, pieces: list[Piece], request: SignedInRequest) -> dict[str, Any]:
    """Return what the page of a case shows of all this, the newest text first."""
    destroyed = vault.is_destroyed(case.number)
    due = letters.due(case, by=request.actor)
    texts = [
        _text(case, piece, request, due, destroyed=destroyed) for piece in pieces if piece.label in TEXTS
    ]
    texts.sort(key=lambda text: (-text["at"].timestamp(), list(TEXTS).index(text["label"])))
    return {
        "destroyed": destroyed,
        "results": [_result(case, piece, destroyed=destroyed) for piece in pieces if piece.label == RESULT],
        "result_texts": [text for text in texts if text["label"] == "result"],
        "texts": [text for text in texts if text["label"] != "result"],
        "letters": list(due.items()),
    }


def _result(case: Case, piece: Piece, *, destroyed: bool) -> dict[str, Any]:
    """Return a file of the result under the name that the officer's file had."""
    name, media_type = "", ""
    if piece.here and not destroyed:
        try:
            name, media_type = materials.name_of(case.number, piece.digest)
        except DomainError:
            name = ""  # opening it says what is wrong with it
    return {
        "name": name, "type": FILE_TYPES.get(media_type, ""), "size": piece.size, "digest": piece.digest, "at": piece.at,
        "here": piece.here and not destroyed,
    }  # fmt: skip


def _text(
    case: Case, piece: Piece, request: SignedInRequest, due: Mapping[str, str], *, destroyed: bool
) -> dict[str, Any]:
    """Return what was written to the applicant, as far as it has arrived and still exists."""
    there = piece.here and not destroyed
    words = (
        matters.open_content(case, piece.digest, request.actor)[2].decode(errors="replace") if there else ""
    )
    return {
        "title": TEXTS[piece.label], "label": piece.label, "at": piece.at, "words": words, "digest": piece.digest,
        # Saved as plain text only where no letter says the same on paper.
        "plain": piece.label in LETTERS_OF_TEXT and not due.keys() & LETTERS_OF_TEXT[piece.label],
    }  # fmt: skip

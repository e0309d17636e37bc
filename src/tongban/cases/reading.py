"""A case as whoever decides it reads it: the form, the files, and what was written on the way."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.cases import queries
from tongban.cases.models import Case
from tongban.cases.procedure import CASE
from tongban.cases.words import PRESENCE
from tongban.kernel import vault
from tongban.kernel.errors import DomainError
from tongban.materials import container
from tongban.materials import queries as materials
from tongban.procedures import queries as matters
from tongban.procedures import readable, tracing
from tongban.procedures.disposal import GROUNDS
from tongban.procedures.queries import Piece
from tongban.procedures.readable import is_gone_for
from tongban.procedures.rule import FILE

# A letter is a file, and is printed as one.
LABELS = {label: title for label, title in CASE.labels.items() if label != "letter"}
RESULT = "material:result"
_HEAD = 64 * 1024  # more than any file's line that names it


@dataclass(frozen=True, slots=True)
class Paper:
    """A file of the case: what it is for the guide, and whether it has arrived."""

    title: str
    digest: str
    size: int
    kind: str  # "PDF", "JPEG", …; empty while it has not arrived
    at: datetime
    act: str
    here: bool


@dataclass(slots=True)
class Reading:
    """What there is to read of a case. `why_not` says why there is no form."""

    form: Mapping[str, Any] | None = None
    form_digest: str = ""
    why_not: str = ""
    papers: list[Paper] = field(default_factory=list)
    # (act, when) → [(what it is, text)]
    texts: dict[tuple[str, datetime], list[tuple[str, str]]] = field(default_factory=dict)


def read(case: Case, actor: Actor) -> Reading:
    """
    Return what `actor` may read of a case; what has not arrived or was destroyed is told, not refused.

    Raises:
        NotPermitted: the post may not read content, or reads it for another organisation.
    """
    pieces = matters.contents(case, actor)
    reading, titles = Reading(), _titles(case)
    for piece in pieces:
        if piece.label.startswith(FILE):
            reading.papers.append(_paper(case, piece, titles))
        elif piece.label in LABELS:
            text = _text(case, piece)
            reading.texts.setdefault((piece.act, piece.at), []).append((LABELS[piece.label], text))
    form = next((piece for piece in reversed(pieces) if piece.label == "form"), None)
    if form is None:
        reading.why_not = _why_gone(case, actor) or "申请表没有随办件记录。"
        return reading
    reading.form_digest = form.digest
    try:
        reading.form = materials.form_at(case.number, form.digest)
    except DomainError as refusal:
        reading.why_not = str(refusal)
    return reading


def bearers(cases: Collection[Case], actor: Actor) -> dict[str, str]:
    """Return by number what lists call whom cases are for, of those whose form `actor` may read."""
    return tracing.names_of([case.number for case in cases if readable.reads_form(case, actor)])


def _titles(case: Case) -> dict[str, str]:
    guide = queries.guide_of(case)
    named = {str(one["code"]): str(one["name"]) for one in guide["materials"]} if guide else {}
    return {**named, "result": "办理结果"}


def _paper(case: Case, piece: Piece, titles: Mapping[str, str]) -> Paper:
    code = piece.label.removeprefix(FILE)
    return Paper(
        title=titles.get(code, code), digest=piece.digest, size=piece.size, kind=_kind(case, piece), at=piece.at,
        act=case.title_of_act(piece.act), here=piece.here,
    )  # fmt: skip


def _kind(case: Case, piece: Piece) -> str:
    """Return the type that a file says it has, from its first chunk alone."""
    if not piece.here:
        return ""
    try:
        stored = vault.read_chunk(case.number, piece.digest, 0)[vault.SALT :][:_HEAD]
        return container.unpack(stored).media_type.rpartition("/")[2].upper()
    except DomainError:
        return "无法打开"


def _text(case: Case, piece: Piece) -> str:
    try:
        text = vault.get(case.number, piece.digest).decode(errors="replace")
        return _stated(text) if piece.label == "statement" else text
    except DomainError as refusal:
        return str(refusal)


def _stated(text: str) -> str:
    """Return what a third window stated, as clerks read it: how it made sure who stood there, and what was said."""
    said = json.loads(text)
    return f"{PRESENCE.get(said['seen'], said['seen'])}；岗位 {said['post']}；{said['note'] or '没有说明'}"


def _why_gone(case: Case, actor: Actor) -> str:
    """Return when and on what ground the actor's side destroyed its file; nothing where it keeps it."""
    if is_gone_for(case, actor.organisation):
        for said in case.state["facts"].values():
            if said.get("destroyed"):
                ground = GROUNDS.get(said["appraised"], "")
                return f"材料内容已于 {said['destroyed']} 销毁：{ground}。办理记录仍可查看。"
    return ""

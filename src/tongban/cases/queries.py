"""
What is read of cases for a page or an answer. Everything starts from what the actor may see.

Nothing here holds personal data but `contents` and `open_content`, which ask for the right to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tongban.accounts.actor import Actor, ActorKind, Permission
from tongban.accounts.models import Organisation
from tongban.agreements.models import Agreement
from tongban.cases.rules_1 import duties
from tongban.cases import papers
from tongban.procedures import recording, tables
from tongban.procedures.deadlines import deadline_of
from tongban.cases.models import Case, CaseQuerySet
from tongban.procedures.papers_named import AGREEMENT, one
from tongban.cases.words import Clock, phase_name
from tongban.kernel import calendars, identity, journal, numbers, pseudonyms, statements, vault
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.kernel.fold import State
from tongban.kernel.models import Content
from tongban.materials import queries as materials

CLOCK_NAMES: Mapping[str, str] = {Clock.NOTICE: "一次性告知", Clock.DECISION: "办理时限"}
# What an applicant may read of the own case besides what they handed in: what was written to them.
TOLD_TO_APPLICANT = frozenset(
    {"form", "notice", "reason", "remedies", "decision", "result", "reply", "remark"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: what was done, by which organisation, when."""

    at: datetime
    title: str
    act: str
    role: str
    organisation: str
    name: str
    staff: str
    phase: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A clock or an open duty with its due date, and why it is that day."""

    name: str
    title: str
    holder: str
    since: date
    due_on: date | None
    basis: str
    explanation: list[str]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of content that an event names."""

    label: str
    digest: str
    size: int
    at: datetime
    act: str
    here: bool


def cases(actor: Actor) -> CaseQuerySet:
    """Return the cases that `actor` may see, last filed first."""
    return Case.objects.visible_to(actor).order_by("-filed_on", "number")


def case(typed: str, actor: Actor) -> Case:
    """
    Return one case by its number as somebody typed it.

    Raises:
        numbers.BadNumber: no number. NotFound: none that `actor` may see.
    """
    return recording.visible(str(numbers.parse(typed)), actor)


def public_case(typed: str) -> Case:
    """
    Return a case for whoever knows its number; the caller shows no more than phase, item and places.

    Raises:
        numbers.BadNumber: no number. NotFound: no such case is held here.
    """
    number = numbers.parse(typed)
    found = Case.objects.filter(number=str(number)).first()
    if found is None:
        raise NotFound(f"没有查到办件 {number.display()}。请核对编号，或到收件地查询。")
    return found


def timeline(case: Case, actor: Actor) -> list[Entry]:
    """Return what happened to a case that `actor` may see; applicants are not told which member of staff."""
    known = names(case)
    entries, phase = [], ""
    for event in journal.events_of(case.number):
        by = event.actor
        phase = event.effects.get("phase", ["", phase])[1]
        entries.append(
            Entry(
                at=event.at, title=title_of(event.kind), act=event.kind, role=event.role, organisation=by["org"],
                name=known.get(by["org"], "") or ("申请人" if by["kind"] == ActorKind.APPLICANT else "系统"),
                staff=called(case.number, by["staff"]) if actor.kind is ActorKind.STAFF else "", phase=phase_name(phase),
            )
        )  # fmt: skip
    return entries


def deadlines(case: Case) -> list[Explained]:
    """Return the running clocks and the open duties of a case, each with each day it skipped and why."""
    state = State.from_dict(case.state)
    found = [
        _explained(CLOCK_NAMES.get(name, name), name, "", clock)
        for name, clock in state.clocks.items()
        if clock["state"] != "stopped"
    ]
    return found + [
        _explained(duties.title_of(duty["kind"]), name, duty["holder"]["org"], duty)
        for name, duty in state.duties.items()
    ]


def names(case: Case) -> dict[str, str]:
    """Return the names of the organisations that a case has to do with, by USCC, as far as known here."""
    bindings = case.state["roles"].values()
    known: dict[str, str] = {}
    for binding in bindings:
        agreement = Agreement.objects.filter(digest=one(binding["papers"], AGREEMENT)["digest"]).first()
        for party in agreement.document["parties"] if agreement else ():
            known[party["organisation"]] = party["name"]
    guide = _guide_held(case)
    if guide:
        known[guide["organisation"]["uscc"]] = guide["organisation"]["name"]
    return known | names_of({uscc for binding in bindings for uscc in (binding["org"], binding["office"])})


def names_of(usccs: Iterable[str]) -> dict[str, str]:
    """Return the names of organisations registered here, by USCC."""
    return dict(Organisation.objects.filter(uscc__in=set(usccs)).values_list("uscc", "name"))


def item_name(case: Case) -> str:
    """Return what the case is about, as its guide calls it."""
    guide = _guide_held(case)
    return str(guide["name"]) if guide else case.item


def contents(case: Case, actor: Actor) -> list[Piece]:
    """
    Return what the events of a case name and `actor` may read, in the order of writing.

    Raises:
        NotPermitted: the post may not read content, or reads it for another organisation.
    """
    _ask_to_read(case, actor)
    complete = set(
        Content.objects.filter(subject=case.number, complete=True).values_list("digest", flat=True)
    )
    return [
        Piece(
            label=str(piece["label"]), digest=str(piece["digest"]), size=int(piece["size"]), at=event.at,
            act=event.kind, here=piece["digest"] in complete,
        )
        for event in journal.events_of(case.number)
        for piece in event.content
        if _may_read_label(str(piece["label"]), actor)
    ]  # fmt: skip


def open_content(case: Case, digest: str, actor: Actor) -> tuple[str, str, bytes]:
    """
    Return name, media type and bytes of a piece of content.

    Raises:
        NotPermitted: as `contents`. NotFound: no such piece that `actor` may read.
        ContentMissing, ContentDestroyed, MaterialMalformed: as materials and vault say.
    """
    piece = next((one for one in contents(case, actor) if one.digest == digest), None)
    if piece is None:
        raise NotFound(f"办件 {case.number} 没有这份材料，或您无权查看。请核对后重试。")
    if piece.label.startswith("material:"):
        return materials.open_material(case.number, digest)
    if piece.label in ("form", "statement"):
        return f"{piece.label}.json", "application/json", vault.get(case.number, digest)
    return f"{piece.label}.txt", "text/plain; charset=utf-8", vault.get(case.number, digest)


def receipt(case: Case, at: datetime) -> dict[str, Any]:
    """
    Return this node's signed statement of the heads it holds: what the holder can prove later.

    Raises:
        NodeNotReady: a node that is being restored does not know what it held.
    """
    identity.require_writable()
    return statements.make(State.from_dict(case.state), at)


def title_of(kind: str) -> str:
    """Return the name of an act as people say it; a newer version's act by its code."""
    rule = tables.PRESENT.rules.get(kind)
    return rule.title if rule else kind


def called(number: str, pseudonym: str) -> str:
    """Return our own people by the node's code, so that pages can name them; others by what the event calls them."""
    return (pseudonyms.person(number, pseudonym) or pseudonym) if pseudonym else ""


def _guide_held(case: Case) -> Mapping[str, Any] | None:
    """Return the guide version that counts for a case now, if this node holds it."""
    try:
        return papers.terms_of(State.from_dict(case.state)).guide
    except NotFound:
        return None  # the case waits, parked, for its papers


def _explained(title: str, name: str, holder: str, thing: Mapping[str, Any]) -> Explained:
    lines = deadline_of(thing, calendars.current()).explain() if thing["limit"] is not None else []
    start = date.fromisoformat(thing["from"])
    due = date.fromisoformat(thing["due"]) if thing["due"] else None
    return Explained(name, title, holder, start, due, thing["basis"], lines)


def _ask_to_read(case: Case, actor: Actor) -> None:
    if actor.kind is ActorKind.APPLICANT and actor.applicant and actor.applicant == case.applicant:
        return
    places = (case.intake_org, case.intake_centre, case.handling_org, case.handling_centre)
    if not actor.may(Permission.CASE_CONTENT) or actor.organisation not in places:
        raise NotPermitted(f"您的岗位不能查看办件 {case.number} 的材料内容。请由经办岗位查看。")


def _may_read_label(label: str, actor: Actor) -> bool:
    return actor.kind is ActorKind.STAFF or label in TOLD_TO_APPLICANT or label.startswith("material:")

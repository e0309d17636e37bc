"""
What is read of matters for a page or an answer, whatever their procedure. Everything starts from what the actor may see.

Nothing here holds personal data but `contents` and `open_content`, which ask for the right to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.models import Organisation
from tongban.kernel import identity
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import numbers, pseudonyms, statements
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import parse_time
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Content
from tongban.kernel.time import calendars
from tongban.procedures import held_papers, practice, recording, register
from tongban.procedures.deadlines import deadline_of
from tongban.procedures.models import Matter
from tongban.procedures.readable import labels_for


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
    how: str = ""  # by whom in whose name, where that is not who did it


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
    limit: str = ""  # in words
    held: datetime | None = None  # when the duty came into these hands; a clock is in nobody's


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of content that an event names."""

    label: str
    digest: str
    size: int
    at: datetime
    act: str
    here: bool


# Facts that name a member of staff, by pseudonym.
NAMES_STAFF = frozenset({"appraised_by", "approved_by", "recused", "drafted_by", "checked_by"})


def matters(actor: Actor) -> QuerySet[Matter]:
    """Return the matters that `actor` may see, last opened first."""
    return Matter.objects.visible_to(actor).order_by("-opened_on", "number")


def about(number: str, actor: Actor) -> QuerySet[Matter]:
    """Return the matters about another (about that one first, where they name several) that `actor` may see, last opened first."""
    return matters(actor).filter(about=number)


def matter(typed: str, actor: Actor) -> Matter:
    """
    Return one matter by its number as somebody typed it.

    Raises:
        numbers.BadNumber: no number. NotFound: none that `actor` may see.
    """
    return recording.visible(str(numbers.parse(typed)), actor)


def opened_by_anybody(typed: str) -> Matter | None:
    """
    Return a matter of a procedure that its applicant needs no account for, to whoever knows its number; the caller shows its phase.

    Raises:
        numbers.BadNumber: no number.
    """
    found = Matter.objects.filter(number=str(numbers.parse(typed))).exclude(opened_on=None).first()
    procedure = register.find(found.procedure) if found else None
    return found if procedure is not None and procedure.public else None


def timeline(matter: Matter, actor: Actor) -> list[Entry]:
    """Return what happened to a matter that `actor` may see; applicants are not told which member of staff."""
    known, procedure, how = names(matter), register.find(matter.procedure), practice.of(matter.procedure)
    entries, phase = [], ""
    for event in journal.events_of(matter.number):
        by = event.actor
        phase = event.effects.get("phase", ["", phase])[1]
        words, really = how.done_how(event.given)
        entries.append(
            Entry(
                at=event.at, title=matter.title_of_act(event.kind), act=event.kind, role=event.role,
                organisation=by["org"],
                name=(names_of([really]).get(really, really) if really else known.get(by["org"], ""))
                or ("申请人" if by["kind"] == ActorKind.APPLICANT else "系统"),
                staff=called(matter.number, by["staff"]) if actor.kind is ActorKind.STAFF else "",
                phase=procedure.phase_name(phase) if procedure else phase, how=words,
            )
        )  # fmt: skip
    return entries


def state_for(matter: Matter, actor: Actor) -> dict[str, Any]:
    """Return the folded state of a matter that `actor` may see; as in the timeline, applicants are not told which member of staff."""
    state: dict[str, Any] = matter.state
    if actor.kind is ActorKind.STAFF:
        return state
    duties = {
        name: {
            **duty,
            "claimed": None,
            "first_opened": duty["first_opened"] and [duty["first_opened"][0], ""],
        }
        for name, duty in state["duties"].items()
    }
    facts = {
        role: {name: of for name, of in said.items() if name not in NAMES_STAFF}
        for role, said in state["facts"].items()
    }
    return {**state, "duties": duties, "facts": facts}


def deadlines(matter: Matter) -> list[Explained]:
    """Return the running clocks and the open duties of a matter, each with each day it skipped and why."""
    state = State.from_dict(matter.state)
    found = [
        _explained(matter.title_of_clock(name), name, "", clock)
        for name, clock in state.clocks.items()
        if clock["state"] != "stopped"
    ]
    return found + [
        _explained(matter.title_of_duty(duty["kind"]), name, duty["holder"]["org"], duty)
        for name, duty in state.duties.items()
    ]


def names(matter: Matter) -> dict[str, str]:
    """Return the names of the organisations that a matter has to do with, by USCC, as far as known here."""
    bindings = matter.state["roles"].values()
    known: dict[str, str] = {}
    for binding in bindings:
        for paper in binding["papers"]:
            known |= names_in(held_papers.read_if_held(paper))
    return known | names_of({uscc for binding in bindings for uscc in (binding["org"], binding["office"])})


def names_in(paper: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the names of organisations that a paper gives: its parties, and whose it is."""
    if paper is None:
        return {}
    known = {str(party["organisation"]): str(party["name"]) for party in paper.get("parties", ())}
    own = paper.get("organisation")
    return known | ({str(own["uscc"]): str(own["name"])} if isinstance(own, Mapping) else {})


def names_of(usccs: Iterable[str]) -> dict[str, str]:
    """Return the names of organisations registered here, by USCC."""
    return dict(Organisation.objects.filter(uscc__in=set(usccs)).values_list("uscc", "name"))


def contents(matter: Matter, actor: Actor) -> list[Piece]:
    """
    Return what the events of a matter name and `actor` may read, in the order of writing.

    Raises:
        NotPermitted: the post may not read content, or reads it for another organisation.
    """
    may_read = labels_for(matter, actor)
    complete = set(
        Content.objects.filter(subject=matter.number, complete=True).values_list("digest", flat=True)
    )
    return [
        Piece(
            label=str(piece["label"]), digest=str(piece["digest"]), size=int(piece["size"]), at=event.at,
            act=event.kind, here=piece["digest"] in complete,
        )
        for event in journal.events_of(matter.number)
        for piece in event.content
        if may_read(str(piece["label"]))
    ]  # fmt: skip


def open_content(matter: Matter, digest: str, actor: Actor) -> tuple[str, str, bytes]:
    """
    Return name, media type and bytes of a piece of content.

    Raises:
        NotPermitted: as `contents`. NotFound: no such piece that `actor` may read.
        ContentMissing, ContentDestroyed, MaterialMalformed: as materials and vault say.
    """
    piece = next((one for one in contents(matter, actor) if one.digest == digest), None)
    if piece is None:
        raise NotFound(
            f"{register.named(matter.procedure, matter.number)} 没有这份材料，或您无权查看。请核对后重试。"
        )
    return practice.of(matter.procedure).open_content(matter.number, piece.label, digest)


def receipt(matter: Matter, at: datetime) -> dict[str, Any]:
    """
    Return this node's signed statement of the heads it holds: what the holder can prove later.

    Raises:
        NodeNotReady: a node that is being restored does not know what it held.
    """
    identity.require_writable()
    return statements.make(State.from_dict(matter.state), at)


def called(number: str, pseudonym: str) -> str:
    """Return our own people by the node's code, so that pages can name them; others by what the event calls them."""
    return (pseudonyms.person(number, pseudonym) or pseudonym) if pseudonym else ""


def _explained(title: str, name: str, holder: str, thing: Mapping[str, Any]) -> Explained:
    lines = deadline_of(thing, calendars.current()).explain() if thing["limit"] is not None else []
    start = date.fromisoformat(thing["from"])
    due = date.fromisoformat(thing["due"]) if thing["due"] else None
    return Explained(
        name, title, holder, start, due, thing["basis"], lines, journal.limit_text(thing["limit"]),
        parse_time(thing["since"]) if "since" in thing else None,
    )  # fmt: skip

"""How events name the papers they rest on: a guide and an agreement by kind, id, version and digest. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from tongban.cases.words import Role
from tongban.kernel.bounds import is_founding
from tongban.kernel.events import Event
from tongban.kernel.fold import State

GUIDE = "guide"
AGREEMENT = "agreement"

type Papers = Sequence[Mapping[str, Any]]


def naming(guide: tuple[str, int, str], agreement: tuple[str, int, str]) -> list[dict[str, Any]]:
    """Return how a guide and an agreement, each given as (id, version, digest), are named."""
    return [
        {"kind": kind, "id": paper[0], "version": paper[1], "digest": paper[2]}
        for kind, paper in ((GUIDE, guide), (AGREEMENT, agreement))
    ]


def one(papers: Papers, kind: str) -> Mapping[str, Any]:
    """Return the paper of a kind; raises KeyError where none is named."""
    for paper in papers:
        if paper["kind"] == kind:
            return paper
    raise KeyError(kind)


def of_state(state: State) -> Papers | None:
    """Return the papers that count now: those of the authority in charge, before that those of receipt, of filing."""
    handling, intake = state.roles.get(Role.HANDLING), state.roles.get(Role.INTAKE)
    if handling:
        return handling["papers"]  # type: ignore[no-any-return]
    return state.fact(Role.INTAKE, "papers") or (intake["papers"] if intake else None)


def pinned(view: State, event: Event) -> Papers | None:
    """Return the papers that count for an event: its own where it brings some, else the case's."""
    given = event.given
    own = given.get("papers")
    if own is None and is_founding(view, event) and isinstance(given.get("bind"), Mapping):
        own = given["bind"].get("papers")
    found = own if own is not None else of_state(view)
    return found if isinstance(found, list) and all(isinstance(paper, Mapping) for paper in found) else None


def named_by(event: Event) -> list[Papers]:
    """Return all papers that an event names: in what it binds and, at receipt, in what it records."""
    named: list[Papers] = [binding["papers"] for binding in event.effects.get("bind", ())]
    recorded = event.effects.get("facts", {}).get("papers")
    return [*named, recorded] if _are_papers(recorded) else named


def _are_papers(value: object) -> bool:
    """Whether a fact, which may be anything, names papers."""
    return isinstance(value, list) and all(
        isinstance(paper, Mapping)
        and isinstance(paper.get("kind"), str)
        and isinstance(paper.get("digest"), str)
        for paper in value
    )

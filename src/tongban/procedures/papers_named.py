"""How events name the papers they rest on: each by kind, id, version and digest. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from tongban.kernel.journal.bounds import is_founding
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State

type Papers = Sequence[Mapping[str, Any]]


def paper(kind: str, called: str, version: int, digest: str) -> dict[str, Any]:
    """Return how a paper is named."""
    return {"kind": kind, "id": called, "version": version, "digest": digest}


def one(papers: Papers, kind: str) -> Mapping[str, Any]:
    """Return the paper of a kind; raises KeyError where none is named."""
    for named in papers:
        if named["kind"] == kind:
            return named
    raise KeyError(kind)


def brought(view: State, event: Event) -> Any:
    """Return the papers that an event itself brings, or nothing where those of the matter count."""
    own = event.given.get("papers")
    if own is None and is_founding(view, event) and isinstance(event.given.get("bind"), Mapping):
        own = event.given["bind"].get("papers")
    return own


def named_by(event: Event) -> list[Papers]:
    """Return all papers that an event names: in what it binds and in what it records."""
    named: list[Papers] = [binding["papers"] for binding in event.effects.get("bind", ())]
    recorded = event.effects.get("facts", {}).get("papers")
    return [*named, recorded] if _are_papers(recorded) else named


def are_mappings(found: object) -> bool:
    """Return whether something is a list of mappings, as papers are."""
    return isinstance(found, list) and all(isinstance(one, Mapping) for one in found)


def _are_papers(value: object) -> bool:
    """Whether a fact, which may be anything, names papers."""
    return isinstance(value, list) and all(
        isinstance(paper, Mapping)
        and isinstance(paper.get("kind"), str)
        and isinstance(paper.get("digest"), str)
        for paper in value
    )

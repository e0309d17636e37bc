"""The papers that this node holds, by kind and digest: each kind has its shelf in the app that makes it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tongban.kernel.errors import NotFound
from tongban.kernel.journal.fold import State
from tongban.procedures import register
from tongban.procedures.circumstances import NOTHING_SAID, Terms
from tongban.procedures.papers_named import Papers

type Find = Callable[[str], Mapping[str, Any]]
type Names = Callable[[Collection[str]], Mapping[str, str]]

_READ: dict[str, Find] = {}
_SIGNED: dict[str, Find] = {}
_NAMES: list[Names] = []


def shelve(kind: str, *, read: Find, signed: Find, names: Names) -> None:
    """
    Say where papers of a kind are: `read` gives what one says, `signed` the document with its signatures, both by digest.

    Both raise NotFound where this node does not hold it. `names` gives the names that papers of the kind give to organisations.
    """
    _READ[kind], _SIGNED[kind] = read, signed
    _NAMES.append(names)


def names(usccs: Collection[str]) -> dict[str, str]:
    """Return the names of organisations, by USCC, as far as papers held here name them."""
    known: dict[str, str] = {}
    for find in _NAMES:
        if wanted := set(usccs) - known.keys():
            known |= find(wanted)
    return known


def terms_named(procedure: str, papers: Papers) -> Terms:
    """
    Return what papers named by digest say to a procedure.

    Raises:
        NotFound: this node does not hold one of them. KeyError: one that the procedure rests on is not named.
    """
    asked = register.of(procedure)
    if not asked.kinds:
        return NOTHING_SAID
    named = {paper["kind"]: paper["digest"] for paper in papers}
    return asked.terms({kind: _READ[kind](named[kind]) for kind in asked.kinds})


def terms_of(state: State) -> Terms:
    """
    Return the terms that count now.

    Raises:
        NotFound: no papers count yet, or this node does not hold them.
    """
    asked = register.of(state.procedure)
    if not asked.kinds:
        return NOTHING_SAID
    papers = asked.papers_of(state, asked.founder)
    if papers is None:
        raise NotFound(f"{register.called(state)} 还没有适用的文件依据。请核对编号。")
    return terms_named(state.procedure, papers)


def terms_if_held(procedure: str, papers: Papers) -> Terms | None:
    """Return what papers say, or nothing where this node does not hold one of them, or one is not named."""
    try:
        return terms_named(procedure, papers)
    except (NotFound, KeyError, TypeError):
        return None


def missing(papers: Papers) -> list[str]:
    """Return the digests of papers of known kinds that this node does not hold."""
    lacking = []
    for paper in papers:
        find = _READ.get(paper["kind"])
        try:
            if find is not None:
                find(paper["digest"])
        except NotFound:
            lacking.append(paper["digest"])
    return lacking


def read_if_held(paper: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a paper, as an event names it, says; nothing where this node does not hold it, or of an unknown kind."""
    find = _READ.get(paper["kind"])
    try:
        return None if find is None else find(paper["digest"])
    except NotFound:
        return None


def signed(paper: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return a paper, as an event names it, with its signatures; nothing of a kind that is unknown here. Raises NotFound."""
    find = _SIGNED.get(paper["kind"])
    return None if find is None else find(paper["digest"])

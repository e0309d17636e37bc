"""
The kinds of papers on which matters rest (办事指南、通办协议…), each with how one that came in a dossier is checked. Pure.

Who makes a kind of paper enters it here; who holds papers of a kind, in `held_papers`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tongban.kernel.crypto.keychain import KeyChain

type Check = Callable[[str, Mapping[str, Any], Mapping[str, KeyChain]], str]


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper: its name, what people call it, the format of its documents, and what is wrong with one (name, document, keys)."""

    name: str
    title: str
    format: str
    problem: Check


_KINDS: dict[str, PaperKind] = {}


def enter(kind: PaperKind) -> None:
    """Make a kind known."""
    _KINDS[kind.name] = kind


def names() -> list[str]:
    """Return the names of all kinds."""
    return list(_KINDS)


def title(name: str) -> str:
    """Return what people call a kind; an unknown one by its name."""
    return _KINDS[name].title if name in _KINDS else name


def of_format(document: Mapping[str, Any]) -> PaperKind | None:
    """Return the kind that a document says it is."""
    return next((kind for kind in _KINDS.values() if kind.format == document.get("format")), None)

"""A liar's copy of a matter: what it was given, and what it may say it holds."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import liar_fold
from .liar_canonical import read, text_of
from .liar_fold import chain_of

Document = dict[str, Any]
Piece = Document  # {"event": envelope, "body": body or None}


@dataclass
class Matter:
    """Events with their bodies, and all that came along. `role` and `term` are those the liar writes as."""

    procedure: str
    subject: str
    role: str = "handling"
    term: int = 1
    pieces: list[Piece] = field(default_factory=list)
    statements: list[Document] = field(default_factory=list)
    keys: dict[str, list[Document]] = field(default_factory=dict)
    papers: dict[str, Document] = field(default_factory=dict)
    tables: dict[str, Document] = field(default_factory=dict)

    @classmethod
    def from_dossier(cls, dossier: Document, role: str = "handling", term: int = 1) -> "Matter":
        """Take a matter out of a dossier file, which any node of it can export."""
        pieces = [{"event": one, "body": dossier["bodies"].get(one["body"])} for one in dossier["events"]]
        return cls(
            dossier["procedure"], dossier["subject"], role, term, pieces, list(dossier["statements"]),
            dict(dossier["nodes"]), dict(dossier["papers"]), dict(dossier["tables"]),
        )  # fmt: skip

    @property
    def chain(self) -> str:
        return f"{self.role}/{self.term}"

    @property
    def events(self) -> list[Document]:
        return [piece["event"] for piece in self.pieces]

    def copy(self) -> "Matter":
        return copy.deepcopy(self)

    def chain_events(self, chain: str) -> list[Document]:
        return sorted((one for one in self.events if chain_of(one) == chain), key=lambda one: one["seq"])

    def heads(self) -> dict[str, list[Any]]:
        """Return place and hash of the last event of each chain."""
        found: dict[str, list[Any]] = {}
        for event in sorted(self.events, key=lambda one: one["seq"]):
            found[chain_of(event)] = [event["seq"], event["hash"]]
        return found

    def state(self) -> Document:
        return liar_fold.fold(self.events)

    def other_chain(self) -> str:
        """Return a chain that is not the liar's own: the one that began the matter, where there is it."""
        others = sorted(chain for chain in self.heads() if not chain.startswith(f"{self.role}/"))
        return next((chain for chain in others if chain.startswith("intake/")), others[0])

    def last_of_others(self) -> Document:
        return self.chain_events(self.other_chain())[-1]

    def rules(self) -> Document:
        """Return the table that the last event was done under, by version and digest."""
        return dict(self.events[-1]["rules"])

    def pinned(self) -> dict[str, Document]:
        """Return the papers that count now: of the binding of `handling`, before that those pinned at receipt, of filing."""
        state = self.state()
        bound = {role: binding["papers"] for role, binding in state["roles"].items()}
        pinned = state["facts"].get("intake", {}).get("papers")
        papers = bound.get("handling") or pinned or bound.get("intake", [])
        return {one["kind"]: self.papers[one["digest"]] for one in papers if one["digest"] in self.papers}

    def add(self, pieces: Iterable[Piece]) -> None:
        """Hold these too, each once."""
        held = {event["hash"] for event in self.events}
        self.pieces += [piece for piece in pieces if piece["event"]["hash"] not in held]

    def take(self, transfer: Document) -> None:
        """Hold what a peer sent."""
        self.add(read_piece(piece) for piece in transfer["events"])
        self.statements += transfer["statements"]
        self.keys |= transfer["keys"]
        self.papers |= transfer["papers"]
        if transfer.get("chain"):
            self.keys[transfer["from"]] = transfer["chain"]


def read_piece(piece: Document) -> Piece:
    """Return a piece whose parts came as objects or as their canonical text."""
    return {name: read(part.encode()) if isinstance(part, str) else part for name, part in piece.items()}


def write_piece(piece: Piece, *, as_text: bool) -> Document:
    if not as_text:
        return piece
    return {
        name: None if part is None else part if isinstance(part, str) else text_of(part)
        for name, part in piece.items()
    }

"""
A node that lies: it has a real key, keeps its own books, and says whatever it likes.

What it builds is right unless it is told otherwise, so that each deception is wrong in one thing. Names given by
keyword replace members just before they are hashed or signed; `DROP` leaves one out.
"""

import base64
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from . import liar_fold, liar_rules
from . import liar_sm as sm
from .liar_crypto import (
    Keys,
    Tree,
    canonical,
    check_document,
    digest,
    issue_number,
    plain,
    read,
    spelled,
    tagged_digest,
    time_of,
    without,
)  # fmt: skip
from .liar_http import MESSAGES, Reply, Server, post
from .liar_matter import Document, Matter, Piece, write_piece

__all__ = ["DROP", "MESSAGES", "Answer", "Keys", "Liar", "Matter", "Neighbour", "Reply", "Server"]

DROP = object()
SYSTEM = {
    "kind": "system", "org": "", "post": "", "staff": "", "applicant": "", "channel": "", "assurance": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A node as others know it."""

    node: str
    url: str
    records: list[Document]
    division: str = "341723"
    org: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one message."""

    status: int
    document: Document | None  # signed and to this very message, or a problem document

    @property
    def code(self) -> str:
        """Return the code of the refusal, or nothing."""
        document = self.document or {}
        if "refused" in document:
            return str(document["refused"]["code"])
        if document.get("format") == "tongban-answer/2":
            return ""
        return str(document.get("code") or f"http_{self.status}")

    def __getitem__(self, name: str) -> Any:
        return (self.document or {}).get(name)


@dataclass
class Liar:
    """One liar. `held` is what the victim holds of its seals: epoch and size, or nothing."""

    keys: Keys
    clock: Callable[[], datetime]
    victim: Neighbour
    name: str = "J"
    division: str = "411025"
    org: str = ""
    epoch: int = 1
    tree: Tree = field(default_factory=Tree)
    seals: list[Document] = field(default_factory=list)
    held: tuple[int, int] | None = None
    as_text: bool = True  # of events in a transfer: their canonical text, or the objects
    matters: dict[str, Matter] = field(default_factory=dict)
    told: list[Document] = field(default_factory=list)  # answers that came
    receipts: set[str] = field(default_factory=set)  # digests of the statements given honestly, as its server

    @property
    def node(self) -> str:
        return self.keys.node

    def now(self, **more: float) -> str:
        return time_of(self.clock() + timedelta(**more))

    # --- events

    def body(self, **changes: Any) -> Document:
        made = {"salt": secrets.token_hex(16), "actor": dict(SYSTEM), "given": {}, "labels": [], **changes}
        return {name: value for name, value in made.items() if value is not DROP}

    def mint(self, matter: Matter, kind: str = "zz_note", *, body: Any = None, **changes: Any) -> Piece:
        """Return the next event of the liar's chain, right in shape; `changes` are made before it is hashed.

        `body` is the body beside it; the member `body` of the envelope is changed as `body_digest`.
        """
        body = self.body() if body is None else body
        role, term = (
            own if (given := changes.get(name, own)) is DROP else given
            for name, own in (("role", matter.role), ("term", matter.term))
        )
        own = matter.chain_events(f"{role}/{term}") if matter.pieces else []
        seen = {name: head for name, head in matter.heads().items() if name != f"{role}/{term}"}
        event: Document = {
            "format": "tongban-event/2", "suite": "sm2-sm3-sm4", "procedure": matter.procedure,
            "subject": matter.subject, "node": self.node, "role": role, "term": term, "epoch": self.epoch,
            "seq": own[-1]["seq"] + 1 if own else 1, "kind": kind, "rules": matter.rules() if matter.pieces else {},
            "at": self.now(), "prev": own[-1]["hash"] if own else genesis(matter, role, term), "seen": seen,
            "refs": [], "body": changes.pop("body_digest", None) or digest_of_body(body), "effects": {}, "content": [], **changes,
        }  # fmt: skip
        event = {name: value for name, value in event.items() if value is not DROP}
        if changes.get("hash") is DROP:
            return {"event": event, "body": body}
        return {"event": event if "hash" in event else hashed(event), "body": body}

    def lawful(self, matter: Matter, kind: str, given: Document | None = None, **changes: Any) -> Piece:
        """Return an event with the effects its row computes, by an actor the row allows. Dates are left out."""
        table = self.table(matter)
        row = table["acts"][kind]
        body = changes.pop("body", None) or self.body(
            given=given or {}, actor=self.actor(matter, row), labels=list(row["content"])
        )
        content = [{"digest": digest(secrets.token_bytes(9)), "size": 1} for _ in body["labels"]]
        piece = self.mint(matter, kind, body=body, content=content, **without(changes, "effects"))
        view = liar_fold.view(matter.events, piece["event"])
        effects = liar_rules.effects_of(table, piece["event"], body, view, matter.pinned())
        effects = changes["effects"](effects) if "effects" in changes else effects
        return {"event": hashed({**piece["event"], "effects": effects}), "body": body}

    def table(self, matter: Matter) -> Document:
        return matter.tables[matter.rules()["digest"]]

    def actor(self, matter: Matter, row: Document) -> Document:
        """Return one that the row allows: staff of the liar's own organisation, or the system."""
        if not row["staff"]:
            return dict(SYSTEM)
        bound = matter.state()["roles"][matter.role]
        staff = "".join(secrets.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(26))
        return {
            **SYSTEM,
            "kind": "staff",
            "org": bound["org"],
            "post": "window",
            "staff": staff,
            "channel": "counter",
        }

    def founded(self, procedure: str = "case", role: str = "intake", **changes: Any) -> Matter:
        """Return an empty matter of the liar's own, with a number that commits to it."""
        subject = issue_number(self.division, self.node, self.epoch, self.clock())
        return Matter(procedure, changes.get("subject", subject), role)

    # --- what is signed besides

    def statement(self, matter: Matter, heads: Document, by: Keys | None = None, **changes: Any) -> Document:
        by = by or self.keys
        signing = {name: changes.pop(name) for name in ("number", "tag") if name in changes}
        known = {node: len(records) for node, records in matter.keys.items()}
        document = {
            "format": "tongban-heads/2", "procedure": matter.procedure, "subject": matter.subject,
            "signer": by.node, "at": self.now(), "heads": heads,
            "keys": known | {self.node: len(self.keys.records), by.node: len(by.records)}, **changes,
        }  # fmt: skip
        return by.sign({name: value for name, value in document.items() if value is not DROP}, **signing)

    def seal(self, tree: Tree | None = None, keys: Keys | None = None, **changes: Any) -> Document:
        """Return a signed seal over the tree as it is."""
        tree = self.tree if tree is None else tree
        keys = keys or self.keys
        document = {
            "format": "tongban-seal/2", "node": keys.node, "epoch": self.epoch, "size": len(tree),
            "root": spelled(tree.root()), "at": self.now(),
            "previous": digest(canonical(self.seals[-1])) if self.seals else "", **changes,
        }  # fmt: skip
        return keys.sign({name: value for name, value in document.items() if value is not DROP})

    def sealed(self, pieces: list[Piece]) -> Document:
        """Put the liar's own events into its tree and return seal, proof and inclusion as a transfer has them."""
        places = {data: leaf for leaf, data in enumerate(self.tree.leaves)}
        last: dict[str, Document] = {}
        for event in (piece["event"] for piece in pieces):
            if isinstance(event, dict) and event.get("node") == self.node and _is_digest(event.get("hash")):
                data = plain(event["hash"])
                if data not in places:
                    places[data] = self.tree.add(data)
                last[f"{event.get('role')}/{event.get('term')}"] = event
        size = len(self.tree)
        seal = self.seal()
        self.seals.append(seal)
        old = self.held[1] if self.held and self.held[0] == self.epoch else 0
        return {
            "seal": seal,
            "proof": {"from": old, "path": [spelled(one) for one in self.tree.consistency(old, size)]},
            "inclusion": [
                {
                    "chain": chain, "seq": event.get("seq"), "leaf": places[plain(event["hash"])],
                    "path": [spelled(one) for one in self.tree.inclusion(places[plain(event["hash"])], size)],
                }
                for chain, event in last.items()
                if _is_place(chain, event)
            ],
        }  # fmt: skip

    # --- messages

    def message(self, format_: str, *, by: Keys | None = None, **members: Any) -> Document:
        by = by or self.keys
        signing = {name: members.pop(name) for name in ("number", "tag") if name in members}
        document = {
            "format": format_, "from": by.node, "to": self.victim.node, "at": self.now(), "chain": by.records,
            **members,
        }  # fmt: skip
        return by.sign({name: value for name, value in document.items() if value is not DROP}, **signing)

    def transfer(self, matter: Matter, pieces: list[Piece], **changes: Any) -> Document:
        """Return the message that hands over `pieces`, complete and honest but for `changes`."""
        members = {
            "procedure": matter.procedure, "subject": matter.subject,
            "events": [write_piece(piece, as_text=self.as_text) for piece in pieces],
            "statements": [self.statement(matter, self.heads_with(matter, pieces))] if pieces else [],
            **self.sealed(pieces), "seals": [], "epochs": [], "keys": {}, "papers": {}, **changes,
        }  # fmt: skip
        return self.message("tongban-transfer/2", **members)

    def learn(self, matter: Matter) -> None:
        """Find out which of one's seals the victim holds, by showing one."""
        for _ in range(2):
            self.say(self.transfer(matter, []))

    def heads_with(self, matter: Matter, pieces: list[Piece]) -> Document:
        heads = dict(matter.heads())
        for event in (piece["event"] for piece in pieces):
            if isinstance(event, dict) and isinstance(event.get("hash"), str):
                heads[f"{event.get('role')}/{event.get('term')}"] = [event.get("seq"), event["hash"]]
        return heads

    def say(self, document: Any, **how: Any) -> Answer:
        """Post a message (or raw bytes) and return the answer; one that is not to it, or not signed, raises."""
        raw = document if isinstance(document, bytes) else canonical(document)
        named = {"tongban-node": self.node, **how.pop("headers", {})}
        status, _, body = post(self.victim.url, raw, headers=named, **how)
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            return Answer(status, None)
        if answer.get("format") == "tongban-answer/2":
            self._check(read(body), raw)
        if "held_seal" in answer:
            told = answer["held_seal"]
            self.held = (told["epoch"], told["size"]) if told else None
        return Answer(status, answer)

    def _check(self, answer: Document, raw: bytes) -> None:
        records = max(self.victim.records, answer["chain"], key=len)
        if answer["from"] != self.victim.node or answer["to"] != read(raw)["from"]:
            raise AssertionError("an answer by another, or to another")
        if answer["answers"] != digest(raw) or not check_document(answer, records):
            raise AssertionError("an answer to something else, or not signed")
        self.told.append(answer)

    # --- answering

    def answer(self, request: bytes, by: Keys | None = None, **members: Any) -> Document:
        return self.message(
            "tongban-answer/2", by=by, **{"answers": digest(request), "speaks": {}, **members}
        )

    def honest(self, document: Document, raw: bytes) -> Reply:
        """Answer as a node should: take what comes, sign for it, know nothing else."""
        return Reply(canonical(self.answer(raw, **self.honest_members(document))))

    def honest_members(self, document: Document) -> Document:
        match document["format"]:
            case "tongban-transfer/2":
                subject = document["subject"]
                matter = self.matters.setdefault(subject, Matter(document["procedure"], subject))
                matter.take(document)
                statement = self.statement(matter, matter.heads())
                self.receipts.add(digest(canonical(statement)))
                return {
                    "statement": statement, "missing_keys": [], "missing_papers": [],
                    "forked": [], "held_seal": {name: document["seal"][name] for name in ("epoch", "size")},
                }  # fmt: skip
            case "tongban-recovery/2":
                return {"left": 0, "seal": None, "your_chain": document["chain"]}
            case "tongban-papers-request/2":
                return {"papers": {}, "keys": {}}
            case "tongban-seals/2":
                return {"seal": None}
        return {"refused": {"code": "not_found", "sentence": "没有。"}}

    def chunk(self, request: Document, stream: bytes, **changes: Any) -> Document:
        """Return the members of an answer that hands over content, wrapped for who asked."""
        key = secrets.token_bytes(16)
        record = request["chain"][-1]
        extra = "|".join(
            (request["subject"], request["digest"], str(request["index"]), request["from"])
        ).encode()
        wrapped = sm.wrap(sm.read_point(plain(record["wrap"])), key)
        names = ("procedure", "subject", "digest", "index")
        return {name: request[name] for name in names} | {
            "key_number": record["number"], "wrapped": "sm2:" + wrapped.hex(),
            "sealed": "sm4-gcm:" + base64.b64encode(sm.sm4_seal(key, stream, extra)).decode(), **changes,
        }  # fmt: skip

    def card(self, url: str) -> bytes:
        """Return the signed card that a node shows."""
        document = {
            "format": "tongban-card/2", "node": self.node, "name": self.name, "url": url, "division": self.division,
            "organisation": self.org, "at": self.now(), "keys": self.keys.records, "speaks": {},
        }  # fmt: skip
        return canonical(self.keys.sign(document))

    def serve(self, port: int = 0) -> Server:
        """Return a server at which this liar is at home; it answers honestly until it is told otherwise."""
        server: Server
        server = Server(self.honest, lambda: self.card(server.url), port)
        return server


def genesis(matter: Matter, role: str, term: Any) -> str:
    place = {"procedure": matter.procedure, "subject": matter.subject, "role": role, "term": term}
    return tagged_digest("tongban-chain/2", place)


def digest_of_body(body: Any) -> str:
    return tagged_digest("tongban-body/2", body)


def hashed(event: Document) -> Document:
    return {**event, "hash": tagged_digest(str(event.get("format")), without(event, "hash"))}


def _is_digest(text: Any) -> bool:
    return isinstance(text, str) and text.startswith("sm3:") and len(text) == 68


def _is_place(chain: str, event: Document) -> bool:
    """Whether a proof can name the place of an event; where not, the message itself would be spoilt."""
    seq = event.get("seq")
    return (
        re.fullmatch(r"[a-z][a-z0-9_]{0,23}/[1-9][0-9]?", chain) is not None
        and type(seq) is int
        and 0 <= seq < 2**31
    )


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Return whether `holds` came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return holds()

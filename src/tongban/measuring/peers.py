"""
Peers that hand cases over to the node that is measured: each with keys, a seal and an agreement of its own.

What they send are copies of one message that a node really sent (`handing_over`): the same events under another number,
node, organisation and agreement, hashed, sealed and signed anew. All that the receiver asks of them holds.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tongban.agreements import commands as agreement_commands
from tongban.agreements import documents
from tongban.agreements import queries as agreements
from tongban.agreements.models import Agreement
from tongban.commandline.node import operator
from tongban.demonstration.counties import JIASHAN
from tongban.exchange import commands, wire
from tongban.kernel import identity
from tongban.kernel.crypto import canon, digest, signed, sm
from tongban.kernel.crypto.keychain import KeyChain, first_record
from tongban.kernel.journal import events, heads, merkle, numbers, sealed
from tongban.kernel.journal.events import Event, format_time
from tongban.procedures import register

type Document = dict[str, Any]

SEALED_TOGETHER = 25  # cases: a node seals what it wrote about once a second
NOWHERE = "http://127.0.0.1:9"  # what the measured node has to say to a peer waits


@dataclass(slots=True)
class Tree:
    """A peer's tree over what it wrote."""

    leaves: int = 0
    known: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def add(self, event: Event) -> int:
        """Put an event at the end; return its place."""
        leaf = merkle.leaf_hash(digest.raw(event.hash))
        for level, index, value in merkle.append_nodes(self.leaves, leaf, self.get):
            self.known[level, index] = value
        self.leaves += 1
        return self.leaves - 1

    def get(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree."""
        return self.known[level, index]


@dataclass(slots=True)
class Sending:
    """A message, and the heads that its receipt must sign for."""

    raw: bytes
    subject: str
    heads: Mapping[str, Sequence[Any]]


@dataclass(slots=True)
class Peer:
    """One sending node."""

    place: int
    key: sm.SoftwareKey
    chain: KeyChain
    agreement: Document = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)
    seals: list[Document] = field(default_factory=list)

    @property
    def node(self) -> str:
        """Its fingerprint."""
        return self.chain.root

    @property
    def organisation(self) -> str:
        """The code of its service centre, one for each peer."""
        return f"{JIASHAN.centre[:-2]}{self.place:02}"

    def sign(self, document: Mapping[str, Any]) -> Document:
        """Return a document signed by this peer."""
        return signed.sign(document, self.key, 1)

    def sendings(
        self, template: Document, count: int, others: Sequence["Peer"], at: datetime
    ) -> list[Sending]:
        """Return `count` cases, each in the message that hands it over, in the order in which they are to be sent."""
        made: list[Sending] = []
        while len(made) < count:
            copies = [self._copy(template, at) for _ in range(min(SEALED_TOGETHER, count - len(made)))]
            places = [[self.tree.add(event) for event in copy][-1] for copy in copies]
            before = self.seals[-1]["size"] if self.seals else 0
            self.seals.append(self._seal(at))
            shown = [peer.seals[0] for peer in others if peer.seals]
            for copy, place in zip(copies, places, strict=True):
                made.append(self._sending(template, copy, place, before, shown, at))
                before = self.tree.leaves  # the first has told of the seal
        return made

    def _copy(self, template: Document, at: datetime) -> list[Event]:
        number = str(numbers.issue(JIASHAN.division, self.node, 1, at.date()))
        digest_of_own = documents.digest_of(self.agreement)
        copied: list[Event] = []
        for sent in template["events"]:
            told = [
                sent[part]
                .replace(template["subject"], number)
                .replace(template["from"], self.node)
                .replace(template["agreement"].digest, digest_of_own)
                .replace(template["agreement"].agreement_id, self.agreement["id"])
                .replace(JIASHAN.centre, self.organisation)
                for part in ("event", "body")
            ]
            envelope, body = (json.loads(text) for text in told)
            prev = copied[-1].hash if copied else _genesis(envelope)
            copied.append(_minted({**envelope, "prev": prev}, body))
        return copied

    def _seal(self, at: datetime) -> Document:
        size = self.tree.leaves
        return self.sign(
            {
                "format": sealed.FORMAT, "node": self.node, "epoch": 1, "size": size,
                "root": digest.write(merkle.root_at(size, self.tree.get)), "at": format_time(at),
                "previous": digest.of(canon.encode(self.seals[-1])) if self.seals else "",
            }
        )  # fmt: skip

    def _sending(
        self, template: Document, copy: Sequence[Event], place: int, before: int, shown: Sequence[Document], at: datetime
    ) -> Sending:  # fmt: skip
        last, size = copy[-1], self.tree.leaves
        held = {last.chain: [last.seq, last.hash]}
        matter = {"procedure": last.procedure, "subject": last.subject}
        statement = self.sign(
            {
                "format": heads.FORMAT, **matter, "signer": self.node, "at": format_time(at), "heads": held,
                "keys": {self.node: 1},
            }
        )  # fmt: skip
        path = merkle.inclusion_proof(place, size, self.tree.get)
        grown = merkle.consistency_proof(before, size, self.tree.get)
        message = {
            **{name: value for name, value in template.items() if name != "agreement"}, **matter,
            "from": self.node, "at": format_time(at), "chain": self.chain.documents(),
            "events": [{"event": one.raw.decode(), "body": (one.body_raw or b"").decode()} for one in copy],
            "statements": [statement], "seal": self.seals[-1], "seals": list(shown),
            "proof": {"from": before, "path": [digest.write(one) for one in grown]},
            "inclusion": [
                {"chain": last.chain, "seq": last.seq, "leaf": place, "path": [digest.write(one) for one in path]}
            ],
        }  # fmt: skip
        return Sending(canon.encode(self.sign(message)), last.subject, held)


def introduced(count: int, at: datetime) -> Iterator[Peer]:
    """Yield new peers that the node of this process knows, and has an agreement with."""
    own = agreements.own_party()
    for place in range(count):
        key, wrap = sm.SoftwareKey.generate(), sm.SoftwareKey.generate()
        peer = Peer(place, key, first_record(key, wrap.public, at))
        card = peer.sign(
            {
                "format": wire.CARD, "node": peer.node, "name": f"邻县{place + 1}", "url": NOWHERE,
                "division": JIASHAN.division, "organisation": peer.organisation, "at": format_time(at),
                "keys": peer.chain.documents(), "speaks": register.speaks(),
            }
        )  # fmt: skip
        commands.add(card=card, fingerprint=peer.node, by=operator(), at=at)
        theirs = {
            "node": peer.node, "organisation": peer.organisation, "division": JIASHAN.division,
            "name": card["name"],
        }  # fmt: skip
        proposed = documents.build(
            agreement_id=f"bench-{place}", version=1, parties=(theirs, own), items=documents.ALL_ITEMS, limits={},
            powers=set(documents.POWERS) - {"decide"}, valid_from=at.date().replace(month=1, day=1),
        )  # fmt: skip
        proposed = documents.sign_for(proposed, peer.node, peer.sign)
        peer.agreement = agreement_commands.countersign(by=operator(), at=at, document=proposed).document
        yield peer


def read_template(raw: bytes) -> Document:
    """Return the message to be copied, with the agreement that its case rests on as `agreement`."""
    document: Document = canon.decode(raw)  # type: ignore[assignment]
    for agreement in Agreement.objects.all():
        if any(agreement.digest in one["event"] + one["body"] for one in document["events"]):
            return {**document, "agreement": agreement}
    raise LookupError("the case rests on no agreement that is held here")


def check_receipt(answer: bytes, peer: Peer, sending: Sending, at: datetime) -> None:
    """
    Ask of an answer what a sending node asks: that it is signed, to this very message, and a receipt for all that was sent.

    Raises:
        ValueError: it is not.
    """
    chain = identity.chain_of(identity.fingerprint())
    document: Any = canon.decode(answer)
    signed.check(document, chain, at)
    receipt = document["statement"]
    signed.check(receipt, chain, at)
    told = (document["to"], document["answers"], receipt["subject"], receipt["signer"])
    if told != (peer.node, digest.of(sending.raw), sending.subject, chain.root):
        raise ValueError("an answer to something else")
    if any(receipt["heads"].get(name) != list(head) for name, head in sending.heads.items()):
        raise ValueError("a receipt for less than was sent")


def _genesis(envelope: Document) -> str:
    return events.genesis(*(envelope[name] for name in ("procedure", "subject", "role", "term")))


def _minted(envelope: Document, body: Document) -> Event:
    """Return an event of these members, with its digests anew."""
    labels, salt = body["labels"], body["salt"]
    content = [{**piece, "label": label} for piece, label in zip(envelope["content"], labels, strict=True)]
    own = {"format", "suite", "body", "content", "hash"}
    members = {name: value for name, value in envelope.items() if name not in own}
    return events.mint(actor=body["actor"], given=body["given"], content=content, salt=salt, **members)

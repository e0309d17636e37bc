"""
Two nodes in memory: they act by the rules, send each other what is missing, and export dossiers.

No database and no network, so a forger can be played: everything may be taken apart and signed again by whoever
has the key. Also makes the vectors of docs/protocol/.
"""

import base64
import itertools
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from typing import Any

from tests.cases.courses import numbered, occasion
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Channel, Permission
from tongban.agreements import documents as agreements
from tongban.cases.procedure import CASE, NAME
from tongban.cases.terms import Terms, naming
from tongban.cases.words import Act, Role
from tongban.kernel.crypto import canon, digest, keychain, signed, sm
from tongban.kernel.journal import fold, merkle, numbers
from tongban.kernel.journal.events import Event, format_time
from tongban.kernel.journal.fold import State
from tongban.kernel.time import calendar
from tongban.procedures import deciding
from tongban.procedures.dossier import dossierfile
from tongban.procedures.tables import WAIT

ITEM = "driving-licence-renewal"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CALENDAR = calendar.WorkingCalendar(calendar.shipped_years())


def number_of(division: str, node: str, chance: int = 1) -> str:
    """Return a number that a node could have issued, the same each time."""
    return str(numbers.issue(division, node, 1, date(2026, 3, 2), Random(chance)))


@dataclass
class Node:
    """One administration: keys, what it holds of the case, what it has signed and sealed."""

    name: str
    org: str
    centre: str
    seed: int
    epoch: int = 1
    held: list[Event] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    leaves: list[Event] = field(default_factory=list)
    seals: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = sm.SoftwareKey.from_private(digest.sm3(f"sign {self.seed}".encode())[:31].rjust(32, b"\1"))
        self.wrap = sm.SoftwareKey.from_private(
            digest.sm3(f"wrap {self.seed}".encode())[:31].rjust(32, b"\1")
        )
        self.chain = keychain.first_record(self.key, self.wrap.public, START - timedelta(days=30))

    @property
    def id(self) -> str:
        return self.chain.root

    @property
    def staff(self) -> Actor:
        return Actor(
            kind=ActorKind.STAFF, channel=Channel.COUNTER, organisation=self.org, post="window", assurance=3,
            staff=f"{self.seed:026d}", permissions=frozenset(Permission),
        )  # fmt: skip

    def sign(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return signed.sign(document, self.key, self.chain.current.number)

    def state(self, number: str) -> State:
        return fold.fold(NAME, number, self.held)

    def heads(self, number: str, at: datetime) -> dict[str, Any]:
        state = self.state(number)
        document = self.sign(
            {
                "format": "tongban-heads/2", "procedure": NAME, "subject": number, "signer": self.id,
                "at": format_time(at), "heads": {chain: head[:2] for chain, head in state.heads.items()},
                "keys": {**dict.fromkeys(state.nodes.values(), 1), self.id: len(self.chain.records)},
            }
        )  # fmt: skip
        self.statements.append(document)
        return document

    def seal(self, at: datetime) -> None:
        self.leaves += [event for event in self.held if event.node == self.id and event not in self.leaves]
        hashes = [merkle.leaf_hash(digest.raw(event.hash)) for event in self.leaves]
        before = digest.of(canon.encode(self.seals[-1])) if self.seals else ""
        self.seals.append(
            self.sign(
                {
                    "format": "tongban-seal/2", "node": self.id, "epoch": self.epoch, "size": len(hashes),
                    "root": digest.write(merkle.root(hashes)), "at": format_time(at), "previous": before,
                }
            )
        )  # fmt: skip

    def path_to(self, event: Event) -> list[str]:
        path = merkle.inclusion_proof(self.leaves.index(event), self.seals[-1]["size"], self.get)
        return [digest.write(step) for step in path]

    def get(self, level: int, index: int) -> bytes:
        leaves = self.leaves[index << level : (index + 1) << level]
        return merkle.root([merkle.leaf_hash(digest.raw(event.hash)) for event in leaves])


NUMBER = number_of("341723", Node("", "", "", 1).id)


def guide_by(node: Node) -> dict[str, Any]:
    """Return a signed guide with what the rules read, and no more."""
    return node.sign(
        {
            "format": "tongban-guide/2", "offering": f"{node.org}-{ITEM}", "version": 1, "node": node.id,
            "item": {"key": ITEM, "name": "机动车驾驶证换证"}, "name": "机动车驾驶证换证", "kind": "licence",
            "organisation": {"uscc": node.org, "name": node.name}, "modes": ["PROXY_INTAKE", "FULLY_ONLINE"],
            "limits": {"statutory": {"n": 20, "unit": "working_day"}, "promised": {"n": 5, "unit": "working_day"}},
            "review_steps": [{"code": "check", "name": "审核", "permission": "case.review"}],
            "identity": {"method": "人证比对", "online_assurance": 3, "assurance": 3},
        }
    )  # fmt: skip


def agreement_of(first: Node, second: Node) -> dict[str, Any]:
    """Return an agreement that both have signed."""
    parties = [
        {"node": node.id, "organisation": node.centre, "division": f"{340000 + node.seed}", "name": node.name}
        for node in (first, second)
    ]
    document = agreements.build(
        agreement_id=f"TB-{first.seed}-{second.seed}", version=1, parties=(parties[0], parties[1]),
        powers=["receive", "notice", "verify", "deliver"], items="*", limits={"acknowledge": 1},
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    for node in {first.id: first, second.id: second}.values():
        document = agreements.sign_for(document, node.id, node.sign)
    return document


class Story:
    """One case between two nodes, an hour to each act."""

    def __init__(self, number: str = "", at: datetime = START) -> None:
        self.at = at
        self.intake = Node("青阳县政务服务中心", "11341723000000001A", "11341723000000001A", 1)
        self.handling = Node("襄城县公安局", "11411025000000002B", "11411025000000003C", 2)
        self.nodes = [self.intake, self.handling]
        self.number = number or NUMBER
        guide, agreement = guide_by(self.handling), agreement_of(self.intake, self.handling)
        of_guide = digest.tagged("tongban-guide/2", signed.without_signatures(guide))
        of_agreement = agreements.digest_of(agreement)
        self.papers = {of_guide: guide, of_agreement: agreement}
        self.pins = naming((guide["offering"], 1, of_guide), (agreement["id"], 1, of_agreement))
        self.terms = Terms(guide, agreement)
        self.contents: dict[str, bytes] = {}

    def act(self, node: Node, act: Act, role: Role, *, by: Actor | None = None, **given: Any) -> Event:
        state = node.state(self.number)
        term = given.pop("term", state.roles.get(role, {}).get("term", 1))
        calendar = given.pop("calendar", CALENDAR)
        rule = CASE.present.rules[act]
        given = {**numbered(rule), **given}
        content = [self._put(act, label) for label in (*rule.content, *(["remark"] if rule.brings else []))]
        day = self.at.astimezone(timezone(timedelta(hours=8))).date()
        on = occasion(
            node.id,
            role,
            term,
            self.at,
            day,
            self.terms,
            by or node.staff,
            epoch=node.epoch,
            calendar=calendar,
        )
        step = deciding.decide(state, act, on, given, content, list(node.held))
        node.held.append(step.event)
        self.at += timedelta(hours=1)
        return step.event

    def deliver(self, sender: Node, receiver: Node) -> None:
        """Send all that is missing; the receipt comes back; what was addressed there arrives."""
        sender.seal(self.at)
        receiver.statements.append(sender.heads(self.number, self.at))
        known = {event.hash for event in receiver.held}
        receiver.held += [event for event in sender.held if event.hash not in known]
        sender.statements.append(receiver.heads(self.number, self.at))
        waiting: dict[str, list[str]] = {}
        for name, duty in receiver.state(self.number).duties.items():
            if duty["to_node"] == receiver.id:
                waiting.setdefault(duty["to"], []).append(name)
        for chain, names in waiting.items():
            role, term = chain.split("/")
            self.act(receiver, Act.ARRIVE, Role(role), by=SYSTEM, duties=names, term=int(term))

    @property
    def there(self) -> dict[str, Any]:
        """The authority that would decide."""
        return {"node": self.handling.id, "org": self.handling.org, "office": self.handling.centre}

    def file(self, mode: str = "PROXY_INTAKE", by: Actor | None = None) -> Event:
        bind = {"org": self.intake.org, "office": self.intake.centre, "papers": self.pins}
        return self.act(
            self.intake, Act.FILE, Role.INTAKE, by=by, mode=mode, item=ITEM, bind=bind, applicant="A" * 26, assurance=3,
            target={**self.there, "offering": self.pins[0]["id"]},
        )  # fmt: skip

    def forward(self, term: int = 1, by: Actor | None = None) -> Event:
        bind = {"papers": self.pins, "term": term, **self.there}
        event = self.act(self.intake, Act.FORWARD, Role.INTAKE, by=by, bind=bind)
        self.deliver(self.intake, self.handling)
        return event

    def file_and_forward(self) -> None:
        side = Role.INTAKE
        self.file()
        self.act(self.intake, Act.RECEIVE, side, papers=self.pins)
        self.act(self.intake, Act.CHECK_IDENTITY, side, method="face_to_face")
        self.act(self.intake, Act.PASS_REVIEW, side)
        self.forward()

    def decide(self) -> None:
        side = Role.HANDLING
        for act, given in (
            (Act.ACKNOWLEDGE, {}), (Act.ACCEPT, {}), (Act.REVIEW, {"step": "check"}),
            (Act.DECIDE, {"outcome": "granted"}), (Act.CONCLUDE, {}), (Act.SEND_RESULT, {"way": "post"}),
        ):  # fmt: skip
            self.act(self.handling, act, side, **given)
        self.deliver(self.handling, self.intake)

    def hand_out(self) -> None:
        self.act(self.intake, Act.HAND_OUT, Role.INTAKE, way="counter")
        self.act(self.intake, Act.CONFIRM_DELIVERY, Role.INTAKE)
        self.deliver(self.intake, self.handling)
        self.deliver(self.handling, self.intake)

    def document(self, exporter: Node, *, with_content: bool = False) -> dict[str, Any]:
        """Return the dossier as `exporter` would sign it, unsigned."""
        exporter.heads(self.number, self.at)
        exporter.seal(self.at)
        events = sorted(exporter.held, key=lambda event: (event.role != "intake", event.term, event.seq))
        own = [event for event in events if event.node == exporter.id]
        sizes = [seal["size"] for seal in exporter.seals]
        inclusion = [
            {
                "chain": event.chain, "seq": event.seq, "leaf": exporter.leaves.index(event),
                "path": exporter.path_to(event),
            }
            for event in own
        ]  # fmt: skip
        proofs = [
            [digest.write(node) for node in merkle.consistency_proof(old, new, exporter.get)]
            for old, new in itertools.pairwise(sizes)
        ]
        content = {name: base64.b64encode(stream).decode() for name, stream in self.contents.items()}
        document = dossierfile.assemble(
            procedure=NAME, subject=self.number, exporter=exporter.id, at=format_time(self.at),
            nodes={node.id: node.chain.documents() for node in self.nodes}, epochs=[], papers=self.papers,
            tables={CASE.present.digest: CASE.present.document}, events=[dict(event.document) for event in events],
            bodies={event.document["body"]: dict(event.body) for event in events if event.body},
            statements=exporter.statements, forks={"events": [], "statements": [], "settlements": []},
            seals={
                "own": exporter.seals, "proofs": proofs, "inclusion": inclusion,
                "peers": [one for node in self.nodes if node is not exporter and node.seals for one in self._shown(exporter, node)],
            },
            content=content if with_content else None,
        )  # fmt: skip
        # A copy to the bottom: forgers change what they get.
        return deepcopy(document)

    def _shown(self, exporter: Node, node: Node) -> list[dict[str, Any]]:
        """Return where a node's latest seal holds the last event of its that the exporter has."""
        theirs = [event for event in exporter.held if event.node == node.id]
        if not theirs:
            return []
        last = theirs[-1]
        place = {
            "chain": last.chain,
            "seq": last.seq,
            "leaf": node.leaves.index(last),
            "path": node.path_to(last),
        }
        return [{"seal": node.seals[-1], "inclusion": [place]}]

    def export(self, exporter: Node, *, with_content: bool = False) -> bytes:
        return canon.encode(exporter.sign(self.document(exporter, with_content=with_content)))

    def _put(self, act: Act, label: str) -> dict[str, Any]:
        data = f"{act}：{label}的内容".encode()
        stream = digest.sm3(f"salt {act} {label}".encode())[:16] + data
        name = digest.of(stream)
        self.contents[name] = stream
        return {"label": label, "digest": name, "size": len(data)}


def delivered(number: str = "", at: datetime = START) -> Story:
    """Return a story from filing to delivery, known to both."""
    story = Story(number, at)
    story.file_and_forward()
    story.decide()
    story.hand_out()
    return story


def disposed(story: Story, node: Node, role: Role) -> None:
    """Let a side destroy what it kept, years later: proposed, taken back, declined, proposed and approved by somebody else, waited for."""
    story.at += timedelta(days=4100)
    another = replace(node.staff, staff="4" * 26)
    proposal = {"ground": "expired", "staff": node.staff.staff}
    story.act(node, Act.APPRAISE, role, **proposal)
    story.act(node, Act.RETRACT_DESTRUCTION, role)
    story.act(node, Act.APPRAISE, role, **proposal)
    story.act(node, Act.DECLINE_DESTRUCTION, role, by=another)
    story.act(node, Act.APPRAISE, role, **proposal)
    story.act(node, Act.APPROVE_DESTRUCTION, role, by=another, staff=another.staff)
    story.at += timedelta(days=WAIT + 1)
    story.act(node, Act.CONFIRM_DESTRUCTION, role, by=SYSTEM, ground="expired")

"""A stage of cardboard: a victim that believes everything, or nothing. It shows how a scene is wired, and that every
deception can be played; it says nothing about what is right.
"""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .deceptions_bounds import bound
from .liar import Keys, Liar, Matter, Neighbour, Reply, Server
from .liar_crypto import canonical, digest, tagged_digest
from .liar_http import post
from .liar_matter import read_piece

Document = dict[str, Any]


def _row(**changes: Any) -> Document:
    return {
        "role": None, "from": None, "to": None, "becomes": None, "staff": True, "applicant": False, "system": [], "by_step": False,
        "modes": None, "power": None, "basis": "x", "closes": [], "opens": [], "founds": False, "binds": None, "pen": None,
        "starts": None, "stops": [], "pauses": None, "resumes": None, "extends": None, "needs": [], "given": [],
        "allows": [], "content": [], "brings": False, "facts": {}, "does": None, "annotates": False, **changes,
    }  # fmt: skip


def _news(duty: str | None, to: str) -> Document:
    return {"duty": duty, "holder": "own", "to": to, "when": None}


ACTS = {
    "file": _row(role="intake", to="filed", founds=True, content=["form"]),
    "forward": _row(role="intake", to="forwarded", binds="handling", pen="handling", opens=[_news("acknowledge", "handling")]),
    "arrive": _row(staff=False, system="any", does="arrive", given=["duties"]),
    "acknowledge": _row(role="handling", to="acknowledged", closes=["acknowledge"]),
    "accept": _row(role="handling", to="accepted", starts={"clock": "decision", "since": None}),
    "decide": _row(role="handling", to="decided", stops=["decision"], facts={"outcome": {"given": "outcome"}}),
    "conclude": _row(role="handling", to="delivered", pen="intake"),
    "grant_withdrawal": _row(role="handling"),
    "look": _row(does="look"),
    "claim": _row(does="claim"),
    "succeed": _row(does="succeed"),
    "park": _row(staff=False, system="any", does="park", facts={"parked": {"given": "reason"}}),
    "release": _row(does="release"),
    "redact": _row(does="redact"),
}  # fmt: skip
TABLE: Document = {
    "format": "tongban-rules/1", "procedure": "case", "version": 1, "founder": "intake", "roles": ["intake", "handling"],
    "carries": [], "acts": ACTS, "otherwise": {}, "limits": {"hops": 3, "minutes": 10},
    "duties": {
        name: {"limit": None, "basis": "x", "within": within, "segment": "", "clock": "", "escalates": "centre"}
        for name, within in (("deliver", []), ("acknowledge", ["forwarded"]))
    },
    "clocks": {"decision": {
        "limit": {"n": 20, "unit": "working_day"}, "basis": "x", "guided": True, "segment": "decision", "extension": 10,
    }},
}  # fmt: skip
RULES = {"version": 1, "digest": tagged_digest("tongban-rules/1", TABLE)}
GUIDE: Document = {"format": "tongban-guide/2", "kind": "licence", "limits": {}, "review_steps": []}
PAPERS = [{"kind": "guide", "id": "x", "version": 1, "digest": tagged_digest("tongban-guide/2", GUIDE)}]


@dataclass
class FakeScene:
    """Everything a `Scene` is, without a node behind it."""

    believes: bool
    victim_keys: Keys = field(default_factory=lambda: Keys.made(datetime.now(UTC)))
    shared: dict[str, Matter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server = Server(self._answer, lambda: b"{}")
        self.victim = Neighbour(self.victim_keys.node, self.server.url, self.victim_keys.records)
        self.victim_self = Liar(self.victim_keys, self.now, self.victim, name="A", division="341723")
        self.party, self.stranger = (
            Liar(Keys.made(self.now()), self.now, self.victim, name=name) for name in ("J", "E")
        )
        self.party_server = self.party.serve()
        self.bystander = self.victim

    def __enter__(self) -> "FakeScene":
        self.server.__enter__()
        self.party_server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()
        self.party_server.__exit__()

    def _answer(self, document: Document, raw: bytes) -> Reply:
        sender, victim = document["from"], self.victim_self
        members: Document = {"refused": {"code": "zz_no", "sentence": "不。"}}
        if self.believes and document["format"] == "tongban-transfer/2":
            heads = {}
            for piece in document.get("events", ()):
                try:
                    event = read_piece(piece)["event"]
                    heads[f"{event['role']}/{event['term']}"] = [event["seq"], event["hash"]]
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    continue
            seal = document["seal"] if isinstance(document.get("seal"), dict) else {}
            held = (
                {"epoch": seal.get("epoch", 1), "size": seal["size"]}
                if type(seal.get("size")) is int
                else None
            )
            members = {
                "statement": {"heads": heads},
                "forked": [],
                "missing_keys": [],
                "missing_papers": [],
                "held_seal": held,
            }
        elif self.believes:
            members = {}
        return Reply(
            canonical(
                victim.message("tongban-answer/2", to=sender, answers=digest(raw), speaks={}, **members)
            )
        )

    # --- matters

    def now(self) -> datetime:
        return datetime.now(UTC)

    def matter(self, phase: str, *, fresh: bool = False) -> Matter:
        if fresh:
            return self._made(phase)
        if phase not in self.shared:
            self.shared[phase] = self._made(phase)
        return self.shared[phase]

    def _made(self, phase: str) -> Matter:
        a, j = self.victim_self, self.party
        theirs = a.founded("case", "intake")
        theirs.tables, theirs.keys = (
            {RULES["digest"]: TABLE},
            {a.node: a.keys.records, j.node: j.keys.records},
        )
        theirs.papers = {PAPERS[0]["digest"]: GUIDE}
        papers = {name: bound("intake", 1, a.node)[name] for name in ("org", "office")} | {"papers": PAPERS}
        first = a.mint(theirs, "file", rules=RULES, effects={"pen": "intake", "phase": ["", "filed"], "bind": [
            {"role": "intake", "term": 1, "node": a.node, **papers}]}, body=a.body(labels=["form"]),
            content=[{"digest": digest(b"form"), "size": 4}])  # fmt: skip
        theirs.add([first])
        theirs.add([a.lawful(theirs, "forward", {"bind": {"term": 1, "node": j.node, **papers}})])
        theirs.role = "handling"
        if phase in ("accepted", "done"):
            names = ["acknowledge", "accept"] + (["conclude"] if phase == "done" else [])
            sent = [name for name, one in theirs.state()["duties"].items() if one["to"] == "handling/1"]
            theirs.add([j.lawful(theirs, "arrive", {"duties": sent})])
            for name in names:
                theirs.add([j.lawful(theirs, name)])
        return theirs

    def retire(self, subject: str) -> None:
        self.shared = {phase: one for phase, one in self.shared.items() if one.subject != subject}

    def state(self, subject: str) -> Document:
        return {"phase": "forwarded", "pen": "handling", "roles": {}, "heads": {}}

    def parked(self, subject: str) -> dict[str, str]:
        return {}

    def pieces(self, subject: str) -> list[Document]:
        return []

    def statements(self, subject: str) -> list[Document]:
        return []

    def forks(self) -> int:
        return 0

    def counts(self) -> dict[str, int]:
        return {}

    def peer_state(self, node: str) -> str:
        return "active"

    def reinstate(self, node: str) -> None: ...

    def pause(self, node: str) -> None: ...

    def nudge(self, subject: str) -> None:
        """Send the party all there is, and keep what it answered."""
        a = self.victim_self
        matter = self._made("pushed")
        document = a.message("tongban-transfer/2", to=self.party.node, procedure="case", subject=matter.subject, events=[
            {name: canonical(part).decode() for name, part in piece.items()} for piece in matter.pieces], statements=[],
            keys=matter.keys, papers={}, seal={"epoch": 1, "size": 1})  # fmt: skip
        self._post(document)

    def _post(self, document: Document) -> None:
        threading.Thread(
            target=post,
            args=(self.party_server.url, canonical(document)),
            kwargs={"timeout": 0.5},
            daemon=True,
        ).start()

    def bystander_moves(self, seconds: float) -> bool:
        return True

    def put_off(self, subject: str) -> bool:
        return True

    def contested(self, subject: str) -> bool:
        return False

    def witness(self) -> tuple[Liar, Matter]:
        return self.stranger, self.matter("pushed")

    def signed_for(self, subject: str, node: str) -> Document:
        return {}

    def known_keys(self, node: str) -> int:
        return len(self.party.keys.records)

    def content_held(self, subject: str, digest: str) -> bool:
        return False

"""Events that change what is not theirs to change."""

from collections.abc import Callable
from typing import Any

from .deception import Deception, Document, lie
from .liar import Liar, Matter
from .liar_crypto import issue_number
from .scene import Scene

BAD = "out_of_bounds"
NOWHERE = "sm3:" + "cd" * 32
CLOCK = {
    "state": "running", "from": "2026-03-02", "limit": {"n": 1, "unit": "day"}, "pauses": [], "basis": "x", "due": None,
    "calendar": None,
}  # fmt: skip
DATES = {"due": "2026-03-09", "calendar": "2026.1"}

Effects = Callable[[Liar, Scene, Matter], Document]


def bound(role: str, term: int, node: str) -> Document:
    return {
        "role": role,
        "term": term,
        "node": node,
        "org": "11411025000000002B",
        "office": "11411025000000003C",
        "papers": [],
    }


def duty(liar: Liar, matter: Matter, number: int = 0, **changes: Any) -> Document:
    """Return a duty that the next event of the liar may open."""
    seq = len(matter.chain_events(matter.chain)) + 1
    return {
        "id": f"{matter.chain}.{seq}.{number}", "kind": "zz_duty", "holder": {"org": "", "node": liar.node},
        "limit": None, "from": "2026-03-02", "due": None, "calendar": None, "basis": "x", "within": [], "about": None,
        "to": None, "to_node": None, "then": None, **changes,
    }  # fmt: skip


def their_duty(matter: Matter) -> str:
    """Return the id of a duty of the other role: one that is open, where there is one, else one that might be."""
    names = sorted(name for name in matter.state()["duties"] if not name.startswith(f"{matter.role}/"))
    duties = matter.state()["duties"]
    return next((name for name in names if duties[name]["to"] != matter.chain), f"{matter.other_chain()}.1.0")


def _founding(*, bind: Callable[[Liar, Scene], list[Document]], **changes: Any) -> Deception | Any:
    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        own = liar.founded()
        _adopt(own, matter, subject=changes.get("subject", lambda _: own.subject)(liar))
        event = {name: value for name, value in changes.items() if name != "subject"}
        return liar.mint(
            matter, "file", effects={"bind": bind(liar, scene), "pen": "intake"}, **rules(scene), **event
        )

    return made


def _adopt(own: Matter, into: Matter, *, subject: str) -> None:
    """Make of a matter the empty one that is about to be founded."""
    into.subject, into.role, into.term = subject, own.role, 1
    into.pieces, into.statements = [], []


def rules(scene: Scene) -> Document:
    return {"rules": scene.matter("pushed").rules()}


def _number(*, of_victim: bool = False, epoch: int = 1, scene_node: str = "") -> Callable[[Liar], str]:
    def made(liar: Liar) -> str:
        node = liar.victim.node if of_victim else scene_node or liar.node
        division = liar.victim.division if of_victim else liar.division
        return issue_number(division, node, epoch, liar.clock())

    return made


def of(effects: Effects, **changes: Any) -> Any:
    return lambda liar, scene, matter: liar.mint(matter, effects=effects(liar, scene, matter), **changes)


def just(**effects: Any) -> Any:
    return of(lambda liar, scene, matter: effects)


def withhold(matter: Matter, **changes: Any) -> Document:
    event = matter.last_of_others()
    return {"chain": matter.other_chain(), "seq": event["seq"], "hash": event["hash"], **changes}


def _owed(park: Document, matter: Matter) -> Document:
    """Return a duty that the event behind `park` could open, if it were allowed to open any."""
    name = f"{matter.chain}.{park['seq'] + 1}.0"
    return {
        "id": name, "kind": "zz_duty", "holder": {"org": "", "node": park["node"]}, "limit": None, "from": "2026-03-02",
        "due": None, "calendar": None, "basis": "x", "within": [], "about": None, "to": None, "to_node": None, "then": None,
    }  # fmt: skip


def _parked_then(effects: Callable[[Document, Matter], Document]) -> Any:
    """A park of the liar's own, and behind it in the same transfer an event that must not be."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        park = liar.mint(matter, "park", effects={"withhold": withhold(matter)})
        matter_then = matter.copy()
        matter_then.add([park])
        return [park, liar.mint(matter_then, "release", effects=effects(park["event"], matter))]

    return made


def _released(**changes: Any) -> Any:
    return _parked_then(lambda park, matter: {"release": {"park": park["hash"], "struck": None, **changes}})


def deceptions() -> list[Deception]:
    rows: list[tuple[str, str, Any, str]] = [
        # B1
        ("B1 binds two roles", "pushed", _founding(bind=lambda liar, scene: [bound("intake", 1, liar.node),
            bound("handling", 1, liar.victim.node)]), BAD),
        ("B1 binds another role", "pushed", _founding(bind=lambda liar, scene: [bound("handling", 1, liar.node)]), BAD),
        ("B1 binds another node", "pushed", _founding(bind=lambda liar, scene: [bound("intake", 1, liar.victim.node)]), BAD),
        ("B1 binds term 2", "pushed", _founding(bind=lambda liar, scene: [bound("intake", 2, liar.node)]), BAD),
        ("B1 binds nobody", "pushed", _founding(bind=lambda liar, scene: []), "event_malformed"),
        ("B1 founds with the tag of the victim", "pushed", _founding(bind=lambda liar, scene: [bound("intake", 1, liar.node)],
            subject=_number(of_victim=True)), BAD),
        ("B1 founds with the tag of an epoch to come", "pushed", _founding(bind=lambda liar, scene: [bound("intake", 1,
            liar.node)], subject=_number(epoch=7)), BAD),
        ("B1 founds for itself alone", "pushed", _founding(bind=lambda liar, scene: [bound("intake", 1, liar.node)]),
            "not_a_party"),
        # B2, in a matter whose pen is the other side's
        ("B2 phase without the pen", "done", of(lambda liar, scene, matter: {"phase": [matter.state()["phase"], "decided"]}), BAD),
        ("B2 pen without the pen", "done", just(pen="handling"), BAD),
        ("B2 bind without the pen", "done", of(lambda liar, scene, matter: {"bind": [bound("intake", 2, liar.node)]}), BAD),
        ("B2 clocks without the pen", "done", just(clocks={"decision": CLOCK}), BAD),
        ("B2 due of a clock without the pen", "done", just(due={"decision": DATES}), BAD),
        # B3
        ("B3 from a phase that is not", "pushed", just(phase=["decided", "concluded"]), BAD),
        ("B3 from the phase before", "accepted", just(phase=["forwarded", "concluded"]), BAD),
        ("B3 from no phase", "pushed", just(phase=["filed", "concluded"]), BAD),
        # B4
        ("B4 pen to nobody", "pushed", just(pen="nobody"), BAD),
        ("B4 pen to a role of tomorrow", "accepted", just(pen="appeal"), BAD),
        # B5
        ("B5 binds its own next term", "pushed",
            of(lambda liar, scene, matter: {"bind": [bound("handling", 2, scene.stranger.node)]}), BAD),
        ("B5 binds a present term anew", "pushed", of(lambda liar, scene, matter: {"bind": [bound("intake", 1, liar.node)]}), BAD),
        ("B5 binds a term too far", "pushed", of(lambda liar, scene, matter: {"bind": [bound("intake", 3, liar.node)]}), BAD),
        ("B5 binds a role twice", "pushed", of(lambda liar, scene, matter: {"bind": [bound("intake", 2, liar.node),
            bound("intake", 2, scene.stranger.node)]}), BAD),
        ("B5 binds a new role at term 2", "pushed", of(lambda liar, scene, matter: {"bind": [bound("third", 2, liar.node)]}), BAD),
        # B6
        ("B6 closes the other's duty", "accepted", of(lambda liar, scene, matter: {"close": [their_duty(matter)]}), BAD),
        ("B6 closes what was sent to another chain", "pushed", just(close=["intake/1.2.0"]), BAD),
        ("B6 looks at the other's duty", "accepted", of(lambda liar, scene, matter: {"look": {their_duty(matter): "S" * 26}}), BAD),
        ("B6 claims the other's duty", "accepted", of(lambda liar, scene, matter: {"claim": {their_duty(matter): "S" * 26}}), BAD),
        ("B6 dates the other's duty", "accepted", of(lambda liar, scene, matter: {"due": {their_duty(matter): DATES}}), BAD),
        ("B6 dates a clock there is not", "pushed", just(due={"zz": DATES}), BAD),
        # B7
        *((f"B7 opens {name}", "pushed", of(effects), BAD) for name, effects in OPENINGS),
        # B8
        ("B8 withholds its own", "accepted", of(lambda liar, scene, matter: {"withhold": {"chain": matter.chain, "seq": 1,
            "hash": matter.chain_events(matter.chain)[0]["hash"]}}), BAD),
        ("B8 withholds what it has not seen", "pushed", of(lambda liar, scene, matter: {"withhold": withhold(matter,
            seq=matter.last_of_others()["seq"] + 1, hash=NOWHERE)}), BAD),
        ("B8 withholds another hash", "pushed", of(lambda liar, scene, matter: {"withhold": withhold(matter, hash=NOWHERE)}), BAD),
        ("B8 withholds a chain there is not", "pushed", of(lambda liar, scene, matter: {"withhold": withhold(matter,
            chain="intake/9")}), BAD),
        ("B8 withholds and closes", "pushed",
            of(lambda liar, scene, matter: {"withhold": withhold(matter), "close": ["handling/1.1.0"]}), BAD),
        ("B8 withholds and moves", "pushed", of(lambda liar, scene, matter: {"withhold": withhold(matter),
            "phase": [matter.state()["phase"], "decided"]}), BAD),
        # B9
        ("B9 releases what is not", "pushed", just(release={"park": NOWHERE, "struck": None}), BAD),
        ("B9 releases what is no park", "accepted", of(lambda liar, scene, matter: {"release": {"park":
            matter.chain_events(matter.chain)[0]["hash"], "struck": None}}), BAD),
        ("B9 strikes before the park", "pushed", _parked_then(lambda park, matter: {"release": {"park": park["hash"],
            "struck": park["effects"]["withhold"]["seq"] - 1}}), BAD),
        ("B9 strikes beyond what it saw", "pushed", _released(struck=2**31 - 1), BAD),
        ("B9 releases and opens", "pushed", _parked_then(lambda park, matter: {"release": {"park": park["hash"], "struck":
            None}, "open": [_owed(park, matter)]}), BAD),
        ("B9 releases and moves", "pushed", _parked_then(lambda park, matter: {"release": {"park": park["hash"], "struck":
            None}, "phase": [matter.state()["phase"], "decided"]}), BAD),
        # B10
        ("B10 redacts the other's event", "pushed",
            of(lambda liar, scene, matter: {"redact": {matter.last_of_others()["hash"]: "x"}}), BAD),
        ("B10 redacts what is not", "pushed", just(redact={NOWHERE: "x"}), BAD),
        ("B10 redacts and closes", "accepted", of(lambda liar, scene, matter: {"redact": {matter.chain_events(matter.chain)[0]
            ["hash"]: "x"}, "close": ["handling/1.1.0"]}), BAD),
        # B11
        *((f"B11 succeeds {name}", "accepted", of(effects), BAD) for name, effects in SUCCESSIONS),
        # what no park may name
        ("B8 parks and says more", "pushed", of(lambda liar, scene, matter: {"withhold": withhold(matter), "facts": {"outcome":
            "granted"}}), BAD),
        ("B9 releases and says more", "pushed", _parked_then(lambda park, matter: {"release": {"park": park["hash"], "struck":
            None}, "facts": {"outcome": "granted"}}), BAD),
        # B12
        ("B12 65 facts", "pushed", just(facts={f"n{number}": 1 for number in range(65)}), "event_malformed"),
        ("B12 a fact of more than 4,096 bytes", "pushed", just(facts={"n": ["x" * 40] * 120}), "event_malformed"),
    ]  # fmt: skip
    return [lie(name, "bounds", change, expect, phase=phase) for name, phase, change, expect in rows]


def _succession(**changes: Any) -> Effects:
    def named(liar: Liar, scene: Scene, matter: Matter) -> Document:
        right = {"role": "intake", "term": 2, "from": scene.victim.node, "node": scene.stranger.node}
        told = {name: value(liar, scene) if callable(value) else value for name, value in changes.items()}
        more = {name: told.pop(name) for name in ("close", "phase") if name in told}
        return {"succeed": {**right, **told}, **more}

    return named


SUCCESSIONS: tuple[tuple[str, Effects], ...] = (
    ("its own role", _succession(role="handling", **{"from": lambda liar, scene: liar.node})),
    ("by itself", _succession(node=lambda liar, scene: liar.node)),
    ("by the same", _succession(node=lambda liar, scene: scene.victim.node)),
    ("who is not there", _succession(**{"from": lambda liar, scene: scene.stranger.node})),
    ("a role nobody fills", _succession(role="appeal", term=1)),
    ("a term too far", _succession(term=3)),
    ("a present term", _succession(term=1)),
    ("and closes", _succession(close=["handling/1.1.0"])),
    ("and moves", _succession(phase=["accepted", "decided"])),
)  # fmt: skip

OPENINGS: tuple[tuple[str, Effects], ...] = (
    ("a duty of another place", lambda liar, scene, matter: {"open": [duty(liar, matter, id=f"{matter.chain}.99.0")]}),
    ("a duty of another chain", lambda liar, scene, matter: {"open": [duty(liar, matter, id=f"{matter.other_chain()}.1.0")]}),
    ("from 1", lambda liar, scene, matter: {"open": [duty(liar, matter, 1)]}),
    ("out of order", lambda liar, scene, matter: {"open": [duty(liar, matter, 1), duty(liar, matter, 0)]}),
    ("the same twice", lambda liar, scene, matter: {"open": [duty(liar, matter), duty(liar, matter)]}),
    ("a duty of the victim", lambda liar, scene, matter: {"open": [duty(liar, matter, holder={"org": "", "node": scene.victim.node})]}),
    ("about the other's duty", lambda liar, scene, matter: {"open": [duty(liar, matter, about=their_duty(matter))]}),
    ("to, without a node", lambda liar, scene, matter: {"open": [duty(liar, matter, to=matter.other_chain())]}),
    ("a node, without to", lambda liar, scene, matter: {"open": [duty(liar, matter, to_node=scene.victim.node)]}),
    ("to its own chain", lambda liar, scene, matter: {"open": [duty(liar, matter, to=matter.chain, to_node=liar.node)]}),
    ("to the chain, at another node", lambda liar, scene, matter: {"open": [duty(liar, matter, to=matter.other_chain(),
        to_node=scene.stranger.node)]}),
    ("to a role nobody fills", lambda liar, scene, matter: {"open": [duty(liar, matter, to="appeal/1",
        to_node=scene.victim.node)]}),
    ("then, without to", lambda liar, scene, matter: {"open": [duty(liar, matter, then={"kind": "zz", "holder": "org",
        "limit": None, "basis": "x", "within": []})]}),
)  # fmt: skip

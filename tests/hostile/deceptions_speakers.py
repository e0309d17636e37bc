"""Who may speak about a matter: strangers, the unknown, and what personal data may stand where."""

from typing import Any

from .deception import Deception, lie, outcome, say
from .deceptions_bounds import NOWHERE, bound, rules
from .deceptions_unlawful import act
from .liar import SYSTEM, Keys, Liar, Matter, digest_of_body
from .liar_crypto import Raw, canonical, issue_number, text_of
from .scene import Scene

NOT = "transfer_not_authentic"  # nothing lawful to park it by: refused whole
NAME = "张三"
CARD = "110101199003074477"


def _as_stranger(change: Any, phase: str = "done") -> Any:
    """The stranger hands over what `change` makes of a matter that it is no party of."""

    def play(stranger: Liar, scene: Scene) -> str:
        matter = scene.matter(phase).copy()
        pieces, changes = change(stranger, scene, matter)
        return outcome(
            stranger.say(stranger.transfer(matter, pieces, **changes)), stranger, scene, matter, pieces
        )

    return play


def _statement(**heads: Any) -> Any:
    def made(stranger: Liar, scene: Scene, matter: Matter) -> Any:
        wrong = heads.get("heads") or {**matter.heads(), matter.other_chain(): [1, NOWHERE]}
        return [], {"statements": [stranger.statement(matter, wrong)]}

    return made


def _own_founding(stranger: Liar, scene: Scene, matter: Matter) -> Any:
    """Begin another's matter anew."""
    empty = Matter(matter.procedure, matter.subject, "intake")
    piece = stranger.mint(
        empty, "file", effects={"bind": [bound("intake", 1, stranger.node)]}, **rules(scene)
    )
    return [piece], {"statements": [stranger.statement(empty, stranger.heads_with(empty, [piece]))]}


def _carried(stranger: Liar, scene: Scene, matter: Matter) -> Any:
    """Bring a right event of the party's, with its statement."""
    piece = scene.party.mint(matter)
    return [piece], {"statements": [scene.party.statement(matter, scene.party.heads_with(matter, [piece]))]}


def _second_face(stranger: Liar, scene: Scene, matter: Matter) -> Any:
    """Bring another branch of the party's, which the party did sign for: evidence, by one who may not speak."""
    own = matter.chain_events(matter.chain)[0]
    held = Matter(
        matter.procedure,
        matter.subject,
        pieces=[one for one in matter.pieces if one["event"]["role"] != matter.role],
    )
    piece = scene.party.mint(held, seq=own["seq"], prev=own["prev"])
    return [piece], {"statements": [scene.party.statement(held, scene.party.heads_with(held, [piece]))]}


def _held_events(stranger: Liar, scene: Scene, matter: Matter) -> Any:
    return list(matter.pieces), {"statements": list(matter.statements)}


def _many_keys(stranger: Liar, scene: Scene, matter: Matter) -> Any:
    keys = Keys.made(stranger.clock())
    for _ in range(60):
        keys.rotate(stranger.clock())
    return [], {"keys": {keys.node: keys.records}}


def _slander(stranger: Liar, scene: Scene, matter: Matter) -> Any:
    return [], {"seals": [scene.party.seal(keys=Keys.made(stranger.clock()), node=scene.party.node, size=1)]}


def content(phase: str = "done", **changes: Any) -> Any:
    def play(liar: Liar, scene: Scene) -> str:
        matter = scene.matter(phase)
        wanted = {
            "procedure": matter.procedure, "subject": matter.subject,
            "digest": next((one["digest"] for event in matter.events for one in event["content"]), NOWHERE), "index": 0,
            **changes,
        }  # fmt: skip
        return liar.say(liar.message("tongban-content-request/2", **wanted)).code or "content"

    return play


def _founding_with(*, stranger: bool, node: str = "") -> Any:
    """Found a matter in one's own name, and bind the victim into it: in bounds, and by papers that nobody knows."""

    def play(liar: Liar, scene: Scene) -> str:
        known = scene.matter("pushed")
        subject = issue_number(liar.division, liar.node, liar.epoch, liar.clock())
        matter = Matter(known.procedure, subject, "intake")
        first = liar.mint(
            matter, "file", effects={"pen": "intake", "bind": [bound("intake", 1, liar.node)]}, **rules(scene)
        )
        matter.add([first])
        second = liar.mint(
            matter, "forward", effects={"bind": [bound("handling", 1, scene.victim.node)], "pen": "handling"}
        )
        held = Matter(known.procedure, subject, "intake")
        pieces = [first, second]
        return outcome(liar.say(liar.transfer(held, pieces)), liar, scene, held, pieces)

    return play


def _procedure(name: str) -> Any:
    def play(liar: Liar, scene: Scene) -> str:
        matter = liar.founded(name, "sender")
        matter.role = "sender"
        piece = liar.mint(
            matter, "send", effects={"bind": [bound("sender", 1, liar.node)], "pen": "sender"}, **rules(scene)
        )
        return outcome(liar.say(liar.transfer(matter, [piece])), liar, scene, matter, [piece])

    return play


def _node_chain(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """Write into the victim's own chain, that of what a node does outside any matter."""
    matter.procedure, matter.role, matter.pieces = "node", "node", []
    return liar.mint(matter, "peer_removed", node=liar.victim.node, **rules(scene))


# --- personal data


def _given(value: Any, name: str = "note") -> Any:
    return act("acknowledge", {name: value})


def _label(label: str) -> Any:
    return act("acknowledge", labels=[label])


def _unsaid_body(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """A body of which the digest is that of a body with another salt."""
    piece = liar.mint(matter)
    body = {**piece["body"], "salt": "0" * 32}
    assert digest_of_body(body) != piece["event"]["body"]
    return {**piece, "body": body}


# --- the message itself


def message(change: Any, **how: Any) -> Any:
    def play(liar: Liar, scene: Scene) -> str:
        return say(liar, scene, change(liar, scene), **how)

    return play


def _plain(liar: Liar, **members: Any) -> Any:
    return liar.message("tongban-seals/2", **members)


def _spoilt(**changes: Any) -> Any:
    return message(lambda liar, scene: {**_plain(liar), **changes})


def _text(change: Any) -> Any:
    return message(lambda liar, scene: change(text_of(_plain(liar))).encode())


def _transfer(**changes: Any) -> Any:
    return message(lambda liar, scene: liar.transfer(scene.matter("pushed"), [], **changes))


def _by(make: Any) -> Any:
    def play(liar: Liar, scene: Scene) -> str:
        return say(liar, scene, liar.message("tongban-seals/2", by=make(liar, scene)))

    return play


def _paused(liar: Liar, scene: Scene) -> str:
    scene.pause(liar.node)
    try:
        return say(liar, scene, _plain(liar))
    finally:
        scene.reinstate(liar.node)


def _replayed(liar: Liar, scene: Scene) -> str:
    matter = scene.matter("pushed", fresh=True).copy()
    piece = liar.mint(matter)
    raw = canonical(liar.transfer(matter, [piece]))
    liar.say(raw)
    before = scene.counts()
    for _ in range(5):
        if code := liar.say(raw).code:
            return code
    scene.retire(matter.subject)
    return "duplicate" if scene.counts() == before else "adopted again"


def deceptions() -> list[Deception]:
    mute, odd = "message_refused", "message_not_understood"
    who = "who may speak"
    strange: list[tuple[str, Any, str]] = [
        ("a statement with a wrong hash", _as_stranger(_statement()), "not_a_party"),
        ("a statement with heads that are none", _as_stranger(_statement(heads={"intake/1": "x"})), "not_a_party"),
        ("its own beginning of another's matter", _as_stranger(_own_founding), "not_a_party"),
        ("an event of the party's, newly signed for", _as_stranger(_carried), "not_a_party"),
        ("another branch of the party's, signed for", _as_stranger(_second_face), "not_a_party"),
        ("what is held, again", _as_stranger(_held_events), "not_a_party"),
        ("nothing at all, about a matter", _as_stranger(lambda *_: ([], {})), "not_a_party"),
        ("61 key records of nobody", _as_stranger(_many_keys), "not_a_party"),
        ("a seal of the party's that the party never signed", _as_stranger(_slander), "not_a_party"),
        ("a request for content", content(), "not_found"),
        ("a request for content of place -1", content(index=-1), odd),
        ("a request for content by a path", content(digest="sm3:../../keys/sign-1.pem"), odd),
        ("a request for content of no matter", content(subject="341723AY8J2026030284G7ZWYRT"), "not_found"),
        ("a matter of its own that binds the victim", _founding_with(stranger=True), NOT),
        ("a message while it is paused", _paused, "peer_not_active"),
    ]  # fmt: skip
    asked: list[tuple[str, Any, str]] = [
        ("content of place -1", content(index=-1), odd),
        ("content of place true", content(index=True), odd),
        ("content of place 2^40", content(index=2**40), odd),
        ("content by a path", content(digest="sm3:" + "../" * 20 + "etc"), odd),
        ("content that no event names", content(digest=NOWHERE), "not_found"),
        ("content of another matter", content(subject="341723AY8J2026030284G7ZWYRT"), "not_found"),
        ("content of an unknown procedure", content(procedure="zz"), "not_found"),
        ("a procedure nobody speaks", _procedure("zz_bribe"), "not_a_party"),
        ("a procedure with the name of the node's own", _procedure("node"), "procedure_unknown"),
    ]  # fmt: skip
    personal: list[tuple[str, Any, str]] = [
        ("a name in given", _given(NAME), "wrong_given"),
        ("an identity number in given", _given(CARD, "applicant"), "wrong_given"),
        ("2,000 characters in given", _given("x" * 2000), "wrong_given"),
        ("a name for a label", _label(NAME), "wrong_given"),
        ("an identity number for a label", _label(f"form {CARD}"), "wrong_given"),
        ("a name in the label of a material", _label(f"material:{NAME}"), "wrong_given"),
        ("an applicant beside staff", act("acknowledge", actor={"applicant": "0" * 26}), "wrong_actor"),
        ("a name for the staff", act("acknowledge", actor={"staff": NAME}), "wrong_actor"),
        ("an identity number for the staff", act("acknowledge", actor={"staff": CARD}), "wrong_actor"),
        ("a name for the applicant", act("acknowledge", actor={**SYSTEM, "kind": "applicant", "applicant": NAME}), "wrong_actor"),
        ("a name in a fact", act("acknowledge", effects=lambda right: {**right, "facts": {"who": NAME}}), "other_effects"),
        ("a name for who claims", act("claim", {"duties": ["handling/1.1.0"], "staff": NAME}), "wrong_given"),
    ]  # fmt: skip
    messages: list[tuple[str, Any, str]] = [
        ("to another", message(lambda liar, scene: _plain(liar, to=scene.stranger.node)), mute),
        ("to nobody", message(lambda liar, scene: _plain(liar, to="")), mute),
        ("from the victim", message(lambda liar, scene: {**_plain(liar), "from": scene.victim.node}), mute),
        ("from nobody", _by(lambda liar, scene: Keys.made(liar.clock())), mute),
        ("changed after it was signed", _spoilt(note="x"), mute),
        ("two days old", message(lambda liar, scene: _plain(liar, at=liar.now(days=-2))), mute),
        ("two days ahead", message(lambda liar, scene: _plain(liar, at=liar.now(days=2))), mute),
        ("without at", message(lambda liar, scene: _plain(liar, at=Raw("null"))), mute),
        ("without signatures", _spoilt(signatures=[]), mute),
        ("with signatures that are none", _spoilt(signatures={"key": 1}), mute),
        ("signed in an unknown suite", message(lambda liar, scene: _unknown(_plain(liar))), mute),
        ("with a chain of nobody", message(lambda liar, scene: _plain(liar, chain=Keys.made(liar.clock()).records)), mute),
        ("with no chain", message(lambda liar, scene: _plain(liar, chain=[])), mute),
        ("with a chain of garbage", message(lambda liar, scene: _plain(liar, chain=[{"number": "../x"}])), mute),
        ("in an unknown format", message(lambda liar, scene: liar.message("tongban-gift/2")), odd),
        ("in format 1", message(lambda liar, scene: liar.message("tongban-transfer/1")), odd),
        ("a transfer signed as a recovery", message(lambda liar, scene: liar.message("tongban-transfer/2",
            tag="tongban-recovery/2")), mute),
        ("with white space", _text(lambda text: text.replace(":", ": ", 1)), mute),
        ("with a member twice", _text(lambda text: text.replace("{", '{"at":"x",', 1)), mute),
        ("with a fraction", _text(lambda text: text.replace('"key":1', '"key":1.0')), mute),
        ("100,000 deep", message(lambda liar, scene: b"[" * 100_000 + b"]" * 100_000), mute),
        ("a list", message(lambda liar, scene: b"[]"), mute),
        ("empty", message(lambda liar, scene: b""), mute),
        ("no UTF-8", message(lambda liar, scene: b"\xff\xfe{}"), mute),
        ("a form", message(lambda liar, scene: b"a=b", kind="application/x-www-form-urlencoded"), mute),
        ("33 MiB", message(lambda liar, scene: b"{}", headers={"content-length": str(33 << 20)}, timeout=20), "request_too_large"),
        ("a length that is a lie", message(lambda liar, scene: b"{}", headers={"content-length": "99999999999"}, timeout=20),
            "request_too_large"),
        ("by GET", message(lambda liar, scene: b"", method="GET"), "method_not_allowed"),
        ("no procedure", _transfer(procedure=Raw("null")), odd),
        ("events that are none", _transfer(events={"event": 1}), odd),
        ("events that are numbers", _transfer(events=[1, 2]), odd),
        ("statements that are none", _transfer(statements=7), odd),
        ("a seal that is a text", _transfer(seal="x"), odd),
        ("a proof that is a list", _transfer(proof=[]), odd),
        ("inclusion that is a text", _transfer(inclusion="x"), odd),
        ("seals that are none", _transfer(seals={"x": 1}), odd),
        ("epochs that are none", _transfer(epochs=[5]), odd),
        ("keys that are none", _transfer(keys={"x": 5}), odd),
        ("papers that are none", _transfer(papers={"x": 5}), odd),
        ("papers under another digest", _transfer(papers={NOWHERE: {"format": "tongban-guide/2"}}), odd),
    ]  # fmt: skip
    stranger = [
        Deception(f"a stranger: {name}", who, play, expect, who="stranger",
                  trace=expect.startswith("adopted") or name.endswith("paused"))
        for name, play, expect in strange
    ]  # fmt: skip
    return [
        *stranger,
        *(Deception(f"asked: {name}", who, play, expect) for name, play, expect in asked),
        Deception("party: a matter of its own that binds the victim by unknown papers", who, _founding_with(stranger=False), NOT),
        lie("in the victim's own chain of the node", who, _node_chain, "procedure_unknown"),
        *(lie(name, "personal data", change, "event_malformed" if name.endswith("claims") else f"adopted+parked:{reason}")
          for name, change, reason in personal),
        lie("the salt of a body exchanged", "personal data", _unsaid_body, "event_malformed"),
        *(Deception(f"message {name}", "messages", play, expect) for name, play, expect in messages),
        Deception("message five times", "messages", _replayed, "duplicate", trace=True, fresh="pushed"),
    ]  # fmt: skip


def _unknown(document: Any) -> Any:
    (one,) = document["signatures"]
    return {**document, "signatures": [{**one, "value": one["value"].replace("sm2:", "ml-dsa:")}]}

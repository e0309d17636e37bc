"""Lying answers to the victim's own worker: none may stop it, and none may be believed."""

from collections.abc import Callable
from typing import Any

from .deception import Deception, Document
from .deceptions_bounds import NOWHERE
from .liar import DROP, Keys, Liar, Reply, wait_until
from .liar_crypto import canonical
from .liar_matter import write_piece
from .scene import Scene

TRANSFER, CONTENT = "tongban-transfer/2", "tongban-content-request/2"
HEARD_IN = 60.0  # seconds in which the victim must have sent its news
MOVES_IN = 20.0  # seconds in which everybody else must be served meanwhile

Lie = Callable[[Liar, Scene, Document, bytes], Reply]


def _lied_to(lie: Lie, of: str = TRANSFER, *, slow: bool = False, counts: bool = False) -> Any:
    """
    Let the victim have news, lie to it, and see that others are served meanwhile, and what the victim made of it.

    Where the answer takes its time (`slow`) the end of it is not waited for. Where the statement in it is right (it `counts`),
    a first try that came to nothing is no end: a busy machine may let it run out of time.
    """

    def play(liar: Liar, scene: Scene) -> str:
        matter = scene.matter("pushed", fresh=True)
        server, honest, told = scene.party_server, liar.honest, []
        forks = scene.forks()

        def answering(document: Document, raw: bytes) -> Reply:
            if document["format"] != of or document["subject"] != matter.subject:
                return honest(document, raw)  # also what is left of the lies before
            told.append(document)
            return lie(liar, scene, document, raw)

        server.answering = answering
        try:
            if of == TRANSFER:
                scene.nudge(matter.subject)
            else:
                _name_content(liar, scene, matter)
            if not wait_until(lambda: told, HEARD_IN):
                return f"no {of} came"
            if not scene.bystander_moves(MOVES_IN):
                return "everybody else waits"
            if of == TRANSFER and not slow:
                wait_until(
                    lambda: (
                        _believed(scene, told[-1], liar) or (not counts and scene.put_off(matter.subject))
                    ),
                    HEARD_IN,
                )
            if of == TRANSFER and _believed(scene, told[-1], liar):
                return "believed"
            if scene.forks() != forks or "fork" in scene.parked(matter.subject).values():
                return "kept as a fork"
            if len(told) > 30:
                return f"asked {len(told)} times without pause"
        finally:
            server.answering = honest
            scene.retire(matter.subject)
        return "no_answer"

    return play


def _believed(scene: Scene, document: Document, liar: Liar) -> bool:
    """Whether the victim takes what it sent for signed for, though nobody has."""
    theirs = scene.signed_for(document["subject"], liar.node)
    own = scene.state(document["subject"])["heads"]
    return bool(theirs) and all(list(theirs.get(chain, ()))[:2] == head[:2] for chain, head in own.items())


def _name_content(liar: Liar, scene: Scene, matter: Any) -> None:
    """Write an event that names content, so that the victim asks for it."""
    held = matter.copy()
    piece = liar.mint(held, body=liar.body(labels=["form"]), content=[{"digest": NOWHERE, "size": 9}])
    liar.say(liar.transfer(held, [piece]))


def with_members(**changes: Any) -> Lie:
    """Answer in form, signed, and with some members exchanged."""

    def lie(liar: Liar, scene: Scene, document: Document, raw: bytes) -> Reply:
        members = liar.honest_members(document)
        for name, value in changes.items():
            members[name] = value(liar, document) if callable(value) else value
        return Reply(canonical(liar.answer(raw, **members)))

    return lie


def _statement(**changes: Any) -> Any:
    """A statement over what was sent, with members exchanged before it is signed."""

    def made(liar: Liar, document: Document) -> Document:
        matter = liar.matters[document["subject"]]
        more = {name: value(liar, matter) if callable(value) else value for name, value in changes.items()}
        return liar.statement(matter, more.pop("heads", matter.heads()), more.pop("signed_by", None), **more)

    return made


def _beyond(liar: Liar, matter: Any) -> Document:
    return {chain: [head[0] + 5, NOWHERE] for chain, head in matter.heads().items()}


def _otherwise(liar: Liar, matter: Any) -> Document:
    return {chain: [head[0], NOWHERE] for chain, head in matter.heads().items()}


def _forged(liar: Liar, document: Document) -> list[Document]:
    """Say that the victim's own event was another one; nobody has signed for that."""
    matter = liar.matters[document["subject"]]
    role, term = matter.other_chain().split("/")
    last = matter.last_of_others()
    place = {"role": role, "term": int(term), "seq": last["seq"], "prev": last["prev"]}
    return [write_piece(liar.mint(matter, node=liar.victim.node, **place), as_text=True)]


def _raw(**how: Any) -> Lie:
    return lambda liar, scene, document, raw: Reply(**{"body": b"{}", **how})


def _honest_but(**how: Any) -> Lie:
    def lie(liar: Liar, scene: Scene, document: Document, raw: bytes) -> Reply:
        return Reply(**{"body": liar.honest(document, raw).body, **how})

    return lie


def _signed_otherwise(change: Callable[[Liar, Scene, Document, bytes], Document]) -> Lie:
    return lambda liar, scene, document, raw: Reply(canonical(change(liar, scene, document, raw)))


def _by_other_keys(liar: Liar, scene: Scene, document: Document, raw: bytes) -> Document:
    return liar.answer(raw, Keys.made(liar.clock()), **liar.honest_members(document))


def _as_me_by_other_keys(liar: Liar, scene: Scene, document: Document, raw: bytes) -> Document:
    keys = Keys.made(liar.clock())
    return liar.answer(
        raw, keys, **{**liar.honest_members(document), "from": liar.node, "chain": liar.keys.records}
    )


def _chunk(**changes: Any) -> Lie:
    """Hand over a chunk of content that is not what it should be."""

    def lie(liar: Liar, scene: Scene, document: Document, raw: bytes) -> Reply:
        return Reply(canonical(liar.answer(raw, **liar.chunk(document, b"\0" * 25, **changes))))

    return lie


def deceptions() -> list[Deception]:
    klass = "answers to the worker"
    members: list[tuple[str, Document]] = [
        ("no statement", {"statement": None}),
        ("a statement that is a text", {"statement": "x"}),
        ("a statement of heads that are none", {"statement": _statement(heads={"zz": [True, "x"]})}),
        ("a statement of no heads", {"statement": _statement(heads={})}),
        ("a statement over what was never sent", {"statement": _statement(heads=_beyond)}),
        ("a statement over other hashes", {"statement": _statement(heads=_otherwise)}),
        ("a statement of another matter", {"statement": _statement(subject="341723AY8J2026030284G7ZWYRT")}),
        ("a statement without at", {"statement": _statement(at=DROP)}),
        ("a statement by nobody known", {"statement": _statement(signed_by=lambda liar, matter: Keys.made(liar.clock()))}),
        ("a held seal of epoch null", {"held_seal": {"epoch": None, "size": 1}}),
        ("a held seal of size x", {"held_seal": {"epoch": 1, "size": "x"}}),
        ("a held seal of size -1", {"held_seal": {"epoch": 1, "size": -1}}),
        ("a held seal of size 10^12", {"held_seal": {"epoch": 1, "size": 10**12}}),
        ("a held seal that is a list", {"held_seal": [1, 2]}),
        ("missing keys 5", {"missing_keys": 5}),
        ("missing keys of nobody", {"missing_keys": ["../x"] * 1000}),
        ("missing papers that are an object", {"missing_papers": {}}),
        ("missing papers of nobody", {"missing_papers": [NOWHERE] * 1000}),
        ("forked 5", {"forked": 5}),
        ("forked: the victim's own events, forged", {"forked": _forged}),
        ("speaks 5", {"speaks": 5}),
        ("speaks of nothing", {"speaks": {"case": [{"version": "x"}]}}),
        ("refused, by no code", {"refused": {}}),
        ("refused, by a number", {"refused": 5}),
        ("refused, in 100,000 characters", {"refused": {"code": "x" * 100_000, "sentence": "<script>"}}),
    ]  # fmt: skip
    wires: list[tuple[str, Lie]] = [
        ("nothing", _raw(body=b"")),
        ("an empty object", _raw()),
        ("a list", _raw(body=b"[]")),
        ("a page", _raw(body=b"<html></html>", kind="text/html")),
        ("500", _raw(status=500)),
        ("204", _raw(status=204, body=b"")),
        ("elsewhere", _raw(status=302, location="http://127.0.0.1:1/")),
        ("right, as text/plain", _honest_but(kind="text/plain")),
        ("right, with white space", lambda liar, scene, document, raw: Reply(liar.honest(document, raw).body + b"\n")),
        ("100,000 deep", _raw(body=b"[" * 100_000)),
        ("64 MiB", _raw(body=b" " * (64 << 20))),
        ("without end", _raw(body=b" " * 65_536, endless=True)),
        ("without end, a byte a second", _raw(body=b" ", endless=True, drip=1.0)),
        ("after 19 s", _honest_but(wait=19)),
        ("never", _raw(wait=120)),
        ("by other keys", _signed_otherwise(_by_other_keys)),
        ("by other keys, in its name", _signed_otherwise(_as_me_by_other_keys)),
        ("to another message", lambda liar, scene, document, raw: liar.honest(document, raw + b" ")),
        ("to another node", _signed_otherwise(lambda liar, scene, document, raw: liar.answer(raw, **{
            **liar.honest_members(document), "to": scene.stranger.node}))),
        ("as a transfer", _signed_otherwise(lambda liar, scene, document, raw: liar.message("tongban-transfer/2"))),
    ]  # fmt: skip
    chunks: list[tuple[str, Lie]] = [
        ("with a key number x", _chunk(key_number="x")),
        ("with a key number that is a path", _chunk(key_number="../sign-1")),
        ("with a key number there is not", _chunk(key_number=99)),
        ("with a key number -1", _chunk(key_number=-1)),
        ("wrapped in garbage", _chunk(wrapped="sm2:00")),
        ("wrapped off the curve", _chunk(wrapped="sm2:" + "3078022001" + "11" * 60)),
        ("wrapped by RSA", _chunk(wrapped="rsa:00")),
        ("sealed in garbage", _chunk(sealed="sm4-gcm:AAAA")),
        ("sealed by AES", _chunk(sealed="aes-gcm:AAAA")),
        ("sealed in no base64", _chunk(sealed="sm4-gcm:!!!")),
        ("of another place", _chunk(index=7)),
        ("of another digest", _chunk(digest="sm3:" + "00" * 32)),
        ("of another subject", _chunk(subject="341723AY8J2026030284G7ZWYRT")),
        ("that hashes to something else", _chunk()),
    ]  # fmt: skip
    # Lies in good shape: the statement beside them is right, and counts.
    well_shaped = ("a held seal of size 10^12", "forked: the victim's own events, forged")
    # They keep the lane of this one peer busy, so they come last; the end of them is not waited for.
    slow = ("never", "after 19 s", "without end, a byte a second")
    return [
        *(Deception(f"answers with {name}", klass, _lied_to(with_members(**changes), counts=name in well_shaped),
                    "believed" if name in well_shaped else "no_answer", trace=True, fresh="pushed")
          for name, changes in members),
        *(Deception(f"hands over content {name}", klass, _lied_to(lie, CONTENT), "no_answer", trace=True, fresh="pushed")
          for name, lie in chunks),
        *(Deception(f"answers {name}", klass, _lied_to(lie, slow=name in slow), "no_answer", trace=True, fresh="pushed")
          for name, lie in sorted(wires, key=lambda one: slow.index(one[0]) if one[0] in slow else -1)),
    ]  # fmt: skip

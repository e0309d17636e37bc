"""Seals left out, younger and smaller, of another tree, and with proofs that prove nothing."""

from typing import Any

from .deception import Deception, Document, lie, say, send
from .deceptions_bounds import NOWHERE
from .liar import DROP, Keys, Liar, Matter
from .liar_crypto import Tree, spelled
from .liar_sm import sm3
from .scene import Scene

MISSING, DENIES, MUTE = "seal_missing", "seal_does_not_extend", "message_refused"


def _seal(change: Any) -> Any:
    """A right event of which seal, proof and inclusion are changed: `change(liar, right)` returns what to change."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        _settle(liar, scene)
        piece = liar.mint(matter)
        right = liar.sealed([piece])
        return [piece], {**right, **change(liar, right)}

    return made


def _settle(liar: Liar, scene: Scene) -> None:
    """See to it that the victim holds a seal of this liar, and of no fewer than four leaves."""
    if liar.held is None or liar.held[1] < 4:
        for number in range(4):
            liar.tree.add(sm3(b"leaf %d" % number + liar.node.encode()))
        liar.learn(scene.matter("pushed"))


def _first(right: Document, **changes: Any) -> Document:
    return {"inclusion": [{**right["inclusion"][0], **changes}]}


def _other_tree(liar: Liar, size: int) -> Tree:
    return Tree([sm3(b"other %d" % number) for number in range(size)])


def _sealed_as(size: Any, **changes: Any) -> Any:
    """Return a seal of another tree; `size` of the held one gives its size."""

    def change(liar: Liar, right: Document) -> Document:
        held = liar.held[1] if liar.held else 1
        tree = _other_tree(liar, size(held))
        more = {name: value(liar) if callable(value) else value for name, value in changes.items()}
        return {
            "seal": liar.seal(tree, **more),
            "proof": {"from": held, "path": [spelled(one) for one in tree.consistency(held, len(tree))]},
        }

    return change


def _thrice(liar: Liar, scene: Scene) -> str:
    """Leave the seal out three times in a row, and ask once more, all in good order."""
    matter = scene.matter("pushed").copy()
    for _ in range(3):
        send(liar, scene, matter, [liar.mint(matter)], seal=None)
    return say(liar, scene, liar.transfer(matter, [liar.mint(matter)]))


def _after_denial(liar: Liar, scene: Scene) -> str:
    """Deny what was shown; then go on, all in good order."""
    matter = scene.matter("pushed").copy()
    _settle(liar, scene)
    piece = liar.mint(matter)
    right = liar.sealed([piece])
    send(liar, scene, matter, [piece], **{**right, **_sealed_as(lambda held: held + 5)(liar, right)})
    return say(liar, scene, liar.transfer(matter, [liar.mint(matter)]))


def _older(liar: Liar, scene: Scene) -> str:
    """A seal that is smaller and older, and with no events: it arrives late and changes nothing."""
    _settle(liar, scene)
    held = liar.held
    tree = Tree(liar.tree.leaves[:2])
    message = liar.transfer(
        scene.matter("pushed"), [], seal=liar.seal(tree, at=liar.now(days=-20)), proof={"from": 0, "path": []}
    )
    came = say(liar, scene, message)
    return came if liar.held == held or liar.held is None else "the smaller seal is held now"


def _faces(*, signed: bool) -> Any:
    """Show the bystander another face, which passes it on: a size that the victim holds, and another root."""

    def play(liar: Liar, scene: Scene) -> str:
        _settle(liar, scene)
        size = liar.held[1] if liar.held else 4
        keys = liar.keys if signed else Keys.made(liar.clock())
        seal = liar.seal(_other_tree(liar, size), keys, node=liar.node)
        witness, matter = scene.witness()
        code = say(witness, scene, witness.transfer(matter, [], seal=None, proof=None, seals=[seal]))
        return scene.peer_state(liar.node) if code == "answered" else code

    return play


def _own_faces(liar: Liar, scene: Scene) -> str:
    """Let a stranger show the other face: who is no party of a matter is not heard in it."""
    _settle(liar, scene)
    size = liar.held[1] if liar.held else 4
    seal = liar.seal(_other_tree(liar, size))
    say(scene.stranger, scene, scene.stranger.transfer(scene.matter("pushed"), [], seals=[seal]))
    return scene.peer_state(liar.node)


def _asks_for_seal(**members: Any) -> Any:
    return lambda liar, scene: say(liar, scene, liar.message("tongban-seals/2", **members))


def _by_stranger(liar: Liar, right: Document) -> Document:
    other = Keys.made(liar.clock())
    return {"seal": liar.seal(keys=other)}


def _forged(liar: Liar, right: Document) -> Document:
    other = Keys.made(liar.clock())
    return {"seal": liar.seal(keys=other, node=liar.node)}


def _leaf_is_a_node(liar: Liar, right: Document) -> Document:
    """Claim the event at the place of an inner node, one step shorter."""
    return _first(right, path=right["inclusion"][0]["path"][1:], leaf=right["inclusion"][0]["leaf"] // 2)


def deceptions() -> list[Deception]:
    odd = "message_not_understood"
    rows: list[tuple[str, Any, str]] = [
        ("no seal", lambda liar, right: {"seal": None}, MISSING),
        ("no seal member", lambda liar, right: {"seal": DROP}, odd),
        ("no proof", lambda liar, right: {"proof": None}, MISSING),
        ("no inclusion", lambda liar, right: {"inclusion": []}, MISSING),
        ("no inclusion member", lambda liar, right: {"inclusion": DROP}, odd),
        ("inclusion of another chain", lambda liar, right: _first(right, chain="intake/1"), MISSING),
        ("inclusion of another place", lambda liar, right: _first(right, seq=999), MISSING),
        ("inclusion at another leaf", lambda liar, right: _first(right, leaf=0), MISSING),
        ("inclusion at leaf -1", lambda liar, right: _first(right, leaf=-1), odd),
        ("inclusion beyond the seal", lambda liar, right: _first(right, leaf=right["seal"]["size"]), MISSING),
        ("inclusion at leaf true", lambda liar, right: _first(right, leaf=True), odd),
        ("inclusion by no path", lambda liar, right: _first(right, path=[]), MISSING),
        ("inclusion by a path too long", lambda liar, right: _first(right, path=[*right["inclusion"][0]["path"], NOWHERE]),
            MISSING),
        ("inclusion by 10,000 steps", lambda liar, right: _first(right, path=[NOWHERE] * 10_000), odd),
        ("inclusion by steps of no length", lambda liar, right: _first(right, path=["sm3:"] * 3), odd),
        ("inclusion as an inner node", _leaf_is_a_node, MISSING),
        ("a proof from a size that is not held", lambda liar, right: {"proof": {"from": 1, "path": right["proof"]["path"]}},
            MISSING),
        ("a proof from 0", lambda liar, right: {"proof": {"from": 0, "path": []}}, MISSING),
        ("a proof from -1", lambda liar, right: {"proof": {"from": -1, "path": []}}, odd),
        ("a proof by garbage", lambda liar, right: {"proof": {**right["proof"], "path": [NOWHERE] * 3}}, DENIES),
        ("a proof by nothing", lambda liar, right: {"proof": {**right["proof"], "path": []}}, DENIES),
        ("the same size and another root", _sealed_as(lambda held: held), DENIES),
        ("a larger tree that is another", _sealed_as(lambda held: held + 7), DENIES),
        ("smaller and younger", _sealed_as(lambda held: held - 1), DENIES),
        ("of size 1, and younger", _sealed_as(lambda held: 1), DENIES),
        ("empty, and younger", lambda liar, right: {"seal": liar.seal(Tree()), "proof": {"from": 0, "path": []}}, MUTE),
        ("as old as the held one, smaller, another root", _sealed_as(lambda held: held - 1, at=lambda liar: liar.seals[-2]["at"]
            if len(liar.seals) > 1 else liar.now()), DENIES),
        ("smaller and dated back", _sealed_as(lambda held: held - 1, at="2026-01-01T00:00:00.000Z"), MISSING),
        ("larger, another tree, said to begin at 1", lambda liar, right: {**_sealed_as(lambda held: held + 7)(liar, right),
            "proof": {"from": 1, "path": []}}, MISSING),
        ("of a size that is a text", lambda liar, right: {"seal": liar.seal(size="x")}, MUTE),
        ("of size 10^9 and any root", lambda liar, right: {"seal": liar.seal(size=10**9, root=NOWHERE)}, DENIES),
        ("with a root without algorithm", lambda liar, right: {"seal": liar.seal(root="ab" * 32)}, MUTE),
        ("with a root by SHA-256", lambda liar, right: {"seal": liar.seal(root="sha256:" + "ab" * 32)}, MUTE),
        ("of the epoch to come, without its record", lambda liar, right: {"seal": liar.seal(epoch=2), "proof": {"from": 0, "path":
            []}}, DENIES),
        ("of epoch 2^40", lambda liar, right: {"seal": liar.seal(epoch=2**40), "proof": {"from": 0, "path": []}}, MUTE),
        ("with a member too many", lambda liar, right: {"seal": liar.seal(note="x")}, MUTE),
        ("without previous", lambda liar, right: {"seal": liar.seal(previous=DROP)}, MUTE),
        ("of another node", _by_stranger, MUTE),
        ("signed by another", _forged, MUTE),
        ("signed by nobody", lambda liar, right: {"seal": {**right["seal"], "signatures": []}}, MUTE),
    ]  # fmt: skip
    return [
        *(lie(name, "seals", _seal(change), expect, trace=True) for name, change, expect in rows),
        # The format says nothing of when a seal was made.
        lie("in 2090", "seals", _seal(lambda liar, right: {"seal": liar.seal(at="2090-01-01T00:00:00.000Z")}),
            "adopted+parked:unknown_kind"),
        Deception("three times without", "seals", _thrice, "peer_not_active", trace=True),
        Deception("after a denial, as if nothing were", "seals", _after_denial, "peer_not_active", trace=True),
        Deception("smaller and older, late", "seals", _older, "answered", trace=True),
        Deception("two faces of a third, shown", "seals", _faces(signed=True), "questioned", trace=True),
        Deception("two faces of a third, invented", "seals", _faces(signed=False), "active", trace=True),
        Deception("its own other face, by another's mouth", "seals", _own_faces, "active", trace=True),
        Deception("asks for its seal with garbage", "seals", _asks_for_seal(held={"epoch": "x"}), odd),
    ]  # fmt: skip

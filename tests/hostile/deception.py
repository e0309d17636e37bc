"""What a deception is, and what came of it, in one word."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .liar import Answer, Liar, Matter, wait_until
from .liar_matter import Piece
from .scene import Scene

Document = dict[str, Any]
Play = Callable[[Liar, Scene], str]

PARK_IN = 0.5  # seconds in which a park must be there


@dataclass(frozen=True, slots=True)
class Deception:
    """
    One lie, and the one right answer to it.

    `trace` says that A lawfully keeps something of it (then the
    counts of rows may grow); `fresh` names the phase of which it uses up a matter; `late` ones change the liar for good.
    """

    name: str
    klass: str
    play: Play
    expect: str
    who: str = "party"
    trace: bool = False
    fresh: str = ""
    late: bool = False


def is_refusal(outcome: str) -> bool:
    return not outcome.startswith(
        ("adopted", "duplicate", "gap", "ignored", "answered", "forked", "content", "http_5")
    )


def outcome(answer: Answer, liar: Liar, scene: Scene, matter: Matter, pieces: list[Piece]) -> str:
    """Return what became of `pieces` that were sent in good form."""
    if answer.code:
        return answer.code
    if answer["forked"]:
        return "forked" + _park_of(scene, matter, pieces)
    heads = (answer["statement"] or {}).get("heads", {})
    held = {event["hash"] for event in matter.events}
    new = [piece for piece in pieces if piece["event"].get("hash") not in held]
    if not new:
        return "duplicate" if pieces else "answered"
    if not all(_covered(piece["event"], heads) for piece in new):
        return "gap"
    matter.add(new)
    scene.retire(matter.subject)
    return "adopted" + _park_of(scene, matter, new)


def _covered(event: Document, heads: Document) -> bool:
    head = heads.get(f"{event.get('role')}/{event.get('term')}")
    place = event.get("seq")
    if head is None or type(place) is not int:
        return False
    return head[0] > place or (head[0] == place and head[1] == event.get("hash"))


def _park_of(scene: Scene, matter: Matter, pieces: list[Piece]) -> str:
    hashes = [piece["event"].get("hash", "") for piece in pieces]
    wait_until(
        lambda: any(hash_ in scene.parked(matter.subject) for hash_ in hashes),
        0 if _quiet(pieces) else PARK_IN,
    )
    parked = scene.parked(matter.subject)
    return next((f"+parked:{parked[hash_]}" for hash_ in hashes if hash_ in parked), "")


def _quiet(pieces: list[Piece]) -> bool:
    """Whether no park is to be waited for: acts that are lawful as they stand."""
    return all(piece["event"].get("kind") in ("arrive", "look", "acknowledge", "claim") for piece in pieces)


def send(liar: Liar, scene: Scene, matter: Matter, pieces: list[Piece], **changes: Any) -> str:
    """Hand over pieces, wrong only in `changes`, and return what came of it."""
    return outcome(liar.say(liar.transfer(matter, pieces, **changes)), liar, scene, matter, pieces)


def say(liar: Liar, scene: Scene, document: Any, **how: Any) -> str:
    """Post a message that is no transfer of events; return the code, or `answered`."""
    return liar.say(document, **how).code or "answered"


def lie(
    name: str,
    klass: str,
    change: Callable[[Liar, Scene, Matter], Any],
    expect: str,
    *,
    phase: str = "pushed",
    **more: Any,
) -> Deception:
    """Return a deception that sends what `change` makes: a piece, several, or pieces with changes of the transfer."""
    fresh = phase if expect.startswith(("adopted", "forked")) else ""

    def play(liar: Liar, scene: Scene) -> str:
        matter = scene.matter(phase, fresh=bool(fresh)).copy()
        made = change(liar, scene, matter)
        pieces, changes = made if isinstance(made, tuple) else (made, {})
        pieces = pieces if isinstance(pieces, list) else [pieces]
        return send(liar, scene, matter, pieces, **changes)

    return Deception(
        name, klass, play, expect, trace=bool(fresh) or more.pop("trace", False), fresh=fresh, **more
    )

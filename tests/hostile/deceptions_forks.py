"""Forks, releases and parks that are abused, bodies that are taken away, recovery and epochs told falsely."""

import time
from collections.abc import Callable
from typing import Any

from .deception import Deception, Document, lie, outcome, say, send
from .deceptions_bounds import NOWHERE, withhold
from .deceptions_unlawful import act, arrived
from .liar import Keys, Liar, Matter
from .liar_crypto import canonical
from .scene import Scene

NOT = "transfer_not_authentic"


def two_branches(liar: Liar, matter: Matter) -> tuple[Any, Any]:
    """Return two events for one place, each lawful by itself."""
    one, two = (arrived(liar, matter.copy())[0] for _ in range(2))
    return one, two


def _fork(*, covered: bool) -> Any:
    """Two events at one place, one after the other; the second signed for, or not."""

    def play(liar: Liar, scene: Scene) -> str:
        matter = scene.matter("pushed", fresh=True).copy()
        before = matter.copy()
        one, two = two_branches(liar, matter)
        if not send(liar, scene, matter, [one]).startswith("adopted"):
            return "the first was not adopted"
        kept = scene.forks()
        changes: Document = {} if covered else {"statements": []}
        answer = liar.say(liar.transfer(before, [two], **changes))
        if not covered:
            return (answer.code or "answered") if scene.forks() == kept else "kept as a fork"
        if answer.code:
            return answer.code
        reasons = set(scene.parked(matter.subject).values())
        return (
            "forked"
            if scene.forks() > kept and "fork" in reasons
            else f"forks {scene.forks() - kept}, parked {reasons}"
        )

    return play


def _both_at_once(liar: Liar, scene: Scene) -> str:
    """Two events with one place in one message, each signed for."""
    matter = scene.matter("pushed", fresh=True).copy()
    one, two = two_branches(liar, matter)
    statements = [liar.statement(matter, liar.heads_with(matter, [piece])) for piece in (one, two)]
    kept = scene.forks()
    liar.sealed([two])
    proofs = liar.sealed([one])  # of the one that comes first, in a seal that counts both
    answer = liar.say(liar.transfer(matter, [one, two], **{**proofs, "statements": statements}))
    scene.retire(matter.subject)
    if answer.code:
        return answer.code
    return "forked" if scene.forks() > kept else "adopted without a fork"


def _both_at_once_uncovered(liar: Liar, scene: Scene, matter: Matter) -> Any:
    one, two = two_branches(liar, matter)
    return [one, two], {"statements": [liar.statement(matter, matter.heads())]}


def _done_rewritten(liar: Liar, scene: Scene) -> str:
    """Rewrite its own last event of a finished matter, and sign for that: a fork, with both bodies."""
    matter = scene.matter("done", fresh=True).copy()
    own = matter.chain_events(matter.chain)[-1]
    before = Matter(matter.procedure, matter.subject, keys=matter.keys, papers=matter.papers, tables=matter.tables,
                    pieces=[one for one in matter.pieces if one["event"]["hash"] != own["hash"]])  # fmt: skip
    piece = liar.mint(before, seen=own["seen"])
    answer = liar.say(liar.transfer(before, [piece]))
    scene.retire(matter.subject)
    if answer.code:
        return answer.code
    return "forked" if "fork" in scene.parked(matter.subject).values() else "no park of a fork"


def _settle_alone(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """Write that a fork was settled, of which nobody else knows."""
    return liar.mint(matter, "settle", body=liar.body(given={"settlement": NOWHERE, "release": None}))


# --- parks


def park_of(liar: Liar, matter: Matter, event: Document, reason: str = "not_allowed") -> Any:
    place = {"chain": f"{event['role']}/{event['term']}", "seq": event["seq"], "hash": event["hash"]}
    return liar.lawful(matter, "park", {"reason": reason, "event": event["hash"], "withhold": place})


def _succeeds_the_victim(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """Hand the victim's part over to another node."""
    named = {"role": "intake", "term": 2, "from": scene.victim.node, "node": scene.stranger.node}
    return liar.lawful(matter, "succeed", {"succeed": named, "under": "x"})


def _parks_founding(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """Park what began the matter, which is never withheld."""
    first = matter.chain_events(matter.other_chain())[0]
    place = {"chain": matter.other_chain(), "seq": first["seq"], "hash": first["hash"]}
    return liar.mint(matter, "park", effects={"withhold": place})


def _parks_the_answer(kind: str) -> Callable[[Liar, Scene], str]:
    """Lie, and then park the very event by which the victim holds the lie back."""

    def play(liar: Liar, scene: Scene) -> str:
        matter = scene.matter("pushed", fresh=True).copy()
        send(liar, scene, matter, [liar.mint(matter)])
        matter.add(scene.pieces(matter.subject))
        parks = [one for one in matter.events if one["node"] != liar.node and "withhold" in one["effects"]]
        if not parks:
            return "nothing was parked"
        before = len(scene.pieces(matter.subject))
        answer = park_of(liar, matter, parks[-1])
        if kind == "bare":
            answer = liar.mint(matter, effects={"withhold": answer["event"]["effects"]["withhold"]})
        came = send(liar, scene, matter, [answer])
        return came if len(scene.pieces(matter.subject)) == before else "written"

    return play


def _lets_itself_in(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """Release the victim's park of oneself, from one's own chain."""
    first = liar.mint(matter)
    held = matter.copy()
    held.add([first])
    return [
        first,
        liar.mint(
            held, "release", effects={"release": {"park": matter.last_of_others()["hash"], "struck": None}}
        ),
    ]


def _fact_parked(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """Say for oneself that one is parked, so that nothing else need be."""
    return liar.mint(matter, effects={"facts": {"parked": "x"}})


# --- bodies


def _redacts(*, again: bool = False) -> Any:
    def play(liar: Liar, scene: Scene) -> str:
        matter = scene.matter("accepted", fresh=True).copy()
        own = matter.chain_events(matter.chain)[0]["hash"]
        given = {"events": [own], "under": "个人信息保护法 第四十七条"}
        first = liar.lawful(matter, "redact", given)
        came = send(liar, scene, matter, [first])
        if not again:
            return came
        return send(liar, scene, matter, [liar.lawful(matter, "redact", given)])

    return play


def _without_its_own_body(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """An event without a body, redacted by one that is never sent."""
    first = liar.mint(matter)
    held = matter.copy()
    held.add([first])
    return [{**first, "body": None}, liar.mint(held, effects={"redact": {NOWHERE: "x"}})]


# --- recovery and epochs


def _recovery(**members: Any) -> Any:
    return lambda liar, scene: say(liar, scene, liar.message("tongban-recovery/2", **members))


def _begun_again(liar: Liar, scene: Scene) -> str:
    """Ask ten times, within one epoch, to be sent everything again."""
    say(liar, scene, liar.message("tongban-recovery/2", epoch=liar.epoch, begin=True))
    scene.party_server.falls_silent("tongban-transfer/2", 60)
    since = time.monotonic()
    for _ in range(10):
        code = say(liar, scene, liar.message("tongban-recovery/2", epoch=liar.epoch, begin=True))
        if code != "answered":
            return code
    time.sleep(1.5)  # several rounds of a worker
    again = len(scene.party_server.requests("tongban-transfer/2", since))
    return "answered" if again <= 2 else f"sent again {again} times"


def _replayed(liar: Liar, scene: Scene) -> str:
    raw = canonical(liar.message("tongban-recovery/2", epoch=liar.epoch, begin=True))
    say(liar, scene, raw)
    scene.party_server.falls_silent("tongban-transfer/2", 60)
    since = time.monotonic()
    for _ in range(5):
        say(liar, scene, raw)
    time.sleep(1.5)
    again = len(scene.party_server.requests("tongban-transfer/2", since))
    return "answered" if again <= 2 else f"sent again {again} times"


def _epoch(keys: Any = None, **changes: Any) -> Any:
    """An epoch record that is not right."""

    def play(liar: Liar, scene: Scene) -> str:
        signer = keys(liar, scene) if keys else liar.keys
        record = {
            "format": "tongban-epoch/2", "node": liar.node, "epoch": 2, "at": liar.now(),
            "previous": {"epoch": 1, "size": len(liar.tree), "root": NOWHERE}, "lost": 0, "skipped": [], **changes,
        }  # fmt: skip
        record = signer.sign(record)
        return say(liar, scene, liar.transfer(scene.matter("pushed"), [], epochs=[record]))

    return play


def _epoch_of_victim(liar: Liar, scene: Scene) -> str:
    record = liar.keys.sign({
        "format": "tongban-epoch/2", "node": scene.victim.node, "epoch": 9, "at": liar.now(), "previous": None,
        "lost": 10**9, "skipped": [],
    })  # fmt: skip
    return say(liar, scene, liar.transfer(scene.matter("pushed"), [], epochs=[record]))


def _unsigned_epoch(liar: Liar, scene: Scene) -> str:
    record = {
        "format": "tongban-epoch/2", "node": liar.node, "epoch": 2, "at": liar.now(), "previous": None, "lost": 0,
        "skipped": [], "signatures": [],
    }  # fmt: skip
    return say(liar, scene, liar.transfer(scene.matter("pushed"), [], epochs=[record]))


def _fork_by_stranger(liar: Liar, scene: Scene) -> str:
    """A stranger brings the party's chain from the start, as the stranger's own."""
    matter = scene.matter("done").copy()
    own = [piece for piece in matter.pieces if piece["event"]["role"] != matter.role]
    held = Matter(matter.procedure, matter.subject, pieces=own, keys=matter.keys, tables=matter.tables)
    piece = scene.stranger.mint(held)
    kept = scene.forks()
    came = outcome(
        scene.stranger.say(scene.stranger.transfer(held, [piece])), scene.stranger, scene, held, [piece]
    )
    return came if scene.forks() == kept else "kept as a fork"


def deceptions() -> list[Deception]:
    forks, abuse, recovery = "forks", "withholding and redaction", "recovery and epochs"
    parked = "adopted+parked:"
    return [
        Deception("two events at one place, both signed for", forks, _fork(covered=True), "forked", trace=True, fresh="pushed"),
        Deception("two events at one place, one signed for", forks, _fork(covered=False), NOT, trace=True, fresh="pushed"),
        Deception("two events at one place, in one message", forks, _both_at_once, "forked", trace=True, fresh="pushed"),
        lie("two events at one place, in one message, neither signed for", forks, _both_at_once_uncovered, NOT),
        Deception("a finished matter, rewritten by its own writer", forks, _done_rewritten, "forked", trace=True, fresh="done"),
        Deception("a stranger's event in the party's chain", forks, _fork_by_stranger, "not_a_party"),
        lie("a settlement nobody signed", forks, _settle_alone, parked + "wrong_actor"),
        lie("parks the founding event", abuse, _parks_founding, "out_of_bounds"),
        Deception("parks the park", abuse, _parks_the_answer("lawful"), "out_of_bounds", trace=True, fresh="pushed"),
        Deception("parks the park by a kind nobody knows", abuse, _parks_the_answer("bare"), "out_of_bounds", trace=True, fresh="pushed"),
        lie("says that another is to take the victim's place", abuse, _succeeds_the_victim, parked + "own_succession"),
        lie("lets its own lie in", abuse, _lets_itself_in, "out_of_bounds"),
        lie("says it is parked already", abuse, _fact_parked, parked + "unknown_kind"),
        lie("parks for no reason", abuse, lambda liar, scene, matter: liar.mint(matter, "park", body=liar.body(given={}),
            effects={"withhold": withhold(matter)}), parked + "not_allowed"),
        lie("releases without having parked", abuse, act("release", {"release": None}), parked + "not_allowed"),
        Deception("redacts its own event", abuse, _redacts(), "adopted", trace=True, fresh="accepted"),
        Deception("redacts its own event twice", abuse, _redacts(again=True), parked + "not_allowed", trace=True,
                  fresh="accepted"),
        lie("no body, redacted by what redacts another", abuse, _without_its_own_body, "event_malformed"),
        Deception("begins recovery again and again", recovery, _begun_again, "answered", trace=True),
        Deception("the same message of recovery, five times", recovery, _replayed, "answered", trace=True),
        Deception("recovery of epoch x", recovery, _recovery(epoch="x", begin=True), "message_not_understood"),
        Deception("recovery of epoch -1", recovery, _recovery(epoch=-1, begin=True), "message_not_understood"),
        Deception("recovery of epoch true", recovery, _recovery(epoch=True, begin=True), "message_not_understood"),
        Deception("recovery of epoch 2^40", recovery, _recovery(epoch=2**40, begin=True), "message_not_understood"),
        Deception("recovery that begins with a text", recovery, _recovery(epoch=1, begin="yes"), "message_not_understood"),
        Deception("recovery without an epoch", recovery, _recovery(begin=True), "message_not_understood"),
        Deception("an epoch of a node that is not there", recovery, _epoch(node=NOWHERE), "message_refused"),
        Deception("an epoch signed by another", recovery, _epoch(keys=lambda liar, scene: Keys.made(liar.clock())), "message_refused"),
        Deception("an epoch of the victim", recovery, _epoch_of_victim, "message_refused"),
        Deception("an epoch signed by nobody", recovery, _unsigned_epoch, "message_refused"),
        Deception("an epoch that lost -1", recovery, _epoch(lost=-1), "message_refused"),
        Deception("an epoch that lost 10^12", recovery, _epoch(lost=10**12), "answered", trace=True, late=True),
        Deception("epoch 0", recovery, _epoch(epoch=0), "message_refused"),
        Deception("epoch 2^31", recovery, _epoch(epoch=2**31), "message_refused"),
        Deception("an epoch after one of size x", recovery, _epoch(previous={"epoch": 1, "size": "x", "root": NOWHERE}), "message_refused"),
        Deception("an epoch that skipped 5", recovery, _epoch(skipped=5), "message_refused"),
        Deception("an epoch with a member too many", recovery, _epoch(note="x"), "message_refused"),
        Deception("an epoch whose tree the victim knows otherwise", recovery, _epoch(), "answered", late=True, trace=True),
    ]  # fmt: skip

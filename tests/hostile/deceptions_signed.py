"""Lies about who wrote what: chains, statements, signatures, keys."""

from typing import Any

from . import liar_sm as sm
from .deception import Deception, Document, lie, outcome, send
from .deceptions_bounds import NOWHERE
from .liar import DROP, Keys, Liar, Matter, hashed
from .liar_crypto import plain
from .scene import Scene

NOT = "transfer_not_authentic"


def _statement(*statements: Any, **transfer: Any) -> Any:
    """A right event whose statements are what `statements` make of matter and piece."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        piece = liar.mint(matter)
        heads = liar.heads_with(matter, [piece])
        return [piece], {"statements": [one(liar, scene, matter, heads) for one in statements], **transfer}

    return made


def _said(**changes: Any) -> Any:
    return lambda liar, scene, matter, heads: liar.statement(matter, **{"heads": heads, **changes})


def _spoilt(change: Any) -> Any:
    """A right statement whose signatures are then changed."""

    def made(liar: Liar, scene: Scene, matter: Matter, heads: Document) -> Document:
        statement = liar.statement(matter, heads)
        return {**statement, "signatures": change(statement["signatures"])}

    return made


def _value(change: Any) -> Any:
    return _spoilt(lambda signatures: [{**signatures[0], "value": change(signatures[0]["value"])}])


def _padded(value: str) -> str:
    """Return the same r and s in another DER spelling."""
    r, s = sm.read_signature(plain(value))
    long = sm.der(2, b"\0" + sm.read_der(sm.der_int(r))[0][1])
    return "sm2:" + sm.der(0x30, long + sm.der_int(s)).hex()


def _impostor(liar: Liar) -> Keys:
    """Return keys that say they are the liar's, and are not."""
    keys = Keys.made(liar.clock())
    keys.records = [{**keys.records[0], "node": liar.node}]
    return keys


def _envelope(**changes: Any) -> Any:
    return lambda liar, scene, matter: liar.mint(
        matter,
        **{name: value(liar, scene, matter) if callable(value) else value for name, value in changes.items()},
    )


def _in_their_chain(*, as_them: bool, covered_as_them: bool = False) -> Any:
    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        role, term = matter.other_chain().split("/")
        node = liar.victim.node if as_them else liar.node
        piece = liar.mint(matter, role=role, term=int(term), node=node)
        heads = liar.heads_with(matter, [piece])
        forged = Keys([{**liar.keys.records[-1], "node": liar.victim.node}], dict(liar.keys.signing))
        keys = forged if covered_as_them else liar.keys
        return [piece], {"statements": [liar.statement(matter, heads, keys, signer=keys.node)]}

    return made


def _other_subject(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """An event of one matter in the transfer of another."""
    other = scene.matter("accepted").copy()
    piece = liar.mint(other)
    return [piece], {"statements": [liar.statement(other, liar.heads_with(other, [piece]))]}


def _rehashed(**changes: Any) -> Any:
    """Say of an event the victim wrote that it was otherwise, hash and all."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        last = matter.pieces[[one["hash"] for one in matter.events].index(matter.last_of_others()["hash"])]
        return {"event": hashed({**last["event"], **changes}), "body": last["body"]}

    return made


def _gap(liar: Liar, scene: Scene, matter: Matter) -> Any:
    first = liar.mint(matter)
    held = matter.copy()
    held.add([first])
    return liar.mint(held)


def _hole(liar: Liar, scene: Scene, matter: Matter) -> Any:
    own = len(matter.chain_events(matter.chain))
    return liar.mint(matter, seq=own + 3, prev=NOWHERE)


def _saw_too_much(liar: Liar, scene: Scene, matter: Matter) -> Any:
    return liar.mint(matter, seen={matter.other_chain(): [matter.last_of_others()["seq"] + 1, NOWHERE]})


def _duplicate(liar: Liar, scene: Scene, matter: Matter) -> Any:
    return list(matter.pieces)


def _duplicate_with_another_body(liar: Liar, scene: Scene, matter: Matter) -> Any:
    return {"event": matter.events[-1], "body": liar.body()}


def _two_thousand_and_one(liar: Liar, scene: Scene, matter: Matter) -> Any:
    held, pieces, body = Matter(matter.procedure, matter.subject, pieces=list(matter.pieces)), [], liar.body()
    first = liar.mint(held, body=body)
    for number in range(2001):
        event = {**first["event"], "seq": first["event"]["seq"] + number}
        if pieces:
            event["prev"] = pieces[-1]["event"]["hash"]
        pieces.append(
            {"event": hashed({name: value for name, value in event.items() if name != "hash"}), "body": body}
        )
    return pieces


def _revoked(carrier: str, *, backdated: bool = False) -> Any:
    """Give up the key in use, let the victim know, and go on signing with it: who carries it does not matter."""

    def play(liar: Liar, scene: Scene) -> str:
        matter = scene.matter("pushed").copy()
        thief = liar.keys.copy()
        now = liar.clock()
        liar.keys.rotate(now, [{"number": thief.number, "from": liar.now()[:19] + "Z"}])
        told = liar.say(liar.message("tongban-seals/2"))  # shows the new record
        if scene.known_keys(liar.node) != liar.keys.number:
            return f"the new key is not known: {told.code}"
        piece = liar.mint(matter)
        at = {"at": liar.now(hours=-2)} if backdated else {}
        statement = liar.statement(matter, liar.heads_with(matter, [piece]), thief, **at)
        by = liar if carrier == "party" else scene.stranger
        message = by.transfer(
            matter, [], events=liar.transfer(matter, [piece])["events"], statements=[statement]
        )
        return outcome(by.say(message), by, scene, matter, [piece])

    return play


def _message_by_revoked_key(liar: Liar, scene: Scene) -> str:
    thief = liar.keys.copy()
    liar.keys.rotate(liar.clock(), [{"number": thief.number, "from": liar.now()[:19] + "Z"}])
    liar.say(liar.message("tongban-seals/2"))
    return liar.say(liar.message("tongban-seals/2", by=thief)).code or "answered"


def _keys(change: Any) -> Any:
    """A right transfer that brings key records with it, which are not right."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        keys = Keys.made(liar.clock())
        return [liar.mint(matter)], {"keys": change(liar, scene, keys)}

    return made


def _broken(**changes: Any) -> Any:
    def made(liar: Liar, scene: Scene, keys: Keys) -> Document:
        keys.rotate(liar.clock(), **changes)
        return {keys.node: keys.records}

    return made


def _second_successor(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """Two different successors of one record of the stranger's, one here and one there."""
    other = scene.stranger.keys.copy()
    other.rotate(liar.clock())
    more = scene.stranger.keys.copy()
    more.rotate(liar.clock())
    liar.say(liar.transfer(matter, [], keys={other.node: other.records}))
    return [liar.mint(matter)], {"keys": {more.node: more.records}}


def _extra_statement(change: Any) -> Any:
    """A right transfer, and one statement more that must not be kept."""

    def play(liar: Liar, scene: Scene) -> str:
        matter = scene.matter("pushed", fresh=True).copy()
        piece = liar.mint(matter)
        heads = liar.heads_with(matter, [piece])
        extra = change(liar, scene, matter, heads)
        came = send(liar, scene, matter, [piece], statements=[liar.statement(matter, heads), extra])
        kept = any(
            one.get("signatures") == extra.get("signatures") for one in scene.statements(matter.subject)
        )
        return f"{came}, and the lie is kept" if kept else "ignored" if came.startswith("adopted") else came

    return play


def deceptions() -> list[Deception]:
    klass = "chains and signatures"
    chain = [
        lie("behind another event of its own", klass, _envelope(prev=NOWHERE), NOT),
        lie("behind the genesis of another chain", klass, lambda liar, scene, matter: liar.mint(matter, prev=matter.events[0]
            ["prev"]), NOT),
        lie("a place left out", klass, _hole, "gap"),
        lie("the second without the first", klass, _gap, "gap"),
        lie("saw more than there is", klass, _saw_too_much, "gap"),
        lie("all that is held, again", klass, _duplicate, "duplicate"),
        lie("what is held, with another body", klass, _duplicate_with_another_body, "event_malformed"),
        lie("in the other's chain, as itself", klass, _in_their_chain(as_them=False), NOT),
        lie("in the other's chain, as the other", klass, _in_their_chain(as_them=True), NOT),
        lie("in the other's chain, signed as the other by its own key", klass, _in_their_chain(as_them=True,
            covered_as_them=True), NOT),
        lie("in its own chain, as the other", klass, _envelope(node=lambda liar, scene, matter: liar.victim.node), NOT),
        lie("in its own chain, as a stranger", klass, _envelope(node=lambda liar, scene, matter: scene.stranger.node), NOT),
        lie("in a term that nobody bound", klass, _envelope(term=2), NOT),
        lie("in a role that nobody bound", klass, _envelope(role="appeal"), NOT),
        lie("the other's last event, told otherwise", klass, _rehashed(kind="zz_other"), NOT),
        lie("the other's last event, at another time", klass, _rehashed(at="2026-01-01T00:00:00.000Z"), NOT),
        lie("an event of another matter", klass, _other_subject, "event_malformed"),
        lie("2,001 events at once", klass, _two_thousand_and_one, "message_not_understood"),
    ]  # fmt: skip
    statements: list[tuple[str, Any]] = [
        ("no statement", ()),
        ("a statement by a stranger", (lambda liar, scene, matter, heads: scene.stranger.statement(matter, heads),)),
        ("a statement by nobody known", (lambda liar, scene, matter, heads: liar.statement(matter, heads,
            Keys.made(liar.clock())),)),
        ("a statement by another key, as the liar", (lambda liar, scene, matter, heads: liar.statement(matter, heads,
            _impostor(liar)),)),
        ("a statement that says the victim signed", (lambda liar, scene, matter, heads: liar.statement(matter, heads,
            signer=liar.victim.node),)),
        ("a statement over the event before", (lambda liar, scene, matter, heads: liar.statement(matter, matter.heads()),)),
        ("a statement over another hash", (lambda liar, scene, matter, heads: liar.statement(matter, {**heads, matter.chain:
            [heads[matter.chain][0], NOWHERE]}),)),
        ("a statement over a place beyond", (lambda liar, scene, matter, heads: liar.statement(matter, {**heads, matter.chain:
            [heads[matter.chain][0] + 1, heads[matter.chain][1]]}),)),
        ("a statement of another matter", (_said(subject="341723AY8J2026030284G7ZWYRT"),)),
        ("a statement of another procedure", (_said(procedure="complaint"),)),
        ("a statement of no heads", (_said(heads={}),)),
        ("a statement in format 1", (_said(format="tongban-heads/1"),)),
        ("a statement signed as a seal", (_said(tag="tongban-seal/2"),)),
        ("a statement signed with format 1's tag", (_said(tag="tongban-heads/1"),)),
        ("a statement without signatures", (_spoilt(lambda signatures: []),)),
        ("a statement by a key number there is not", (_spoilt(lambda signatures: [{**signatures[0], "key": 99}]),)),
        ("a statement by the key number true", (_spoilt(lambda signatures: [{**signatures[0], "key": True}]),)),
        ("a statement signed five times", (_spoilt(lambda signatures: [{**signatures[0], "key": number} for number in
            range(1, 6)]),)),
        ("a statement signed twice by one key", (_spoilt(lambda signatures: signatures * 2),)),
        ("a statement with one good and one bad signature", (_spoilt(lambda signatures: [*signatures, {**signatures[0],
            "key": 2}]),)),
        ("a signature in another DER spelling", (_value(_padded),)),
        ("a signature in capitals", (_value(lambda value: "sm2:" + value[4:].upper()),)),
        ("a signature with a byte behind", (_value(lambda value: value + "00"),)),
        ("a signature of r = s = 0", (_value(lambda value: "sm2:" + sm.signature_der((0, 0)).hex()),)),
        ("a signature with r and s beyond the order", (_value(lambda value: "sm2:" + sm.signature_der((sm.N + 1, sm.N + 1)).hex()),)),
        ("a signature of no text", (_spoilt(lambda signatures: [{**signatures[0], "value": 5}]),)),
        ("a signature that is nothing", (_value(lambda value: "sm2:"),)),
        ("a statement with a member too many", (_said(note="x"),)),
        ("a statement without keys", (_said(keys=DROP),)),
        ("a statement with heads that are none", (_said(heads={"intake/1": "x", "zz": [True, "x"]}),)),
    ]  # fmt: skip
    keys: list[tuple[str, Any]] = [
        ("a record signed by nobody", _broken(at="2026-13-01T00:00:00Z")),
        ("a record out of turn", _broken(number=7)),
        ("a record that goes backwards", _broken(at="2001-01-01T00:00:00Z")),
        ("a record that revokes itself", _broken(revokes=[{"number": 2, "from": "2026-01-01T00:00:00Z"}])),
        ("a record that revokes a later one", _broken(revokes=[{"number": 9, "from": "2026-01-01T00:00:00Z"}])),
        ("a record with another before it", _broken(previous=NOWHERE)),
        ("a record of a key of RSA", _broken(wrap="rsa:00")),
        ("records under another's name", lambda liar, scene, keys: {liar.victim.node: keys.records}),
        ("records of the victim, another chain", lambda liar, scene, keys: {liar.victim.node: [{**keys.records[0], "node":
            liar.victim.node}]}),
        ("records with a path for a number", lambda liar, scene, keys: {keys.node: [{**keys.records[0], "number": "../x"}]}),
        ("records with a point off the curve", lambda liar, scene, keys: {keys.node: [{**keys.records[0], "sign": "sm2:04" +
            "11" * 64}]}),
        ("no records", lambda liar, scene, keys: {keys.node: []}),
        ("records that are a list", lambda liar, scene, keys: [keys.records]),
    ]  # fmt: skip
    return [
        *chain,
        *(lie(name, klass, _statement(*made), NOT) for name, made in statements),
        lie("a signature of an unknown suite alone", klass, _statement(_value(lambda value: "ed25519:" + value[4:])), NOT),
        *(
            lie(f"keys: {name}", "keys", _keys(change), "message_not_understood" if name.endswith("a list") else "message_refused")
            for name, change in keys
        ),
        lie("keys: two successors of one record", "keys", _second_successor, "unknown_node", trace=True, late=True),
        Deception("besides, a statement by a stranger with another hash", klass, _extra_statement(
            lambda liar, scene, matter, heads: scene.stranger.statement(matter, {**heads, matter.other_chain(): [1, NOWHERE]})),
            "ignored", trace=True, fresh="pushed"),
        Deception("besides, a statement of its own against what is held of the other", klass, _extra_statement(
            lambda liar, scene, matter, heads: liar.statement(matter, {**heads, matter.other_chain(): [1, NOWHERE]})),
            "ignored", trace=True, fresh="pushed"),
        Deception("besides, a statement that shows no heads", klass, _extra_statement(
            lambda liar, scene, matter, heads: liar.statement(matter, {"intake/1": "x"})), "ignored", trace=True,
            fresh="pushed"),
        Deception("a revoked key", "revoked keys", _revoked("party"), NOT, trace=True, late=True),
        Deception("a revoked key, carried by a stranger", "revoked keys", _revoked("stranger"), "not_a_party", trace=True, late=True),
        Deception("a revoked key, dated before", "revoked keys", _revoked("party", backdated=True), NOT, trace=True, late=True),
        Deception("a message by a revoked key", "revoked keys", _message_by_revoked_key, "message_refused", trace=True,
                  late=True),
    ]  # fmt: skip

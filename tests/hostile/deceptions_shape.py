"""Events that are not what an event is: each member missing, ill-typed, too long, too deep, too large."""

from typing import Any

from .deception import Deception, Document, lie
from .deceptions_bounds import bound
from .liar import DROP, SYSTEM, Liar, Matter, hashed
from .liar_crypto import Pairs, Raw, text_of, without
from .scene import Scene

HEX = "sm3:" + "ab" * 32
LONG = "x" * 4097

ENVELOPE = (
    "format", "suite", "procedure", "subject", "node", "role", "term", "epoch", "seq", "kind", "rules", "at", "prev",
    "seen", "refs", "body", "effects", "content", "hash",
)  # fmt: skip
WRONG: tuple[tuple[str, str, Any], ...] = (
    ("format of another document", "format", "tongban-heads/2"),
    ("format 1", "format", "tongban-event/1"),
    ("format no text", "format", 2),
    ("procedure in capitals", "procedure", "Case"),
    ("procedure of 25", "procedure", "c" * 25),
    ("node without algorithm", "node", "ab" * 32),
    ("node no text", "node", 1),
    ("role with a slash", "role", "handling/1"),
    ("role no text", "role", ["handling"]),
    ("role of 25", "role", "h" * 25),
    ("term true", "term", True),
    ("term 0", "term", 0),
    ("term 100", "term", 100),
    ("term a text", "term", "1"),
    ("epoch 0", "epoch", 0),
    ("epoch 2^31", "epoch", 2**31),
    ("epoch null", "epoch", None),
    ("seq 0", "seq", 0),
    ("seq negative", "seq", -1),
    ("seq true", "seq", True),
    ("seq 2^31", "seq", 2**31),
    ("seq a list", "seq", [1]),
    ("kind of 41", "kind", "k" * 41),
    ("kind empty", "kind", ""),
    ("kind with a blank", "kind", "zz note"),
    ("kind with NUL", "kind", "zz\0"),
    ("kind in Chinese", "kind", "受理"),
    ("rules an int", "rules", 1),
    ("rules with version 0", "rules", {"version": 0, "digest": HEX}),
    ("rules with version 2^31", "rules", {"version": 2**31, "digest": HEX}),
    ("rules without digest", "rules", {"version": 1}),
    ("rules with more", "rules", {"version": 1, "digest": HEX, "more": 1}),
    ("rules with a digest in capitals", "rules", {"version": 1, "digest": "sm3:" + "AB" * 32}),
    ("at in seconds", "at", "2026-03-02T01:00:00Z"),
    ("at with an offset", "at", "2026-03-02T09:00:00.000+08:00"),
    ("at of no day", "at", "2026-02-30T01:00:00.000Z"),
    ("at of the year 3000", "at", "3000-01-01T00:00:00.000Z"),
    ("at of the year 1999", "at", "1999-12-31T23:59:59.999Z"),
    ("at of a leap second", "at", "2026-06-30T23:59:60.000Z"),
    ("at an int", "at", 1772413200),
    ("prev empty", "prev", ""),
    ("prev too short", "prev", "sm3:" + "ab" * 31),
    ("seen a list", "seen", []),
    ("seen with a text", "seen", {"intake/1": "x"}),
    ("seen with place 0", "seen", {"intake/1": [0, HEX]}),
    ("seen with true", "seen", {"intake/1": [True, HEX]}),
    ("seen with three", "seen", {"intake/1": [1, HEX, "2026-03-02T01:00:00.000Z"]}),
    ("seen of no chain", "seen", {"intake": [1, HEX]}),
    ("seen of a chain with a leading nought", "seen", {"intake/01": [1, HEX]}),
    ("seen of its own chain", "seen", {"handling/1": [1, HEX]}),
    ("refs an object", "refs", {}),
    (
        "refs of 17",
        "refs",
        [{"procedure": "case", "subject": "s", "chain": "intake/1", "seq": 1, "hash": HEX}] * 17,
    ),
    ("refs with a member missing", "refs", [{"procedure": "case", "subject": "s"}]),
    ("body the body itself", "body", {"salt": "00" * 16}),
    ("body null", "body", Raw("null")),
    ("effects a list", "effects", []),
    ("effects with an unknown one", "effects", {"erase": []}),
    ("content an object", "content", {}),
    ("content twice", "content", [{"digest": HEX, "size": 1}, {"digest": HEX, "size": 2}]),
    ("content of 201", "content", [{"digest": f"sm3:{number:064x}", "size": 1} for number in range(201)]),
    ("content of size over 2^40", "content", [{"digest": HEX, "size": 2**40 + 1}]),
    ("content of size -1", "content", [{"digest": HEX, "size": -1}]),
    ("content with its label", "content", [{"digest": HEX, "size": 1, "label": "form"}]),
    ("hash in capitals", "hash", "sm3:" + "AB" * 32),
    ("hash of something else", "hash", HEX),
    ("a member too many", "extra", 1),
)

EFFECTS: tuple[tuple[str, Document], ...] = (
    ("phase empty", {"phase": []}),
    ("phase of three", {"phase": ["forwarded", "decided", "concluded"]}),
    ("phase a script", {"phase": ["forwarded", "<script>alert(1)</script>"]}),
    ("phase a text", {"phase": "decided"}),
    ("pen null", {"pen": None}),
    ("pen in capitals", {"pen": "Handling"}),
    ("bind an object", {"bind": {}}),
    ("bind without papers", {"bind": [{"role": "third", "term": 1, "node": HEX, "org": "", "office": ""}]}),
    ("bind with more", {"bind": [{"role": "third", "term": 1, "node": HEX, "org": "", "office": "", "papers": [], "x": 1}]}),
    ("bind of term 100", {"bind": [{"role": "third", "term": 100, "node": HEX, "org": "", "office": "", "papers": []}]}),
    ("clocks empty one", {"clocks": {"decision": {}}}),
    ("clocks of an unknown state", {"clocks": {"decision": {"state": "broken", "from": "2026-03-02", "limit": None,
        "pauses": [], "basis": "x", "due": None, "calendar": None}}}),
    ("clocks from no day", {"clocks": {"decision": {"state": "running", "from": "2026-02-30", "limit": {"n": 1, "unit":
        "day"}, "pauses": [], "basis": "x", "due": None, "calendar": None}}}),
    ("facts a list", {"facts": ["outcome"]}),
    ("facts of a bad name", {"facts": {"parked.intake/x": 1}}),
    ("facts with a role before the name", {"facts": {"Intake": {"outcome": "granted"}}}),
    ("close an object", {"close": {"handling/1.1.0": 1}}),
    ("close of no duty", {"close": ["x"]}),
    ("close of 65", {"close": [f"handling/1.1.{number}" for number in range(65)]}),
    ("open of no duty", {"open": [{}]}),
    ("open a text", {"open": "x"}),
    ("look of a number", {"look": {"handling/1.1.0": 5}}),
    ("claim x: 5", {"claim": {"x": 5}}),
    ("due garbage", {"due": {"handling/1.1.0": "tomorrow"}}),
    ("due of no day", {"due": {"handling/1.1.0": {"due": "2026-13-01", "calendar": "2026.1"}}}),
    ("redact a list", {"redact": [HEX]}),
    ("withhold a text", {"withhold": HEX}),
    ("withhold of place true", {"withhold": {"chain": "intake/1", "seq": True, "hash": HEX}}),
    ("release without struck", {"release": {"park": HEX}}),
    ("release struck a text", {"release": {"park": HEX, "struck": "1"}}),
)  # fmt: skip

BODY: tuple[tuple[str, Document], ...] = (
    *((f"without {name}", {name: DROP}) for name in ("salt", "actor", "given", "labels")),
    ("with more", {"phone": "13800000000"}),
    ("salt of 31 digits", {"salt": "0" * 31}),
    ("salt in capitals", {"salt": "AB" * 16}),
    ("salt a number", {"salt": 0}),
    ("actor a text", {"actor": "system"}),
    ("actor with a phone", {"actor": {**SYSTEM, "phone": "13800000000"}}),
    ("actor without channel", {"actor": without(SYSTEM, "channel")}),
    ("actor of no kind", {"actor": {**SYSTEM, "kind": "robot"}}),
    ("actor with staff of 41", {"actor": {**SYSTEM, "staff": "S" * 41}}),
    ("actor with assurance 10", {"actor": {**SYSTEM, "assurance": 10}}),
    ("actor with assurance true", {"actor": {**SYSTEM, "assurance": True}}),
    ("given a list", {"given": []}),
    ("given with a text of 4,097", {"given": {"note": LONG}}),
    ("given with a line break", {"given": {"note": "a\nb"}}),
    ("given with DEL", {"given": {"note": "a\x7f"}}),
    ("given with NUL in a name", {"given": {"a\0": 1}}),
    ("given with 2^31", {"given": {"n": 2**31}}),
    ("labels an object", {"labels": {}}),
    ("labels more than content", {"labels": ["form"]}),
)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def _envelope(**changes: Any) -> Any:
    if "body" in changes:
        changes["body_digest"] = changes.pop("body")
    return lambda liar, scene, matter: liar.mint(matter, **changes)


def _body(**changes: Any) -> Any:
    return lambda liar, scene, matter: liar.mint(matter, body=liar.body(**changes))


def _text(change: Any) -> Any:
    """Send the event as a text that `change` makes of its canonical form."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        piece = liar.mint(matter)
        text = change(text_of(piece["event"]))
        event: Any = text if liar.as_text else Raw(text)
        return [piece], {
            "events": [{"event": event, "body": text_of(piece["body"]) if liar.as_text else piece["body"]}]
        }

    return made


def _big(liar: Liar, scene: Scene, matter: Matter) -> Any:
    return liar.mint(matter, body=liar.body(given={f"n{number}": "x" * 4000 for number in range(17)}))


def _wrong_body(liar: Liar, scene: Scene, matter: Matter) -> Any:
    return {**liar.mint(matter), "body": liar.body()}


def _no_body(liar: Liar, scene: Scene, matter: Matter) -> Any:
    return {**liar.mint(matter), "body": None}


def _label_of_81(liar: Liar, scene: Scene, matter: Matter) -> Any:
    return liar.mint(matter, body=liar.body(labels=["x" * 81]), content=[{"digest": HEX, "size": 1}])


def _long_effect(liar: Liar, scene: Scene, matter: Matter) -> Any:
    return liar.mint(matter, effects={"facts": {"note": LONG}})


def _bad_subject(subject: Any) -> Any:
    """A number that is none: in the event that begins the matter and in all that goes with it."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        rules = matter.rules()
        matter.subject, matter.role, matter.pieces, matter.statements = subject, "intake", [], []
        effects = {"bind": [bound("intake", 1, liar.node)], "pen": "intake"}
        return liar.mint(matter, "file", effects=effects, rules=rules)

    return made


def _unnamed(name: str) -> Any:
    """A digest that names no algorithm we know, hashed and covered as it stands."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        event = liar.mint(matter)["event"]
        other = {**event, name: str(event[name]).replace("sm3:", "sha256:")}
        return {"event": other if name == "hash" else hashed(other), "body": liar.body()}

    return made


OUT, ODD = "out_of_bounds", "message_not_understood"
SUBJECTS = (
    ("empty", "", ODD), ("of 300 characters", "3" * 300, ODD), ("of 31 characters", "3" * 31, ODD),
    ("with a wrong check", None, OUT), ("with a letter that is none", "411025IIII20260302ABCDEFGH0", OUT),
    ("with a path", "../../../../etc/passwd/0000", ODD), ("on no day", "411025ABCD20260231ABCDEFGH0", OUT),
    ("in small letters", "411025abcd20260302abcdefgh0", ODD), ("with sub-case 00", "00", OUT), ("with sub-case 100", "100", ODD),
    ("no text", 7, ODD),
)  # fmt: skip


def _subject(spoilt: Any) -> Any:
    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        right = matter.subject
        if spoilt is None:
            wrong: Any = right[:-1] + ("0" if right[-1] != "0" else "1")
        elif spoilt in ("00", "100"):
            wrong = f"{right}-{spoilt}"
        else:
            wrong = spoilt
        return _bad_subject(wrong)(liar, scene, matter)

    return made


def deceptions() -> list[Deception]:
    klass, bad = "shape", "event_malformed"
    return [
        *(lie(f"without {name}", klass, _envelope(**{name: DROP}), bad) for name in ENVELOPE),
        *(
            lie(name, klass, _envelope(**{member: value}), "unknown_suite" if member == "format" and isinstance(value, str) else bad)
            for name, member, value in WRONG
        ),
        *(lie(f"effects: {name}", klass, _envelope(effects=value), bad) for name, value in EFFECTS),
        *(lie(f"body {name}", klass, _body(**changes), bad) for name, changes in BODY),
        lie("body of more than 65,536 bytes", klass, _big, ODD),
        lie("body 17 deep", klass, _body(given={"n": deep(15)}), bad),
        lie("body 62 deep", klass, _body(given={"n": deep(56)}), bad),
        lie("effects 17 deep", klass, _envelope(effects={"facts": {"n": deep(15)}}), bad),
        lie("effects with a text of 4,097", klass, _long_effect, bad),
        lie("label of 81", klass, _label_of_81, bad),
        lie("another body", klass, _wrong_body, bad),
        lie("no body, and nothing redacts it", klass, _no_body, bad),
        lie("suite unknown", klass, _envelope(suite="FOO"), "unknown_suite"),
        lie("suite of another order", klass, _envelope(suite="sm3-sm2-sm4"), "unknown_suite"),
        lie("suite no text", klass, _envelope(suite=5), bad),
        *(
            lie(f"{name} by SHA-256", klass, _unnamed(name), "unknown_suite")
            for name in ("node", "prev", "body", "hash")
        ),
        lie("rules by SHA-256", klass, _envelope(rules={"version": 1, "digest": "sha256:" + "ab" * 32}), "unknown_suite"),
        lie("content by SHA-256", klass, _envelope(content=[{"digest": "sha256:" + "ab" * 32, "size": 1}]),
            "unknown_suite"),
        lie("with white space", klass, _text(lambda text: text.replace(":", ": ", 1)), bad),
        lie("with a member twice", klass, _text(lambda text: text.replace("{", '{"at":"x",', 1)), bad),
        lie("with a fraction", klass, _text(lambda text: text.replace('"epoch":1', '"epoch":1.0')), bad),
        lie("with an exponent", klass, _text(lambda text: text.replace('"epoch":1', '"epoch":1e0')), bad),
        lie("with NaN", klass, _text(lambda text: text.replace('"epoch":1', '"epoch":NaN')), bad),
        lie("with 2^60", klass, _text(lambda text: text.replace('"epoch":1', f'"epoch":{2**60}')), bad),
        lie("with a number of 5,000 digits", klass, _text(lambda text: text.replace('"epoch":1', '"epoch":' + "9" * 5000)),
            bad),
        lie("with half a surrogate pair", klass, _text(lambda text: text.replace("zz_note", "\\ud800")), bad),
        lie("with an escape too many", klass, _text(lambda text: text.replace("zz_note", "\\u007az_note")), bad),
        lie("with a name beyond the basic plane", klass, _text(lambda text: text.replace("{", '{"\U0001f600":1,', 1)), bad),
        lie("30,000 deep", klass, _text(lambda text: "[" * 30_000 + "]" * 30_000), bad),
        lie("100,000 deep", klass, _text(lambda text: "[" * 100_000 + "]" * 100_000), ODD),
        lie("a list", klass, _text(lambda text: f"[{text}]"), bad),
        lie("empty", klass, _text(lambda text: "{}"), bad),
        lie("names out of order", klass, lambda liar, scene, matter: _disordered(liar, matter), bad),
        *(
            lie(f"number {name}", "numbers", _subject(value), expect) for name, value, expect in SUBJECTS
        ),
    ]  # fmt: skip


def _disordered(liar: Liar, matter: Matter) -> Any:
    piece = liar.mint(matter)
    pairs = Pairs(tuple(sorted(piece["event"].items(), reverse=True)))
    event: Any = text_of(pairs) if liar.as_text else pairs
    return [piece], {
        "events": [{"event": event, "body": text_of(piece["body"]) if liar.as_text else piece["body"]}]
    }

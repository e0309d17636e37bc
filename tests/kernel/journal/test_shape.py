"""One strict schema for events and bodies: what does not fit is malformed, and nothing of it is kept (docs/protocol.md §2–5)."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.kernel.matters import FOUNDER, NODES, NUMBER, Matter, binding, clock, delivery, duty
from tongban.kernel import limits
from tongban.kernel.crypto import canon, digest
from tongban.kernel.journal import events, shape
from tongban.kernel.journal.events import MalformedEvent, UnknownSuite

HASH = digest.of(b"hash")
THEN = {
    "kind": "acknowledge", "holder": "office", "limit": {"n": 1, "unit": "working_day"}, "basis": "协议", "within": ["forwarded"]
}  # fmt: skip
PAPER = {"kind": "guide", "id": "11411025000000002B-x", "version": 1, "digest": HASH}
EFFECTS: dict[str, Any] = {
    "phase": ["", "filed"],
    "pen": "intake",
    "bind": [binding("intake/1", org="11341723000000001A", office="11341723000000001A", papers=[PAPER])],
    "clocks": {
        "decision": clock(pauses=[["2026-03-02", None, "听证"], ["2026-03-02", "2026-03-03", ""]], ended="2026-03-09"),
        "notice": clock(due="2026-03-09", calendar="2026.1"),
    },
    "facts": {"parked": None, "steps.done": [{"code": "x"}], "count": 3},
    "close": ["intake/1.1.0"],
    "open": [
        duty("intake/1.1.0", limit={"n": 0, "unit": "day"}, due="2026-03-09", calendar="2026.12345", within=["filed"]),
        delivery("intake/1.1.1", "handling/1", about="intake/1.1.0", then=THEN),
    ],
    "look": {"intake/1.1.0": "0" * 26},
    "claim": {"intake/1.1.0": ""},
    "due": {"intake/1.1.0": {"due": "2026-03-09", "calendar": "2026.1"}, "decision": {"due": None, "calendar": None}},
    "redact": {HASH: "个人信息保护法"}, "succeed": {"role": "handling", "term": 2, "from": HASH, "node": HASH},
    "withhold": {"chain": "handling/1", "seq": 1, "hash": HASH},
    "release": {"park": HASH, "struck": 2},
}  # fmt: skip
CONTENT = [
    {"label": "form", "digest": HASH, "size": 2**40},
    {"label": "material:x", "digest": digest.of(b""), "size": 0},
]
ACTOR = {
    "kind": "staff", "org": "11341723000000001A", "post": "window", "staff": "0" * 26, "applicant": "", "channel": "counter",
    "assurance": 3,
}  # fmt: skip
REF = {"procedure": "case", "subject": NUMBER, "chain": "intake/1", "seq": 4, "hash": HASH}
EVENT = Matter().mint(
    "intake/1", EFFECTS, actor=ACTOR, given={"mode": "x", "more": [1, None, {"a": True}]}, content=CONTENT, refs=[REF],
    seen={}, kind="file.anew",
)  # fmt: skip
ENVELOPE: dict[str, Any] = canon.decode(EVENT.raw)  # type: ignore[assignment]
ENVELOPE["seen"] = {"handling/1": [1, HASH]}
BODY: dict[str, Any] = canon.decode(EVENT.body_raw or b"")  # type: ignore[assignment]

GONE = object()


def made(envelope: Mapping[str, Any], body: Mapping[str, Any] | None = BODY) -> tuple[bytes, bytes | None]:
    """Return the bytes of an envelope and body whose digests are made to fit, so that nothing but the shape is wrong."""
    document = dict(envelope)
    if body is not None and digest.is_digest(document.get("body")):
        document["body"] = digest.tagged(events.BODY_FORMAT, body)
    if digest.is_digest(document.get("hash")):
        del document["hash"]
        document["hash"] = digest.tagged(events.FORMAT, document)
    return canon.encode(document), None if body is None else canon.encode(body)


def with_(document: Mapping[str, Any], path: tuple[Any, ...], value: object) -> dict[str, Any]:
    """Return a copy with another value at a path, or without it."""
    changed = copy.deepcopy(dict(document))
    *steps, last = path
    inner: Any = changed
    for step in steps:
        inner = inner[step]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return changed


def at(document: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a path."""
    for step in path:
        document = document[step]
    return document


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every member and item, outer before inner."""
    if isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield (*before, step)
            yield from paths(value[step], (*before, step))


# What a fact or `given` holds is open: any plain value.
OPEN = {("effects", "facts"), ("given",)}


def is_closed(path: tuple[Any, ...]) -> bool:
    return not any(path[: len(one)] == one and len(path) > len(one) for one in OPEN)


ENVELOPE_PATHS = [path for path in paths(ENVELOPE) if is_closed(path)]
BODY_PATHS = [path for path in paths(BODY) if is_closed(path)]
# Members that may be absent: the effects, those of maps, the end of a clock; and items of lists that need not be full.
MAPS = [
    ("effects",), ("seen",), ("effects", "clocks"), ("effects", "look"), ("effects", "claim"), ("effects", "due"), ("effects", "redact"),
]  # fmt: skip
LISTS = [
    ("refs",), ("effects", "close"), ("effects", "open"), ("effects", "open", 0, "within"),
    ("effects", "open", 1, "then", "within"), ("effects", "bind", 0, "papers"), ("effects", "clocks", "decision", "pauses"),
]  # fmt: skip
OPTIONAL = [("effects", "clocks", "decision", "ended")]
# The last step of what may be null; of an effect or a clock these names stand for something else.
NULLABLE = {"due", "calendar", "limit", "about", "to", "to_node", "then", "struck", "withhold", "release"}
NOT_NULL = {
    ("effects", "due"),
    ("effects", "clocks", "decision", "limit"),
    ("effects", "clocks", "notice", "limit"),
}


def demand(envelope: Mapping[str, Any], body: Mapping[str, Any] | None = BODY) -> None:
    """Read an event of these members; raises as `events.read`."""
    events.read(*made(envelope, body))


def refused(envelope: Mapping[str, Any], body: Mapping[str, Any] | None = BODY) -> None:
    """Ask that an event is refused for its shape, and not for what follows from it."""
    with pytest.raises(MalformedEvent) as error:
        demand(envelope, body)
    assert error.type is MalformedEvent
    assert error.value.code == "event_malformed"
    assert "does not fit" not in str(error.value)


def test_a_full_event_is_read() -> None:
    raw, body = made(ENVELOPE)
    event = events.read(raw, body)
    assert (event.raw, event.body_raw) == (raw, body)
    assert event.document == {**ENVELOPE, "hash": event.hash}
    assert events.read(raw).body is None


class TestTheEnvelope:
    @pytest.mark.parametrize("path", ENVELOPE_PATHS, ids=str)
    def test_holds_nothing_of_another_kind(self, path: tuple[Any, ...]) -> None:
        for value in (None, True, -1, "!", [], {}, ["!"], {"!": "!"}):
            if not _may_be(path, value):
                refused(with_(ENVELOPE, path, value))

    @pytest.mark.parametrize("path", ENVELOPE_PATHS, ids=str)
    def test_holds_no_fractions(self, path: tuple[Any, ...]) -> None:
        # No bytes hold them (test_canon); who builds a document by hand gets no further.
        for value in (1.0, 1.5):
            with pytest.raises((MalformedEvent, canon.CanonError)):
                events.from_documents(with_(ENVELOPE, path, value), BODY)

    @pytest.mark.parametrize("path", ENVELOPE_PATHS, ids=str)
    def test_lacks_nothing(self, path: tuple[Any, ...]) -> None:
        lacking = with_(ENVELOPE, path, GONE)
        if path[:-1] in MAPS or path[:-1] in LISTS or path in OPTIONAL:
            demand(lacking)
        else:
            refused(lacking)

    @pytest.mark.parametrize(
        "path", [(), *(path for path in ENVELOPE_PATHS if isinstance(at(ENVELOPE, path), dict))], ids=str
    )
    def test_holds_nothing_unknown(self, path: tuple[Any, ...]) -> None:
        refused(with_(ENVELOPE, (*path, "Unknown"), "x"))
        if path not in (("effects", "facts"), ("effects", "clocks"), ("effects", "due")):
            refused(with_(ENVELOPE, (*path, "unknown"), None))

    @pytest.mark.parametrize(
        ("path", "good", "bad"),
        [
            (("procedure",), ["a", "a" * 24, "a_1"], ["", "a" * 25, "A", "1a", "_a", "a.b", "a-b", "县", "a\n", " a"]),
            (("role",), ["a", "a" * 24], ["", "a" * 25, "A", "a/1", "a\n"]),
            (("kind",), ["a", "a" * 40, "a.b_c"], ["", "a" * 41, "A", ".a", "a/b", "a\n"]),
            (("subject",), ["0" * 30, "A-01"], ["", "0" * 31, "a", "0 1", "县"]),
            (("term",), [1, 99], [0, 100, -1]),
            (("epoch",), [1, 2**31 - 1], [0, 2**31, -1]),
            (("seq",), [1, 2**31 - 1], [0, 2**31]),
            (("rules", "version"), [1, 2**31 - 1], [0, 2**31]),
            (("refs", 0, "seq"), [1, 2**31 - 1], [0, 2**31]),
            (("seen", "handling/1", 0), [1, 2**31 - 1], [0, 2**31]),
            (("effects", "withhold", "seq"), [1, 2**31 - 1], [0, 2**31]),
            (("effects", "release", "struck"), [1, 2**31 - 1, None], [0, 2**31]),
            (("content", 0, "size"), [0, 2**40], [-1, 2**40 + 1]),
            (("at",), ["2000-01-01T00:00:00.000Z", "2999-12-31T23:59:59.999Z"],
             ["1999-12-31T23:59:59.999Z", "3000-01-01T00:00:00.000Z", "2026-03-02T01:00:00Z", "2026-03-02T01:00:00.0000Z",
              "2026-03-02T01:00:00.000+00:00", "2026-02-30T01:00:00.000Z", "2026-03-02T24:00:00.000Z", "2026-03-02 01:00:00.000Z",
              "2026-03-02T01:00:60.000Z", "２026-03-02T01:00:00.000Z"]),
            (("node",), [HASH], [HASH[4:], HASH.upper(), HASH + "0", HASH[:-1], "sm3:" + "g" * 64, HASH + "\n"]),
            (("prev",), [HASH], ["", HASH[4:]]),
            (("body",), [], ["", HASH[4:]]),
            (("rules", "digest"), [HASH], ["", HASH[4:]]),
            (("effects", "phase", 0), ["", "a" * 40], ["A", "a" * 41]),
            (("effects", "phase", 1), ["a" * 40], ["", "A", "a" * 41]),
            (("effects", "phase"), [], [["filed"], ["", "filed", "x"]]),
            (("effects", "pen"), ["", "a" * 24], ["A", "a" * 25, "a/1"]),
            (("effects", "bind", 0, "role"), ["a" * 24], ["", "a" * 25]),
            (("effects", "bind", 0, "term"), [1, 99], [0, 100]),
            (("effects", "bind", 0, "org"), ["", "A" * 18], ["A" * 19, "a", "县"]),
            (("effects", "bind", 0, "office"), ["", "A" * 18], ["A" * 19, "a"]),
            (("effects", "bind", 0, "papers", 0, "id"), ["x", "县" * 80], ["", "x" * 81]),
            (("effects", "bind", 0, "papers", 0, "version"), [1], [0, 2**31]),
            (("effects", "bind"), [[EFFECTS["bind"][0]] * 8], [[], [EFFECTS["bind"][0]] * 9]),
            (("effects", "bind", 0, "papers"), [[], [PAPER] * 8], [[PAPER] * 9]),
            (("effects", "clocks"), [{f"c{n}": clock() for n in range(8)}], [{f"c{n}": clock() for n in range(9)}]),
            (("effects", "clocks", "decision", "state"), ["running", "paused", "stopped"], ["", "over"]),
            (("effects", "clocks", "decision", "pauses"), [[["2026-03-02", None, ""]] * 64], [[["2026-03-02", None, ""]] * 65]),
            (("effects", "clocks", "decision", "pauses", 0), [], [["2026-03-02", None], ["2026-03-02", None, "", ""]]),
            (("effects", "clocks", "decision", "limit", "n"), [0, 100_000], [-1, 100_001]),
            (("effects", "clocks", "decision", "limit", "unit"), ["day", "working_day"], ["", "month"]),
            (("effects", "clocks", "decision", "basis"), ["", "x" * 120], ["x" * 121]),
            (("effects", "clocks", "decision", "from"), ["2000-01-01", "2999-12-31"], ["", "1999-12-31", "2026-3-2", "2026-03-02T00"]),
            (("effects", "clocks", "notice", "calendar"), ["2026.1", "2026.99999", None], ["", "2026", "2026.", "2026.100000", "26.1"]),
            (("effects", "facts"), [{f"f{n}": 1 for n in range(64)}, {}], [{f"f{n}": 1 for n in range(65)}, {"F": 1}, {"a" * 41: 1}]),
            (("effects", "close"), [["a/99.1.99"] * 64, [f"{'a' * 24}/9.2147483647.0"]],
             [["a/1.1.0"] * 65, ["a/0.1.0"], ["a/100.1.0"], ["a/1.0.0"], ["a/1.1"], ["a/1.1.100"], ["1/1.1.0"], ["a/1.1.0\n"]]),
            (("effects", "open"), [[duty("intake/1.1.0")] * 64], [[duty("intake/1.1.0")] * 65]),
            (("effects", "open", 0, "within"), [["a"] * 40], [["a"] * 41, [""]]),
            (("effects", "open", 0, "holder", "org"), [""], ["县", "A" * 19]),
            (("effects", "open", 1, "to"), ["a/1", "a/99", None], ["", "a", "a/0", "a/100", "a/01"]),
            (("effects", "open", 1, "then", "holder"), ["org", "office", "applicant"], ["", "own"]),
            (("effects", "look"), [{f"a/1.{n}.0": "" for n in range(1, 65)}], [{f"a/1.{n}.0": "" for n in range(1, 66)}, {"a": ""}]),
            (("effects", "look", "intake/1.1.0"), ["", "Z" * 26], ["Z" * 27, "a", "县"]),
            (("effects", "claim"), [{f"a/1.{n}.0": "" for n in range(1, 65)}], [{f"a/1.{n}.0": "" for n in range(1, 66)}]),
            (("effects", "due"), [{f"a/1.{n}.0": EFFECTS["due"]["decision"] for n in range(1, 65)}],
             [{f"a/1.{n}.0": EFFECTS["due"]["decision"] for n in range(1, 66)}, {"A": EFFECTS["due"]["decision"]}]),
            (("effects", "redact"), [{digest.of(b"%d" % n): "" for n in range(64)}],
             [{digest.of(b"%d" % n): "" for n in range(65)}, {HASH[4:]: ""}, {HASH: "x" * 121}]),
            (("seen",), [{}, {f"a/{n}": [1, HASH] for n in range(1, 41)}],
             [{f"a/{n}": [1, HASH] for n in range(1, 42)}, {"a": [1, HASH]}, {"a/0": [1, HASH]}, {"a/1": [1]}, {"a/1": [1, HASH, 1]}]),
            (("refs",), [[], [REF] * 16], [[REF] * 17]),
        ],
        ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
    )  # fmt: skip
    def test_keeps_to_its_limits(self, path: tuple[Any, ...], good: list[Any], bad: list[Any]) -> None:
        for value in good:
            demand(with_(ENVELOPE, path, value))
        for value in bad:
            refused(with_(ENVELOPE, path, value))

    @pytest.mark.parametrize("number", range(limits.CONTENTS, limits.CONTENTS + 2))
    def test_names_two_hundred_pieces_of_content_at_most(self, number: int) -> None:
        content = [{"digest": digest.of(b"%d" % n), "size": n} for n in range(number)]
        body = {**BODY, "labels": ["x"] * number}
        if number <= limits.CONTENTS:
            demand({**ENVELOPE, "content": content}, body)
        else:
            refused({**ENVELOPE, "content": content}, body)

    @pytest.mark.parametrize(
        "path",
        [path for path in ENVELOPE_PATHS if at(ENVELOPE, path) in ("2026-03-02", "2026-03-03", "2026-03-09")],
        ids=str,
    )
    def test_names_days_that_are(self, path: tuple[Any, ...]) -> None:
        demand(with_(ENVELOPE, path, "2028-02-29"))
        for day in ("2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32"):
            refused(with_(ENVELOPE, path, day))

    def test_has_not_seen_its_own_chain(self) -> None:
        refused({**ENVELOPE, "seen": {"intake/1": [1, HASH]}})
        demand({**ENVELOPE, "seen": {"intake/2": [1, HASH]}})

    def test_names_no_content_twice(self) -> None:
        refused({**ENVELOPE, "content": [CONTENT_IN_ENVELOPE[0], {**CONTENT_IN_ENVELOPE[0], "size": 1}]})

    def test_holds_plain_facts_only(self) -> None:
        path = ("effects", "facts", "parked")
        for good in ("x" * 4094, 2**31 - 1, -(2**31) + 1, _nested(13), [False], {"Any name": "县"}):
            demand(with_(ENVELOPE, path, good))
        for bad in (
            "x" * 4095,
            "x\n",
            "\x7f",
            "\0",
            {"a\t": 1},
            {"x" * 4097: 1},
            2**31,
            -(2**31),
            _nested(14),
            ["县" * 1365],
        ):
            refused(with_(ENVELOPE, path, bad))

    @pytest.mark.parametrize(
        "path", [path for path in ENVELOPE_PATHS if isinstance(at(ENVELOPE, path), str)], ids=str
    )
    @pytest.mark.parametrize("more", ["\n", "\0", "\x1f", "\x7f"], ids=repr)
    def test_holds_no_control_characters(self, path: tuple[Any, ...], more: str) -> None:
        if path[0] in ("format", "suite"):
            return  # then it is another format
        refused(with_(ENVELOPE, path, at(ENVELOPE, path) + more))


CONTENT_IN_ENVELOPE: list[dict[str, Any]] = ENVELOPE["content"]


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def _may_be(path: tuple[Any, ...], value: object) -> bool:
    """Return whether a value is another good one of a member."""
    in_pauses = path[-3:-2] == ("pauses",)
    if value is None:
        return (path[-1] in NULLABLE and path not in NOT_NULL) or (in_pauses and path[-1] == 1)
    if value == "!":
        basis = path[-1] == "basis" or path[:-1] == ("effects", "redact") or (in_pauses and path[-1] == 2)
        return basis or path[-3:] == ("papers", 0, "id") or path in (("format",), ("suite",))
    may_be_empty = (
        path in MAPS or path in LISTS or path == ("effects", "facts") or path[-1] in ("within", "pauses")
    )
    return (
        not value
        and isinstance(value, list | dict)
        and type(value) is type(at(ENVELOPE, path))
        and may_be_empty
    )


class TestTheBody:
    @pytest.mark.parametrize("path", BODY_PATHS, ids=str)
    def test_holds_nothing_of_another_kind(self, path: tuple[Any, ...]) -> None:
        for value in (None, True, -1, [], {}, ["x", 1], {"!": "!"}):
            if not (path == ("given",) and isinstance(value, dict)):
                refused(ENVELOPE, with_(BODY, path, value))

    @pytest.mark.parametrize("path", BODY_PATHS, ids=str)
    def test_lacks_nothing(self, path: tuple[Any, ...]) -> None:
        refused(ENVELOPE, with_(BODY, path, GONE))

    @pytest.mark.parametrize("path", [(), ("actor",)], ids=str)
    def test_holds_nothing_unknown(self, path: tuple[Any, ...]) -> None:
        refused(ENVELOPE, with_(BODY, (*path, "phone"), "1"))

    @pytest.mark.parametrize(
        ("path", "good", "bad"),
        [
            (("salt",), ["0123456789abcdef" * 2], ["", "0" * 31, "0" * 33, "A" * 32, "g" * 32]),
            *((("actor", name), ["", "县" * 40], ["x" * 41, "x\n"]) for name in ACTOR if name not in ("kind", "assurance")),
            (("actor", "kind"), ["staff", "applicant", "system", "peer"], ["", "Staff", "robot", "staff\n"]),
            (("actor", "assurance"), [0, 9], [-1, 10, "3"]),
            (("labels", 0), ["", "县" * 80], ["x" * 81, "x\n"]),
            (("given",), [{}, {"Any name": 1}, {"x": _nested(14)}, {"x": "x" * 4096}],
             [{"x": "x" * 4097}, {"x" * 4097: 1}, {"x": 2**31}, {"x": -(2**31)}, {"x": "\n"}, {"\n": 1}, {"x": _nested(15)}]),
        ],
        ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
    )  # fmt: skip
    def test_keeps_to_its_limits(self, path: tuple[Any, ...], good: list[Any], bad: list[Any]) -> None:
        for value in good:
            demand(ENVELOPE, with_(BODY, path, value))
        for value in bad:
            refused(ENVELOPE, with_(BODY, path, value))

    @pytest.mark.parametrize("labels", [[], ["form"], ["form", "material:x", "more"]])
    def test_names_each_piece_of_content(self, labels: list[str]) -> None:
        refused(ENVELOPE, {**BODY, "labels": labels})


class TestBytes:
    def test_hash_to_what_they_say(self) -> None:
        raw, body = made(ENVELOPE)
        with pytest.raises(MalformedEvent, match="hash"):
            events.read(canon.encode({**ENVELOPE, "hash": HASH}), body)
        with pytest.raises(MalformedEvent, match="body"):
            events.read(raw, canon.encode({**BODY, "salt": "1" * 32}))

    @pytest.mark.parametrize("member", ["raw", "body"])
    @pytest.mark.parametrize("spoil", [
        lambda raw: raw + b" ", lambda raw: b" " + raw, lambda raw: raw.replace(b",", b", ", 1), lambda raw: raw[:-1], lambda raw: b"",
        lambda raw: b"\xff" + raw, lambda raw: raw.replace(b":1,", b":1.0,", 1).replace(b":3,", b":3.0,", 1),
    ])  # fmt: skip
    def test_are_canonical(self, member: str, spoil: Callable[[bytes], bytes]) -> None:
        raw, body = made(ENVELOPE)
        assert body is not None
        with pytest.raises(MalformedEvent, match="canonical"):
            events.read(*((spoil(raw), body) if member == "raw" else (raw, spoil(body))))

    @pytest.mark.parametrize("value", [None, [], "x", 1, [ENVELOPE]])
    def test_are_an_object(self, value: object) -> None:
        raw, _ = made(ENVELOPE)
        with pytest.raises(MalformedEvent, match="not an object"):
            events.read(canon.encode(value), None)
        if value is not None:
            with pytest.raises(MalformedEvent, match="not an object"):
                events.read(raw, canon.encode(value))

    def test_are_so_many_at_most(self) -> None:
        def of_size(size: int) -> dict[str, Any]:
            texts = {f"f{n}": "x" * 4000 for n in range(16)}
            rest = size - len(canon.encode({**BODY, "given": {**texts, "f": ""}}))
            return {**BODY, "given": {**texts, "f": "x" * rest}}

        assert len(canon.encode(of_size(limits.BODY_BYTES))) == limits.BODY_BYTES
        demand(ENVELOPE, of_size(limits.BODY_BYTES))
        with pytest.raises(MalformedEvent, match="too large"):
            demand(ENVELOPE, of_size(limits.BODY_BYTES + 1))

    def test_of_the_envelope_are_so_many_at_most(self) -> None:
        def of_size(size: int) -> dict[str, Any]:
            texts = {f"f{n}": "x" * 4000 for n in range(14)}
            rest = size - len(
                canon.encode(with_(ENVELOPE, ("effects", "facts"), {**texts, "f": "", "g": ""}))
            )
            return with_(
                ENVELOPE,
                ("effects", "facts"),
                {**texts, "f": "x" * (rest // 2), "g": "x" * (rest - rest // 2)},
            )

        assert len(canon.encode(of_size(limits.EVENT_BYTES))) == limits.EVENT_BYTES
        demand(of_size(limits.EVENT_BYTES))
        with pytest.raises(MalformedEvent, match="too large"):
            demand(of_size(limits.EVENT_BYTES + 1))


class TestSize:
    """As of bytes that are read, so of what is written here or parsed from a dossier: else no other node would ever take it."""

    LONG: Mapping[str, Any] = {f"f{n}": "x" * 4000 for n in range(17)}

    def test_of_a_body_is_limited_when_it_is_written(self) -> None:
        with pytest.raises(MalformedEvent, match="too large"):
            Matter().mint("intake/1", given=self.LONG)

    def test_of_an_envelope_is_limited_when_it_is_written(self) -> None:
        with pytest.raises(MalformedEvent, match="too large"):
            Matter().mint("intake/1", {"facts": self.LONG})

    def test_is_limited_in_parsed_documents(self) -> None:
        for envelope, body in (
            (ENVELOPE, {**BODY, "given": self.LONG}), (with_(ENVELOPE, ("effects", "facts"), self.LONG), BODY)
        ):  # fmt: skip
            raw, told = made(envelope, body)
            with pytest.raises(MalformedEvent, match="too large"):
                events.from_documents(canon.decode(raw), canon.decode(told or b""))


class TestAnUnknownSuite:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("suite", "sm2-sm3-sm5"), ("suite", ""), ("suite", "SM2-SM3-SM4"), ("suite", "sm2-sm3-sm4\n"),
            ("format", "tongban-event/1"), ("format", "tongban-event/3"), ("format", ""),
        ],
    )  # fmt: skip
    def test_is_told_apart_and_never_taken_for_ours(self, name: str, value: str) -> None:
        with pytest.raises(UnknownSuite) as error:
            demand({**ENVELOPE, name: value})
        assert error.value.code == "unknown_suite"

    def test_is_told_before_the_shape_of_what_is_not_known(self) -> None:
        with pytest.raises(UnknownSuite):
            events.read(b'{"format":"tongban-event/9"}')
        with pytest.raises(UnknownSuite):
            events.read(canon.encode({**ENVELOPE, "suite": "pq", "hash": "sha3:00", "more": 1}))

    @pytest.mark.parametrize(
        "path",
        [("hash",), ("prev",), ("body",), ("node",), ("rules", "digest"), ("content", 0, "digest")],
        ids=str,
    )  # fmt: skip
    def test_of_a_digest_is_told_apart_too(self, path: tuple[Any, ...]) -> None:
        document = with_(ENVELOPE, path, "sha3-256:" + "0" * 64)
        with pytest.raises(UnknownSuite) as error:
            events.read(canon.encode(document), canon.encode(BODY))
        assert error.value.code == "unknown_suite"

    @pytest.mark.parametrize("name", ["suite", "format"])
    @pytest.mark.parametrize("value", [None, 2, [], GONE], ids=["none", "number", "list", "gone"])
    def test_is_named_by_text(self, name: str, value: object) -> None:
        refused(with_(ENVELOPE, (name,), value))


class TestWhatIsSaidOfIt:
    """A refusal says where, and never repeats what was sent."""

    def test_names_the_place(self) -> None:
        with pytest.raises(MalformedEvent, match=r"^effects\.open\.0\.holder\.org: "):
            demand(with_(ENVELOPE, ("effects", "open", 0, "holder", "org"), "张三"))
        with pytest.raises(MalformedEvent, match=r"^actor\.staff: "):
            demand(ENVELOPE, with_(BODY, ("actor", "staff"), "张三" * 30))

    def test_repeats_nothing(self) -> None:
        for path in ENVELOPE_PATHS:
            with pytest.raises(MalformedEvent) as error:
                demand(with_(ENVELOPE, path, {"张三": "张三"}))
            assert "张三" not in str(error.value)


class TestMinting:
    def test_gives_what_reading_takes(self) -> None:
        assert events.read(EVENT.raw, EVENT.body_raw) == EVENT

    @pytest.mark.parametrize(
        "members",
        [
            {"kind": "A"},
            {"node": "x"},
            {"more": 1},
            {"actor": {**ACTOR, "phone": "1"}},
            {"term": 0},
            {"at": "now"},
        ],
    )
    def test_of_what_is_malformed_is_refused(self, members: dict[str, Any]) -> None:
        with pytest.raises(MalformedEvent):
            Matter().mint("intake/1", **members)

    def test_salts_each_body_anew(self) -> None:
        one, other = (Matter().mint("intake/1", salt="") for _ in range(2))
        assert one.body is not None
        assert other.body is not None
        assert one.body["salt"] != other.body["salt"]
        assert one.document["body"] != other.document["body"]


def test_limits_stand_in_one_place() -> None:
    """The longest chain and duty that the words allow are as long as the columns are wide."""
    chain = f"{'r' * limits.ROLE}/{limits.TERMS}"
    assert len(chain) == limits.CHAIN
    assert len(f"{chain}.{limits.INTEGER}.{limits.DUTIES - 1}") <= limits.DUTY
    assert shape.ENVELOPE["properties"].keys() == ENVELOPE.keys()
    assert shape.BODY["properties"].keys() == BODY.keys()
    assert (FOUNDER, NODES["intake/1"]) == (ENVELOPE["node"], ENVELOPE["node"])

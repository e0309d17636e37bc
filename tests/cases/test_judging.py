"""
What others send is judged member by member: one lawful event of every act, one thing changed at a time, the exact answer.

Generic: what is expected follows from the row and from what the event holds, never from the name of the act, save where
an act is the only one of its kind. The verifier's two judging stages are asked the same, and must say the same.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cases.courses import other
from tests.cases.every_act import Lawful, lawful
from tests.forging import forged
from tongban.cases.procedure import CASE, NAME, RULES
from tongban.cases.words import Act, Role
from tongban.kernel.journal import bounds, fold
from tongban.kernel.journal.bounds import Known
from tongban.kernel.journal.events import Event, format_time
from tongban.procedures import deciding, judging
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.dossier import checks_of_events
from tongban.procedures.dossier.checks_of_events import VERDICTS
from tongban.procedures.dossier.dossierfile import DossierFile

NOBODY = "9" * 26
ELSEWHERE = "99999999999999999Z"
UNKNOWN = f"sm3:{9:064}"
ACTS = pytest.mark.parametrize("act", list(Act))


def answer(of: Lawful, event: Event) -> str | None:
    """Return what is said to an event by whoever receives it: the bound it oversteps, or why it is not lawful."""
    view = judging.view_of(of.state, list(of.before), event)
    return bounds.fault(view, event, of.known) or judging.verdict(view, of.known, event, of.terms_of)


def effects(of: Lawful, **changes: Any) -> Event:
    """Return the event with some effects changed; those that are None are left out."""
    whole = {**deepcopy(dict(of.event.effects)), **changes}
    return forged(of.event, effects={name: value for name, value in whole.items() if value is not None})


@dataclass(frozen=True)
class Change:
    """One thing changed, and what must be said to it."""

    name: str
    event: Event
    expected: str | None


def of_actor(of: Lawful) -> Iterator[Change]:
    event, actor, rule = of.event, of.event.actor, RULES[Act(of.event.kind)]

    def change(name: str, expected: str | None, **members: Any) -> Change:
        return Change(name, forged(event, actor={**actor, **members}), expected)

    yield change("a peer did it", "wrong_actor", kind="peer")
    yield change(
        "a name for a pseudonym",
        "wrong_actor",
        **{actor["kind"]: "张三"} if actor["kind"] != "system" else {"staff": "张三"},
    )
    yield change("staff and applicant at once", "wrong_actor", staff=NOBODY, applicant=NOBODY)
    by_staff = actor["kind"] == "staff"
    if by_staff:
        yield change("of another organisation", None if rule.overseers else "wrong_actor", org=ELSEWHERE)
        yield change("of no organisation", "wrong_actor", org="")
        yield change(
            "the system did it",
            None if "PROXY_INTAKE" in rule.automatic else "wrong_actor",
            kind="system",
            staff="",
            org="",
        )
    founding = rule.founds
    another = None if founding else "wrong_actor"
    yield change(
        "another applicant",
        another if rule.applicant else "wrong_actor",
        kind="applicant",
        staff="",
        applicant=NOBODY,
    )
    if rule.permission is None:
        yield change(
            "staff did it",
            "wrong_actor",
            kind="staff",
            staff=NOBODY,
            org=of.view.roles.get(event.role, {}).get("org", ""),
        )


def of_place(of: Lawful) -> Iterator[Change]:
    event, rule = of.event, RULES[Act(of.event.kind)]
    opposite = other(event.role)
    if rule.role is not None and of.before:
        seq, hash_ = of.state.head(f"{opposite}/1")
        seen = {
            chain: head[:2] for chain, head in of.state.heads.items() if not chain.startswith(f"{opposite}/")
        }
        moved = forged(event, role=str(opposite), term=1, seq=seq + 1, prev=hash_, seen=seen, effects={})
        yield Change("by the other role", moved, "wrong_role")
    ahead = of.known.places.get((event.chain, event.seq - 1))
    if ahead is not None:
        early = format_time(ahead.at - timedelta(milliseconds=1))
        yield Change("before the one ahead", forged(event, at=early), "time_backwards")
        if ahead.seen:
            # To strike what one says not to have seen is out of bounds first.
            struck = (event.effects.get("release") or {}).get("struck")
            went_back = "B9" if struck else "seen_went_back"
            yield Change("seen less than the one ahead", forged(event, seen={}), went_back)
    if event.seen:
        other_history = {chain: [seq, UNKNOWN] for chain, (seq, _) in event.seen.items()}
        yield Change("saw another history", forged(event, seen=other_history), "saw_other_history")
        last = max(of.known.places[chain, seq].at for chain, (seq, _) in event.seen.items())
        early = last - timedelta(minutes=10, milliseconds=1)
        if ahead is None or ahead.at <= early:
            yield Change(
                "long before what it saw", forged(event, at=format_time(early)), "before_what_it_saw"
            )


def of_rules(of: Lawful) -> Iterator[Change]:
    event = of.event
    newer = {"version": 2, "digest": UNKNOWN}
    yield Change("a newer table that says the same", forged(event, rules=newer), None)
    yield Change(
        "a newer table that says otherwise",
        forged(event, rules=newer, given={**event.given, "more": 1}),
        "newer_rules",
    )
    yield Change("an act that the table does not have", forged(event, kind="levitate"), "unknown_kind")
    yield Change("a moment later", forged(event, at=format_time(event.at + timedelta(milliseconds=1))), None)


def of_given(of: Lawful) -> Iterator[Change]:
    event, rule = of.event, RULES[Act(of.event.kind)]
    for name in rule.given:
        less = {key: value for key, value in event.given.items() if key != name}
        # What founds names its papers in what it binds: without, there is nothing to judge by.
        expected = "unknown_terms" if (rule.founds, name) == (True, "bind") else "not_allowed"
        yield Change(f"without {name}", forged(event, given=less), expected)
    yield Change("a stray name", forged(event, given={**event.given, "name": "张三"}), "wrong_given")
    stray = {"label": "身份证 张三", "digest": f"sm3:{8:064}", "size": 1}
    yield Change("a stray label", forged(event, content=[*event.content, stray]), "wrong_given")
    for label in rule.content:
        rest = [piece for piece in event.content if piece["label"] != label]
        yield Change(f"without its {label}", forged(event, content=rest), "not_allowed")
    if rule.brings:
        yield Change("brings nothing", forged(event, content=[]), "not_allowed")


def of_papers(of: Lawful) -> Iterator[Change]:
    for name in ("given", "bind"):
        named = (
            of.event.given.get("papers")
            if name == "given"
            else (of.event.given.get("bind") or {}).get("papers")
        )
        if named is None:
            continue
        for member, value, expected in (
            ("version", 2, "wrong_papers"), ("id", "another", "wrong_papers"), ("digest", UNKNOWN, "unknown_terms")
        ):  # fmt: skip
            for index in range(len(named)):
                papers = [dict(paper) for paper in named]
                papers[index][member] = value
                # What is only bound is not what it is judged by: there an unknown paper does not fit.
                bound = name == "bind" and of.before
                yield Change(
                    f"{name}: another {member} of paper {index}",
                    _with_papers(of, papers),
                    "wrong_papers" if bound else expected,
                )


def _with_papers(of: Lawful, papers: list[dict[str, Any]]) -> Event:
    event, given, does = of.event, deepcopy(dict(of.event.given)), deepcopy(dict(of.event.effects))
    if "papers" in given:
        given["papers"] = does["facts"]["papers"] = papers
    else:
        given["bind"]["papers"] = does["bind"][0]["papers"] = papers
    return forged(event, given=given, effects=does)


def of_effects(of: Lawful) -> Iterator[Change]:
    event, whole = of.event, of.event.effects
    guard = next((name for name in ("withhold", "release", "redact", "succeed") if name in whole), "")
    bound = {"withhold": "B8", "release": "B9", "redact": "B10", "succeed": "B11"}.get(guard, "")
    for name in whole:
        yield Change(f"without the effect {name}", effects(of, **{name: None}), _dropped(of, name))
    holds_pen = not of.before or (of.view.pen == event.role and of.view.term_of(event.role) == event.term)
    for name, value in (("pen", ""), ("clocks", {"notice": CLOCK})):
        if name not in whole:
            without_pen = "B2" if not holds_pen else bound or "other_effects"
            yield Change(f"{name} besides", effects(of, **{name: value}), without_pen)
    beside = bound if whole.get("withhold") or whole.get("release") else "other_effects"
    yield Change("a fact besides", effects(of, facts={**whole.get("facts", {}), "more": 1}), beside)
    if not guard:
        yield Change(
            "a phase from elsewhere", effects(of, phase=["nowhere", "delivered"]), "B3" if holds_pen else "B2"
        )
        yield Change(
            "its own duty closed besides",
            effects(of, close=[*whole.get("close", []), f"{event.role}/9.9.9"]),
            "other_effects",
        )
        yield Change(
            "another's duty closed",
            effects(of, close=[*whole.get("close", []), f"{other(event.role)}/9.9.9"]),
            "B6",
        )
    for name in whole:
        yield from _CHANGED.get(name, lambda of: iter(()))(of)


CLOCK = {
    "state": "running", "from": "2026-03-02", "limit": {"n": 5, "unit": "working_day"}, "pauses": [], "basis": "b",
    "due": None, "calendar": None,
}  # fmt: skip


def _dropped(of: Lawful, name: str) -> str:
    """Dropping what the rest of the effects rests on is out of bounds; else the effects are others."""
    whole, founding = of.event.effects, not of.before
    if name == "bind" and founding:
        return "B1"
    if name == "bind" and whole.get("pen") not in of.view.roles:
        return "B4"
    return "other_effects"


def _phase(of: Lawful) -> Iterator[Change]:
    start, end = of.event.effects["phase"]
    yield Change(
        "to another phase",
        effects(of, phase=[start, "on_site" if end != "on_site" else "x"]),
        "other_effects",
    )


def _pen(of: Lawful) -> Iterator[Change]:
    yield Change("the pen to nobody known", effects(of, pen="courier"), "B4")
    yield Change("the pen laid down", effects(of, pen=""), "other_effects")


def _bind(of: Lawful) -> Iterator[Change]:
    (bound,) = of.event.effects["bind"]
    founding = not of.before

    def change(name: str, expected: str, **members: Any) -> Change:
        return Change(name, effects(of, bind=[{**bound, **members}]), expected)

    yield change("bound to another node", "B1" if founding else "B7", node=UNKNOWN)
    yield change("bound for another term", "B1" if founding else "B5", term=bound["term"] + 1)
    yield change("another organisation bound", "other_effects", org=ELSEWHERE)
    yield change("another office bound", "other_effects", office=ELSEWHERE)
    yield change(
        "itself bound" if not founding else "another role bound",
        "B1" if founding else "B4",
        role="intake" if not founding else "courier",
    )
    yield Change("bound twice", effects(of, bind=[bound, bound]), "B1" if founding else "B5")


def _facts(of: Lawful) -> Iterator[Change]:
    for name, value in of.event.effects["facts"].items():
        other: Any = value + 1 if isinstance(value, int) and not isinstance(value, bool) else "another"
        facts = {**of.event.effects["facts"], name: other}
        yield Change(f"the fact {name} otherwise", effects(of, facts=facts), "other_effects")
        less = {key: kept for key, kept in of.event.effects["facts"].items() if key != name}
        yield Change(f"the fact {name} not said", effects(of, facts=less), "other_effects")


def _clocks(of: Lawful) -> Iterator[Change]:
    for name, clock in of.event.effects["clocks"].items():
        longer = {**clock, "limit": {**clock["limit"], "n": clock["limit"]["n"] + 1}}
        yield Change(
            f"{name} longer",
            effects(of, clocks={**of.event.effects["clocks"], name: longer}),
            "other_effects",
        )
        later = {**clock, "from": "2026-03-03" if clock["from"] != "2026-03-03" else "2026-03-04"}
        yield Change(
            f"{name} from another day",
            effects(of, clocks={**of.event.effects["clocks"], name: later}),
            "other_effects",
        )
        due = {**clock, "due": "2030-01-01", "calendar": "2030.1"}
        yield Change(
            f"{name} due by a newer calendar",
            effects(of, clocks={**of.event.effects["clocks"], name: due}),
            None,
        )


def _close(of: Lawful) -> Iterator[Change]:
    yield Change("one closed less", effects(of, close=of.event.effects["close"][1:]), "other_effects")
    yield Change("closed twice", effects(of, close=of.event.effects["close"] * 2), "other_effects")


def _open(of: Lawful) -> Iterator[Change]:
    opened = of.event.effects["open"]

    def change(name: str, expected: str | None, **members: Any) -> Change:
        return Change(name, effects(of, open=[{**opened[0], **members}, *opened[1:]]), expected)

    limit = opened[0]["limit"] or {"n": 0, "unit": "day"}
    yield change("a longer limit", "other_effects", limit={**limit, "n": limit["n"] + 1})
    yield change("held by another", "other_effects", holder={**opened[0]["holder"], "org": ELSEWHERE})
    yield change("held at another node", "B7", holder={**opened[0]["holder"], "node": UNKNOWN})
    yield change("under another's name", "B7", id=f"{other(of.event.role)}/1.1.0")
    yield change("about another's duty", "B7", about=f"{other(of.event.role)}/1.1.0")
    yield change("on another basis", "other_effects", basis="另有规定")
    yield change("from another day", "other_effects", **{"from": "2026-01-05"})
    yield change("in other phases", "other_effects", within=["delivered"])
    yield change("due by a newer calendar", None, due="2030-01-01", calendar="2030.1")
    if opened[0]["to"] is None:
        yield change("sent to nobody", "B7", to="courier/1", to_node=UNKNOWN)
    else:
        yield change("sent to another node", "B7", to_node=UNKNOWN)
        yield change("bringing something else", "other_effects", then=None if opened[0]["then"] else THEN)
    yield Change("opened twice", effects(of, open=[*opened, opened[0]]), "B7")


THEN = {"kind": "receive", "holder": "org", "limit": None, "basis": "b", "within": []}


def _named(name: str) -> Any:
    def changes(of: Lawful) -> Iterator[Change]:
        whole = of.event.effects[name]
        theirs = f"{other(of.event.role)}/1.1.0"
        value = next(iter(whole.values()))
        yield Change(f"{name} of another's duty", effects(of, **{name: {**whole, theirs: value}}), "B6")
        yield Change(
            f"{name} of a duty more",
            effects(of, **{name: {**whole, f"{of.event.role}/9.9.9": value}}),
            "other_effects",
        )
        if name != "due":
            yield Change(
                f"{name} by another", effects(of, **{name: dict.fromkeys(whole, NOBODY)}), "other_effects"
            )

    return changes


def _withhold(of: Lawful) -> Iterator[Change]:
    named = of.event.effects["withhold"]
    yield Change("another event there", effects(of, withhold={**named, "hash": UNKNOWN}), "B8")
    yield Change("nothing there", effects(of, withhold={**named, "seq": 99}), "B8")
    own = of.known.places[of.event.chain, of.event.seq - 1]
    yield Change(
        "its own event", effects(of, withhold={"chain": own.chain, "seq": own.seq, "hash": own.hash}), "B8"
    )
    first = of.known.places["handling/1", 1]
    yield Change(
        "another of that chain",
        effects(of, withhold={"chain": first.chain, "seq": 1, "hash": first.hash}),
        "other_effects",
    )
    yield Change("the pen besides", effects(of, pen=""), "B2")


def _release(of: Lawful) -> Iterator[Change]:
    named = of.event.effects["release"]
    yield Change("no park of that name", effects(of, release={**named, "park": UNKNOWN}), "B9")
    yield Change("struck beyond what was seen", effects(of, release={**named, "struck": 99}), "B9")
    yield Change("struck before the park", effects(of, release={**named, "struck": 1}), "B9")
    yield Change("let in instead", effects(of, release={**named, "struck": None}), "other_effects")


def _redact(of: Lawful) -> Iterator[Change]:
    yield Change("an event that is not there", effects(of, redact={UNKNOWN: "b"}), "B10")
    yield Change(
        "on another basis",
        effects(of, redact=dict.fromkeys(of.event.effects["redact"], "b")),
        "other_effects",
    )


def _succeed(of: Lawful) -> Iterator[Change]:
    named = of.event.effects["succeed"]
    for name, value in (
        ("term", 3),
        ("from", UNKNOWN),
        ("node", named["from"]),
        ("node", of.event.node),
        ("role", "intake"),
    ):
        yield Change(f"{name} otherwise: {value}"[:60], effects(of, succeed={**named, name: value}), "B11")
    yield Change("another node put in", effects(of, succeed={**named, "node": UNKNOWN}), "other_effects")


_CHANGED = {
    "phase": _phase, "pen": _pen, "bind": _bind, "facts": _facts, "clocks": _clocks, "close": _close, "open": _open,
    "look": _named("look"), "claim": _named("claim"), "due": _named("due"), "withhold": _withhold, "release": _release,
    "redact": _redact, "succeed": _succeed,
}  # fmt: skip


def changes(of: Lawful) -> list[Change]:
    """Return every change that is tried of an event."""
    kinds = (of_actor, of_place, of_rules, of_given, of_papers, of_effects)
    return [change for kind in kinds for change in kind(of)]


@ACTS
class TestEveryAct:
    def test_is_lawful_as_it_was_written(self, act: Act) -> None:
        of = lawful()[act]
        assert answer(of, of.event) is None

    def test_is_told_exactly_what_is_wrong_with_one_thing_changed(self, act: Act) -> None:
        of = lawful()[act]
        tried = changes(of)
        said = {change.name: answer(of, change.event) for change in tried}
        assert said == {change.name: change.expected for change in tried}
        names = [change.name for change in tried]
        assert len(said) == len(tried) > 10, sorted(name for name in names if names.count(name) > 1)

    def test_is_told_the_same_by_the_verifier(self, act: Act) -> None:
        of = lawful()[act]
        for change in changes(of):
            if change.expected is None or change.name == "by the other role":
                continue
            file = as_file(of, change.event)
            findings = checks_of_events.story(file)
            if change.expected.startswith("B"):
                assert [str(f) for f in findings] == [
                    told(change, f"越过了该角色所能改变的范围（{change.expected}）。")
                ], change.name
                continue
            if change.expected == "saw_other_history":
                assert "与案卷中的不同（分叉）" in str(findings[0]), change.name
                continue
            assert findings == [], change.name
            too_new = checks_of_events.lawfulness(file)
            sentences = [str(finding) for finding in too_new] + file.contested
            assert told(change, VERDICTS[change.expected]) in sentences, change.name
            assert bool(too_new) == (change.expected == "newer_rules")


def told(change: Change, sentence: str) -> str:
    """Return a sentence about an event as the verifier says it."""
    return f"{change.event.chain} 第 {change.event.seq} 条（{change.event.kind}）：{sentence}"


def as_file(of: Lawful, event: Event) -> DossierFile:
    """Return a dossier of an event and all before it, with its papers, as far as it is judged."""
    gone = event.effects.get("redact", {})
    before = [replace(one, body=None) if one.hash in gone else one for one in of.before]
    document = {
        "papers": of.story.papers, "tables": {CASE.present.digest: CASE.present.document}, "statements": [],
    }  # fmt: skip
    return DossierFile(document, NAME, event.subject, event.node, event.document["at"], [*before, event])


class TestClocksAndEpochs:
    def acknowledged(self) -> Lawful:
        return lawful()[Act.ACKNOWLEDGE]

    def test_ten_minutes_before_what_it_saw_is_a_clock_and_a_moment_more_is_not(self) -> None:
        of = lawful()[Act.ARRIVE]
        assert of.event.seq == 1
        ((chain, (seq, _)),) = of.event.seen.items()
        early = of.known.places[chain, seq].at - timedelta(minutes=10)
        assert answer(of, forged(of.event, at=format_time(early))) is None
        moment = timedelta(milliseconds=1)
        assert answer(of, forged(of.event, at=format_time(early - moment))) == "before_what_it_saw"

    def test_ten_minutes_ahead_of_the_receiver_s_clock_is_a_clock_and_a_moment_more_is_not(self) -> None:
        event = self.acknowledged().event
        clock = event.at - timedelta(minutes=10)
        assert not judging.is_in_future(event, clock)
        assert judging.is_in_future(event, clock - timedelta(milliseconds=1))

    def test_an_epoch_never_falls_within_a_chain(self) -> None:
        of = self.acknowledged()
        ahead = forged(of.before[-1], epoch=2)
        before = [*of.before[:-1], ahead]
        assert ahead.chain == of.event.chain
        for epoch, expected in ((1, "epoch_fell"), (2, None), (3, None)):
            event = forged(of.event, epoch=epoch, prev=ahead.hash)
            assert judging.disorder(Known.of(before), event) == expected

    def test_what_is_not_held_is_no_history_one_can_have_seen(self) -> None:
        of = self.acknowledged()
        (chain,) = of.event.seen
        event = forged(of.event, seen={chain: [of.event.seen[chain][0] + 1, UNKNOWN]})
        assert judging.disorder(of.known, event) == "saw_other_history"


class TestBeginning:
    """What begins a case does so once, and nothing else does."""

    def test_a_case_is_not_begun_twice(self) -> None:
        begun = next(one for one in lawful().values() if one.event.kind == Act.FILE)
        of = lawful()[Act.RECEIVE]
        second = forged(
            of.event, kind=Act.FILE, given=begun.event.given, content=begun.event.content, actor=begun.event.actor,
            effects=begun.event.effects,
        )  # fmt: skip
        assert judging.verdict(of.view, of.known, second, of.terms_of) == "not_allowed"

    def test_in_a_mode_of_its_own_an_act_is_done_in_no_other(self) -> None:
        of = lawful()[Act.RECEIVE]
        assert of.state.fact(Role.INTAKE, "mode") == "PROXY_INTAKE"
        state = fold.step(of.state, of.event, of.before).after
        terms = of.terms_of(state.fact(Role.INTAKE, "papers"))
        assert terms is not None
        asked = Circumstances(state, {}, terms, judging.official_day(of.event), Role.INTAKE, 1, CASE.present)
        fault = deciding.find_fault(state, RULES[Act.PASS_ONLINE], asked)
        assert isinstance(fault, deciding.ActNotAllowed)
        assert "通办模式下没有" in str(fault)

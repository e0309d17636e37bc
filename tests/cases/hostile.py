"""
Dossiers taken apart: stories of every kind, and what a hostile exporter, or all nodes together, could make of them.

`STORIES` make dossiers; `changes` yields changes of a document, member by member; `Forgers` sign and hash anew what a
change broke, each by its own key.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from tests.cases import dossiers
from tests.cases.dossiers import Node, Story
from tests.procedures.trying import answer_of
from tongban.accounts.access.actor import SYSTEM
from tongban.cases.words import Act, Role
from tongban.kernel.crypto import canon, digest, keychain, signed, sm
from tongban.kernel.journal import events, merkle
from tongban.kernel.journal.events import Event
from tongban.kernel.time.clock import official_day
from tongban.procedures import settlements

type Document = dict[str, Any]
type Path = tuple[Any, ...]

INTAKE, HANDLING = Role.INTAKE, Role.HANDLING


# — stories —


def write(node: Node, last: Event, *, content: Sequence[Mapping[str, Any]] = (), **changed: Any) -> Event:
    """Let a node write whatever it likes after an event of its own chain, by its own key and no rule."""
    seen = changed.pop("seen", None)
    heads = {event.chain: [event.seq, event.hash] for event in node.held}
    members = {
        name: last.document[name]
        for name in ("procedure", "subject", "node", "role", "term", "epoch", "rules")
    }
    members |= {
        "seq": last.seq + 1, "prev": last.hash, "at": last.document["at"], "effects": {}, "kind": "look",
        "actor": dict(last.actor), "given": {},
        "seen": {chain: head for chain, head in heads.items() if chain != last.chain} if seen is None else seen,
    }  # fmt: skip
    node.held.append(events.mint(content=content, **{**members, **changed}))
    return node.held[-1]


def last_of(node: Node, role: Role) -> Event:
    return [event for event in node.held if event.role == role][-1]


def under_way() -> Story:
    story = Story()
    story.file_and_forward()
    return story


def refused() -> Story:
    story = under_way()
    story.act(story.handling, Act.ACKNOWLEDGE, HANDLING)
    story.act(story.handling, Act.REFUSE, HANDLING)
    story.act(story.handling, Act.CONCLUDE, HANDLING)
    story.act(story.handling, Act.SEND_RESULT, HANDLING, way="post")
    story.deliver(story.handling, story.intake)
    return story


def withdrawn() -> Story:
    story = under_way()
    story.act(story.handling, Act.ACKNOWLEDGE, HANDLING)
    story.act(story.intake, Act.REQUEST_WITHDRAWAL, INTAKE)
    story.deliver(story.intake, story.handling)
    story.act(story.handling, Act.GRANT_WITHDRAWAL, HANDLING)
    story.deliver(story.handling, story.intake)
    dossiers.disposed(story, story.handling, HANDLING)
    story.deliver(story.handling, story.intake)
    return story


def long_way() -> Story:
    """Correction, special procedure, extension, looks, claims, urging, escalation: most rows of the table."""
    story = under_way()
    here, there = story.intake, story.handling
    mine = [name for name, duty in there.state(story.number).duties.items() if duty["kind"] == "acknowledge"]
    story.act(there, Act.LOOK, HANDLING, duties=mine)
    story.act(there, Act.CLAIM, HANDLING, duties=mine, staff=there.staff.staff)
    story.act(there, Act.ACKNOWLEDGE, HANDLING)
    story.act(there, Act.ASK_CORRECTION, HANDLING)
    story.deliver(there, here)
    story.act(here, Act.TELL, INTAKE)
    story.at += timedelta(days=60)
    (late,) = [name for name, duty in here.state(story.number).duties.items() if duty["kind"] == "answer"]
    story.act(here, Act.ESCALATE, INTAKE, by=SYSTEM, about=late)
    (watch,) = [name for name, duty in here.state(story.number).duties.items() if duty["kind"] == "supervise"]
    story.act(here, Act.SUPERVISE, INTAKE, **answer_of(watch, late, official_day(story.at)))
    story.act(here, Act.URGE, INTAKE)
    story.deliver(here, there)
    story.act(there, Act.REPLY_URGING, HANDLING)
    story.act(there, Act.ACCEPT, HANDLING)
    story.act(there, Act.REVIEW, HANDLING, step="check")
    story.act(there, Act.SUSPEND, HANDLING, procedure="hearing")
    story.act(there, Act.RESUME, HANDLING)
    story.act(there, Act.EXTEND, HANDLING)
    story.deliver(there, here)
    story.act(here, Act.REQUEST_WITHDRAWAL, INTAKE)
    story.deliver(here, there)
    return story


def at_home() -> Story:
    """Both roles on one node."""
    story = Story()
    node = story.intake
    story.handling, story.nodes = node, [node]
    guide, agreement = dossiers.guide_by(node), dossiers.agreement_of(node, node)
    names = (
        digest.tagged("tongban-guide/2", signed.without_signatures(guide)),
        dossiers.agreements.digest_of(agreement),
    )
    story.papers = dict(zip(names, (guide, agreement), strict=True))
    story.pins = dossiers.naming((guide["offering"], 1, names[0]), (agreement["id"], 1, names[1]))
    story.terms = dossiers.Terms(guide, agreement)
    story.file_and_forward()
    story.act(node, Act.ACKNOWLEDGE, HANDLING)
    node.heads(story.number, story.at)
    return story


def filed() -> Story:
    """Bound to its intake only."""
    story = Story()
    bind = {"org": story.intake.org, "office": story.intake.centre, "papers": story.pins}
    target = {"node": story.handling.id, "org": "", "office": "", "offering": story.pins[0]["id"]}
    given = {
        "mode": "PROXY_INTAKE",
        "item": dossiers.ITEM,
        "applicant": "A" * 26,
        "assurance": 3,
        "target": target,
    }
    story.act(story.intake, Act.FILE, INTAKE, bind=bind, **given)
    story.act(story.intake, Act.RECEIVE, INTAKE, papers=story.pins)
    return story


def redirected() -> Story:
    """Sent on to a third node; what the second wrote reaches the third through the first, without its seal."""
    story = under_way()
    first, wrong = story.intake, story.handling
    story.act(wrong, Act.REDIRECT, HANDLING)
    story.deliver(wrong, first)
    right = Node("长葛市公安局", "11411082000000004D", "11411082000000005E", 4)
    guide, agreement = dossiers.guide_by(right), dossiers.agreement_of(first, right)
    names = (
        digest.tagged("tongban-guide/2", signed.without_signatures(guide)),
        dossiers.agreements.digest_of(agreement),
    )
    story.papers |= dict(zip(names, (guide, agreement), strict=True))
    pins = dossiers.naming((guide["offering"], 1, names[0]), (agreement["id"], 1, names[1]))
    there = {"node": right.id, "org": right.org, "office": right.centre}
    story.act(first, Act.FORWARD, INTAKE, bind={"papers": pins, "term": 2, **there})
    story.nodes.append(right)
    right.statements += [one for one in first.statements if one["signer"] == wrong.id]
    story.deliver(first, right)
    story.terms = dossiers.Terms(guide, agreement)
    story.act(right, Act.ACKNOWLEDGE, HANDLING)
    story.deliver(right, first)
    return story


def succeeded(*, late: bool = False, parked: bool = False, unheard: bool = False) -> Story:
    """The authority's node is lost and another takes its place; perhaps the old one writes on, or says that it is still there."""
    story = under_way()
    here, old = story.intake, story.handling
    if not unheard:
        story.deliver(old, here)
    new = Node(old.name, old.org, old.centre, 4)
    named = {"role": "handling", "term": 2, "from": old.id, "node": new.id}
    succession = story.act(here, Act.SUCCEED, INTAKE, succeed=named, under="原节点失火")
    story.nodes.append(new)
    if late:
        story.act(old, Act.ACKNOWLEDGE, HANDLING)
        story.deliver(old, here)
    if parked:
        story.deliver(here, old)
        place = {"chain": succession.chain, "seq": succession.seq, "hash": succession.hash}
        given = {"reason": "own_succession", "event": succession.hash, "withhold": place}
        story.act(old, Act.PARK, HANDLING, by=SYSTEM, term=1, **given)
        story.deliver(old, here)
        return story
    new.statements += [one for one in here.statements if one["signer"] == old.id]
    story.deliver(here, new)
    story.act(new, Act.ACKNOWLEDGE, HANDLING)
    story.deliver(new, here)
    return story


def unlawful(*, seen: bool, parked: bool = False) -> Story:
    """The authority decides at once, with real signatures, what it had no right to decide yet."""
    story = under_way()
    node = story.handling
    actor = dict(story.act(node, Act.ACKNOWLEDGE, HANDLING).actor)
    if seen:
        story.deliver(node, story.intake)
    effects = {"phase": ["acknowledged", "decided"], "facts": {"outcome": "denied"}}
    write(
        node, last_of(node, HANDLING), kind="decide", actor=actor, given={"outcome": "denied"}, effects=effects,
        content=[story._put(Act.DECIDE, "decision")], at=events.format_time(story.at),
    )  # fmt: skip
    story.at += timedelta(hours=1)
    if seen:
        story.deliver(node, story.intake)
    if parked:
        park(story, story.intake, INTAKE, node.held[-1], "not_allowed")
        story.deliver(story.intake, node)
    return story


def park(story: Story, node: Node, role: Role, named: Event, reason: str) -> Event:
    place = {"chain": named.chain, "seq": named.seq, "hash": named.hash}
    return story.act(node, Act.PARK, role, by=SYSTEM, reason=reason, event=named.hash, withhold=place)


def judged(struck: int | None, *, reason: str = "not_allowed", lawful: bool = False) -> Story:
    """A park that was released: let in (None), or struck out up to a place."""
    story = accepted_park(reason) if lawful else unlawful(seen=True, parked=True)
    mine = next(event for event in story.intake.held if "withhold" in event.effects)
    end = None if struck is None else mine.effects["withhold"]["seq"] + struck
    story.act(story.intake, Act.RELEASE, INTAKE, release={"park": mine.hash, "struck": end})
    story.deliver(story.intake, story.handling)
    return story


def accepted_park(reason: str) -> Story:
    """Intake parks what was lawful."""
    story = under_way()
    named = story.act(story.handling, Act.ACKNOWLEDGE, HANDLING)
    story.deliver(story.handling, story.intake)
    park(story, story.intake, INTAKE, named, reason)
    story.deliver(story.intake, story.handling)
    return story


def bound_and_parked() -> Story:
    """The authority parks the very event that binds it, and lets it in again."""
    story = under_way()
    named = next(event for event in story.handling.held if event.kind == "forward")
    mine = park(story, story.handling, HANDLING, named, "not_allowed")
    story.deliver(story.handling, story.intake)
    story.act(story.handling, Act.RELEASE, HANDLING, release={"park": mine.hash, "struck": None})
    story.deliver(story.handling, story.intake)
    return story


def redacted(*, seen: bool = True) -> Story:
    story = dossiers.delivered() if seen else filed()
    named = next(event for event in story.intake.held if event.kind == "receive")
    story.act(story.intake, Act.REDACT, INTAKE, events=[named.hash], under="个人信息保护法 第四十七条")
    for node in story.nodes:
        node.held = [replace(event, body=None) if event.hash == named.hash else event for event in node.held]
    if seen:
        story.deliver(story.intake, story.handling)
    return story


def revoked(hours: int | None = None, *, witnessed: bool = True) -> Story:
    """The authority's first key is given up: so many hours after the beginning, or just before the dossier is exported."""
    story = dossiers.delivered()
    node = story.handling
    story.at += timedelta(hours=1)
    if not witnessed:
        story.intake.statements = [s for s in story.intake.statements if s["signer"] != story.intake.id]
    new, wrap = (sm.SoftwareKey.from_private(bytes([7 + n] * 31).rjust(32, b"\1")) for n in range(2))
    since = story.at if hours is None else dossiers.START + timedelta(hours=hours)
    node.chain = keychain.next_record(node.chain, node.key, new, wrap.public, story.at, [(1, since)])
    node.key = new
    return story


def revoked_again() -> Story:
    """A key that was given up is said to have been in strange hands even earlier, before it signed anything."""
    story = revoked()
    node = story.handling
    new, wrap = (sm.SoftwareKey.from_private(bytes([9 + n] * 31).rjust(32, b"\1")) for n in range(2))
    since = dossiers.START - timedelta(hours=1)
    node.chain = keychain.next_record(node.chain, node.key, new, wrap.public, story.at, [(1, since)])
    node.key = new
    return story


def newer(effects: Document | None = None, given: Document | None = None, **changed: Any) -> Story:
    """The authority acts by a table that nobody here knows."""
    story = under_way()
    rules = {"version": 99, "digest": digest.of(b"newer")}
    changed = {"kind": "teleport", "rules": rules, **changed}
    write(
        story.handling, last_of(story.handling, HANDLING), effects=effects or {}, given=given or {}, **changed
    )
    story.deliver(story.handling, story.intake)
    return story


def out_of_bounds() -> Story:
    """The authority takes the pen back while it has none."""
    story = dossiers.delivered()
    node = story.handling
    write(node, last_of(node, HANDLING), effects={"phase": ["delivered", "accepted"]})
    return story


def twice_begun() -> Story:
    """The node that begins a matter begins it in the other role as well."""
    story = filed()
    first = story.intake.held[0]
    (bind,) = first.effects["bind"]
    write(
        story.intake, first, role="handling", seq=1, prev=events.genesis("case", story.number, "handling", 1), seen={},
        effects={"bind": [{**bind, "role": "handling"}]},
    )  # fmt: skip
    return story


def backdated() -> tuple[Story, Node, Document]:
    """Who stole the key that was given up exports, and says that it was before."""
    story = revoked()
    document = story.document(story.handling)
    thief = Node("", story.handling.org, story.handling.centre, story.handling.seed)
    return story, thief, {**document, "at": events.format_time(dossiers.START)}


def named_person() -> Story:
    """Somebody's name in what an act carries."""
    story = under_way()
    last = last_of(story.handling, HANDLING)
    write(story.handling, last, kind="arrive", given={"duties": [], "name": "张三"})
    story.deliver(story.handling, story.intake)
    return story


def forked(story: Story | None = None) -> tuple[Story, Document]:
    """The authority shows two faces: another last event than intake holds, signed as well."""
    story = story or dossiers.delivered()
    node, held = story.handling, list(story.handling.held)
    node.held.remove(last_of(node, HANDLING))
    other = write(node, last_of(node, HANDLING), at=events.format_time(story.at), kind="confirm")
    statement = node.heads(story.number, story.at)
    node.statements.remove(statement)
    node.held = held
    return story, {"events": [dict(other.document)], "statements": [statement], "settlements": []}


def hanging() -> tuple[Story, Node, Document]:
    """Another branch is shown that follows nothing that was written."""
    return loose_branch(prev="sm3:" + "0" * 64)


def loose_branch(**changed: Any) -> tuple[Story, Node, Document]:
    """Another branch is shown whose event says something else of itself; its writer signed for it all the same."""
    story, branch = forked()
    (event,), (statement,) = branch["events"], branch["statements"]
    loose = {**event, **changed}
    loose["hash"] = digest.tagged(events.FORMAT, {name: loose[name] for name in loose.keys() - {"hash"}})
    heads = {**statement["heads"], "handling/1": [loose["seq"], loose["hash"]]}
    signed_for = story.handling.sign({**signed.without_signatures(statement), "heads": heads})
    branch |= {"events": [loose], "statements": [signed_for]}
    return story, story.intake, {**story.document(story.intake), "forks": branch}


def settlement(story: Story, branch: Document, **changed: Any) -> Document:
    (event,) = branch["events"]
    here = next(e for e in story.intake.held if (e.chain, e.seq) == ("handling/1", event["seq"]))
    members: Document = {
        "procedure": "case", "subject": story.number, "chain": here.chain, "seq": here.seq, "kept": here.hash,
        "dropped": [event["hash"]], "basis": "会商纪要", "minutes": "", "writer": story.handling.id,
        "counterpart": story.intake.id, "at": story.at,
    }  # fmt: skip
    document = settlements.build(**{**members, **changed})
    sides = {document["writer"], document["counterpart"]}
    for node in story.nodes:
        if node.id in sides:
            document = settlements.sign_for(document, node.id, node.sign)
    return document


def plain(story: Story, exporter: str = "intake", **more: Any) -> tuple[Story, Node, Document]:
    node = story.nodes[-1] if exporter == "third" else getattr(story, exporter)
    return story, node, story.document(node, **more)


def with_forks(*, settled: bool, story: Story | None = None, **changed: Any) -> tuple[Story, Node, Document]:
    story, branch = forked(story)
    if settled:
        branch["settlements"] = [settlement(story, branch, **changed)]
    document = story.document(story.intake)
    return story, story.intake, {**document, "forks": branch}


def changed(
    made: tuple[Story, Node, Document], change: Callable[[Document], Any]
) -> tuple[Story, Node, Document]:
    change(made[2])
    return made


def stranger(document: Document) -> None:
    """Somebody whom nothing binds signs for what is here."""
    node = Node("路人", "", "", 9)
    last = document["statements"][-1]
    document["nodes"][node.id] = node.chain.documents()
    document["statements"].append(
        node.sign({**last, "signer": node.id, "keys": {**last["keys"], node.id: 1}})
    )


def unsealed(document: Document) -> None:
    document["seals"] |= {"own": [], "proofs": [], "inclusion": []}


def without_peers(document: Document) -> None:
    document["seals"]["peers"] = []


def short_of_keys(document: Document) -> None:
    for records in document["nodes"].values():
        del records[1:]


def without_table(document: Document) -> None:
    document["tables"] = {}


STORIES: Mapping[str, tuple[int, Callable[[], tuple[Story, Node, Document]]]] = {
    "delivered, by intake": (0, lambda: plain(dossiers.delivered())),
    "delivered, by handling, with content": (0, lambda: plain(dossiers.delivered(), "handling", with_content=True)),
    "under way": (0, lambda: plain(under_way(), "handling")),
    "refused": (0, lambda: plain(refused())),
    "withdrawn and destroyed": (0, lambda: plain(withdrawn())),
    "most rows of the table": (0, lambda: plain(long_way())),
    "bound to intake only": (0, lambda: plain(filed())),
    "both roles on one node": (0, lambda: plain(at_home())),
    "redirected, by intake": (0, lambda: plain(redirected())),
    "redirected, by the third, who got no seal of the second": (
        0, lambda: changed(plain(redirected(), "third"), lambda d: d["seals"].update(peers=d["seals"]["peers"][:1])),
    ),
    "succeeded, by intake": (0, lambda: plain(succeeded())),
    "succeeded, by the new one": (0, lambda: plain(succeeded(), "third")),
    "succeeded, and the old one writes on": (0, lambda: plain(succeeded(late=True))),
    "succeeded, and what the old one had written before comes in": (
        5, lambda: plain(succeeded(late=True, unheard=True)),
    ),
    "succeeded, and nothing that was signed before is shown": (
        0, lambda: changed(plain(succeeded(unheard=True), "third"), said_late),
    ),
    "succeeded, says the other, but the old one is there": (5, lambda: plain(succeeded(parked=True))),
    "unlawful, unseen: fabricated decisions": (5, lambda: plain(unlawful(seen=False), "handling")),
    "unlawful, seen": (5, lambda: plain(unlawful(seen=True))),
    "unlawful, parked": (5, lambda: plain(unlawful(seen=True, parked=True))),
    "unlawful, let in": (5, lambda: plain(judged(None))),
    "unlawful, struck": (0, lambda: plain(judged(0))),
    "lawful, parked": (5, lambda: plain(accepted_park("not_allowed"))),
    "lawful, let in": (0, lambda: plain(judged(None, lawful=True))),
    "lawful, struck": (5, lambda: plain(judged(0, lawful=True))),
    "the binding itself parked, and let in": (0, lambda: plain(bound_and_parked())),
    "a body redacted": (0, lambda: plain(redacted())),
    "a body redacted that nobody else has seen": (0, lambda: plain(redacted(seen=False))),
    "key revoked later": (0, lambda: plain(revoked())),
    "key revoked before it signed": (1, lambda: plain(revoked(1))),
    "key revoked twice, the second time from before it signed": (1, lambda: plain(revoked_again())),
    "key revoked later, nobody witnessed": (1, lambda: plain(revoked(witnessed=False))),
    "key chain cut short": (1, lambda: changed(plain(revoked(), "handling"), short_of_keys)),
    "exported by a revoked key, backdated": (1, backdated),
    "begun twice": (1, lambda: plain(twice_begun())),
    "own seals missing": (1, lambda: changed(plain(dossiers.delivered()), unsealed)),
    "seals of the other missing": (1, lambda: changed(plain(dossiers.delivered()), without_peers)),
    "rule table missing": (0, lambda: changed(plain(dossiers.delivered()), without_table)),
    "newer table": (3, lambda: plain(newer())),
    "newer table, out of order": (5, lambda: plain(newer(at="2026-01-01T00:00:00.000Z"))),
    "stranger's statement": (1, lambda: changed(plain(dossiers.delivered()), stranger)),
    "out of bounds": (1, lambda: plain(out_of_bounds(), "handling")),
    "somebody's name": (5, lambda: plain(named_person())),
    "fork, hanging in the air": (1, hanging),
    "fork, of another matter": (1, lambda: loose_branch(subject=dossiers.number_of("341723", "sm3:" + "1" * 64, 3))),
    "fork, of another procedure": (1, lambda: loose_branch(procedure="complaint")),
    "fork, settled, on one node": (0, lambda: with_forks(settled=True, story=at_home())),
    "fork, settled, after a redirect": (0, lambda: with_forks(settled=True, story=redirected())),
    "fork, unsettled": (5, lambda: with_forks(settled=False)),
    "fork, settled": (0, lambda: with_forks(settled=True)),
    "fork, settled by one side with itself": (
        5, lambda: with_forks(settled=True, counterpart=dossiers.delivered().handling.id),
    ),
    "fork, settled for another branch": (5, lambda: with_forks(settled=True, dropped=["sm3:" + "0" * 64])),
}  # fmt: skip


def said_late(document: Document) -> None:
    """Leave out what was signed before a succession was written."""
    at = next(event["at"] for event in document["events"] if event["effects"].get("succeed"))
    document["statements"] = [one for one in document["statements"] if one["at"] > at]


# — changes —


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every member at every depth."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        yield (*path, name)
        yield from paths(member, (*path, name))


def at(document: Any, path: Path) -> Any:
    for name in path:
        document = document[name]
    return document


STRANGE: Sequence[Any] = (
    None,
    True,
    0,
    -1,
    1,
    2**31,
    2**53 - 1,
    "",
    "x",
    "\n",
    "sm3:" + "0" * 64,
    [],
    {},
    [[]],
    {"x": 1},
)


def replacements(value: Any, chance: Random) -> Iterator[Any]:
    """Yield other values: of another type, nearly the same, too large."""
    yield from (one for one in STRANGE if type(one) is not type(value) or one != value)
    if isinstance(value, str):
        yield from (value[:-1], value + "0", value.upper(), value[::-1], "长" * 5000)
        if value:
            place = chance.randrange(len(value))
            yield value[:place] + chance.choice("0123456789abcdefZ") + value[place + 1 :]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, list):
        yield from (value[::-1], value[1:], value[:-1], value * 2)
    elif isinstance(value, dict):
        yield {**value, "more": 1}


DROP = object()
# How often each part of a dossier is changed; where it is not named, once.
WEIGHTS = {
    "events": 12,
    "bodies": 6,
    "statements": 4,
    "seals": 4,
    "papers": 3,
    "nodes": 3,
    "forks": 3,
    "content": 2,
}


def changes(document: Document, chance: Random) -> Iterator[tuple[Path, Any]]:
    """Yield changes without end: a path and what to put there, or DROP; each kind of member as likely as any of its part."""
    parts: dict[str, dict[Path, list[Path]]] = {}
    for path in paths(document):
        if path[0] != "tables" or len(path) < 4:
            # Places that differ only in numbers and names are of one kind.
            kind = tuple("#" if isinstance(n, int) or ":" in n or "/" in n else n for n in path)
            parts.setdefault(path[0], {}).setdefault(kind, []).append(path)
    names = sorted(parts)
    weights = [WEIGHTS.get(name, 1) for name in names]
    while True:
        kinds = parts[chance.choices(names, weights)[0]]
        alike = kinds[chance.choice(sorted(kinds))]
        path = chance.choice(alike)
        values = [DROP, *replacements(at(document, path), chance)]
        others = [at(document, other) for other in alike if at(document, other) != at(document, path)]
        # Every other time what stands elsewhere in such a place: most likely to be taken for right.
        yield path, chance.choice(others if others and chance.random() < 0.5 else values)


def put(document: Document, path: Path, value: Any) -> Document:
    """Return a copy with one member changed."""
    document = json.loads(json.dumps(document))
    there = at(document, path[:-1])
    if value is DROP:
        del there[path[-1]]
    else:
        there[path[-1]] = value
    return document


# — signing again —


class Forgers:
    """
    Nodes that hash and sign again what a change broke, each by its own key: bodies, events, papers, statements, seals.

    Whatever has become too odd for that is left as it is, and what follows from it.
    """

    def __init__(self, nodes: Sequence[Node], exporter: Node) -> None:
        self.keys = {node.id: node for node in nodes}
        self.exporter = exporter
        self.renamed: dict[str, str] = {}
        # The tests of one story share it: leaves are those of the true events.
        self.leaves = {node.id: [event.hash for event in node.leaves] for node in (*nodes, exporter)}

    def again(self, document: Document) -> Document:
        for step in (self._papers, self._records, self._events, self._statements, self._seals):
            try:
                document = step(self._with_new_names(document))
            except (AttributeError, KeyError, TypeError, ValueError, IndexError):
                continue
        return document

    def _with_new_names(self, value: Any) -> Any:
        if not self.renamed:
            return value
        text = json.dumps(value)
        for old, new in self.renamed.items():
            text = text.replace(old, new)
        return json.loads(text)

    def _name(self, old: Any, new: str) -> str:
        if isinstance(old, str) and len(old) == digest.LENGTH and old != new:
            self.renamed[old] = new
        return new

    def _papers(self, document: Document) -> Document:
        papers = {}
        for name, paper in document["papers"].items():
            if isinstance(paper["signatures"], list):
                papers[name] = self._signed(paper, "node")
            else:
                statements = {n: self._signed(one, "node") for n, one in paper["signatures"].items()}
                papers[name] = {**paper, "signatures": statements}
            self._name(name, digest.tagged(paper["format"], signed.without_signatures(paper)))
        document["papers"] = papers
        renamed = self._with_new_names(document)
        for paper in renamed["papers"].values():
            if isinstance(paper["signatures"], dict):
                paper["signatures"] = {n: self._signed(one, "node") for n, one in paper["signatures"].items()}
        return renamed

    def _signed(self, document: Document, member: str) -> Document:
        node = self.keys.get(document[member])
        return node.sign(document) if node is not None else document

    def _records(self, document: Document) -> Document:
        for name, records in document["nodes"].items():
            if name in self.keys and len(records) == 1:
                unsigned = {n: value for n, value in records[0].items() if n not in ("signature", "proof")}
                message = digest.tagged_bytes(keychain.FORMAT, unsigned)
                value = f"sm2:{self.keys[name].key.sign(message).hex()}"
                records[0] |= {"signature": value, "proof": value}
        return document

    def _events(self, document: Document) -> Document:
        """In the order of writing, since each names earlier ones."""
        places = sorted(range(len(document["events"])), key=lambda n: str(document["events"][n].get("at")))
        bodies = document["bodies"]
        for place in places:
            event = document["events"][place]
            if event.get("node") not in self.keys:
                continue
            if event["body"] in bodies:
                bodies[event["body"]] = body = self._with_new_names(bodies[event["body"]])
                self._name(event["body"], digest.tagged(events.BODY_FORMAT, body))
            event = self._with_new_names(event)
            unsigned = {name: value for name, value in event.items() if name != "hash"}
            event["hash"] = self._name(event.get("hash"), digest.tagged(events.FORMAT, unsigned))
            document["events"][place] = event
        return document

    def _statements(self, document: Document) -> Document:
        for part in (document, document["forks"]):
            part["statements"] = [self._signed(one, "signer") for one in part["statements"]]
        return document

    def _seals(self, document: Document) -> Document:
        part, node = document["seals"], self.exporter
        part["own"] = [self._sealed(one, node) for one in part["own"]]
        sizes = [one["size"] for one in part["own"]]
        if len(part["proofs"]) == max(len(sizes) - 1, 0):
            part["proofs"] = [
                [digest.write(step) for step in merkle.consistency_proof(old, new, self._getter(node))]
                for old, new in itertools.pairwise(sizes)
            ]
        for entry in part["inclusion"]:
            self._prove(entry, node, sizes[-1])
        for one in part["peers"]:
            if one["seal"]["node"] in self.keys:
                one["seal"] = self._sealed(one["seal"], self.keys[one["seal"]["node"]])
                for entry in one["inclusion"]:
                    self._prove(entry, self.keys[one["seal"]["node"]], one["seal"]["size"])
        return document

    def _getter(self, node: Node) -> merkle.Get:
        hashes = [self.renamed.get(hash_, hash_) for hash_ in self.leaves[node.id]]
        leaves = [merkle.leaf_hash(digest.raw(hash_)) for hash_ in hashes]
        return lambda level, index: merkle.root(leaves[index << level : (index + 1) << level])

    def _sealed(self, seal: Document, node: Node) -> Document:
        return node.sign({**seal, "root": digest.write(merkle.root_at(seal["size"], self._getter(node)))})

    def _prove(self, entry: Document, node: Node, size: int) -> None:
        path = merkle.inclusion_proof(entry["leaf"], size, self._getter(node))
        entry["path"] = [digest.write(step) for step in path]


def raw(document: Document, exporter: Node | None) -> bytes:
    """Return the file as the exporter signs it (None: as it is); what has no canonical form as near to it as may be."""
    try:
        return canon.encode(document if exporter is None else exporter.sign(document))
    except canon.CanonError:
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

"""Checks of a dossier's events: bytes, chains, the story they tell, and whether it was lawful. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tongban.cases import decision, judging
from tongban.cases.checks_of_papers import terms_of_pins
from tongban.cases.dossierfile import DossierFile
from tongban.cases.findings import Finding, at_event
from tongban.cases.words import Act
from tongban.kernel import events, fold
from tongban.kernel.events import Event
from tongban.kernel.fold import State

# All of China keeps one official time, without summer time; the file alone must say so.
OFFICIAL = timezone(timedelta(hours=8))

VERDICTS = {
    "unknown_kind": "规则表中没有这种行为。",
    "newer_rules": "依据更新的规则表写成，请用新版程序查验。",
    "unknown_terms": "所依据的办事指南或通办协议不在案卷中。",
    "wrong_role": "这种行为不属于写它的一方。",
    "wrong_actor": "所记的行为人不能作出这一行为。",
    "not_allowed": "当时的情形不允许这一行为。",
    "other_effects": "记录的效果与规则所定不符。",
    "wrong_node": "写它的节点不是该角色该任期的节点。",
    "time_backwards": "时间早于同链的前一条。",
    "epoch_fell": "纪元小于同链的前一条。",
}


def chains(file: DossierFile) -> list[Finding]:
    """Check every event's bytes and hash, and that each chain runs from its beginning without a gap."""
    findings: list[Finding] = []
    heads: dict[str, tuple[int, str]] = {}
    for place, document in enumerate(file.document["events"], start=1):
        try:
            event = events.from_document(document)
        except events.MalformedEvent as error:
            return [Finding(_name(document, place), f"不是有效的事件（{error}）。")]
        if event.case != file.case:
            return [at_event(event, f"属于另一办件 {event.case}。")]
        genesis = events.genesis(file.case, event.role, event.term)
        seq, head = heads.get(event.chain, (0, genesis))
        if event.seq != seq + 1:
            findings.append(at_event(event, f"应为第 {seq + 1} 条：缺少、重复或次序颠倒。"))
        elif event.prev != head:
            findings.append(at_event(event, "没有接上前一条：前文被改动，或取自别处。"))
        if findings:
            return findings
        heads[event.chain] = (event.seq, event.hash)
        file.events.append(event)
    return [] if file.events else [Finding("事件", "案卷中没有事件。")]


def story(file: DossierFile) -> list[Finding]:
    """Check that what each event has seen is here as it saw it, and that all fold to one state."""
    places = {(event.chain, event.seq): event for event in file.events}
    for event in file.events:
        for chain, seen in event.seen.items():
            known = places.get((chain, seen[0]))
            if known is None:
                return [at_event(event, f"所见的 {chain} 第 {seen[0]} 条不在案卷中。")]
            if known.hash != seen[1] or len(seen) != 2:
                return [at_event(event, f"所见的 {chain} 第 {seen[0]} 条与案卷中的不同（分叉）。")]
    try:
        file.state = fold.fold(file.case, file.events)
    except fold.BrokenChain as error:
        return [Finding("事件", f"各链不能合成一个过程（{error}）。")]
    return []


def bindings(file: DossierFile) -> list[Finding]:
    """Check that each chain was written by the node that the case bound to its role and term."""
    bound: dict[str, str] = {}
    for event in file.events:
        for binding in event.effects.get("bind", ()):
            name = f"{binding['role']}/{binding['term']}"
            if bound.setdefault(name, binding["node"]) != binding["node"]:
                return [at_event(event, f"把 {name} 改绑到另一节点。")]
    for event in file.events:
        if bound.get(event.chain) != event.node:
            return [at_event(event, VERDICTS["wrong_node"])]
        if event.node not in file.chains:
            return [at_event(event, "写它的节点在案卷中没有密钥链。")]
    return []


def lawfulness(file: DossierFile) -> list[Finding]:
    """
    Check each event against the rules, by the state that its writer saw.

    What the other side has parked for a human (待核) is told, not held against the dossier.
    """
    findings = []
    state = State(file.case)
    for event in fold.in_order(state, sorted(file.events, key=lambda event: event.document["at"])):
        why = _verdict(file, state, event)
        state = fold.apply(state, event)
        if why is None:
            continue
        if _is_parked(file, event):
            file.remarks.append(f"{at_event(event, VERDICTS[why])}对方当时已挂起待核。")
        else:
            findings.append(at_event(event, VERDICTS[why], too_new=why == "newer_rules"))
    return findings


def _verdict(file: DossierFile, state: State, event: Event) -> str | None:
    wrong = judging.disorder(file.chain(event.chain)[: event.seq - 1], event)
    if wrong:
        return wrong
    view = judging.view_of(state, file.events, event)
    day = event.at.astimezone(OFFICIAL).date()
    terms = terms_of_pins(file, judging.pins_for(view, event))
    return decision.judge(view, event, day=day, terms=terms)


def _is_parked(file: DossierFile, event: Event) -> bool:
    """Whether another chain was parked when it took the event in: from a parking to its release."""
    for name in file.state.heads:
        parked = False
        if file.state.nodes[name] == event.node:
            continue
        for other in file.chain(name):
            if other.kind == Act.PARK:
                parked = True
            elif other.kind == Act.RELEASE and parked:
                if other.seen.get(event.chain, [0])[0] >= event.seq:
                    return True
                parked = False
        if parked:
            return True
    return False


def _name(document: object, place: int) -> str:
    """Name a broken event by what it says of itself, as far as it says anything."""
    if isinstance(document, Mapping):
        role, term, seq, kind = (document.get(name, "?") for name in ("role", "term", "seq", "kind"))
        return f"{role}/{term} 第 {seq} 条（{kind}）"
    return f"第 {place} 个事件"


def who_held(states: Sequence[tuple[Event, State]]) -> list[dict[str, Any]]:
    """Return every duty that was ever open: kind, holder, since, until (None: still open), and its end."""
    held: dict[str, dict[str, Any]] = {}
    for event, state in states:
        for name, duty in state.duties.items():
            row = held.setdefault(name, {"name": name, "until": None})
            row.update(
                kind=duty["kind"], org=duty["holder"]["org"], since=duty["since"], due=duty["due"],
                claimed=duty["claimed"], first_opened=duty["first_opened"],
            )  # fmt: skip
        for name, row in held.items():
            if name not in state.duties and row["until"] is None:
                row["until"] = event.document["at"]
    return list(held.values())


def official(text: str) -> datetime:
    """Return the official local time of an event's `at`."""
    return events.parse_time(text).replace(tzinfo=UTC).astimezone(OFFICIAL)
